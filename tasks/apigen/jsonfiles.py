"""Files of JSON records."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from tools.jsontext import short
from tools.types import Json

LISTS = ("conversations", "messages", "query")
"""Keys of a record: an object with one of them is no wrapping around a list of records."""
_LINES = {".jsonl", ".ndjson"}
"""Endings of files with a record a line."""


@dataclass(frozen=True, slots=True)
class BrokenLine:
    """A line that is no JSON, in the place of its record."""

    why: str
    """What was expected, and what came."""


def read_array(path: Path) -> list[Json]:
    """The records of a JSON array, or of JSON lines."""
    return records_in(path.read_bytes(), path)


def records_in(data: bytes, path: Path) -> list[Json]:
    """The records of a JSON array, or of JSON lines, whatever the file is called.

    Args:
        data: The file's content.
        path: Its path, for errors.

    Returns:
        The records; `BrokenLine` in place of a line that is no JSON, where others are.

    Raises:
        ValueError: if it holds something else, or no line is JSON.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"expected UTF-8 text in {path.name}: {error}; save it as that") from None
    if _is_lines(text) or (_LINES & {*path.suffixes} and not text.lstrip().startswith("[")):
        return _read_lines(text, path)
    value = _read_json(text, path, 1)
    if isinstance(value, list):
        return value
    if isinstance(value, dict) and any(key in value for key in LISTS):
        return [value]
    raise ValueError(f"expected a JSON array of records in {path.name}, got {_told(value)}")


def _read_lines(text: str, path: Path) -> list[Json]:
    """Each line's record. A line that was cut costs its own record, and not those of the others."""
    found: list[Json] = []
    broken: list[ValueError] = []
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            found.append(_read_json(line, path, number))
        except ValueError as error:
            broken.append(error)
            found.append(cast("Json", BrokenLine(str(error))))
    if broken and len(broken) == len(found):
        raise broken[0]
    return found


def _is_lines(text: str) -> bool:
    """Whether a text's first line is an object of its own, and others follow."""
    first, _, rest = text.strip().partition("\n")
    if not first.startswith("{") or not rest.strip():
        return False
    try:
        json.loads(first)
    except (ValueError, RecursionError):
        return False
    return True


def _told(value: Json) -> str:
    """What came in an array's place, and what to do."""
    lists = (
        [key for key, part in value.items() if isinstance(part, list) and part]
        if isinstance(value, dict)
        else []
    )
    if lists:
        return f"an object with the lists {', '.join(map(short, lists[:5]))}; write one list alone"
    return f"{short(value)}; put even a single record into a list"


def _read_json(text: str, path: Path, first_line: int) -> Json:
    if not text.strip():
        raise ValueError(
            f"expected JSON in {path.name}, got an empty file; a file without records holds []"
        )
    try:
        return cast("Json", json.loads(text))
    except json.JSONDecodeError as error:
        line = first_line + error.lineno - 1
        hint = "; a table with commas is named .csv" if _is_table(text) else ""
        raise ValueError(
            f"expected JSON in {path.name}, but line {line}, column {error.colno}: {error.msg}; "
            f"mend the file{hint}"
        ) from None
    except RecursionError:
        raise ValueError(
            f"expected JSON of ordinary depth in {path.name}, got a value nested too deep"
        ) from None


def _is_table(text: str) -> bool:
    first, _, rest = text.partition("\n")
    return "," in first and bool(rest) and first[:1].isalpha()
