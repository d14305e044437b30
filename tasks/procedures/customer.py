"""The customer of a case: the conversation graph, as somebody who can be talked to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar

from tasks.procedures.case import Case
from tasks.procedures.stray import Stray
from tasks.procedures.walk import PATIENCE, Walk
from tasks.types import Act
from tasks.user import UserReport
from tools.protocol import Parsed, parse
from tools.types import Message, MessageKind, Role, ToolCall

_parsed = lru_cache(maxsize=8192)(parse)


@dataclass(frozen=True, slots=True)
class ProcedureCustomer:
    """Answers what the procedure has the agent ask, makes the case's noise, leaves at an end.

    What it says is a function of the case and of the conversation.
    """

    kind: ClassVar[str] = "procedure"
    """What `user=` calls it."""

    case: Case
    """What it knows and does."""

    def answer(self, messages: Sequence[Message]) -> str | None:
        """What the customer says after the agent's last reply, or None when it has left.

        Args:
            messages: The conversation so far; its last message is the agent's reply. After a call
                there is nothing to say: the text is empty.
        """
        last = _parsed(messages[-1].content)
        walk = walked(self.case, messages[:-1])
        if last.reply is None:
            return None if any(map(walk.is_last, last.calls)) else ""
        return walk.hear(last.reply.text)

    def report(self, messages: Sequence[Message]) -> UserReport:
        """How it fared in a conversation."""
        misunderstood = walked(self.case, messages).misunderstood
        return UserReport(misunderstood, misunderstood >= PATIENCE)

    def brief(self) -> None:
        """Only its recorded words tell what it has to say."""
        return


def walked(case: Case, messages: Sequence[Message]) -> Walk:
    """How far a conversation has come in its procedure.

    Args:
        case: The customer's case.
        messages: The conversation, from its opening on.
    """
    walk = Walk(case)
    for parsed, answers in _acts(messages):
        _take(walk, parsed, answers)
    return walk


def strays_of(case: Case, acts: Iterable[Act]) -> tuple[tuple[int, Stray], ...]:
    """Where a conversation that is over has left the procedure.

    Args:
        case: The customer's case.
        acts: The agent's messages after the customer's first words, with what followed each.

    Returns:
        The number of the agent's message, from 1, and what was astray with it.
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
    """One message of the agent's, with what followed it."""
    if parsed.kind is MessageKind.REPLY:
        walk.hear(parsed.text)
    results = (message.content for message in answers if message.role is Role.TOOL)
    for attempt, result in zip(parsed.attempts, results, strict=False):
        if isinstance(attempt, ToolCall):
            walk.see(attempt, result)


def _acts(messages: Sequence[Message]) -> Iterator[Act]:
    """The agent's messages after the customer's first words, with what followed each."""
    first = next((i for i, m in enumerate(messages) if m.role is Role.USER), len(messages))
    own = [i for i in range(first, len(messages)) if messages[i].role is Role.ASSISTANT]
    for place, then in zip(own, [*own[1:], len(messages)], strict=False):
        yield _parsed(messages[place].content), messages[place + 1 : then]
