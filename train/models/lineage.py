"""Where weights come from, through every stage: what they began with, and what each stage did.

A policy's folder has it in `policy.json`, so it goes with the folder, whatever becomes of those of
earlier stages. Licence and model card follow from it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from tools.types import Json

ADAPTERS, ALL, NOTHING = "adapters", "all weights", "nothing"
"""What a stage trains."""
UNKNOWN = "unknown"
"""What weights are called of which nothing was written down."""
OURS = "mit"
"""The licence of random weights of ours."""
_KNOWN = {"Qwen/Qwen3-": "apache-2.0", "HuggingFaceTB/SmolLM2-": "apache-2.0"}
"""The beginning of names on the hub -> the licence that their cards name."""
_LICENCE = re.compile(rb"general\.license\x08\0\0\0(.{8})", re.DOTALL)
"""GGUF's entry, a string (its kind 8) of so many bytes: ggml's docs/gguf.md."""
_ENTRIES = 1 << 16
"""Bytes at a file's beginning in which it is looked for; vocabularies come after it."""
_SNAPSHOT = re.compile(r"models--([\w.-]+?)--([\w.-]+)/snapshots/")


@dataclass(frozen=True, slots=True)
class Taught:
    """One stage."""

    stage: str
    """sft, cold-start, grpo, …"""
    data: Mapping[str, Json]
    """The data, as `train.runs.run.data_identity` gives it."""
    trained: str
    """adapters, all weights, or nothing."""
    thoughts: str | None = None
    """The model that wrote the thoughts it learned, if one did."""

    @property
    def sources(self) -> list[str]:
        """The names of its data, rehearsed ones included."""
        parts: list[Any] = [self.data, self.data.get("rehearsed")]
        return [str(part.get("source")) for part in parts if isinstance(part, Mapping)]


@dataclass(frozen=True, slots=True)
class Lineage:
    """What weights began with, and all stages since."""

    name: str = UNKNOWN
    """The beginning: a name on the hub, a folder's, or what random weights are called."""
    sha256: str | None = None
    """A hash of its files; None for random weights, and where it is not known."""
    licence: str | None = None
    """Its own licence; None where it is not known."""
    stages: tuple[Taught, ...] = ()
    """The stages since, in order."""
    file: str | None = None
    """The GGUF file that it was read from, and the package that it came with; None for a folder."""

    def then(self, stage: Taught) -> Lineage:
        """The same with one stage more."""
        return replace(self, stages=(*self.stages, stage))

    @property
    def is_random(self) -> bool:
        """Whether it began with random weights of ours, as far as it is known."""
        return self.name == UNKNOWN or self.name.startswith("demo")

    @property
    def sources(self) -> list[str]:
        """The names of all data that something was learned from, each once."""
        taught = [one for one in self.stages if one.trained != NOTHING]
        return list(dict.fromkeys(name for one in taught for name in one.sources))

    @property
    def trained(self) -> list[str]:
        """What was trained in all stages, each kind once."""
        kinds = dict.fromkeys(one.trained for one in self.stages)
        return [kind for kind in kinds if kind != NOTHING]

    @property
    def teachers(self) -> list[str]:
        """The models that wrote thoughts for it."""
        return [one.thoughts for one in self.stages if one.thoughts]

    def as_dict(self) -> dict[str, Json]:
        """Plain JSON values."""
        found: dict[str, Any] = asdict(self)
        return {**found, "stages": [asdict(one) for one in self.stages]}


def read_lineage(told: Mapping[str, Any]) -> Lineage:
    """The inverse of `Lineage.as_dict`."""
    stages: Sequence[Mapping[str, Any]] = told.get("stages", ())
    taught = tuple(Taught(**{**one, "data": dict(one["data"])}) for one in stages)
    return Lineage(told["name"], told["sha256"], told["licence"], taught, told.get("file"))


def lineage_of_run(run: Mapping[str, Any], base: str | None, words: str) -> Lineage:
    """What a folder of an older version tells: its last stage, and what all began with.

    Args:
        run: Its `run.json`; empty if there is none.
        base: The weights under its adapters, if it has any.
        words: What the policy is called, which begins with that.
    """
    begun = base or _beginning(run, words)
    lineage = Lineage(begun, licence=licence_of(begun))
    lineage = replace(lineage, licence=OURS) if lineage.is_random else lineage
    if not isinstance(run.get("data"), Mapping):
        return lineage
    return lineage.then(Taught(str(run.get("stage")), run["data"], ADAPTERS if base else ALL))


def _beginning(run: Mapping[str, Any], words: str) -> str:
    """The name of the weights that a chain of stages began with, where only words tell it."""
    model = run.get("model")
    if run.get("stage") in ("sft", "base") and isinstance(model, Mapping):
        return str(model.get("name"))
    return words.partition(" + ")[0] if " + " in words else UNKNOWN


def public_name(name: str) -> str:
    """A model's name for other people: of a folder, what the hub calls it, or its own name alone.

    >>> public_name("/x/hub/models--Qwen--Qwen3-0.6B/snapshots/c1/"), public_name("/home/me/qwen")
    ('Qwen/Qwen3-0.6B', 'qwen')
    """
    if found := _SNAPSHOT.search(name.rstrip("/") + "/"):
        return f"{found[1]}/{found[2]}"
    return Path(name).name if Path(name).is_absolute() else name


def licence_of(name: str) -> str | None:
    """The licence that a model's own card names, or the hub's for models that we know."""
    place = Path(name)
    if place.is_file():
        return _in_gguf(place)
    card = place / "README.md"
    if card.is_file():
        header = card.read_text("utf-8", "replace").partition("\n---")[0]
        if found := re.search(r"^license:\s*([\w.-]+)", header, re.MULTILINE):
            return found[1]
    known = public_name(name)
    return next((one for start, one in _KNOWN.items() if known.startswith(start)), None)


def _in_gguf(file: Path) -> str | None:
    """The licence that a GGUF file names among its first entries, if it does."""
    with file.open("rb") as opened:
        begins = opened.read(_ENTRIES)
    found = _LICENCE.search(begins)
    size = int.from_bytes(found[1], "little") if found else 0
    return begins[found.end() :][:size].decode("utf-8", "replace") if found else None
