"""How large a call's arguments may be."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import cast

from tools.schema.load import MAX_DEPTH
from tools.schema.problems import too_large
from tools.types import CallProblem, Json

MAX_VALUES = 2_000
"""The most values and keys in a call's arguments."""
MAX_CHARS = 100_000
"""The most characters in a call's arguments."""
MAX_BITS = 2_000
"""The most bits of an integer (some 600 digits)."""

_TEXT = frozenset({str})


def size_problem(arguments: dict[str, Json]) -> CallProblem | None:
    """Refuses arguments that cost too much to check: too deep, too many values, too much text."""
    if _TEXT.issuperset(map(type, arguments.values())) and len(arguments) < MAX_VALUES:
        length = sum(map(len, arguments)) + sum(map(len, cast("Iterable[str]", arguments.values())))
        return None if length <= MAX_CHARS else _too_long()
    level: list[Json] = [arguments]
    values = chars = 0
    for _ in range(MAX_DEPTH + 1):
        values += len(level)
        inner: list[Json] = []
        for value in level:
            if isinstance(value, str):
                chars += len(value)
            elif isinstance(value, dict):
                inner.extend(value.values())
                chars += sum(map(len, value))
            elif isinstance(value, list):
                inner.extend(value)
            elif not _is_ordinary(value):
                return too_large(f"finite numbers of at most {MAX_BITS} bits")
        if not inner:
            break
        if values + len(inner) > MAX_VALUES:
            return too_large(f"at most {MAX_VALUES:,} values in the arguments")
        level = inner
    else:
        return too_large(f"at most {MAX_DEPTH} levels in the arguments")
    return None if chars <= MAX_CHARS else _too_long()


def values_in(value: Json) -> int:
    """How many values there are in a value that is no larger than it may be, itself included."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return 1 + sum(map(values_in, inner))


def _too_long() -> CallProblem:
    return too_large(f"at most {MAX_CHARS:,} characters in the arguments")


def _is_ordinary(value: None | bool | int | float) -> bool:
    if isinstance(value, float):
        return math.isfinite(value)
    return value is None or value.bit_length() <= MAX_BITS
