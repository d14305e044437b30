"""The option `--precision`, as all commands that train take it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, TypeAlias

from tools.option_types import one_of

AUTO, FLOAT32, BFLOAT16 = "auto", "float32", "bfloat16"
"""In which numbers training computes; `auto`: what is faster here."""
PRECISIONS = (AUTO, FLOAT32, BFLOAT16)
Precision: TypeAlias = Annotated[str, one_of(PRECISIONS)]
"""The type of the option's field."""


def precision_as_today(recorded: Mapping[str, Any]) -> dict[str, Any]:
    """What a version without this option wrote down of a run, in the form of today's."""
    return {"precision": AUTO, **recorded}


def require_precision(asked: str) -> None:
    """Refuses anything but a precision.

    Raises:
        ValueError: if so.
    """
    if asked not in PRECISIONS:
        raise ValueError(f"expected precision {' or '.join(PRECISIONS)}, got {asked!r}")
