"""SFT: the policy learns to say what the recorded assistants said.

    python -m train.sft                                   # tiny model, embedded dialogues
    python -m train.sft --data apigen-mt_5k.json --profile qwen3-1.7b --out runs/apigen

Only the assistants' tokens carry loss. Rules and tool schemas are in every prompt, as they are when
the policy plays. The folder gets the policy, `metrics.jsonl`, and the resolved configuration; the
same command goes on where a killed run stopped.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
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
from tools.option_types import called, one_of, shown_as
from tools.ranges import require_above, require_at_least, require_seeds
from tools.types import Json
from train.imitation.lessons import half_aloud
from train.imitation.samples import Example, dialogues, rows_of
from train.imitation.trainer import Pace, announce, imitate, require_rows
from train.models.additions import Added
from train.models.lineage import NOTHING, OURS, Lineage, Taught, licence_of, public_name
from train.models.model import load, tiny_model
from train.models.policies import CARD, TrainedPolicy, lineage_in, read_json
from train.models.precision import Use, weights_dtype
from train.models.profiles import DEMO, PROFILES, Profile, TinyModel
from train.models.sources import absolute, folder_of, place_of, require_model
from train.models.start import Start
from train.models.suitable import context_of, require_room
from train.models.tokenizer import train_tokenizer
from train.runs.data import data_identity, failed_words, taught_data
from train.runs.folders import already_done, default_folder, undone_if_refused
from train.runs.leakage import Training, read_training
from train.runs.outside import outside
from train.runs.precision_option import AUTO, Precision, precision_as_today
from train.runs.run import Run, begin, decided

TOKENIZER_TASKS = 1_500
"""The tiny model's tokenizer learns from the first training dialogues, this many.

Chosen by hand: generated dialogues repeat their phrases, and more of them only take time.
"""

Lessons: TypeAlias = "Callable[[Sequence[Task]], Iterable[Example]]"
"""From tasks to what of them is imitated."""


@dataclass(frozen=True, slots=True)
class SftSettings:
    """What to imitate, with what."""

    profile: Annotated[str, one_of(PROFILES)]
    """Name of the profile, which the other defaults come from."""
    data: str | None
    """As for `python -m tasks.load`; the embedded set unless given."""
    model: str | None
    """Folder, GGUF file or hub name of the weights to start from; the profile's own unless
    given."""
    tasks: Annotated[int, called("train-tasks")]
    """Training dialogues at most; the profile's number unless given."""
    epochs: Annotated[float, called("sft-epochs")]
    """SFT's passes over the training dialogues; the profile's unless given."""
    lr: Annotated[float, called("sft-lr")]
    """SFT's peak learning rate; the profile's unless given."""
    max_length: int
    """Tokens of a dialogue that is imitated at most, a longer one is cut; the profile's unless
    given."""
    seed: int
    """Of everything random."""
    rehearsed: Annotated[str | None, shown_as("DATA", "rehearse")] = None
    """Other data, all of whose training dialogues are learned too, every second one thought aloud,
    against forgetting."""
    precision: Precision = AUTO
    """In which numbers training computes; auto: what is faster here. Weights stay in float32."""

    def __post_init__(self) -> None:
        """Refuses what is out of range."""
        require_at_least(self, 1, "tasks", "max_length")
        require_above(self, 0, "epochs", "lr")
        require_seeds(self, "seed")


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
    begin(out, Run(stage, asdict(plan), told, _beginning(plan), others), precision_as_today)
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
    policy = _with_past(begun.policy(profile, words, _lineage(plan)), plan)
    policy = replace(policy, model=model).having_learned([*tasks, *rehearsed])
    lineage = policy.taught(stage, taught_data(told, data, rehearsal))
    return replace(policy, lineage=lineage).save(out, words)


def _tell(added: Added, out: Path) -> None:
    """Says what the model lacked, on the console and in `run.json`."""
    if added.words:
        console().print(f"Added: {decided(out, 'added', lambda: str(added))}")


