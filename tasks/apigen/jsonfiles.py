"""Files of JSON records."""

from __future__ import annotations

import json
from pathlib import Path
from typing import cast

from tools.jsontext import short
from tools.types import Json


def read_array(path: Path) -> list[Json]:
    """The records of a JSON array, or of JSON lines."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"expected UTF-8 text in {path.name}: {error}; save it as that") from None
    if path.suffix == ".jsonl":
        lines = enumerate(text.split("\n"), start=1)
        return [_read_json(line, path, number) for number, line in lines if line.strip()]
    value = _read_json(text, path, 1)
    if not isinstance(value, list):
        raise ValueError(
            f"expected a JSON array of records in {path.name}, got {short(value)}; "
            "put even a single record into a list"
        )
    return value


def _read_json(text: str, path: Path, first_line: int) -> Json:
    try:
        return cast("Json", json.loads(text))
    except json.JSONDecodeError as error:
        line = first_line + error.lineno - 1
        raise ValueError(
            f"expected JSON in {path.name}, but line {line}, column {error.colno}: {error.msg}; "
            "mend the file (JSON lines have to be named .jsonl)"
        ) from None
    except RecursionError:
        raise ValueError(
            f"expected JSON of ordinary depth in {path.name}, got a value nested too deep"
        ) from None
