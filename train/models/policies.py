"""Trained policies on disk: weights or adapters, tokenizer, and what they are."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, cast

from peft import PeftModel
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from agents.policy import Policy
from agents.sampling import Sampling
from reasonact_env.agent import Agent
from tasks.types import Task
from tools.files import read_object, write_json, write_text
from tools.types import Json
from train.models.additions import Added, complete
from train.models.limits import MessageLimits
from train.models.lineage import ADAPTERS as ADAPTED
from train.models.lineage import (
    ALL,
    UNKNOWN,
    Lineage,
    Taught,
    licence_of,
    lineage_of_run,
    read_lineage,
)
from train.models.model import load
from train.models.model_card import Origin
from train.models.model_card import card as model_card
from train.models.new_rows import without_new_rows
from train.models.precision import Use, for_playing, weights_dtype
from train.models.profiles import PROFILES, Profile
from train.models.sound import refused
from train.models.sources import fingerprint as fingerprint
from train.models.suitable import context_of
from train.models.tokenizer import for_others, has_training_template
from train.runs import processes
from train.runs.folders import CARD as CARD
from train.runs.folders import RUN, model_file
from train.runs.leakage import read_training
from train.runs.learned import hashes_of, write_learned
from train.runs.precision_option import AUTO
from train.runs.sketches import Sketches, sketches_of

ADAPTERS = "adapter_config.json"
"""The file that a folder with adapters has, and one with a whole model has not."""
USUAL_LIMITS = MessageLimits()
"""Messages as long as the profile says."""


@dataclass(frozen=True, slots=True)
class TrainedPolicy:
    """A model with all that is needed to let it play."""

    model: PreTrainedModel
    """The weights, in evaluation mode; with its adapters, if it has any."""
    tokenizer: PreTrainedTokenizerBase
    """Its tokenizer."""
    profile: Profile
    """The profile it was trained with."""
    words: str
    """What it is, as every result shows it."""
    base: str | None = None
    """Folder or hub name of the weights under the adapters, should it have any."""
    fingerprint: str = ""
    """A hash of the weights' files, or "" before it was saved."""
    thinking: bool = False
    """Whether it begins its messages with a thought; if not, the template writes an empty one."""
    learned: frozenset[str] = frozenset()
    """The dialogues that it has learned from, as `train.runs.learned` tells them."""
    sketches: Sketches = field(default_factory=Sketches)
    """The same dialogues, as far as near copies of them can be found."""
    lineage: Lineage | None = None
    """What it began with, and every stage since; None where nobody has written it down."""
    added: Added = Added()
    """What the model that it began with lacked, and has got."""

    def having_learned(self, tasks: Sequence[Task]) -> TrainedPolicy:
        """The policy, which keeps in mind that it has learned from these tasks, too."""
        return replace(
            self,
            learned=self.learned | hashes_of(tasks),
            sketches=self.sketches | sketches_of(tasks),
        )

    def in_training(self) -> TrainedPolicy:
        """The policy with what training needs, if it has been judged in its own template so far."""
        if has_training_template(self.tokenizer):
            return self
        return replace(self, added=complete(self.model, self.tokenizer))

    @property
    def numbers(self) -> str:
        """In which numbers its weights are now: float32 or bfloat16."""
        return str(self.model.dtype).removeprefix("torch.")

    @property
    def trainable(self) -> str:
        """What a further stage trains of it."""
        return ADAPTED if isinstance(self.model, PeftModel) else ALL

    def taught(self, stage: str, data: Mapping[str, Json], thoughts: str | None = None) -> Lineage:
        """Its lineage with one more stage, in which it was trained."""
        begun = self.base or UNKNOWN
        unknown = Lineage(begun, licence=licence_of(begun))
        return (self.lineage or unknown).then(Taught(stage, data, self.trainable, thoughts))

    def maker(
        self, temperature: float, limits: MessageLimits = USUAL_LIMITS
    ) -> Callable[[int], Agent]:
        """From a seed to an agent."""
        make = self.live_maker(temperature, limits)
        return lambda seed: make(self.model, seed)

    def live_maker(
        self, temperature: float, limits: MessageLimits = USUAL_LIMITS
    ) -> Callable[[PreTrainedModel, int], Agent]:
        """From the model in its present state and a seed to an agent."""
        longest = self.longest(limits)
        sampling = Sampling(temperature=temperature, max_new_tokens=longest)
        return lambda model, seed: Policy(
            model, self.tokenizer, sampling, thinking=self.thinking, seed=seed
        )

    def longest(self, limits: MessageLimits = USUAL_LIMITS) -> int:
        """The tokens of one of its messages at most.

        Raises:
            ValueError: if the context has no room for them.
        """
        return limits.longest(self.profile, self.thinking, context_of(self.model))

    def save(self, out: Path, words: str, figures: Sequence[Path] = ()) -> Path:
        """Writes the policy to a folder, with a model card for people.

        `policy.json` comes last, so a folder with it is whole. The model card tells what `run.json`
        in the folder says, and the figures of folders of `train.evaluate`. Of several processes,
        only the main one writes.
        """
        if not processes.is_main():
            return out
        out.mkdir(parents=True, exist_ok=True)
        _save_weights(self.model, out, self.base)
        for_others(self.tokenizer, thinking=self.thinking).save_pretrained(out)
        base = self.base if isinstance(self.model, PeftModel) else None
        card = {
            "words": words,
            "profile": self.profile.name,
            "base": base,
            "thinking": self.thinking,
            "own_template": not has_training_template(self.tokenizer),
            "added": asdict(self.added),
            **({"lineage": self.lineage.as_dict()} if self.lineage else {}),
        }
        run, found = read_json(out / RUN), [read_json(one / "summary.json") for one in figures]
        origin = Origin(words, base, fingerprint(out), run, found, self.lineage)
        write_text(out / "README.md", model_card(origin))
        write_learned(out, self.learned)
        self.sketches.write(out)
        write_json(out / CARD, card)
        return out


