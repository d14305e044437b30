"""Files and folders as records, told apart by what they hold and not by their names."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tasks.apigen.jsonfiles import records_in
from tasks.foreign.arrow import SIGNS, arrow_rows, files_of_folder
from tasks.foreign.strangers import refuse_strangers
from tools.jsontext import short
from tools.places import CARD
from tools.types import Json

_GZIP = b"\x1f\x8b"
_ENDINGS = (".gz", ".json", ".jsonl", ".parquet", ".arrow")
_SHOWN = 5
"""An error names at most this many files of a folder."""


_NOTHING = "with no file of data; give the folder or the file of dialogues"
_OF_RUNS = {
    CARD: "the folder of a policy, which goes to --policy",
    "episodes.jsonl": "the folder of a run; its episodes become data by: python -m "
    "reasonact_env.replay FOLDER --export sft --out FOLDER.sft.jsonl",
}
"""A file of a folder of ours that holds no data -> what the folder is."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a file or a folder holds."""

    records: list[Json]
    """The records, in order."""
    labels: list[Json] | None = None
    """The split of each as a sidecar has it, where a folder has several."""


def files_in(place: Path) -> Mapping[Path, str | None]:
    """The files of a data set, each with its split: the file itself, or those of a folder.

    Args:
        place: A file, or a folder of `datasets`, which is looked through.

    Raises:
        FileNotFoundError: for any other folder.
    """
    if place.is_file():
        return {place: None}
    if found := files_of_folder(place):
        return found
    for name, words in _OF_RUNS.items():
        if (place / name).is_file():
            raise FileNotFoundError(
                f"expected data, got {short(str(place))}, {words.replace('FOLDER', str(place))}"
            )
    inside = sorted(file.name for file in place.iterdir() if file.suffix in _ENDINGS)
    some = ", ".join(inside[:_SHOWN]) + (", …" if len(inside) > _SHOWN else "")
    raise FileNotFoundError(
        f"expected a folder that `save_to_disk` wrote, or one with Parquet files, got "
        f"{short(place.name)} {f'with {some}; name one of these files' if inside else _NOTHING}"
    )


def stem_of(place: Path) -> str:
    """A data set's name without endings."""
    return place.name if place.is_dir() else Path(place.name.removesuffix(".gz")).stem


def read_files(files: Mapping[Path, str | None]) -> Found:
    """The records of a data set's files.

    Args:
        files: As `files_in` tells them.

    Raises:
        ValueError: if there are none; the text says what came, and what to do.
    """
    records: list[Json] = []
    labels: list[Json] = []
    for file, split in files.items():
        rows = _read(file)
        records += rows
        labels += [{"split": split} for _ in rows]
    return Found(records, labels if any(files.values()) else None)


def _read(path: Path) -> list[Json]:
    with path.open("rb") as file:
        sign = file.read(max(map(len, SIGNS)))
        if sign.startswith(SIGNS):
            return arrow_rows(path)
        data = sign + file.read()
    data = _unpacked(data, path)
    refuse_strangers(data, path)
    return records_in(data, path)


def _unpacked(data: bytes, path: Path) -> bytes:
    if not data.startswith(_GZIP):
        return data
    try:
        return gzip.decompress(data)
    except (EOFError, OSError, zlib.error) as error:
        raise ValueError(
            f"expected whole gzip data in {path.name}, but {error}; fetch the file again"
        ) from None
