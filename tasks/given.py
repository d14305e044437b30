"""Data that a caller hands over: records, or a reader of one's own."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TypeAlias

from tasks.apigen.reader import read_records
from tasks.joined import PLUS
from tasks.types import TaskSet
from tools.jsontext import sha, short
from tools.load_object import described, takes
from tools.types import Json

Rows: TypeAlias = "Iterable[tuple[dict[str, Json], dict[str, Json]]]"
"""Records in APIGen-MT's format, each with its sidecar, which may be empty."""
Records: TypeAlias = "Sequence[dict[str, Json] | Sequence[dict[str, Json] | None]]"
"""Records in APIGen-MT's format, each alone or in a pair with its sidecar."""
Reader: TypeAlias = "Callable[[], Rows | TaskSet]"
"""Reads your own data: a function without arguments, which is called once per process."""


def read_given(records: Records) -> TaskSet:
    """The data set of records as they are now: whoever changes them later changes no task.

    Raises:
        ValueError: if something else than a record stands there.
    """
    return _read_noted(_noted(records))


def of_rows(rows: Rows, source: str, stem: str, *, embedded: bool = False) -> TaskSet:
    """The data set of some records with their sidecars."""
    records: list[Json] = []
    sidecars: list[Json] = []
    for record, sidecar in rows:
        records.append(record)
        sidecars.append(sidecar)
    return read_records(records, sidecars, source=source, stem=stem, embedded=embedded)


@dataclass(frozen=True, slots=True)
class _Given:
    """Records as they were given, told apart by their content."""

    digest: str
    text: str = field(compare=False, repr=False)


def _noted(records: Records) -> _Given:
    """Notes the records, so that whoever changes them later changes no task."""
    rows = [_record_and_sidecar(place, row) for place, row in enumerate(records)]
    try:
        text = json.dumps(rows)
    except (TypeError, ValueError, RecursionError) as error:
        raise ValueError(
            f"expected records of plain JSON values as data, but {error}; pass what json.load gives"
        ) from None
    return _Given(sha(text), text)


def _record_and_sidecar(place: int, row: object) -> tuple[object, object]:
    match row:
        case dict():
            return row, {}
        case [dict() as record, (dict() | None) as sidecar]:
            return record, sidecar or {}
    raise ValueError(
        f"expected a list of records in APIGen-MT's format, or of pairs of a record and its "
        f"sidecar, as data; got {short(row)} at place {place}; data sets' names are joined by "
        f"{PLUS!r} in one text"
    )


@lru_cache(maxsize=8)
def _read_noted(given: _Given) -> TaskSet:
    rows = json.loads(given.text)
    return of_rows(rows, f"records:{len(rows)}:{given.digest}", "records")


def read_own(reader: object, name: str) -> TaskSet:
    """The data set of a reader of one's own; ValueError if it is not a reader."""
    if not takes(reader):
        raise _no_reader(name, described(reader))
    return _read_by(reader, name)


@lru_cache(maxsize=8)
def _read_by(reader: Reader, name: str) -> TaskSet:
    found = reader()
    if isinstance(found, TaskSet):
        return found
    rows = list(found) if isinstance(found, Iterable) else [found]
    for row in rows:
        if not isinstance(row, tuple | list) or len(row) != 2:
            raise _no_reader(name, f"one that returns {short(row)}")
    return of_rows(rows, name, name.rpartition(".")[2].replace(":", "-"))


def _no_reader(name: str, came: str) -> ValueError:
    return ValueError(
        f"expected {name} to be a function without arguments that returns pairs of a record and a "
        f"sidecar, or a tasks.types.TaskSet, got {came}; examples/own_reader.py is such a function"
    )
