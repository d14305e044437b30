"""Episodes as plain JSON values, and back again without loss."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, TypeAlias

import msgspec

from reasonact_env.episode import Episode
from tools.jsontext import sha
from tools.types import Json, Role

Shared: TypeAlias = "dict[str, Json]"
"""Digest -> what the episodes of a file have in common: texts of rules, and lists of tools."""


def to_json(episode: Episode, shared: Shared) -> dict[str, Json]:
    """The episode as an object, with its fields as keys; `from_json` gives back its equal.

    The rules (an opening system message) and the tools go to `shared`; the object names them by
    their digests. One of a single step looks like this, with `…` where more follows:

        {"task_id": "desk-7", "source": "embedded:desk(n=1000,seed=0)", "mode": "dialogue",
         "seed": 0, "decision": null, "opening_hash": "0f…", "stop": "finished",
         "outcome": {"success": true, …}, "rules": "7c0f…", "tools": "a41b…",
         "opening": [{"role": "user", "content": "…"}, …],
         "steps": [{"turn": 0, "action": "Done.", "calls": [], "answers": [], "reward": 1.0, …}]}
    """
    value: dict[str, Any] = msgspec.to_builtins(episode, enc_hook=_plain)
    opening, tools, steps = (value.pop(name) for name in ("opening", "tools", "steps"))
    has_rules = bool(opening) and opening[0]["role"] == Role.SYSTEM
    return {
        **value,
        "rules": _put(shared, opening[0]["content"]) if has_rules else None,
        "tools": _put(shared, tools),
        "opening": opening[has_rules:],
        "steps": [_without_empty_changes(step) for step in steps],
    }


def from_json(value: Mapping[str, Any], shared: Shared) -> Episode:
    """Reads what `to_json` wrote, in this version or an earlier one.

    Raises:
        KeyError: if a key, or what a digest stands for, is missing.
        msgspec.ValidationError: if a value has another type than its field; it names the place.
    """
    opening, rules = value["opening"], value["rules"]
    if rules is not None:
        opening = [{"role": Role.SYSTEM.value, "content": shared[rules]}, *opening]
    whole = {**value, "opening": opening, "tools": shared[value["tools"]]}
    return msgspec.convert(whole, Episode)


def _put(shared: Shared, value: Json) -> str:
    """Keeps a value in `shared`; returns its digest."""
    digest = sha(json.dumps(value, ensure_ascii=False))
    shared.setdefault(digest, value)
    return digest


def _without_empty_changes(step: dict[str, Any]) -> Json:
    """Most calls change nothing, and do not say so."""
    for call in step["calls"]:
        if not call["changes"]:
            del call["changes"]
    return step


def _plain(value: object) -> object:
    """What msgspec does not take as it is: other mappings than dicts, and NumPy's str and float."""
    match value:
        case Mapping():
            return dict(value)
        case str():
            return str(value)
        case float():
            return float(value)
    raise TypeError(f"expected a part of an episode, got {type(value).__name__}")
