"""JSON as lines of a file, exact to the last character and digit."""

from __future__ import annotations

import json
import re
from typing import TypeVar

import msgspec

T = TypeVar("T")

_SPLIT_PAIR = re.compile("[\ud800-\udbff][\udc00-\udfff]")


def to_line(value: object) -> bytes:
    """A JSON value as one line in UTF-8; only characters that UTF-8 cannot encode are escaped."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    try:
        return text.encode() + b"\n"
    except UnicodeEncodeError:
        if _SPLIT_PAIR.search(text):  # once escaped, two halves would be read as one character
            return text.encode("utf-8", "surrogatepass") + b"\n"
        return json.dumps(value, separators=(",", ":")).encode() + b"\n"


def from_line(line: bytes, form: type[T]) -> T:
    """Reads a line.

    Args:
        line: What `to_line` wrote.
        form: A type that msgspec supports.

    Raises:
        msgspec.ValidationError: if the value has another form; the text says where.
        ValueError: if the line is not JSON.
        RecursionError: if the value nests too deep.
    """
    try:
        return msgspec.json.decode(line, type=form)
    except msgspec.ValidationError:
        raise
    except (msgspec.DecodeError, UnicodeDecodeError):  # `json` also reads NaN and lone surrogates
        return msgspec.convert(json.loads(line.decode("utf-8", "surrogatepass")), form)
