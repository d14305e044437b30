"""The plain values of a sidecar, by which a part of a data set can be chosen."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from tools.types import Json

STRUCTURES = ("gold", "world", "effects", "agenda", "case")
"""The keys whose objects are read as something else."""


def labels_in(entry: Mapping[str, Json]) -> dict[str, str]:
    """Key -> value as text; keys of an object in the entry come after its own, with a dot.

    >>> labels_in({"domain": "retail", "success": True, "difficulty": {"level": 2}, "gold": {}})
    {'domain': 'retail', 'success': 'true', 'difficulty.level': '2'}
    """
    return dict(_labels(entry))


def _labels(entry: Mapping[str, Json]) -> Iterator[tuple[str, str]]:
    for key, value in entry.items():
        if isinstance(value, dict) and key not in STRUCTURES:
            yield from ((f"{key}.{name}", _text(one)) for name, one in value.items() if _plain(one))
        elif _plain(value):
            yield key, _text(value)


def _plain(value: Json) -> bool:
    return isinstance(value, str | int | float)


def _text(value: Json) -> str:
    return value if isinstance(value, str) else json.dumps(value)
