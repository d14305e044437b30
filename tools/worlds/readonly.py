"""JSON values that nobody can change: the rows of a database, which all episodes share.

They are dicts and lists, so that tools read, compare, spread and serialize them as usual. Whoever
changes one in place gets an error, and never the next episode's data.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any, Never, cast

from tools.jsontext import short
from tools.types import Json

_PLAIN = (str, int, float, bool, type(None))


class ReadOnly(TypeError):
    """A row was changed in place."""


def _refuse(self: object, *arguments: object, **named: object) -> Never:
    raise ReadOnly(
        "expected rows that stay as they are, since all episodes share them, got a change in "
        "place; write database.put(TABLE, KEY, {**row, COLUMN: value}), with nested values anew"
    )


class _Object(dict[str, Json]):
    """An object that refuses changes."""

    __slots__ = ()
    __setitem__ = __delitem__ = __ior__ = _refuse
    clear = pop = popitem = setdefault = update = _refuse

    def __deepcopy__(self, memo: dict[int, object]) -> dict[str, Json]:
        """A plain copy, which may be changed."""
        return {key: copy.deepcopy(value, memo) for key, value in self.items()}

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickles without setting items one by one."""
        return _Object, (dict(self),)


class _List(list[Json]):
    """A list that refuses changes."""

    __slots__ = ()
    __setitem__ = __delitem__ = __iadd__ = __imul__ = _refuse
    append = extend = insert = remove = pop = clear = _refuse
    sort = reverse = _refuse

    def __deepcopy__(self, memo: dict[int, object]) -> list[Json]:
        """A plain copy, which may be changed."""
        return [copy.deepcopy(value, memo) for value in self]

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickles without appending items one by one."""
        return _List, (list(self),)


_KEPT = frozenset({*_PLAIN, _Object, _List})
"""Values of exactly these types cannot be changed."""
_TEXT = frozenset({str})


def read_only(row: Mapping[str, Json]) -> Mapping[str, Json]:
    """A row that refuses changes, in depth; what refuses them already is taken as it is.

    Raises:
        TypeError: if a value is not plain JSON.
    """
    return cast("Mapping[str, Json]", _frozen(row))


def _frozen_values(value: Mapping[object, object]) -> Mapping[str, Json]:
    if _TEXT.issuperset(map(type, value)) and _KEPT.issuperset(map(type, value.values())):
        return cast("Mapping[str, Json]", value)
    for key in value:
        if not isinstance(key, str):
            raise TypeError(f"expected keys that are strings, got {short(repr(key))}")
    found = {key: one if type(one) in _KEPT else _frozen(one) for key, one in value.items()}
    return cast("dict[str, Json]", found)


def _frozen(value: object) -> object:
    kind = type(value)
    if kind in _KEPT:
        return value
    if kind is dict or isinstance(value, Mapping):  # the latter alone takes ten times as long
        return _Object(_frozen_values(cast("Mapping[object, object]", value)))
    if isinstance(value, (list, tuple)):
        return _List(cast("list[Json]", [_frozen(one) for one in value]))
    if isinstance(value, _PLAIN):  # an enum of strings, for example
        return value
    raise TypeError(
        f"expected plain JSON values (str, int, float, bool, None, list, dict), got "
        f"{short(repr(value))}, a {kind.__name__}"
    )
