"""An episode: what was done, what came back, what it earned."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from tools.types import (
    CallProblem,
    Effect,
    FieldChange,
    Json,
    Message,
    ToolCall,
    ToolSpec,
    Violation,
)


class Mode(StrEnum):
    """What an episode is made of."""

    TURN = "turn"
    """The recorded decisions, each with the recorded history before it."""
    DIALOGUE = "dialogue"
    """A conversation of the agent's own."""


class Thinking(StrEnum):
    """Whether a message has to begin with a thought."""

    OPTIONAL = "optional"
    REQUIRED = "required"


class StopReason(StrEnum):
    """Why an episode ended."""

    FINISHED = "finished"
    """The reply after the user's last turn, or the record's last decision."""
    HANDOVER = "handover"
    """A call that hands over to a human."""
    FINAL_CALL = "final_call"
    """The call with which the recorded dialogue ends."""
    BAD_FORMAT = "bad_format"
    """Three unreadable or empty messages in a row."""
    MAX_TURNS = "max_turns"
    """The limit on assistant messages; the only reason that truncates."""

    @property
    def truncates(self) -> bool:
        """Whether Gymnasium should see `truncated` instead of `terminated`."""
        return self is StopReason.MAX_TURNS


@dataclass(frozen=True, slots=True)
class CallRecord:
    """One call of a message, read or not, and its answer."""

    name: str | None
    """The tool's name, or None where the call could not be read."""
    arguments: Mapping[str, Json] | None
    """Its arguments, or None where the call could not be read."""
    normal: str | None
    """The call in normal form (`tools.schema.toolbox`), or None where it is not valid."""
    effect: Effect
    """Read or write; read for a tool that does not exist."""
    content: str
    """The text of the tool message."""
    problem: CallProblem | None
    """What was wrong with it, or None."""
    state_before: str
    """The state's digest before the call."""
    state_after: str
    """The state's digest after it."""
    changes: tuple[FieldChange, ...] = ()
    """What it changed, where the API has a state that can be shown."""

    @property
    def ok(self) -> bool:
        """Whether the call was carried out."""
        return self.problem is None


Scores = dict[str, float | None]
"""Component -> score, or None where it does not apply."""


@dataclass(frozen=True, slots=True)
class Step:
    """One assistant message and all that followed from it."""

    turn: int
    """In turn mode the recorded decision's number; in dialogue mode the message's."""
    action: str
    """The raw message."""
    calls: tuple[CallRecord, ...]
    """What became of its calls, in order."""
    answers: tuple[Message, ...]
    """The messages that the environment added after it (tool and user messages)."""
    reward: float
    """What the step was paid."""
    components: Scores
    """The components paid in this step."""
    weights: Mapping[str, float]
    """Their weights; `reward == sum(weight * component)`."""
    step_scores: Scores
    """Every component's score of this step, paid or not."""
    state_hash: str
    """The state's digest after the step."""
    observation_hash: str
    """The digest of the observation that the step returned."""


@dataclass(frozen=True, slots=True)
class GoalCall:
    """A call of the goal."""

    call: ToolCall
    """What was to be called."""
    done: bool
    """Whether it was carried out."""


@dataclass(frozen=True, slots=True)
class Harm:
    """A row of somebody else's that was changed."""

    customer: str
    """Whose it is."""
    table: str
    """The table."""
    key: str
    """The row's key."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an ended dialogue is judged; what follows `goal` is told beside, and decides nothing."""

    success: bool
    """State reached and facts communicated; without writes the reads made, too, and where there is
    a procedure, it was followed to an end."""
    state: bool
    """The end state equals the goal's."""
    facts: bool
    """Every fact of the goal was communicated."""
    reads: bool
    """Every read of the goal was made (asked for only where the goal has no writes)."""
    tau: bool
    """tau-bench's own verdict: state, and required outputs in some reply."""
    goal: str
    """The goal's label: verified or recorded."""
    goals: tuple[GoalCall, ...] = ()
    """The calls that count as progress, in the goal's order, done or not."""
    harm: tuple[Harm, ...] = ()
    """What was changed of other customers than the goal's."""
    violations: tuple[Violation, ...] = ()
    """Where the rules of a world were broken, whatever the end state, or a procedure was left."""


@dataclass(frozen=True, slots=True)
class Episode:
    """A played task, complete enough to be shown, scored again and verified."""

    task_id: str
    """Which task."""
    source: str
    """Which data set."""
    mode: Mode
    """Turn or dialogue."""
    seed: int | None
    """The seed given to `reset`."""
    decision: int | None
    """In turn mode the single decision that was played, or None for all."""
    opening: tuple[Message, ...]
    """The messages of the first observation."""
    opening_hash: str
    """The digest of the first observation."""
    steps: tuple[Step, ...]
    """What happened, in order."""
    stop: StopReason | None
    """Why it ended, or None while it runs."""
    outcome: Outcome | None
    """The verdict, at the end of a dialogue."""
    tools: tuple[ToolSpec, ...] = ()
    """The tools on offer, so that the episode can be shown without its data."""

    @property
    def total(self) -> float:
        """The undiscounted return."""
        return sum(step.reward for step in self.steps)
