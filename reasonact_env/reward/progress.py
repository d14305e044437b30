"""The progress of a dialogue: a fold over its messages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from reasonact_env.episode import CallRecord
from reasonact_env.reward.moves import Transition
from reasonact_env.reward.telling import Telling
from tasks.customers import customers_of
from tasks.facts import fact_tokens
from tasks.types import Task
from tools.jsontext import canonical
from tools.schema.toolbox import Toolbox
from tools.types import Effect, Role, ToolCall

LOOK_COST = 0.25
"""What a call beyond the record's that changes nothing costs, where one that fails costs 1.

Chosen by hand, between 0 and 1: looking up has to cost less than trying, or guessing pays; and it
has to cost something, or a policy looks up whatever it can. At a quarter a guess pays against one
look-up too many only for a policy that is right in three of four guesses.
"""


LONG = 10_000
"""Answers of more characters are read for facts at once, to bound the time of the last step."""


class Tries(NamedTuple):
    """What brings nobody nearer to a goal; as much of it as the record has costs nothing."""

    failures: int = 0
    """Calls that failed, whatever was wrong with them."""
    looks: int = 0
    """Calls that were carried out and changed nothing."""
    repetitions: int = 0
    """Messages that make a call again whose answer was there to be read."""


@dataclass(frozen=True, slots=True)
class Target:
    """A task's goal, in a form to compare progress with."""

    task: Task
    """The task."""
    calls: Mapping[str, int]
    """Normal form -> number of times in the goal, for the calls that count as progress."""
    writes: Mapping[str, int]
    """Normal form -> number of times in the goal, for the goal's writes."""
    reads: frozenset[str]
    """The normal forms of the goal's reads."""
    order: tuple[str, ...]
    """The normal forms of the calls that count as progress, in the goal's order."""
    size: int
    """The number of calls that count as progress."""
    facts: frozenset[str]
    """The facts that the user must be told."""
    customers: frozenset[str]
    """The ids of the customers that the goal is about; empty if they are not known."""
    toolbox: Toolbox
    """Gives calls their normal form."""
    handover: str | None
    """The normal form of the call for a human that is asked for; None where none is."""
    allowed: Tries = Tries()
    """What the record itself tries: a record has failures, too, and looks things up."""
    recorded: Telling = Telling()
    """What the record itself tells."""

    @classmethod
    def of(cls, task: Task, toolbox: Toolbox, record: Iterable[Transition] = ()) -> Target:
        """Brings the goal's calls into normal form.

        Args:
            task: The task.
            toolbox: Its tools.
            record: The recorded agent's messages, played on the task's own API.
        """
        goal = task.goal
        order = tuple(toolbox.normal(call) for call in goal.calls)
        target = cls(
            task=task,
            calls=Counter(order),
            writes=Counter(toolbox.normal(call) for call in goal.writes),
            reads=frozenset(toolbox.normal(call) for call in goal.reads),
            order=order,
            size=len(order),
            facts=goal.facts,
            customers=customers_of(task),
            toolbox=toolbox,
            handover=None if goal.handover is None else toolbox.normal(goal.handover),
        )
        moves = tuple(record)
        tries = Progress(target).through(moves).called.tries
        told = Telling.of(task, moves) if goal.facts else Telling()
        return replace(target, allowed=tries, recorded=told)

    def telling(self, moves: Sequence[Transition]) -> Telling:
        """What a conversation tells the user; nothing is read where no fact is wanted."""
        return Telling.of(self.task, moves, self.recorded) if self.facts else Telling()


_NONE: Mapping[str, int] = {}


