"""Trained policies on disk: weights or adapters, tokenizer, and what they are."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from peft import PeftModel
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from agents.generation import Sampling
from agents.policy import Policy
from reasonact_env.agent import Agent
from train import processes
from train.model import load_model
from train.profiles import PROFILES, Profile
from train.report import write_json

CARD = "policy.json"
"""The file that tells what a folder holds."""


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

    def maker(self, temperature: float) -> Callable[[int], Agent]:
        """From a seed to an agent."""
        make = self.live_maker(temperature)
        return lambda seed: make(self.model, seed)

    def live_maker(self, temperature: float) -> Callable[[PreTrainedModel, int], Agent]:
        """From the model in its present state and a seed to an agent."""
        thought = self.profile.max_thought_tokens if self.thinking else 0
        longest = self.profile.max_new_tokens + thought
        sampling = Sampling(temperature=temperature, max_new_tokens=longest)
        return lambda model, seed: Policy(
            model, self.tokenizer, sampling, thinking=self.thinking, seed=seed
        )

    def save(self, out: Path, words: str) -> Path:
        """Writes the policy to a folder; the card comes last, so a folder with it is whole.

        Of several processes, only the main one writes.
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
        write_json(out / CARD, card)
        return out


def load_policy(path: Path | str) -> TrainedPolicy:
    """Loads a policy that `TrainedPolicy.save` wrote.

    Raises:
        FileNotFoundError: if the folder holds none.
    """
    folder = Path(path)
    if not (folder / CARD).is_file():
        raise FileNotFoundError(
            f"expected a policy written by train.sft or train.grpo in {str(folder)!r}, but it has "
            f"no {CARD}; run `python -m train.sft --out {folder}` first"
        )
    card = json.loads((folder / CARD).read_text(encoding="utf-8"))
    base = cast("str | None", card["base"])
    model, tokenizer = load_model(base or str(folder))
    if base is not None:
        model = cast("PreTrainedModel", PeftModel.from_pretrained(model, folder, is_trainable=True))
    return TrainedPolicy(
        model=cast("PreTrainedModel", model.eval()),
        tokenizer=tokenizer,
        profile=PROFILES[card["profile"]],
        words=card["words"],
        base=base,
        fingerprint=fingerprint(folder),
        thinking=bool(card.get("thinking")),
    )


def fingerprint(folder: Path) -> str:
    """16 hex characters of the SHA-256 of all weight files."""
    digest = hashlib.sha256()
    for file in sorted(folder.glob("*.safetensors")):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:16]
