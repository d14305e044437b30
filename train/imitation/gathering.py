"""What a cold start learns: its settings, and where its thoughts come from."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Annotated

from tasks.load import load_tasks
from tasks.types import Task
from tasks.verdicts import without_failures
from tools.chat_endpoint import Endpoint
from tools.files import write_text
from tools.option_types import called, one_of, shown_as
from tools.ranges import require_above, require_at_least, require_seeds
from train.imitation.lessons import (
    DECISION,
    DIALOGUE,
    MODES,
    Lesson,
    chosen,
    lessons,
    merged,
)
from train.imitation.rationales import written
from train.imitation.thoughts import (
    Thought,
    from_think_calls,
    from_traces,
    read_thoughts,
    require_file,
)
from train.runs.folders import SAMPLES as SAMPLES
from train.runs.precision_option import AUTO as FASTER
from train.runs.precision_option import Precision

AUTO, TRACES, CALLS, ENDPOINT = "auto", "traces", "calls", "endpoint"
"""Where thoughts come from, besides a file; `auto` takes a dialogue's traces, or its calls."""
UNITS = tuple(MODES)
"""What a sample may be."""
MOST = 99
"""Samples at most: descriptions of the paper name fewer than 100."""
CANDIDATES = 2_000
"""Samples are chosen from the first dialogues with thoughts, this many; chosen by hand."""


@dataclass(frozen=True, slots=True)
class ColdStartSettings:
    """What is learned, and how."""

    policy: str
    """The folder of the policy that learns to think."""
    data: str | None = None
    """As for `python -m tasks.load`; the embedded set unless given. The thoughts are about its
    training part."""
    thoughts: str = AUTO
    """Where the cold start's thoughts come from: traces, calls, endpoint, or a JSONL file; auto is
    the first of traces and calls that a dialogue has."""
    samples: int = 80
    """The cold start's samples, fewer than 100."""
    unit: Annotated[str, one_of(UNITS)] = DIALOGUE
    """What one sample of the cold start is: all decisions of a dialogue, for dialogue mode, or a
    single decision, for turn mode."""
    epochs: Annotated[float | None, called("cold-epochs")] = None
    """The cold start's passes over its samples; the profile's unless given."""
    lr: Annotated[float | None, called("cold-lr")] = None
    """The cold start's peak learning rate; the profile's unless given."""
    max_length: int | None = None
    """Tokens of a dialogue that is imitated at most, a longer one is cut; the profile's unless
    given."""
    seed: int = 0
    """Fixes everything random."""
    rehearsed: Annotated[str | None, shown_as("DATA", "rehearse")] = None
    """Other data; with every sample one dialogue of them is learned, every second one thought
    aloud, against forgetting; none unless given."""
    precision: Precision = FASTER
    """In which numbers training computes; auto: what is faster here. Weights stay in float32."""

    def __post_init__(self) -> None:
        """Refuses plans that are no cold start."""
        require_at_least(self, 1, "max_length")
        require_above(self, 0, "epochs", "lr")
        require_seeds(self, "seed")
        if not 1 <= self.samples <= MOST:
            raise ValueError(
                f"expected 1 to {MOST} samples, got {self.samples}: a cold start shows the habit "
                "of thinking, and GRPO finds out which thoughts earn more; to teach from more "
                "samples, put their thoughts into the dialogues of train.sft"
            )
        if self.unit not in UNITS:
            raise ValueError(f"expected unit {DIALOGUE!r} or {DECISION!r}, got {self.unit!r}")


def unit_of(mode: str) -> str:
    """What a sample is for a policy that is played in this mode."""
    return next(unit for unit, played in MODES.items() if played == mode)


def require_thoughts(thoughts: str) -> None:
    """Refuses a source of thoughts that does not exist.

    Raises:
        FileNotFoundError: if it is none of the names and no file.
    """
    if thoughts not in (AUTO, TRACES, CALLS, ENDPOINT):
        require_file(Path(thoughts))


