"""Whether the files of a model are whole, said in a line before anything is read for long."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from safetensors import safe_open

from tools.files import read_object

GGUF = ".gguf"
"""How the name of a file ends that holds a whole model."""
WEIGHTS = ("*.safetensors", "pytorch_model*.bin")
"""The files that hold weights, as the library names them."""
_CONFIG = "config.json"
JSON_FILES = (_CONFIG, "tokenizer.json", "tokenizer_config.json", "generation_config.json")
"""The files of a model that hold a JSON object each."""
_INDEX = "*.index.json"
"""The file that says which of several files holds which weight."""
_SAID = 200
"""Characters of a library's words that are passed on."""


def require_sound(folder: Path) -> None:
    """Refuses missing and broken files by name, without reading the weights.

    Raises:
        FileNotFoundError: for a missing file.
        ValueError: for a broken one.
    """
    if not (folder / _CONFIG).is_file():
        raise FileNotFoundError(
            f"expected {_CONFIG} beside the weights in {folder}, found none; copy the whole "
            "folder that save_pretrained has written"
        )
    for file in (folder / name for name in JSON_FILES):
        if file.is_file():
            read_object(file)
    for index in folder.glob(_INDEX):
        named = read_object(index).get("weight_map")
        files = {*named.values()} if isinstance(named, dict) else set()
        if missing := sorted(str(one) for one in files if not (folder / str(one)).is_file()):
            raise FileNotFoundError(
                f"expected {', '.join(missing)} in {folder}, which {index.name} names, found "
                "none; copy the whole folder"
            )
    for file in sorted(folder.glob(WEIGHTS[0])):
        with refused(file), safe_open(file, "numpy"):  # reads the header, and compares sizes
            pass


@contextmanager
def refused(path: Path) -> Iterator[None]:
    """Says of a model that the libraries cannot read it, and why.

    Raises:
        ValueError: for whatever they raise: each has errors of its own for a broken file.
    """
    try:
        yield
    except Exception as error:
        if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":
            raise  # the file may be sound
        why = " ".join(f"{type(error).__name__}: {error}".split())
        why = f"{why[:_SAID]} …" if len(why) > _SAID else why
        what = "a GGUF file" if path.suffix == GGUF else "a model"
        raise ValueError(
            f"expected {what} that transformers can read, got {path}: {why}; it may be broken or "
            "half copied: get it again, or save it by save_pretrained in a folder, and give that"
        ) from None
