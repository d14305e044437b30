"""The progress of a dialogue: a fold over its messages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from reasonact_env.episode import CallRecord, Step
from tasks.customers import customers_of
from tasks.facts import fact_tokens, user_tokens
from tasks.types import Task
from tools.jsontext import canonical
from tools.protocol import Parsed, parse
from tools.schema.toolbox import Toolbox
from tools.types import Effect, Message, Role, ToolCall


@dataclass(frozen=True, slots=True)
class Transition:
    """One assistant message and its answers, before it gets a reward."""

    parsed: Parsed
    """The message."""
    calls: tuple[CallRecord, ...]
    """The message's calls with their answers."""
    answers: tuple[Message, ...]
    """The messages that followed."""

    @classmethod
    def of(cls, step: Step) -> Transition:
        """Reads a saved step, for scoring it again."""
        return cls(parse(step.action), step.calls, step.answers)


LOOK_COST = 0.25
"""What a call beyond the record's that changes nothing costs, where one that fails costs 1.

Chosen by hand, between 0 and 1: looking up has to cost less than trying, or guessing pays; and it
has to cost something, or a policy looks up whatever it can. At a quarter a guess pays against one
look-up too many only for a policy that is right in three of four guesses.
"""


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
    customers: frozenset[str]
    """The ids of the customers that the goal is about; empty if they are not known."""
    toolbox: Toolbox
    """Gives calls their normal form."""
    handover: str | None
    """The normal form of the call for a human that is asked for; None where none is."""
    allowed: Tries = Tries()
    """What the record itself tries: a record has failures, too, and looks things up."""

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
            customers=customers_of(task),
            toolbox=toolbox,
            handover=None if goal.handover is None else toolbox.normal(goal.handover),
        )
        return replace(target, allowed=Progress(target).through(record).tries)

    @property
    def size(self) -> int:
        """The number of calls that count as progress."""
        return len(self.order)

    @property
    def facts(self) -> frozenset[str]:
        """The facts that the user must be told."""
        return self.task.goal.facts


class Heard(NamedTuple):
    """The tokens of what was said to the agent, message by message, so that each is read once."""

    tools: tuple[frozenset[str], ...] = ()
    """The fact tokens of each tool message."""
    users: tuple[frozenset[str], ...] = ()
    """What can be repeated after each of the user's messages."""

    def and_also(self, messages: Sequence[Message]) -> Heard:
        """The tokens of some more messages, too."""
        tools, users = list(self.tools), list(self.users)
        for message in messages:
            if message.role is Role.TOOL:
                tools.append(fact_tokens(message.content))
            elif message.role is Role.USER:
                users.append(user_tokens(message.content))
        return Heard(tuple(tools), tuple(users))

    def facts(self, said: frozenset[str]) -> frozenset[str]:
        """Which of some fact tokens come from tools and not from the user."""
        known = frozenset[str]().union(*(said & tokens for tokens in self.tools))
        return known.difference(*self.users)


