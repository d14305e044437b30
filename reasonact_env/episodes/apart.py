"""Where two saved values begin to differ: the place, and both values there as JSON."""

from __future__ import annotations

import json

from reasonact_env.episodes.codec import plain

NOTHING = "(nothing)"
"""Stands for a value that only the other side has."""
_BEFORE, _LONGEST = 20, 60
"""Characters of a long value that are shown before the place where it differs, and in all."""


def apart(saved: object, played: object) -> tuple[str, str, str]:
    """The first place where two parts of an episode differ, with an excerpt of each.

    >>> apart({"call": [{"ok": True}]}, {"call": [{"ok": None}]})
    ('.call[0].ok', 'true', 'null')
    >>> apart(["a"], ["a", "b"])
    ('[1]', '(nothing)', '"b"')
    """
    place, one, other = _first(plain(saved), plain(played))
    return place, *_excerpts(_json(one), _json(other))


class _Nothing:
    """The value of what one side lacks."""


def _first(one: object, other: object) -> tuple[str, object, object]:
    if isinstance(one, dict) and isinstance(other, dict):
        pairs = [(f".{key}", one.get(key, _Nothing), other.get(key, _Nothing)) for key in one]
        pairs += [(f".{key}", _Nothing, other[key]) for key in other if key not in one]
    elif isinstance(one, list | tuple) and isinstance(other, list | tuple):
        size = max(len(one), len(other))
        left, right = ([*values, *[_Nothing] * (size - len(values))] for values in (one, other))
        pairs = [(f"[{n}]", a, b) for n, (a, b) in enumerate(zip(left, right, strict=True))]
    else:
        return "", one, other
    for name, a, b in pairs:
        if a != b:
            place, a, b = _first(a, b)
            return name + place, a, b
    return "", one, other


def _json(value: object) -> str:
    return NOTHING if value is _Nothing else json.dumps(value, ensure_ascii=False)


def _excerpts(one: str, other: str) -> tuple[str, str]:
    """Both texts, from a little before the place where they differ."""
    pairs = enumerate(zip(one, other, strict=False))
    place = next((i for i, (a, b) in pairs if a != b), min(len(one), len(other)))
    start = max(0, place - _BEFORE) if max(len(one), len(other)) > _LONGEST else 0
    return _cut(one, start), _cut(other, start)


def _cut(text: str, start: int) -> str:
    end = start + _LONGEST
    return "…" * (start > 0) + text[start:end] + "…" * (len(text) > end)
