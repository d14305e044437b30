"""An episode: the agent's messages, the answers, and the rewards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import msgspec

from tools.protocol import Parsed, parse
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
    """What an episode consists of."""

    TURN = "turn"
    """The recorded decisions, each with the recorded history before it."""
    DIALOGUE = "dialogue"
    """The agent's own conversation."""


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
    """Three unreadable or empty messages in a row (`dialogue`)."""
    OVER_LIMIT = "over_limit"
    """More was said, called or written than an episode may (`reasonact_env.limits`)."""
    MAX_TURNS = "max_turns"
    """The limit on assistant messages; the only reason that truncates."""
    RECORDED = "recorded"
    """Nobody knows: what was heard between an agent and its model ends here, and no environment
    has judged it (`agents.serve --openai`)."""

    @property
    def truncates(self) -> bool:
        """Whether Gymnasium should see `truncated` instead of `terminated`."""
        return self is StopReason.MAX_TURNS


DOWN = "unavailable."
"""Stands before the name of a tool that `wrappers.FailTools` lets fail, so that the environment
carries nothing out."""


class CallRecord(msgspec.Struct, frozen=True):
    """One call block of a message, readable or not, and its answer."""

    name: str | None
    """The tool's name, or None if the call could not be read."""
    arguments: Mapping[str, Json] | None
    """The arguments, or None if the call could not be read."""
    normal: str | None
    """The call in normal form (`tools.schema.toolbox`), or None if it is not valid."""
    effect: Effect
    """Read or write; read for a tool that does not exist."""
    content: str
    """The text of the tool message."""
    problem: CallProblem | None
    """What was wrong with the call, or None."""
    state_before: str
    """The state's digest before the call."""
    state_after: str
    """The state's digest after the call."""
    changes: tuple[FieldChange, ...] = ()
    """The values that the call changed; empty if the API cannot show its state."""

    @property
    def ok(self) -> bool:
        """Whether the call was carried out."""
        return self.problem is None

    @property
    def is_down(self) -> bool:
        """Whether a wrapper let the tool fail, so that nobody did anything wrong."""
        return self.name is not None and self.name.startswith(DOWN)


Scores = dict[str, float | None]
"""Component -> score, or None if it does not apply."""


class Step(msgspec.Struct, frozen=True):
    """One assistant message and all that followed it."""

    turn: int
    """The number of the recorded decision (turn mode) or of the message (dialogue mode)."""
    action: str
    """The raw message."""
    calls: tuple[CallRecord, ...]
    """The message's calls with their answers, in order."""
    answers: tuple[Message, ...]
    """The messages that the environment added (tool and user messages)."""
    reward: float
    """The step's reward."""
    components: Scores
    """The scores that are weighted in this step."""
    weights: Mapping[str, float]
    """Their weights; `reward == sum(weight * component)`."""
    step_scores: Scores
    """Every component's score of this step by itself, weighted or not."""
    state_hash: str
    """The state's digest after the step."""
    observation_hash: str
    """The digest of the observation that the step returned."""


@dataclass(frozen=True, slots=True)
class GoalCall:
    """A call of the goal."""

    call: ToolCall
    """Tool and arguments."""
    done: bool
    """Whether the call was carried out."""


@dataclass(frozen=True, slots=True)
class Harm:
    """A changed row that belongs to another customer."""

    customer: str
    """The owner's id."""
    table: str
    """The table."""
    key: str
    """The row's key."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The verdict on an ended dialogue; the fields after `goal` are diagnostics alone."""

    success: bool
    """Whether `state`, `facts` and `handover` hold; for a goal without writes also `reads`, and on
    a procedure also whether it was followed to an end."""
    state: bool
    """Whether the end state equals the goal's."""
    facts: bool
    """Whether every fact of the goal was communicated."""
    reads: bool
    """Whether every read of the goal was made (required only if the goal has no writes)."""
    tau: bool
    """tau-bench's own verdict: state, and required outputs in some reply."""
    goal: str
    """The goal's label: verified, partly verified or recorded."""
    goals: tuple[GoalCall, ...] = ()
    """The calls that count as progress, in the goal's order, done or not."""
    harm: tuple[Harm, ...] = ()
    """The changed rows of customers other than the goal's."""
    violations: tuple[Violation, ...] = ()
    """The places where the rules of the world were broken, or the procedure was left."""
    handover: bool = True
    """Whether the goal's hand-over was made, or the goal has none; no diagnostic, unlike the fields
    before it."""


@dataclass(frozen=True, slots=True)
class Branch:
    """Where an episode leaves another one, which went on otherwise (`replay.whatif`)."""

    episode: int
    """The number of the original in its file, from 1."""
    parent: int
    """The number of the branch that it leaves, from 1 among all branches; 0 for the original."""
    step: int
    """How many steps both have in common."""
    agent: str
    """Who went on."""


@dataclass(frozen=True, slots=True)
class Episode:
    """A played task, complete enough to show it, score it again and verify it."""

    task_id: str
    """The task's id."""
    source: str
    """The name of the data set."""
    mode: Mode
    """Turn or dialogue."""
    seed: int | None
    """The seed given to `reset`."""
    decision: int | None
    """The single decision that was played in turn mode, or None for all."""
    opening: tuple[Message, ...]
    """The messages of the first observation."""
    opening_hash: str
    """The digest of the first observation."""
    steps: tuple[Step, ...]
    """The steps, in order."""
    stop: StopReason | None
    """Why the episode ended, or None while it runs."""
    outcome: Outcome | None
    """The verdict at the end of a dialogue, else None."""
    tools: tuple[ToolSpec, ...] = ()
    """The task's tools, so that the episode can be shown without its data."""
    cut: tuple[int, ...] | None = None
    """The steps, counted from 0, whose message ran into the agent's limit of tokens, as the agent
    tells; None where it does not."""
    branch: Branch | None = None
    """Where it leaves another episode; None for one that was played from its beginning."""

    @property
    def total(self) -> float:
        """The undiscounted return."""
        return sum(step.reward for step in self.steps)


def message_of(action: str, calls: Sequence[CallRecord]) -> Parsed:
    """Reads a saved message as the environment has read it, which knows the names of its tools.

    Args:
        action: The raw message.
        calls: Its step's records: some attempts to call are seen only in them.
    """
    found = parse(action)
    problems = tuple(record.problem for record in calls if record.problem is not None)
    if found.attempts or not problems:
        return found
    return Parsed.of(found.thought, found.thinking, problems, found.text)
