"""The reward of one recorded decision."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from reasonact_env.episode import Scores, Thinking
from reasonact_env.reward.matching import match_score
from reasonact_env.reward.message import format_score, thinking_score
from reasonact_env.reward.text import set_f1, similarity
from tasks.facts import facts
from tasks.types import Turn
from tools.protocol import Parsed
from tools.schema.toolbox import Toolbox
from tools.types import Message, MessageKind, Role

RIGHT_ANSWER = 0.5
"""An answer counts as right above this.

Where a record tells no facts, a reply that tells none either earns this for the facts alone,
whatever else it says.
"""


@dataclass(frozen=True, slots=True)
class History:
    """What was said before a decision, as far as facts depend on it."""

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


def score_turn(
    turn: Turn, history: History, parsed: Parsed, toolbox: Toolbox, thinking: Thinking
) -> Scores:
    """Scores a message against a recorded decision.

    Args:
        turn: The recorded decision.
        history: What was said before it.
        parsed: The message.
        toolbox: The task's tools, for the normal form of calls.
        thinking: Whether a thought is required.

    Returns:
        Every component's score. Which are None depends on `turn` alone: `tool` for a recorded
        reply, `answer` for a recorded call, `outcome` always.
    """
    is_call = turn.kind is MessageKind.CALL
    tool = _tool(turn, parsed, toolbox) if is_call else None
    answer = None if is_call else _answer(turn, history, parsed)
    right = tool == 1.0 if tool is not None else (answer or 0.0) > RIGHT_ANSWER
    return {
        "format": format_score(parsed, thinking),
        "decision": 1.0 if parsed.kind is turn.kind else -1.0,
        "tool": tool,
        "answer": answer,
        "thinking": thinking_score(parsed, thinking) * right,
        "outcome": None,
    }


def _tool(turn: Turn, parsed: Parsed, toolbox: Toolbox) -> float:
    """ToolRL's scores under the best matching; equal normal forms are equal calls."""
    made = [toolbox.normalized(call) for call in parsed.calls]
    wanted = [toolbox.normalized(call) for call in turn.calls]
    return match_score(made, wanted, len(parsed.attempts))


def _answer(turn: Turn, history: History, parsed: Parsed) -> float:
    """Half similarity to the recorded reply, half F1 over facts; 0 for anything but a reply."""
    if parsed.reply is None:
        return 0.0
    said = parsed.reply.text
    return (similarity(said, turn.text) + set_f1(history.facts(said), history.facts(turn.text))) / 2
