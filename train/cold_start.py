"""Cold start: a policy that acts learns to think before it does, from fewer than 100 samples.

    python -m train.cold_start --policy runs/sft
    python -m train.cold_start --policy runs/sft --data apigen-mt_5k.json --thoughts calls
    python -m train.cold_start --policy runs/sft --data FILE --thoughts endpoint
    python -m train.cold_start --policy runs/sft --data FILE --thoughts my_thoughts.jsonl

A sample is a recorded dialogue with the thought that leads to each of its decisions, or a single
decision (`--unit`). Its history is what play shows: a dialogue keeps the thoughts before each
decision, as dialogue mode does; before a single decision they are empty, as in turn mode. Thoughts
come from a generator's traces, from the calls of a think tool, from a file of your own, or from a
strong model at an OpenAI-compatible endpoint. A model's thought is kept only if the model then acts
as the record does; the environment judges that. The samples stand in `samples.jsonl`; the same
command goes on where a killed run stopped.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Annotated

from agents.console import console, plain_table
from tasks.load import EMBEDDED, load_tasks
from tasks.types import Task, TaskSet
from tasks.verdicts import without_failures
from tools.chat_endpoint import MODEL, Endpoint
from tools.command import command, run
from tools.command_line import read_options
from tools.files import write_text
from tools.option_types import called, one_of, shown_as
from tools.ranges import require_above, require_at_least, require_seeds
from tools.types import Json
from train.imitation.lessons import (
    DECISION,
    DIALOGUE,
    MODES,
    Lesson,
    chosen,
    half_aloud,
    lessons,
    merged,
)
from train.imitation.rationales import written
from train.imitation.samples import Example, rows_of
from train.imitation.thoughts import (
    Thought,
    from_think_calls,
    from_traces,
    read_thoughts,
    require_file,
)
from train.imitation.trainer import Pace, announce, imitate, require_rows
from train.models.policies import CARD, fingerprint, load_policy
from train.models.precision import Use
from train.models.suitable import context_of
from train.runs.data import data_identity, failed_words, taught_data
from train.runs.folders import SAMPLES as SAMPLES
from train.runs.folders import already_done, default_folder, undone_if_refused
from train.runs.outside import endpoint, outside
from train.runs.precision_option import AUTO as FASTER
from train.runs.precision_option import Precision, precision_as_today
from train.runs.run import Run, begin

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
    """Of everything random."""
    rehearsed: Annotated[str | None, shown_as("DATA", "rehearse")] = None
    """Other data; with every sample one dialogue of them is learned, every second one thought
    aloud, against forgetting."""
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


@undone_if_refused
def cold_start(plan: ColdStartSettings, out: Path) -> Path:
    """Trains a policy that thinks, or goes on doing so.

    Returns:
        The policy's folder.

    Raises:
        ValueError: if the folder holds another run, or there are no thoughts.
    """
    require_thoughts(plan.thoughts)
    data, policy = load_tasks(plan.data), load_policy(plan.policy, Use.TRAIN, plan.precision)
    policy = policy.in_training()
    model: dict[str, Json] = {"name": policy.words, "sha256": policy.fingerprint}
    rehearsal = load_tasks(plan.rehearsed) if plan.rehearsed else None
    others = outside({"data": plan.data, "rehearsed": plan.rehearsed})
    others |= endpoint() if plan.thoughts == ENDPOINT else {}
    told = data_identity(data, rehearsal, as_gold=True)
    begin(out, Run("cold-start", asdict(plan), told, model, others), precision_as_today)
    if (out / CARD).exists():
        return already_done(out)
    tasks, profile = without_failures(data.split("train")), policy.profile
    picked = gathered(plan, tasks, out)
    longest = min(plan.max_length or profile.max_length, context_of(policy.model))
    epochs, lr = plan.epochs or profile.cold_epochs, plan.lr or profile.cold_lr
    pace = Pace(epochs, lr, plan.seed, plan.precision)
    examples = [lesson.example for lesson in picked]
    if rehearsal:
        examples, pace = _with_rehearsal(examples, rehearsal, pace)
    rows = rows_of(examples, policy.tokenizer, longest)
    require_rows(rows, longest)
    announce(f"Cold start · {policy.words} · {data.source}{failed_words(told)}", rows, longest)
    _show_kinds(picked, MODES[plan.unit])
    trained = imitate(
        "Cold start", policy.model, policy.tokenizer, rows, profile, pace, out, policy.added.rows
    )
    thoughts = sum(len(lesson.kinds) for lesson in picked)
    words = f"{policy.words}, cold start on {len(picked)} {plan.unit}s with {thoughts} thoughts"
    words += f", rehearsing {rehearsal.source}" if rehearsal else ""
    # Each sample is learned beside another dialogue, as far as there are enough.
    beside = without_failures(rehearsal.split("train") if rehearsal else ())[: len(examples) // 2]
    policy = policy.having_learned([*(lesson.task for lesson in picked), *beside])
    teacher = os.environ.get(MODEL) if plan.thoughts == ENDPOINT else None
    lineage = policy.taught("cold-start", taught_data(told, data, rehearsal), teacher)
    taught = replace(policy, model=trained, words=words, thinking=True, lineage=lineage)
    return taught.save(out, words)


def _with_rehearsal(
    examples: Sequence[Example], rehearsal: TaskSet, pace: Pace
) -> tuple[list[Example], Pace]:
    """As many dialogues of other data as there are samples, other ones in every pass.

    The passes are written out as one, since the few samples repeat and the other dialogues do not.
    """
    passes = max(1, round(pace.epochs))
    told = without_failures(rehearsal.split("train"))
    others = islice(half_aloud(told), passes * len(examples))
    return [*(list(examples) * passes), *others], replace(pace, epochs=1.0)


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


def _show_kinds(picked: Sequence[Lesson], mode: str) -> None:
    """Prints which kinds of decisions are learned."""
    counts = Counter(kind for lesson in picked for kind in lesson.kinds)
    rows = [(kind, str(count)) for kind, count in sorted(counts.items())]
    title = f"{len(picked)} samples, {counts.total()} thoughts, with the history of {mode} mode"
    console().print(plain_table(title, ("decision", "thoughts"), rows))


@dataclass(frozen=True, slots=True)
class ColdStartOptions:
    """What `python -m train.cold_start` takes."""

    lessons: ColdStartSettings
    """What is learned, and how."""
    out: Path | None = None
    """The policy's folder; one named after policy and data unless given."""

    @property
    def folder(self) -> Path:
        """The policy's folder."""
        plan = self.lessons
        told = {"plan": asdict(plan), "sha256": fingerprint(Path(plan.policy))}
        return self.out or default_folder("cold-start", [plan.policy, plan.data or EMBEDDED], told)


def main(argv: Sequence[str] | None = None) -> Path:
    """Trains as the command line says; returns the policy's folder."""
    args = read_options(ColdStartOptions, argv, prog="python -m train.cold_start", about=__doc__)
    folder = cold_start(args.lessons, args.folder)
    told = {"policy": folder, "data": args.lessons.data, "mode": MODES[args.lessons.unit]}
    console().print(
        f"Policy:   {folder}   samples: {folder / SAMPLES}\n"
        f"Evaluate: {command('train.evaluate', **told)}\n"
        f"Next:     {command('train.grpo', **told)}",
        soft_wrap=True,
    )
    return folder


if __name__ == "__main__":
    run(main, goes_on=True)