@dataclass(frozen=True, slots=True)
class Progress:
    """All calls and facts of the messages so far, and how many of them the goal asks for."""

    target: Target
    """The goal."""
    made: Mapping[str, int] = field(default_factory=dict)
    """Normal form -> number of times the call was carried out."""
    wrote: Mapping[str, int] = field(default_factory=dict)
    """Normal form -> number of times the call was carried out, for writes alone."""
    answered: frozenset[tuple[str, str]] = frozenset()
    """(state, call) of all calls that were carried out since the user last spoke."""
    told: frozenset[str] = frozenset()
    """The fact tokens of all replies."""
    heard: Heard = Heard()
    """What the tools and the user have said, as far as facts depend on it; kept where the goal has
    facts."""
    passed_on: frozenset[str] = frozenset()
    """The facts in the replies that came from tools, and whatever the goal asks for."""
    achieved: int = 0
    """The number of the goal's calls that were carried out."""
    outside: int = 0
    """The number of writes carried out that are not in the goal."""
    tries: Tries = Tries()
    """What was tried.

    A repetition is a message that makes a call again whose answer was there to be read. A call that
    failed may be tried again, and once the user has spoken, anything may be asked again.
    """

    @property
    def repetitions(self) -> int:
        """The repetitions beyond the record's own."""
        return max(0, self.tries.repetitions - self.target.allowed.repetitions)

    @property
    def waste(self) -> float:
        """What trying has cost so far: each failure beyond the record's own is 1, each look beyond
        them `LOOK_COST`.
        """
        allowed = self.target.allowed
        failures = max(0, self.tries.failures - allowed.failures)
        return failures + LOOK_COST * max(0, self.tries.looks - allowed.looks)

    def through(self, moves: Iterable[Transition]) -> Progress:
        """The progress after some more moves."""
        progress = self
        for move in moves:
            progress = progress.after(move)
        return progress

    def after(self, move: Transition) -> Progress:
        """The progress after one more message."""
        done = [record for record in move.calls if record.ok]
        writes = [record for record in done if record.effect is Effect.WRITE]
        made, achieved = _counted(self.made, done, self.target.calls)
        wrote, asked = _counted(self.wrote, writes, self.target.writes)
        toolbox = self.target.toolbox
        keys = [_key(record, toolbox) for record in move.calls if record.name is not None]
        fresh = len(set(keys)) == len(keys) and self.answered.isdisjoint(keys)
        told, heard, passed_on = self._talked(move)
        return Progress(
            target=self.target,
            made=made,
            wrote=wrote,
            answered=self._answered(move),
            told=told,
            heard=heard,
            passed_on=passed_on,
            achieved=self.achieved + achieved,
            outside=self.outside + len(writes) - asked,
            tries=self._tried(move, len(done) - len(writes), repeats=not fresh),
        )

    def _tried(self, move: Transition, looks: int, *, repeats: bool) -> Tries:
        """What was tried, with one more move; a tool that was down is nobody's failure."""
        failures, before, repetitions = 0, self.tries, self.tries.repetitions + repeats
        if looks < len(move.calls):
            failures = sum(not (record.ok or record.is_down) for record in move.calls)
        return Tries(before.failures + failures, before.looks + looks, repetitions)

    def _answered(self, move: Transition) -> frozenset[tuple[str, str]]:
        if any(message.role is Role.USER for message in move.answers):
            return frozenset()
        keys = [_key(record, self.target.toolbox) for record in move.calls if record.ok]
        return self.answered.union(keys) if keys else self.answered

    def _talked(self, move: Transition) -> tuple[frozenset[str], Heard, frozenset[str]]:
        """`told`, `heard` and `passed_on` after one more move."""
        told, heard, passed_on = self.told, self.heard, self.passed_on
        goal_facts = self.target.facts
        if goal_facts and not heard.users:
            heard = heard.and_also(self.target.task.opening)
        if (reply := move.parsed.reply) and (said := fact_tokens(reply.text)):
            told |= said
            passed_on |= heard.facts(said) | (said & goal_facts)
        return told, heard.and_also(move.answers) if goal_facts else heard, passed_on


def _counted(
    counts: Mapping[str, int], records: Sequence[CallRecord], wanted: Mapping[str, int]
) -> tuple[Mapping[str, int], int]:
    """The counts with more valid calls, and the number of these that were still wanted."""
    if not records:
        return counts, 0
    result, hits = dict(counts), 0
    for record in records:
        assert record.normal is not None
        count = result.get(record.normal, 0) + 1
        result[record.normal] = count
        hits += count <= wanted.get(record.normal, 0)
    return result, hits


def _key(record: CallRecord, toolbox: Toolbox) -> tuple[str, str]:
    """What is repeated if it is done again: other words, such as another thought, are another."""
    name, said = record.name or "", record.arguments or {}
    if record.normal is None:
        return record.state_before, canonical([name, dict(said)])
    if not toolbox.has_free_text(name):
        return record.state_before, record.normal
    return record.state_before, toolbox.worded(ToolCall(name, said))