class Called(NamedTuple):
    """All calls so far, and how many of them the goal asks for."""

    made: Mapping[str, int] = _NONE
    """Normal form -> number of times the call was carried out."""
    wrote: Mapping[str, int] = _NONE
    """Normal form -> number of times the call was carried out, for writes alone."""
    answered: frozenset[tuple[str, str]] = frozenset()
    """(state, call) of all calls that were carried out since the user last spoke."""
    achieved: int = 0
    """The number of the goal's calls that were carried out."""
    outside: int = 0
    """The number of writes carried out that are not in the goal."""
    tries: Tries = Tries()
    """What was tried.

    A repetition is a message that makes a call again whose answer was there to be read. A call that
    failed may be tried again, and once the user has spoken, anything may be asked again.
    """

    def after(self, calls: Sequence[CallRecord], target: Target) -> Called:
        """What was called after one more message with calls."""
        made, wrote, achieved, outside = dict(self.made), self.wrote, self.achieved, self.outside
        failures, looks, repetitions = self.tries
        tried: set[tuple[str, str]] = set()
        answered: list[tuple[str, str]] = []
        repeats = False
        for record in calls:
            if record.name is None:
                failures += 1
                continue
            key = _key(record, target.toolbox)
            repeats = repeats or key in self.answered or key in tried
            tried.add(key)
            if record.problem is not None:
                failures += not record.is_down
                continue
            answered.append(key)
            achieved += _counted(made, record, target.calls)
            if record.effect is Effect.WRITE:
                wrote = dict(wrote)
                outside += not _counted(wrote, record, target.writes)
            else:
                looks += 1
        return Called(
            made=made,
            wrote=wrote,
            answered=self.answered.union(answered),
            achieved=achieved,
            outside=outside,
            tries=Tries(failures, looks, repetitions + repeats),
        )


class Progress(NamedTuple):  # one per step; a frozen dataclass is slower
    """All calls and facts of the messages so far, and how many of them the goal asks for."""

    target: Target
    """The goal."""
    called: Called = Called()
    """The calls."""
    told: frozenset[str] = frozenset()
    """The fact tokens of all replies."""

    @property
    def made(self) -> Mapping[str, int]:
        """Normal form -> number of times the call was carried out."""
        return self.called.made

    @property
    def repetitions(self) -> int:
        """The repetitions beyond the record's own."""
        return max(0, self.called.tries.repetitions - self.target.allowed.repetitions)

    @property
    def waste(self) -> float:
        """What trying has cost so far: each failure beyond the record's own is 1, each look beyond
        them `LOOK_COST`.
        """
        tries, allowed = self.called.tries, self.target.allowed
        failures = max(0, tries.failures - allowed.failures)
        return failures + LOOK_COST * max(0, tries.looks - allowed.looks)

    def through(self, moves: Iterable[Transition]) -> Progress:
        """The progress after some more moves."""
        progress = self
        for move in moves:
            progress = progress.after(move)
        return progress

    def after(self, move: Transition) -> Progress:
        """The progress after one more message; a tool that was down is nobody's failure."""
        called, told, reply = self.called, self.told, move.parsed.reply
        if move.calls:
            called = called.after(move.calls, self.target)
        if called.answered and Role.USER in [message.role for message in move.answers]:
            called = called._replace(answered=frozenset())
        if reply and (said := fact_tokens(reply.text)):
            told |= said
        if self.target.facts:
            for message in move.answers:
                if len(message.content) > LONG:
                    fact_tokens(message.content)  # it is remembered, and the end has less to read
        return Progress(self.target, called, told)


def _counted(counts: dict[str, int], record: CallRecord, wanted: Mapping[str, int]) -> bool:
    """Counts a valid call; whether it was still wanted."""
    assert record.normal is not None
    count = counts[record.normal] = counts.get(record.normal, 0) + 1
    return count <= wanted.get(record.normal, 0)


def _key(record: CallRecord, toolbox: Toolbox) -> tuple[str, str]:
    """What is repeated if it is done again: other words, such as another thought, are another."""
    name, said = record.name or "", record.arguments or {}
    if record.normal is None:
        return record.state_before, canonical([name, dict(said)])
    if not toolbox.has_free_text(name):
        return record.state_before, record.normal
    return record.state_before, toolbox.worded(ToolCall(name, said))
