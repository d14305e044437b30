"""Rows of Parquet and Arrow files, and of folders that `datasets` has written."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, cast

from tools.files import read_object
from tools.jsontext import short
from tools.types import Json

PARQUET, ARROW_FILE, ARROW_STREAM = b"PAR1", b"ARROW1", b"\xff\xff\xff\xff"
"""The first bytes of a Parquet file, of an Arrow file, and of a stream, as `datasets` writes it."""
SIGNS = (PARQUET, ARROW_FILE, ARROW_STREAM)
_STATE, _SPLITS = "state.json", "dataset_dict.json"
"""What `save_to_disk` puts into a data set's folder, and into one with a folder a split."""


def arrow_rows(path: Path) -> list[Json]:
    """The rows of a Parquet or an Arrow file, as JSON.

    Raises:
        ValueError: if pyarrow is missing, or cannot read the file.
    """
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError:
        raise ValueError(
            f"expected pyarrow to read {path.name}; run `pip install 'reasonact[parquet]'`, or "
            "write the rows as JSON lines"
        ) from None
    try:
        rows = _table(path, pyarrow).to_pylist()
    except (pyarrow.ArrowException, OSError) as error:
        raise ValueError(
            f"expected Parquet or Arrow rows in {path.name}, got {short(str(error))}; "
            "write the file again"
        ) from None
    # Times, bytes and decimals are no JSON; a dialogue has none of them.
    return cast("list[Json]", json.loads(json.dumps(rows, default=str)))


def _table(path: Path, pyarrow: Any) -> Any:
    with path.open("rb") as file:
        sign = file.read(len(ARROW_FILE))
    if sign.startswith(PARQUET):
        return pyarrow.parquet.read_table(path, partitioning=None)
    with pyarrow.memory_map(str(path)) as source:
        is_file = sign == ARROW_FILE
        opened = pyarrow.ipc.open_file(source) if is_file else pyarrow.ipc.open_stream(source)
        return opened.read_all()


def files_of_folder(folder: Path) -> dict[Path, str | None]:
    """The files of a data set's folder in order, each with its split; empty for any other folder.

    Args:
        folder: One that `save_to_disk` has written, or one with Parquet files somewhere in it, as
            the hub has them.
    """
    if (folder / _SPLITS).is_file():
        splits = _json(folder / _SPLITS).get("splits")
        named = [split for split in _listed(splits) if isinstance(split, str)]
        return {file: split for split in named for file in _saved(folder / split)}
    if (folder / _STATE).is_file():
        return _saved(folder)
    return {file: _split_of_name(file) for file in sorted(folder.rglob("*.parquet"))}


def _saved(folder: Path) -> dict[Path, str | None]:
    """The files that a folder's state lists, all of its split."""
    state = _json(folder / _STATE)
    split, entries = state.get("_split"), _listed(state.get("_data_files"))
    names = [entry.get("filename") for entry in entries if isinstance(entry, dict)]
    files = [folder / name for name in names if isinstance(name, str)]
    return dict.fromkeys(files, split if isinstance(split, str) else None)


def _listed(value: Json) -> list[Json]:
    return value if isinstance(value, list) else []


def _split_of_name(file: Path) -> str | None:
    """The split that the hub's files name first: `train-00000-of-00001.parquet`."""
    split, dash, _ = file.stem.partition("-")
    return split if dash else None


def _json(path: Path) -> dict[str, Json]:
    try:
        return read_object(path)
    except (OSError, ValueError) as error:
        raise ValueError(
            f"expected a data set that `save_to_disk` wrote in {path.parent.name}, but {path.name} "
            f"has {short(str(error))}; write the folder again"
        ) from None
