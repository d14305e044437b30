"""Finding a data set by name."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import cast

from tasks.apigen import read_records
from tasks.desk import generate
from tasks.types import TaskSet
from tools.types import Json

EMBEDDED_SIZE = 1_000
"""Number of tasks of the embedded data set."""
HUB_NAME = "Salesforce/APIGen-MT-5k"
"""The data set's name on the Hugging Face hub."""


@lru_cache(maxsize=8)
def load_tasks(data: str | None = None) -> TaskSet:
    """Loads a data set; asking again costs nothing.

    Args:
        data: None for the embedded generated set (1,000 tasks, seed 0); `desk:N` or `desk:N:SEED`
            for N generated tasks; `hub` for Salesforce/APIGen-MT-5k; else the path of a JSON array
            (or JSON lines) in APIGen-MT's format. A sidecar `X.meta.json` beside `X.json` is read
            too.

    Raises:
        ValueError: if the name or the file is not of that form.
        FileNotFoundError: if there is no such file.
        RuntimeError: if the hub does not give the data set.
    """
    match (data or f"desk:{EMBEDDED_SIZE}").split(":"):
        case ["desk", size]:
            return _generated(_number(size, data), 0)
        case ["desk", size, seed]:
            return _generated(_number(size, data), _number(seed, data))
        case ["hub"]:
            return read_records(_from_hub(), None, source=f"hub:{HUB_NAME}", stem="apigen-mt_5k")
        case _:
            return _from_file(Path(str(data)))


def _generated(size: int, seed: int) -> TaskSet:
    rows = list(generate(size, seed))
    records = [cast("Json", record) for record, _ in rows]
    sidecars = [cast("Mapping[str, Json]", sidecar) for _, sidecar in rows]
    source = f"embedded:desk(n={size},seed={seed})"
    return read_records(records, sidecars, source=source, stem="desk")


def _from_file(path: Path) -> TaskSet:
    if not path.is_file():
        raise FileNotFoundError(
            f"expected data as a path to a file in APIGen-MT's format, 'hub', 'desk:N' or "
            f"'desk:N:SEED', but there is no file {str(path)!r}"
        )
    records = _read_array(path)
    sidecar = path.with_suffix(".meta.json")
    sidecars = _read_array(sidecar) if sidecar.is_file() else None
    return read_records(
        records,
        cast("Sequence[Mapping[str, Json]] | None", sidecars),
        source=f"file:{path.name}",
        stem=path.stem,
    )


def _read_array(path: Path) -> list[Json]:
    """The records of a JSON array, or of JSON lines."""
    text = path.read_text(encoding="utf-8")
    try:
        lines = text.splitlines() if path.suffix == ".jsonl" else None
        value = json.loads(text) if lines is None else [json.loads(line) for line in lines if line]
    except json.JSONDecodeError as error:
        raise ValueError(f"expected JSON in {path}, but line {error.lineno}: {error.msg}") from None
    if not isinstance(value, list):
        raise ValueError(
            f"expected a JSON array of records in {path}, got {type(value).__name__}; "
            "one record alone goes into a list, too"
        )
    return value


def _from_hub() -> list[Json]:
    try:
        from datasets import load_dataset

        return list(load_dataset(HUB_NAME, split="train"))
    except Exception as error:  # whatever the network, the hub or the licence gate says
        raise RuntimeError(
            f"{HUB_NAME} could not be loaded ({type(error).__name__}: {error}). It needs "
            "`pip install reasonact[train]`, a network, and an account that has accepted its "
            "licence (CC-BY-NC-4.0); or download apigen-mt_5k.json and pass data=PATH."
        ) from error


def _number(text: str, data: str | None) -> int:
    if not text.isdecimal():
        raise ValueError(f"expected 'desk:N' or 'desk:N:SEED' with numbers, got {data!r}")
    return int(text)