def _save_weights(model: PreTrainedModel, out: Path, base: str | None) -> None:
    """Writes a model or, of one with adapters, those that were trained.

    TRL keeps a second set of adapters, the policy that training starts from; it is no part of the
    new one.
    """
    if not isinstance(model, PeftModel):
        model.save_pretrained(out)
        return
    if base is not None:
        model.active_peft_config.base_model_name_or_path = base
    # Rows of new tokens are among the adapters, and all others are the base's.
    model.save_pretrained(
        out, selected_adapters=[model.active_adapter], save_embedding_layers=False
    )


def read_json(path: Path) -> Mapping[str, object]:
    """A file's object; an empty one where there is no file."""
    if not path.exists():
        return {}
    return read_object(path)


def load_policy(path: Path | str, use: Use = Use.PLAY, precision: str = AUTO) -> TrainedPolicy:
    """Loads a policy that `TrainedPolicy.save` wrote.

    Args:
        path: Its folder.
        use: What for; weights to be trained or passed on are loaded in float32.
        precision: Of the run that trains it.

    Raises:
        FileNotFoundError: if the folder holds no policy.
        ValueError: if its `policy.json` is damaged, or its model.
    """
    folder = Path(path)
    card = _card(folder)
    # The files decide, not the card: one of an older version names a base for whole models, too.
    base = cast("str | None", card["base"]) if (folder / ADAPTERS).is_file() else None
    own = base is None and bool(card.get("own_template"))
    dtype = weights_dtype(use, adapters=base is not None, precision=precision)
    added = _added(card)
    loaded = load(base or str(folder), dtype, own_template=own)
    model = loaded.model
    # Adapters stay trainable: the next stage goes on with them and does not stack new ones.
    if base is not None:
        with refused(folder):
            adapted = PeftModel.from_pretrained(model, folder, is_trainable=True)
        model = without_new_rows(adapted, added.rows)
    if use is Use.PLAY:
        model = for_playing(model)
    training = read_training(folder)
    return TrainedPolicy(
        model=cast("PreTrainedModel", model.eval()),
        tokenizer=loaded.tokenizer,
        profile=PROFILES[card["profile"]],
        words=card["words"],
        base=base,
        fingerprint=fingerprint(folder),
        thinking=bool(card.get("thinking")),  # older cards lack it; those policies did not think
        learned=training.hashes,
        sketches=training.sketches,
        lineage=lineage_in(folder),
        added=added,
    )


def _added(card: Mapping[str, Any]) -> Added:
    """What a policy's card says was added; nothing in one of an older version."""
    told = card.get("added") or {}
    return Added(tuple(told.get("words", ())), tuple(told.get("rows", ())))


def lineage_in(folder: Path) -> Lineage:
    """What a policy's folder tells of where its weights come from."""
    card = _card(folder)
    if isinstance(told := card.get("lineage"), Mapping):
        try:
            return read_lineage(told)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise ValueError(
                f"expected a lineage as train.sft writes it in {folder / CARD}, found another "
                f"form ({type(error).__name__}: {error}); train again"
            ) from None
    return lineage_of_run(read_json(folder / RUN), card["base"], card["words"])


def profile_of(path: Path | str) -> str:
    """The name of a saved policy's profile.

    Raises:
        FileNotFoundError: if the folder holds none.
    """
    return str(_card(Path(path))["profile"])


def _card(folder: Path) -> dict[str, Any]:
    if not (folder / CARD).is_file():
        raise FileNotFoundError(
            f"expected a policy written by train.sft or train.grpo in {str(folder)!r}, but it has "
            f"no {CARD}; {_instead(folder)}"
        )
    card = read_object(folder / CARD)
    if missing := [key for key in ("words", "base", "profile") if key not in card]:
        raise ValueError(
            f"expected {', '.join(missing)} in {folder / CARD}, found none; train again"
        )
    if card["profile"] not in PROFILES:
        raise ValueError(
            f"expected a profile of {', '.join(PROFILES)} in {folder / CARD}, got "
            f"{card['profile']!r}"
        )
    return card


def _instead(folder: Path) -> str:
    """What to do about a folder that holds no policy, without harm to what it does hold."""
    if (folder / RUN).is_file():
        stage = read_object(folder / RUN).get("stage")
        if stage == "evaluate":
            return "it holds an evaluation: give the policy that was evaluated"
        return f"its run of {stage} has not ended: the command that began it goes on with it"
    if (folder / ADAPTERS).is_file():
        return (
            "it holds adapters: merge them into their base by peft's merge_and_unload, save that "
            "with its tokenizer, and start from it by `python -m train.sft --model FOLDER`"
        )
    if model_file(folder):
        return f"it holds a model: start from it by `python -m train.sft --model {folder}`"
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        return "give the folder that such a command has written"
    return f"run `python -m train.sft --out {folder}` first"
