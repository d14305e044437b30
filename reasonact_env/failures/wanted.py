"""What `goal_of` tells: wanted calls and facts, each beside what was done of it."""

from __future__ import annotations

from dataclasses import dataclass

from reasonact_env.failures.told import Told
from tools.types import CallProblem, Effect, ToolCall


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument of a wanted call, beside that of the call that was made."""

    name: str
    """The argument."""
    wanted: str | None
    """The goal's value as JSON; None if the goal's call lacks it."""
    made: str | None
    """The agent's value as JSON; None if its call lacks it."""
    same: bool
    """Whether both mean the same: free text does whatever it says, and a default need not be
    written."""


@dataclass(frozen=True, slots=True)
class Nearest:
    """The made call that comes nearest to a wanted one."""

    step: int
    """Its step, from 1."""
    call: ToolCall
    """The call."""
    problem: CallProblem | None
    """Why it was not carried out; None if it was."""
    arguments: tuple[Argument, ...]
    """All arguments of both calls: the goal's first, in its order."""

    @property
    def wrong(self) -> tuple[Argument, ...]:
        """The arguments that differ; none if an equal call failed."""
        return tuple(argument for argument in self.arguments if not argument.same)


@dataclass(frozen=True, slots=True)
class WantedCall:
    """A call of the goal."""

    call: ToolCall
    """Tool and arguments."""
    effect: Effect
    """Read or write."""
    required: bool
    """Whether it counts as progress; a read does not where the goal has writes."""
    step: int | None
    """The step that made it, from 1; None if none did."""
    nearest: Nearest | None = None
    """If it was not made: the nearest call that was, if one is near at all."""
    unreadable: int | None = None
    """If it was not made: the step with an unreadable attempt at it."""
    due: int | None = None
    """If it was not made: the step at which the agent went on without it."""

    @property
    def done(self) -> bool:
        """Whether it was carried out."""
        return self.step is not None


@dataclass(frozen=True, slots=True)
class WantedFact:
    """A fact that the user must be told."""

    fact: str
    """The fact in the normal form of `tasks.facts`."""
    step: int | None
    """The step that told it, from 1; None if none did."""
    seen: int | None = None
    """The first step whose tools answered it, or the amounts from which it is worked out; 0 if the
    opening has it; None if nobody did."""
    wrong: Told | None = None
    """If it was not told: what was told in its place."""
    due: int | None = None
    """If it was not told: the step at which the agent went on without it."""
    worked_out: bool = False
    """Whether no tool said it, and it follows from amounts that were known in step `seen`."""

    @property
    def done(self) -> bool:
        """Whether it was told."""
        return self.step is not None


@dataclass(frozen=True, slots=True)
class OutsideWrite:
    """A write that was carried out, and that the goal does not have."""

    step: int
    """Its step, from 1."""
    call: ToolCall
    """The call."""


@dataclass(frozen=True, slots=True)
class GoalRows:
    """A goal beside an episode."""

    calls: tuple[WantedCall, ...]
    """Those that count as progress, in the goal's order, then the others; in turn mode, those of
    the decisions that were played."""
    facts: tuple[WantedFact, ...]
    """The facts, in the order in which they were told, then were due."""
    outside: tuple[OutsideWrite, ...]
    """The writes outside the goal, in order; none in turn mode."""
    running: bool = False
    """Whether the dialogue goes on, so that what is open is not lost."""

    @property
    def missing(self) -> tuple[WantedCall, ...]:
        """The required calls that were not made."""
        return tuple(call for call in self.calls if call.required and not call.done)

    @property
    def untold(self) -> tuple[WantedFact, ...]:
        """The facts that were not told."""
        return tuple(fact for fact in self.facts if not fact.done)

    @property
    def unseen(self) -> bool:
        """Whether some fact that was not told was never seen: then reads are missed, too."""
        return any(fact.seen is None for fact in self.untold)