def require_lessons(thoughts: str, data: str | None) -> None:
    """Refuses a source that has no thoughts about these data; loads them.

    Raises:
        ValueError: if so, or if no endpoint is named that is to write them.
        OSError: if data or thoughts are nowhere.
    """
    require_thoughts(thoughts)
    if thoughts == ENDPOINT:
        _endpoint()
        return
    tasks = without_failures(load_tasks(data).split("train"))
    source = _SOURCES.get(thoughts)
    if not (any(map(source, tasks)) if source else read_thoughts(Path(thoughts), tasks)):
        raise _no_thoughts(thoughts, data)


def _no_thoughts(thoughts: str, data: str | None) -> ValueError:
    return ValueError(
        f"expected thoughts from {thoughts!r}, found none in the training split of "
        f"{data or 'the embedded data'}; generated tasks have traces, APIGen-MT's airline "
        "dialogues calls of a think tool; else give a file, or --thoughts endpoint"
    )


def gathered(plan: ColdStartSettings, tasks: Sequence[Task], out: Path) -> list[Lesson]:
    """The samples; they are written down, so that a killed run goes on with the same ones.

    Raises:
        ValueError: if there are no thoughts, or others than the run began with.
    """
    found = _chosen(lessons(tasks, _thoughts(plan, tasks, out), plan.unit), plan)
    if not found:
        raise _no_thoughts(plan.thoughts, plan.data)
    lines = merged(thought for lesson in found for thought in lesson.thoughts)
    text = "".join(f"{json.dumps(line.as_dict())}\n" for line in lines)
    path = out / SAMPLES
    if path.exists() and path.read_text(encoding="utf-8") != text:
        raise ValueError(
            f"expected the thoughts of {path} again, got others: {plan.thoughts} has changed since "
            "the run began; give another --out or delete the folder"
        )
    write_text(path, text)
    return found


def _chosen(candidates: Sequence[Lesson], plan: ColdStartSettings) -> list[Lesson]:
    """The samples; where data have both, half of them at most are of recorded think calls.

    A few recorded thoughts would else be lost among thousands of generated ones.
    """
    recorded = [one for one in candidates if not one.task.traces]
    generated = [one for one in candidates if one.task.traces]
    if plan.thoughts != AUTO or not (recorded and generated):
        return chosen(candidates, plan.samples, plan.seed)
    first = chosen(recorded, plan.samples // 2, plan.seed)
    return [*first, *chosen(generated, plan.samples - len(first), plan.seed)]


def _thoughts(plan: ColdStartSettings, tasks: Sequence[Task], out: Path) -> list[Thought]:
    if source := _SOURCES.get(plan.thoughts):
        return _by(source, tasks)
    if plan.thoughts != ENDPOINT:
        return read_thoughts(Path(plan.thoughts), tasks)
    asked = _endpoint()
    # With a cache, a killed run asks nothing twice, and gets the same thoughts again.
    cached = replace(asked, cache=asked.cache or str(out / "answers.jsonl"))
    return written(tasks, plan.data, cached, plan.samples, plan.seed)


def _endpoint() -> Endpoint:
    return Endpoint.from_environment("--thoughts endpoint", "--thoughts traces or a file")


def _told(task: Task) -> list[Thought]:
    """A dialogue's traces, or the calls of its think tool if it has no traces."""
    return from_traces(task) or from_think_calls(task)


_SOURCES: Mapping[str, Callable[[Task], list[Thought]]] = {
    AUTO: _told,
    TRACES: from_traces,
    CALLS: from_think_calls,
}
"""Where a task itself has thoughts."""


def _by(source: Callable[[Task], list[Thought]], tasks: Sequence[Task]) -> list[Thought]:
    """The thoughts of the first tasks that have any."""
    found = islice(filter(None, map(source, tasks)), CANDIDATES)
    return [thought for thoughts in found for thought in thoughts]
