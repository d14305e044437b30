"""SFT: the policy learns to say what the recorded assistants said.

    python -m train.sft                                   # tiny model, embedded dialogues
    python -m train.sft --data apigen-mt_5k.json --profile qwen3-1.7b --out runs/apigen

Only the assistants' tokens carry loss. Rules and tool schemas are in every prompt, as they are when
the policy plays. The folder gets the policy, `metrics.jsonl`, and the resolved configuration; the
same command goes on where a killed run stopped.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import chain
from pathlib import Path
from typing import Annotated, TypeAlias

from agents.console import console
from tasks.load import EMBEDDED, load_tasks
from tasks.types import Task
from tasks.verdicts import without_failures
from tools.command import command, run
from tools.command_line import read_known, read_options
from tools.option_types import FOLDER, one_of
from train.imitation.beginning import SftSettings as SftSettings
from train.imitation.beginning import beginning, card_before, lineage_of, starting_point, with_past
from train.imitation.lessons import half_aloud
from train.imitation.samples import Example, dialogues, rows_of
from train.imitation.trainer import Pace, announce, imitate, require_rows
from train.models.additions import Added
from train.models.lineage import NOTHING, Taught, public_name
from train.models.policies import CARD
from train.models.profiles import DEMO, PROFILES, Profile
from train.models.sources import absolute, require_model
from train.models.suitable import context_of
from train.runs.data import data_identity, failed_words, taught_data
from train.runs.folders import already_done, default_folder, undone_if_refused
from train.runs.outside import outside
from train.runs.precision_option import AUTO, precision_as_today
from train.runs.run import Run, begin, decided

Lessons: TypeAlias = "Callable[[Sequence[Task]], Iterable[Example]]"
"""From tasks to what of them is imitated."""


@undone_if_refused
def sft(plan: SftSettings, out: Path, *, stage: str = "sft", lessons: Lessons = dialogues) -> Path:
    """Trains a policy, or goes on doing so.

    Args:
        plan: What to imitate, with what.
        out: The policy's folder.
        stage: What the run calls itself.
        lessons: What of the tasks is imitated.

    Returns:
        The policy's folder.

    Raises:
        ValueError: if the folder holds another run, or there is nothing to imitate.
        FileNotFoundError: if there are no weights to start from.
    """
    if plan.model is not None:
        require_model(plan.model)
    data = load_tasks(plan.data)
    rehearsal = load_tasks(plan.rehearsed) if plan.rehearsed else None
    others = outside({"data": plan.data, "rehearsed": plan.rehearsed})
    told = data_identity(data, rehearsal, as_gold=True)
    begin(out, Run(stage, asdict(plan), told, beginning(plan), others), precision_as_today)
    if (out / CARD).exists():  # written last: this stage was finished before
        return already_done(out)
    profile = PROFILES[plan.profile]
    tasks = without_failures(data.split("train"))[: plan.tasks]
    begun = starting_point(plan, profile, tasks)
    _tell(begun.added, out)
    rehearsed = without_failures(rehearsal.split("train")) if rehearsal else ()
    examples = chain(lessons(tasks), half_aloud(rehearsed))
    longest = min(plan.max_length, context_of(begun.model))
    rows = rows_of(examples, begun.tokenizer, longest)
    require_rows(rows, longest)
    heard = " and ".join(one.source for one in (data, rehearsal) if one)
    title = f"{stage.upper()} · {plan.model or plan.profile} · {heard}{failed_words(told)}"
    announce(title, rows, longest)
    pace = Pace(plan.epochs, plan.lr, plan.seed, plan.precision)
    model = imitate(
        stage.upper(), begun.model, begun.tokenizer, rows, profile, pace, out, begun.added.rows
    )
    named = public_name(absolute(plan.model)) if plan.model else profile.name
    words = f"{named} + {stage.upper()} on {len(rows.token_ids)} of {heard}"
    policy = with_past(begun.policy(profile, words, lineage_of(plan)), plan)
    policy = replace(policy, model=model).having_learned([*tasks, *rehearsed])
    lineage = policy.taught(stage, taught_data(told, data, rehearsal))
    return replace(policy, lineage=lineage).save(out, words)


def _tell(added: Added, out: Path) -> None:
    """Says what the model lacked, on the console and in `run.json`."""
    if added.words:
        console().print(f"Added: {decided(out, 'added', lambda: str(added))}")


@undone_if_refused
def base_policy(plan: SftSettings, out: Path) -> Path:
    """Saves the policy from which `sft` with the same plan starts, as it is.

    It keeps the chat template that it was made with; training sets another one.
    """
    data = load_tasks(plan.data)
    others = outside({"data": plan.data})
    run = Run("base", asdict(plan), data_identity(data), beginning(plan), others)
    begin(out, run, precision_as_today)
    if (out / CARD).exists():
        return already_done(out, "saved")
    profile = PROFILES[plan.profile]
    tasks = without_failures(data.split("train"))[: plan.tasks]
    before = card_before(plan)
    begun = starting_point(plan, profile, tasks, own_template=not before)
    _tell(begun.added, out)
    words = f"{public_name(str(beginning(plan)['name']))}, nothing learned here{begun.judged}"
    lineage = lineage_of(plan).then(Taught("base", data_identity(data), NOTHING))
    policy = begun.policy(profile, words, lineage)
    thinking = bool(before.get("thinking"))
    return replace(with_past(policy, plan), thinking=thinking).save(out, words)


def planned(
    profile: Profile,
    data: str | None,
    seed: int,
    *,
    model: str | None = None,
    tasks: int | None = None,
    epochs: float | None = None,
    lr: float | None = None,
    max_length: int | None = None,
    rehearsed: str | None = None,
    precision: str = AUTO,
) -> SftSettings:
    """The profile's way to imitate these data, but for what is given."""
    return SftSettings(
        profile=profile.name,
        data=data,
        model=model,
        tasks=profile.sft_tasks if tasks is None else tasks,
        epochs=profile.sft_epochs if epochs is None else epochs,
        lr=profile.sft_lr if lr is None else lr,
        max_length=profile.max_length if max_length is None else max_length,
        seed=seed,
        rehearsed=rehearsed,
        precision=precision,
    )


@dataclass(frozen=True, slots=True)
class Profiled:
    """The option that other options' defaults depend on."""

    profile: Annotated[str, one_of(PROFILES)] = DEMO.name
    """Name of the profile."""


@dataclass(frozen=True, slots=True)
class SftOptions:
    """What `python -m train.sft` takes."""

    imitation: SftSettings
    """What is imitated, with what."""
    out: Annotated[Path | None, FOLDER] = None
    """The policy's folder; one named after model and data unless given."""

    @property
    def folder(self) -> Path:
        """The policy's folder."""
        plan = self.imitation
        names = [plan.model or plan.profile, plan.data or EMBEDDED]
        return self.out or default_folder("sft", names, asdict(plan))


def main(argv: Sequence[str] | None = None) -> Path:
    """Trains as the command line says; returns the policy's folder."""
    profile = read_known(Profiled, argv).profile
    args = read_options(
        SftOptions,
        argv,
        prog="python -m train.sft",
        about=__doc__,
        default=SftOptions(planned(PROFILES[profile], data=None, seed=0)),
    )
    folder = sft(args.imitation, args.folder)
    data = args.imitation.data
    told = command("train.evaluate", policy=folder, data=data)
    learned = command("train.grpo", policy=folder, data=data)
    console().print(f"Policy:   {folder}\nEvaluate: {told}\nNext:     {learned}", soft_wrap=True)
    return folder


if __name__ == "__main__":
    run(main, goes_on=True)
