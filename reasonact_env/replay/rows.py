"""What the list of a replay shows of each episode, read without the episode itself.

Of a line only the fields below are decoded, which takes a fraction of the time of a whole episode.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from reasonact_env.episode import StopReason
from reasonact_env.episodes.lines import from_line
from tools.types import Effect, Json, Message, Role

RUNNING, BROKEN, NOT_READ = "running", "broken", "not read yet"
"""What stands in the place of a reason to stop: of an episode that has none, of a broken line, of a
line that has its turn later (`behind`)."""
CUT = "cut off"
"""Stands for a message that ran into the agent's limit of tokens."""
LOW = 0.5
"""The reward of a decision below which turn mode has a trouble; half of what gold earns."""
_STOPS = {StopReason.BAD_FORMAT.value: "bad format", StopReason.OVER_LIMIT.value: "over the limit"}
"""Reasons to stop that are troubles by themselves."""


class _Problem(msgspec.Struct):
    kind: str


class _Call(msgspec.Struct):
    name: str | None
    effect: Effect
    problem: _Problem | None = None


class _Step(msgspec.Struct):
    calls: list[_Call]
    reward: float
    components: dict[str, float | None]


class _Wanted(msgspec.Struct):
    name: str


class _Goal(msgspec.Struct):
    call: _Wanted
    done: bool


class _Violation(msgspec.Struct):
    rule: str


class _Outcome(msgspec.Struct):
    success: bool
    state: bool
    facts: bool
    goals: list[_Goal] = []
    harm: list[Json] = []
    violations: list[_Violation] = []
    handover: bool = True


class _Line(msgspec.Struct):
    task_id: str
    mode: str
    stop: str | None
    outcome: _Outcome | None
    steps: list[_Step]
    cut: list[int] | None = None


class _Said(msgspec.Struct):
    action: str
    answers: list[Message]


class _Texts(msgspec.Struct):
    opening: list[Message]
    steps: list[_Said]
    task_id: str


class Row(msgspec.Struct, frozen=True):
    """One episode as a list shows it."""

    task: str
    """The task's id."""
    won: bool | None
    """Whether it succeeded; turn mode: no decision was wrong. None if it never ended."""
    total: float
    """The return."""
    steps: int
    """The number of the agent's messages."""
    stop: str
    """Why it ended, `running` or `broken`."""
    wrong: str
    """What was wrong, in a few words, by the verdict or (`index`) by a look at the episode beside
    its task; empty if nothing."""
    tags: tuple[str, ...]
    """What filters can ask for, as `tool=cancel_order`."""
    components: Mapping[str, float]
    """The mean of each weighted component over the steps in which it applies."""


UNREAD = Row("…", None, 0.0, 0, NOT_READ, "", (), {})
"""The row of a line that has its turn later."""
BROKEN_ROW = Row("(a broken line)", None, 0.0, 0, BROKEN, "a broken line", (), {})
"""The row of a line that is no episode."""


def row_of(line: bytes) -> Row:
    """Reads an episode's line; a line that is no episode has a row, too, which says `broken`."""
    try:
        read = from_line(line, _Line)
    except (ValueError, RecursionError):
        return BROKEN_ROW
    return Row(
        task=read.task_id,
        won=_won(read),
        total=sum(step.reward for step in read.steps),
        steps=len(read.steps),
        stop=read.stop or RUNNING,
        wrong=_wrong(read),
        tags=tuple(dict.fromkeys(_tags(read))),
        components=_means(read),
    )


def texts_of(line: bytes) -> str:
    """All that was said and answered in an episode, but for the rules; empty for a broken line."""
    try:
        read = from_line(line, _Texts)
    except (ValueError, RecursionError):
        return ""
    said = [read.task_id, *(one.content for one in read.opening if one.role is not Role.SYSTEM)]
    for step in read.steps:
        said += [step.action, *(one.content for one in step.answers)]
    return "\n".join(said)


def _won(read: _Line) -> bool | None:
    if read.mode == "turn":
        return None if read.stop is None else not any(_wrong_decisions(read))
    return None if read.outcome is None else read.outcome.success


def _wrong(read: _Line) -> str:
    """The first of the verdict's findings, from the plainest to the most general."""
    if read.mode == "turn":
        return next(_wrong_decisions(read), "")
    if read.outcome is not None and read.outcome.success:
        return ""
    return next(_findings(read), "")


def _findings(read: _Line) -> Iterator[str]:
    if read.stop == StopReason.RECORDED:
        yield "not judged"
        return
    if read.stop in _STOPS:
        yield _STOPS[read.stop]
    if read.cut and len(read.steps) - 1 in read.cut:
        yield CUT
    if read.outcome is None:
        yield "never ended"
        return
    yield from (
        f"goal call missing: {goal.call.name}" for goal in read.outcome.goals if not goal.done
    )
    yield from (f"rule: {broken.rule}" for broken in read.outcome.violations)
    if read.outcome.harm:
        yield "another customer's rows changed"
    if not read.outcome.state:
        yield "another state than the goal's"
    if not read.outcome.facts:
        yield "facts not told"
    if not read.outcome.handover:
        yield "not handed over"
    yield "goal not reached"


def _wrong_decisions(read: _Line) -> Iterator[str]:
    for number, step in enumerate(read.steps, 1):
        if step.reward >= LOW:
            continue
        scores = {name: score for name, score in step.components.items() if score is not None}
        worst = min(scores, key=lambda name: scores[name], default="")
        words = {"decision": "called or replied wrongly"}.get(worst, f"{worst} {_low(scores)}")
        yield f"step {number}: {words}"


def _low(scores: Mapping[str, float]) -> str:
    return f"{min(scores.values()):+.2f}" if scores else ""


def _tags(read: _Line) -> Iterator[str]:
    for step in read.steps:
        for call in step.calls:
            if call.name is not None:
                yield f"tool={call.name}"
            if call.effect is Effect.WRITE and call.problem is None:
                yield "writes"
            if call.problem is not None:
                yield f"problem={call.problem.kind}"
    if read.outcome is not None:
        yield from (f"rule={broken.rule}" for broken in read.outcome.violations)
        yield from (f"missing={goal.call.name}" for goal in read.outcome.goals if not goal.done)
        if read.outcome.harm:
            yield "harm"
        if not read.outcome.facts:
            yield "facts"
    if read.cut:
        yield "cut"


def _means(read: _Line) -> dict[str, float]:
    found: dict[str, list[float]] = {}
    for step in read.steps:
        for name, score in step.components.items():
            if score is not None:
                found.setdefault(name, []).append(score)
    return {name: sum(scores) / len(scores) for name, scores in found.items()}
