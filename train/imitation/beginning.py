"""What SFT begins with: its settings, weights and tokenizer, and what these have learned before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated

from tasks.types import Task
from tools.option_types import called, one_of, shown_as
from tools.ranges import require_above, require_at_least, require_seeds
from tools.types import Json
from train.models.lineage import OURS, Lineage, licence_of
from train.models.model import load, tiny_model
from train.models.policies import CARD, TrainedPolicy, lineage_in, read_json
from train.models.precision import Use, weights_dtype
from train.models.profiles import PROFILES, Profile, TinyModel
from train.models.sources import absolute, folder_of, place_of
from train.models.start import Start
from train.models.suitable import require_room
from train.models.tokenizer import train_tokenizer
from train.runs.leakage import Training, read_training
from train.runs.precision_option import AUTO, Precision

TOKENIZER_TASKS = 1_500
"""The tiny model's tokenizer learns from the first training dialogues, this many.

Chosen by hand: generated dialogues repeat their phrases, and more of them only take time.
"""


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
    """Fixes everything random."""
    rehearsed: Annotated[str | None, shown_as("DATA", "rehearse")] = None
    """Other data, all of whose training dialogues are learned too, every second one thought aloud,
    against forgetting; none unless given."""
    precision: Precision = AUTO
    """In which numbers training computes; auto: what is faster here. Weights stay in float32."""

    def __post_init__(self) -> None:
        """Refuses what is out of range."""
        require_at_least(self, 1, "tasks", "max_length")
        require_above(self, 0, "epochs", "lr")
        require_seeds(self, "seed")


def lineage_of(plan: SftSettings) -> Lineage:
    """Where the weights that it starts from come from."""
    begun, base = beginning(plan), plan.model or PROFILES[plan.profile].base
    if isinstance(base, TinyModel):
        return Lineage(str(begun["name"]), licence=OURS)
    folder = folder_of(base)
    if folder and (folder / CARD).is_file():
        return lineage_in(folder)
    name, sha256 = absolute(base), begun["sha256"]
    told = None if sha256 is None else str(sha256)
    place = place_of(base)
    return Lineage(name, told, licence_of(name), file=place.words if place else None)


def with_past(policy: TrainedPolicy, plan: SftSettings) -> TrainedPolicy:
    """The policy with what the weights that it starts from have learned from, if that is known."""
    base = plan.model or PROFILES[plan.profile].base
    folder = None if isinstance(base, TinyModel) else folder_of(base)
    past = read_training(folder) if folder else Training()
    return replace(policy, learned=past.hashes, sketches=past.sketches)


def card_before(plan: SftSettings) -> Mapping[str, object]:
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


def beginning(plan: SftSettings) -> dict[str, Json]:
    """The weights from which `sft` starts, in words."""
    base = plan.model or PROFILES[plan.profile].base
    if isinstance(base, TinyModel):
        return {"name": f"{plan.profile}, random weights of seed {plan.seed}", "sha256": None}
    place = place_of(base)
    if place is None:
        return {"name": base, "sha256": None}
    file = {"file": place.words} if place.words else {}
    return {"name": base, "sha256": place.fingerprint, **file}