def _lineage(plan: SftSettings) -> Lineage:
    """Where the weights that it starts from come from."""
    begun, base = _beginning(plan), plan.model or PROFILES[plan.profile].base
    if isinstance(base, TinyModel):
        return Lineage(str(begun["name"]), licence=OURS)
    folder = folder_of(base)
    if folder and (folder / CARD).is_file():
        return lineage_in(folder)
    name, sha256 = absolute(base), begun["sha256"]
    told = None if sha256 is None else str(sha256)
    place = place_of(base)
    return Lineage(name, told, licence_of(name), file=place.words if place else None)


def _with_past(policy: TrainedPolicy, plan: SftSettings) -> TrainedPolicy:
    """The policy with what the weights that it starts from have learned from, if that is known."""
    base = plan.model or PROFILES[plan.profile].base
    folder = None if isinstance(base, TinyModel) else folder_of(base)
    past = read_training(folder) if folder else Training()
    return replace(policy, learned=past.hashes, sketches=past.sketches)


@undone_if_refused
def base_policy(plan: SftSettings, out: Path) -> Path:
    """Saves the policy from which `sft` with the same plan starts, as it is.

    It keeps the chat template that it was made with; training sets another one.
    """
    data = load_tasks(plan.data)
    others = outside({"data": plan.data})
    run = Run("base", asdict(plan), data_identity(data), _beginning(plan), others)
    begin(out, run, precision_as_today)
    if (out / CARD).exists():
        return already_done(out, "saved")
    profile = PROFILES[plan.profile]
    tasks = without_failures(data.split("train"))[: plan.tasks]
    before = _card_before(plan)
    begun = starting_point(plan, profile, tasks, own_template=not before)
    _tell(begun.added, out)
    words = f"{public_name(str(_beginning(plan)['name']))}, nothing learned here{begun.judged}"
    lineage = _lineage(plan).then(Taught("base", data_identity(data), NOTHING))
    policy = begun.policy(profile, words, lineage)
    thinking = bool(before.get("thinking"))
    return replace(_with_past(policy, plan), thinking=thinking).save(out, words)


def _card_before(plan: SftSettings) -> Mapping[str, object]:
    """What the policy from which `sft` starts says of itself; nothing if it is a bare model."""
    base = plan.model or PROFILES[plan.profile].base
    folder = None if isinstance(base, TinyModel) else folder_of(base)
    return read_json(folder / CARD) if folder else {}


def starting_point(
    plan: SftSettings, profile: Profile, tasks: Sequence[Task], *, own_template: bool = False
) -> Start:
    """What a plan begins with.

    Raises:
        ValueError: if it cannot be a policy, or these tasks do not fit into its context.
    """
    if plan.model is None and isinstance(profile.base, TinyModel):
        shape, heard = profile.base, tasks[:TOKENIZER_TASKS]
        tokenizer = train_tokenizer(heard, shape.vocabulary, general=shape.general)
        return Start(tiny_model(profile.base, tokenizer, plan.seed), tokenizer)
    name = plan.model or str(profile.base)
    adapters = profile.lora_rank is not None
    dtype = weights_dtype(Use.TRAIN, adapters=adapters, precision=plan.precision)
    loaded = load(name, dtype, own_template=own_template)
    require_room(loaded.model, loaded.tokenizer, tasks, name)
    base = absolute(name) if adapters else None
    return Start(loaded.model, loaded.tokenizer, base, loaded.added)


def _beginning(plan: SftSettings) -> dict[str, Json]:
    """The weights from which `sft` starts, in words."""
    base = plan.model or PROFILES[plan.profile].base
    if isinstance(base, TinyModel):
        return {"name": f"{plan.profile}, random weights of seed {plan.seed}", "sha256": None}
    place = place_of(base)
    if place is None:
        return {"name": base, "sha256": None}
    file = {"file": place.words} if place.words else {}
    return {"name": base, "sha256": place.fingerprint, **file}


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
    out: Path | None = None
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
