"""Trained policies on disk: weights or adapters, tokenizer, and what they are."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from peft import PeftModel
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from agents.policy import Policy
from agents.sampling import Sampling
from reasonact_env.agent import Agent
from tools.files import read_object, write_json, write_text
from train.models.limits import MessageLimits
from train.models.model import load_model
from train.models.model_card import Origin
from train.models.model_card import card as model_card
from train.models.precision import Use, weights_dtype
from train.models.profiles import PROFILES, Profile
from train.runs import processes
from train.runs.learned import read_learned, write_learned
from train.runs.precision_option import AUTO
from train.runs.run import RUN

CARD = "policy.json"
"""The file that tells what a folder holds."""
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
    """Folder or hub name of the weights under the adapters, or None without adapters."""
    fingerprint: str = ""
    """A hash of the weights' files, or "" before it was saved."""
    thinking: bool = False
    """Whether it begins its messages with a thought; if not, the template writes an empty one."""
    learned: frozenset[str] = frozenset()
    """The dialogues that it has learned from, as `train.runs.learned` tells them."""

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
        context = self.model.config.max_position_embeddings
        return limits.longest(self.profile, self.thinking, context)

    def save(self, out: Path, words: str, figures: Sequence[Path] = ()) -> Path:
        """Writes the policy to a folder, with a model card for people.

        `policy.json` comes last, so a folder with it is whole. The model card tells what `run.json`
        in the folder says, and the figures of folders of `train.evaluate`. Of several processes,
        only the main one writes.
        """
        if not processes.is_main():
            return out
        out.mkdir(parents=True, exist_ok=True)
        self.model.save_pretrained(out)
        self.tokenizer.save_pretrained(out)
        card = {
            "words": words,
            "profile": self.profile.name,
            "base": self.base,
            "thinking": self.thinking,
        }
        run, found = read_json(out / RUN), [read_json(one / "summary.json") for one in figures]
        origin = Origin(words, self.base, fingerprint(out), run, found)
        write_text(out / "README.md", model_card(origin))
        write_learned(out, self.learned)
        write_json(out / CARD, card)
        return out


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
        ValueError: if its `policy.json` is damaged.
    """
    folder = Path(path)
    card = _card(folder)
    base = cast("str | None", card["base"])
    dtype = weights_dtype(use, adapters=base is not None, precision=precision)
    model, tokenizer = load_model(base or str(folder), dtype)
    # Adapters stay trainable: the next stage goes on with them and does not stack new ones.
    if base is not None:
        model = cast("PreTrainedModel", PeftModel.from_pretrained(model, folder, is_trainable=True))
    return TrainedPolicy(
        model=cast("PreTrainedModel", model.eval()),
        tokenizer=tokenizer,
        profile=PROFILES[card["profile"]],
        words=card["words"],
        base=base,
        fingerprint=fingerprint(folder),
        thinking=bool(card.get("thinking")),  # older cards lack it; those policies did not think
        learned=read_learned(folder),
    )


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
            f"no {CARD}; run `python -m train.sft --out {folder}` first"
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


def fingerprint(folder: Path) -> str:
    """16 hex characters of the SHA-256 of all weight files."""
    digest = hashlib.sha256()
    # Sorted, since a folder lists its files in no order that one can rely on.
    for file in sorted(folder.glob("*.safetensors")):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:16]
