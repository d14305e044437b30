"""Cold start: a policy that acts learns to think before it does, from fewer than 100 samples.

    # thoughts that the generator left in its dialogues
    python -m train.cold_start --policy runs/sft
    # thoughts that were recorded as calls of a think tool
    python -m train.cold_start --policy runs/sft --data apigen-mt_5k.json --thoughts calls
    # thoughts of a model behind an endpoint
    python -m train.cold_start --policy runs/sft --data FILE --thoughts endpoint
    # thoughts of your own
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

import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Annotated

from agents.console import console, show_table
from tasks.load import EMBEDDED, load_tasks
from tasks.types import TaskSet
from tasks.verdicts import without_failures
from tools.chat_endpoint import MODEL
from tools.command import command, run
from tools.command_line import read_options
from tools.option_types import FOLDER
from tools.types import Json
from train.imitation.gathering import AUTO as AUTO
from train.imitation.gathering import ENDPOINT, require_thoughts
from train.imitation.gathering import UNITS as UNITS
from train.imitation.gathering import ColdStartSettings as ColdStartSettings
from train.imitation.gathering import gathered as gathered
from train.imitation.gathering import require_lessons as require_lessons
from train.imitation.gathering import unit_of as unit_of
from train.imitation.lessons import (
    MODES,
    Lesson,
    half_aloud,
)
from train.imitation.samples import Example, rows_of
from train.imitation.trainer import Pace, announce, imitate, require_rows
from train.models.policies import CARD, fingerprint, load_policy
from train.models.precision import Use
from train.models.suitable import context_of
from train.runs.data import data_identity, failed_words, taught_data
from train.runs.folders import SAMPLES as SAMPLES
from train.runs.folders import already_done, default_folder, undone_if_refused
from train.runs.outside import endpoint, outside
from train.runs.precision_option import precision_as_today
from train.runs.run import Run, begin


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


def _show_kinds(picked: Sequence[Lesson], mode: str) -> None:
    """Prints which kinds of decisions are learned."""
    counts = Counter(kind for lesson in picked for kind in lesson.kinds)
    rows = [(kind, str(count)) for kind, count in sorted(counts.items())]
    title = f"{len(picked)} samples, {counts.total()} thoughts, with the history of {mode} mode"
    show_table(title, ("decision", "thoughts"), rows)


@dataclass(frozen=True, slots=True)
class ColdStartOptions:
    """What `python -m train.cold_start` takes."""

    lessons: ColdStartSettings
    """What is learned, and how."""
    out: Annotated[Path | None, FOLDER] = None
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
