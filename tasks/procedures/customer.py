"""The simulated customer of a case, who follows the conversation graph."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

from tasks.procedures.case import Case
from tasks.procedures.stray import Stray
from tasks.procedures.walk import PATIENCE, Walk
from tasks.types import Act
from tasks.user import UserReport
from tools.protocol import Parsed, parse
from tools.remembered import remembered
from tools.types import Message, MessageKind, Role, ToolCall

_parsed = remembered(megabytes=16)(parse)


@dataclass(frozen=True, slots=True)
class ProcedureCustomer:
    """A customer who answers the procedure's questions, makes the case's noise, and leaves at an
    end.

    Its words depend on the case and the conversation alone.
    """

    kind: ClassVar[str] = "procedure"
    """The name in `user=`."""

    case: Case
    """The customer's case."""

    def answer(self, messages: Sequence[Message]) -> str | None:
        """The customer's answer to the agent's last reply, or None when it has left.

        Args:
            messages: The conversation so far; its last message is the agent's reply. After a call
            there is nothing to answer: the text is empty.
        """
        last = _parsed(messages[-1].content)
        walk = walked(self.case, messages[:-1])
        if last.reply is None:
            return None if any(map(walk.is_last, last.calls)) else ""
        return walk.hear(last.reply.text)

    def report(self, messages: Sequence[Message]) -> UserReport:
        """The customer's report on a conversation."""
        misunderstood = walked(self.case, messages).misunderstood
        return UserReport(misunderstood, misunderstood >= PATIENCE)

    def brief(self) -> None:
        """None: a model can only use the recorded turns."""
        return


def walked(case: Case, messages: Sequence[Message]) -> Walk:
    """The position of a conversation in its procedure.

    Args:
        case: The customer's case.
        messages: The conversation, from its opening on.
    """
    walk = Walk(case)
    for parsed, answers in _acts(messages):
        _take(walk, parsed, answers)
    return walk


def strays_of(case: Case, acts: Iterable[Act]) -> tuple[tuple[int, Stray], ...]:
    """The places where a finished conversation left the procedure.

    Args:
        case: The customer's case.
        acts: The agent's messages after the customer's first one, each with the messages after it.

    Returns:
        Pairs of the number of the agent's message, from 1, and its stray.
    """
    walk, found, number = Walk(case), list[tuple[int, Stray]](), 0
    for number, (parsed, answers) in enumerate(acts, 1):
        before = len(walk.strays)
        _take(walk, parsed, answers)
        found += [(number, stray) for stray in walk.strays[before:]]
    before = len(walk.strays)
    walk.over()
    return tuple([*found, *((number, stray) for stray in walk.strays[before:])])


def _take(walk: Walk, parsed: Parsed, answers: Iterable[Message]) -> None:
    """Takes in one of the agent's messages, with the messages after it."""
    results = [message.content for message in answers if message.role is Role.TOOL]
    if parsed.kind is MessageKind.REPLY and not results:  # an attempt to call gets a result
        walk.hear(parsed.text)
    for attempt, result in zip(parsed.attempts, results, strict=False):
        if isinstance(attempt, ToolCall):
            walk.see(attempt, result)


def _acts(messages: Sequence[Message]) -> Iterator[Act]:
    """The agent's messages after the customer's first one, each with the messages after it."""
    first = next((i for i, m in enumerate(messages) if m.role is Role.USER), len(messages))
    own = [i for i in range(first, len(messages)) if messages[i].role is Role.ASSISTANT]
    for place, then in zip(own, [*own[1:], len(messages)], strict=False):
        yield _parsed(messages[place].content), messages[place + 1 : then]
