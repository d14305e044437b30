"""Objects inside arguments, checked as a variant checks them.

tau1's schemas define the fields of flights, passengers and payments, and its tools take the
objects as they come. tau2's schemas allow any object there; its tools drop unknown fields, and
refuse objects that lack a field.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping, Sequence
from functools import lru_cache
from typing import TypeVar, cast, get_type_hints

from tools.types import Json
from tools.worlds.airline.airline import Airline
from tools.worlds.functions import ApiError

Part = TypeVar("Part")

_WHOLE = re.compile(r"[-+]?\d{1,15}")


def parts_of(airline: Airline, kind: type[Part], given: Sequence[Part]) -> list[Part]:
    """The objects of an argument.

    Args:
        airline: The airline, whose rules say whether the tool checks the objects.
        kind: The TypedDict with the expected fields.
        given: The objects of the call.

    Raises:
        ApiError: if an object lacks a field, or a field has another type.
    """
    if not airline.rules.parts_checked_late:
        return list(given)
    return [_part(kind, cast("Mapping[str, Json]", part)) for part in given]


def _part(kind: type[Part], given: Mapping[str, Json]) -> Part:
    hints = _hints(cast("Hashable", kind))
    read = {name: _value(hint, given[name]) for name, hint in hints.items() if name in given}
    wrong = [name for name in hints if read.get(name) is None]
    if not wrong:
        return cast("Part", read)
    errors = "validation error" if len(wrong) == 1 else "validation errors"
    text = f"Error: {len(wrong)} {errors} for {kind.__name__}"
    for name in wrong:
        text += f"\n{name}\n  {_complaint(hints[name]) if name in given else 'Field required'}"
    raise ApiError(text)


@lru_cache
def _hints(kind: Hashable) -> Mapping[str, object]:
    return get_type_hints(kind)


def _value(hint: object, value: Json) -> Json:
    """The value in the field's type, or None; amounts are whole numbers or strings of digits."""
    if hint is str:
        return value if isinstance(value, str) else None
    if isinstance(value, str) and _WHOLE.fullmatch(value.strip()):
        return int(value)
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return int(value) if isinstance(value, int) else None


def _complaint(hint: object) -> str:
    return f"Input should be a valid {'string' if hint is str else 'integer'}"
