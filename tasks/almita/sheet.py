"""A file, read as a table."""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from tasks.almita.looks import Column, look_at
from tasks.almita.place import Place
from tools.jsontext import short

DELIMITERS = (",", ";", "\t", "|")
"""The possible delimiters; the most frequent one in the first row is used."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A file, read as a table."""

    header: tuple[str, ...]
    """The columns' names."""
    rows: tuple[Mapping[str, str], ...]
    """Column -> cell."""
    columns: tuple[Column, ...]
    """The columns, with what they look like."""


def read_sheet(place: Place) -> Sheet:
    """Reads a table with a header.

    Raises:
        OSError: if the table cannot be read.
        ValueError: if it is not UTF-8, or has no header or no row.
    """
    text = place.text()
    first = text.split("\n", 1)[0]
    delimiter = max(DELIMITERS, key=first.count)
    table = _cut(text, delimiter, place)
    if _is_page(first):
        raise ValueError(
            f"expected a table at {place.where}, got a web page; give the address of the file "
            "itself (on GitHub: the address of the button `Raw`)"
        )
    if len(table) < 2 or len(table[0]) < 2:
        raise ValueError(
            f"expected a header of several columns and at least one row in {place.name}, got "
            f"{short(first)}; save it as CSV with a header"
        )
    header = tuple(name.strip() for name in table[0])
    if len(set(header)) < len(header):
        raise ValueError(f"expected columns of different names in {place.name}; rename them")
    rows = tuple(dict(zip(header, cells, strict=True)) for cells in _full(table, place))
    return Sheet(header, rows, look_at(header, rows))


def _cut(text: str, delimiter: str, place: Place) -> list[list[str]]:
    """The rows; only line feeds and carriage returns outside quotes end a row."""
    csv.field_size_limit(sys.maxsize)
    try:
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error as error:
        raise ValueError(f"expected CSV in {place.name}: {error}; save it as that") from None


def _is_page(first: str) -> bool:
    return first.lstrip().lower().startswith(("<!doctype", "<html"))


def _full(table: Sequence[Sequence[str]], place: Place) -> Iterator[Sequence[str]]:
    """The rows that are not empty, all as long as the header."""
    for number, cells in enumerate(table[1:], start=1):
        if any(cell.strip() for cell in cells):
            if len(cells) != len(table[0]):
                raise ValueError(
                    f"expected {len(table[0])} cells in row {number} of {place.name}, got "
                    f"{len(cells)}; quote cells that hold the delimiter"
                )
            yield cells
