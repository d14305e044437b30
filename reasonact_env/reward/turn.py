"""The reward of one recorded decision."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from reasonact_env.episode import Thinking
from reasonact_env.reward.matching import match_score
from reasonact_env.reward.telling import FREE_GUESSES
from reasonact_env.reward.text import set_f1, similarity
from tasks.facts import fact_tokens, facts, user_tokens
from tasks.types import Turn
from tools.protocol import Parsed
from tools.schema.toolbox import Toolbox
from tools.types import Message, MessageKind, Role

RIGHT_ANSWER = 0.5
"""The score above which an answer counts as right.

If neither reply has facts, whoever says about the same (`SAME`) earns this score for the facts.
"""
SAME = 0.25
"""The similarity from which a reply without facts is right to have none, where the recorded one has
none either; below it proportionally less.

Chosen by hand. Before it, any reply without facts earned half of `answer` there: "One moment,
please." had .56 of what gold earns for replies in 601 dialogues of human agents.
"""


@dataclass(frozen=True, slots=True)
class History:
    """The messages before a decision on which facts depend."""

    tool_texts: tuple[str, ...]
    """The tool messages."""
    user_texts: tuple[str, ...]
    """The user messages."""

    @classmethod
    def of(cls, messages: Iterable[Message]) -> History:
        """Sorts messages by speaker."""
        tools, users = [], []
        for message in messages:
            if message.role is Role.TOOL:
                tools.append(message.content)
            elif message.role is Role.USER:
                users.append(message.content)
        return cls(tuple(tools), tuple(users))

    def facts(self, reply: str) -> frozenset[str]:
        """The facts that a reply takes from the tools and not from the user."""
        return facts(reply, self.tool_texts, self.user_texts)

    def guesses(self, reply: str) -> int:
        """How many facts of a reply neither tools nor user had said."""
        said = fact_tokens(reply)
        if len(said) <= FREE_GUESSES:
            return 0
        return len(said.difference(*map(user_tokens, (*self.tool_texts, *self.user_texts))))


class Decision(NamedTuple):  # one per step; a frozen dataclass is slower
    """A recorded decision and the policy's message, with all that the scores depend on.

    `tool` is None if the decision is a reply, and `answer` if it is a call, whatever the message
    is.
    """

    turn: Turn
    """The recorded decision."""
    parsed: Parsed
    """The message."""
    thinking: Thinking
    """Whether a thought is required."""
    tool: float | None
    """How well the calls match the recorded ones; None for a recorded reply."""
    answer: float | None
    """How well the reply matches the recorded one; None for a recorded call."""

    @classmethod
    def of(
        cls,
        turn: Turn,
        before: Sequence[Message],
        parsed: Parsed,
        toolbox: Toolbox,
        thinking: Thinking,
    ) -> Decision:
        """Compares a message with the recorded decision.

        Args:
            turn: The recorded decision.
            before: The messages before the decision.
            parsed: The message.
            toolbox: The task's tools, for the normal form of calls.
            thinking: Whether a thought is required.
        """
        is_call = turn.kind is MessageKind.CALL
        tool = _tool(turn, parsed, toolbox) if is_call else None
        answer = None if is_call else _answer(turn, before, parsed)
        return cls(turn, parsed, thinking, tool, answer)

    @property
    def is_right(self) -> bool:
        """Whether the calls equal the recorded ones, or the reply is close enough."""
        return self.tool == 1.0 if self.tool is not None else (self.answer or 0.0) > RIGHT_ANSWER


def _tool(turn: Turn, parsed: Parsed, toolbox: Toolbox) -> float:
    """ToolRL's score under the best matching, of calls in normal form."""
    made = [toolbox.normalized(call) for call in parsed.calls]
    wanted = [toolbox.normalized(call) for call in turn.calls]
    return match_score(made, wanted, len(parsed.attempts))


def _answer(turn: Turn, before: Sequence[Message], parsed: Parsed) -> float:
    """Half similarity to the recorded reply, half F1 over facts, where guesses beyond the free ones
    are told, too; 0 for anything but a reply.
    """
    if parsed.reply is None:
        return 0.0
    said, history = parsed.reply.text, History.of(before)
    like = similarity(said, turn.text)
    told, wanted = history.facts(said), history.facts(turn.text)
    if not told and not wanted:
        return (like + min(1.0, like / SAME)) / 2
    free = max(FREE_GUESSES, history.guesses(turn.text))
    return (like + set_f1(told, wanted, max(0, history.guesses(said) - free))) / 2
