"""JSON objects as lines of a file, exact to the last character and digit."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

import msgspec

from tools.types import Json

_SPLIT_PAIR = re.compile("[\ud800-\udbff][\udc00-\udfff]")


def to_line(value: Mapping[str, Json]) -> bytes:
    """One line, UTF-8; only what UTF-8 cannot hold is escaped.

    `json` writes it, because msgspec would write null for NaN.
    """
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    try:
        return text.encode() + b"\n"
    except UnicodeEncodeError:
        if _SPLIT_PAIR.search(text):  # escaped, the two halves would be read as one character
            return text.encode("utf-8", "surrogatepass") + b"\n"
        return json.dumps(value, separators=(",", ":")).encode() + b"\n"


def from_line(line: bytes) -> dict[str, Json]:
    """Reads what `to_line` wrote.

    Raises:
        ValueError: if the line is not a JSON object.
        RecursionError: if it nests too deep.
    """
    value = _read(line)
    if not isinstance(value, dict):
        raise ValueError(f"expected an object, got {type(value).__name__}")
    return value


def _read(line: bytes) -> Json:
    """msgspec reads faster than `json`, which also reads NaN and halves of surrogate pairs."""
    value: Json
    try:
        value = msgspec.json.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError):
        value = json.loads(line.decode("utf-8", "surrogatepass"))
    return value
