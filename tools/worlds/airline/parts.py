"""Objects inside arguments, read as a variant reads them.

tau1's schemas say what flights, passengers and payments are made of, and its tools take them as
they come. tau2's schemas allow any object there; its tools drop what they do not know, and refuse
what lacks something.
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
        airline: Its rules say whether anything is left to check.
        kind: The TypedDict that they should be.
        given: What came.

    Raises:
        ApiError: if one lacks a field, or has one of another type.
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
    """The value as the field's type, or None; amounts are whole, in digits or in a string."""
    if hint is str:
        return value if isinstance(value, str) else None
    if isinstance(value, str) and _WHOLE.fullmatch(value.strip()):
        return int(value)
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return int(value) if isinstance(value, int) else None


def _complaint(hint: object) -> str:
    return f"Input should be a valid {'string' if hint is str else 'integer'}"
