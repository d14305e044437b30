"""An episode, read once: each message with what was said and called before it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from reasonact_env.episode import CallRecord, Episode, message_of
from tasks.facts import fact_tokens, user_tokens
from tasks.types import Task
from tools.protocol import Parsed
from tools.schema.toolbox import Toolbox
from tools.types import Message, Role

Made: TypeAlias = "tuple[int, CallRecord]"
"""A call with the number of its step, from 1."""


@dataclass(frozen=True, slots=True)
class Move:
    """One of the agent's messages."""

    number: int
    """The step's number, from 1."""
    action: str
    """The raw message."""
    parsed: Parsed
    """The message, read."""
    calls: tuple[CallRecord, ...]
    """Its calls with their answers."""
    answers: tuple[Message, ...]
    """The messages that followed."""
    users: int
    """How many messages the user had said before it."""

    @property
    def told(self) -> frozenset[str]:
        """The facts that its reply tells; none if it is no reply."""
        reply = self.parsed.reply
        return fact_tokens(reply.text) if reply else frozenset()


def moves_of(episode: Episode) -> tuple[Move, ...]:
    """The agent's messages in a dialogue, in order."""
    users = sum(message.role is Role.USER for message in episode.opening)
    found: list[Move] = []
    for number, step in enumerate(episode.steps, 1):
        parsed = message_of(step.action, step.calls)
        found.append(Move(number, step.action, parsed, step.calls, step.answers, users))
        users += sum(message.role is Role.USER for message in step.answers)
    return tuple(found)


def calls_of(moves: Iterable[Move]) -> list[Made]:
    """All readable calls, in order."""
    return [(move.number, call) for move in moves for call in move.calls if call.name is not None]


def known_before(episode: Episode, moves: Sequence[Move]) -> Iterator[frozenset[str]]:
    """For each message, the tokens that anybody had said or answered before it; then all."""
    known = frozenset[str]().union(*map(_tokens, episode.opening))
    for move in moves:
        yield known
        known = known.union(*map(_tokens, move.answers))
    yield known


def _tokens(message: Message) -> frozenset[str]:
    read = user_tokens if message.role is Role.USER else fact_tokens
    return read(message.content)


@dataclass(frozen=True, slots=True)
class Recorded:
    """One of the record's own messages."""

    names: tuple[str, ...]
    """The tools that it calls."""
    normals: tuple[str, ...]
    """Its calls in normal form."""
    text: str
    """Its reply; empty for calls."""
    users: int
    """How many messages the user had said before it."""


@dataclass(frozen=True, slots=True)
class Script:
    """The order in which the record does things: it tells when something left out was due."""

    turns: tuple[Recorded, ...]
    """The record's messages."""
    moves: tuple[Move, ...]
    """The agent's messages."""
    _first: Mapping[str, int]
    """Normal form -> the record's first message with this call."""
    _matched: tuple[int, ...]
    """For each of the record's messages the step that stands for it; 0 where none does."""

    @classmethod
    def of(cls, task: Task, moves: tuple[Move, ...], toolbox: Toolbox) -> Script:
        """Lays an episode beside its record."""
        turns = tuple(_recorded(task, toolbox))
        first: dict[str, int] = {}
        for place, turn in enumerate(turns):
            for normal in turn.normals:
                first.setdefault(normal, place)
        return cls(turns, moves, first, tuple(_matches(turns, moves, task.goal.facts)))

    @property
    def calls(self) -> Counter[str]:
        """Normal form -> number of times that the record makes the call."""
        return Counter(normal for turn in self.turns for normal in turn.normals)

    def place_of_call(self, normal: str, nth: int = 1) -> int | None:
        """The record's message with the nth call of this normal form; None if it has none."""
        places = [i for i, turn in enumerate(self.turns) for one in turn.normals if one == normal]
        return places[nth - 1] if nth <= len(places) else None

    def place_of_fact(self, fact: str) -> int | None:
        """The record's first message that tells a fact; None if none does."""
        told = (i for i, turn in enumerate(self.turns) if turn.text and fact in _said(turn.text))
        return next(told, None)

    def due(self, place: int | None) -> int:
        """The step at which the agent went on without one of the record's messages.

        That is its first reply to a user who has said as much as before the recorded message, or
        its first call of those that the record makes later; both after all that stands for earlier
        messages of the record. The last step if there is none, or the record has no such message.

        Args:
            place: The recorded message's number, from 0.
        """
        last = len(self.moves)
        if place is None:
            return last
        after = max(self._matched[:place], default=0)
        late = (move.number for move in self.moves[after:] if self._is_past(move, place))
        return next(late, last)

    def _is_past(self, move: Move, place: int) -> bool:
        if move.parsed.reply is not None:
            return move.users >= self.turns[place].users
        normals = (call.normal for call in move.calls if call.normal is not None)
        return any(self._first.get(normal, -1) > place for normal in normals)


def _recorded(task: Task, toolbox: Toolbox) -> Iterator[Recorded]:
    users, start = 0, 0
    for turn in task.turns:
        users += sum(m.role is Role.USER for m in task.messages[start : turn.index])
        start = turn.index
        names = tuple(call.name for call in turn.calls)
        yield Recorded(names, tuple(map(toolbox.normal, turn.calls)), turn.text, users)


def _matches(
    turns: Sequence[Recorded], moves: Sequence[Move], facts: frozenset[str]
) -> Iterator[int]:
    """For each recorded message the step with the nth call of its tool, or that tells its facts."""
    places: dict[tuple[str, int], int] = {}
    seen = Counter[str]()
    for number, call in calls_of(moves):
        assert call.name is not None
        seen[call.name] += 1
        places[call.name, seen[call.name]] = number
    wanted = Counter[str]()
    for turn in turns:
        steps = [_telling(moves, _said(turn.text) & facts)] if turn.text else []
        for name in turn.names:
            wanted[name] += 1
            steps.append(places.get((name, wanted[name]), 0))
        yield max(steps, default=0)


def _telling(moves: Sequence[Move], facts: frozenset[str]) -> int:
    """The first step that tells all these facts; 0 if none does, or there are none."""
    if not facts:
        return 0
    return next((move.number for move in moves if facts <= move.told), 0)


def _said(text: str) -> frozenset[str]:
    return fact_tokens(text)
