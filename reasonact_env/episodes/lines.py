"""JSON objects as lines of a file, what they have in common told once."""

from __future__ import annotations

import json
import re
from typing import cast

from reasonact_env.episodes.json_values import JsonObject
from tools.jsontext import sha
from tools.types import Json

_SPLIT_PAIR = re.compile("[\ud800-\udbff][\udc00-\udfff]")


def without_shared(value: JsonObject, shared: JsonObject) -> JsonObject:
    """Moves the first message's text and the tools to `shared`, and leaves their digests."""
    opening, tools = cast("list[JsonObject]", value.pop("opening")), value.pop("tools")
    rules = opening[0]["content"] if opening and opening[0]["role"] == "system" else None
    rest = opening if rules is None else opening[1:]
    names = {"rules": _put(shared, rules), "tools": _put(shared, tools)}
    steps = value.pop("steps")
    return {**value, **names, "opening": cast(Json, rest), "steps": steps}


def with_shared(value: JsonObject, shared: JsonObject) -> JsonObject:
    """Undoes `without_shared`."""
    opening = cast("list[Json]", value["opening"])
    if value["rules"] is not None:
        content = shared[cast(str, value["rules"])]
        opening = [{"role": "system", "content": content}, *opening]
    return {**value, "opening": opening, "tools": shared[cast(str, value["tools"])]}


def _put(shared: JsonObject, value: Json) -> str | None:
    if value is None:
        return None
    name = sha(json.dumps(value, ensure_ascii=False))
    shared.setdefault(name, value)
    return name


def to_line(value: JsonObject) -> bytes:
    """One line, UTF-8; only what no UTF-8 can hold is escaped."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    try:
        return text.encode() + b"\n"
    except UnicodeEncodeError:
        if _SPLIT_PAIR.search(text):  # escaped, the two halves would be read as one character
            return text.encode("utf-8", "surrogatepass") + b"\n"
        return json.dumps(value, separators=(",", ":")).encode() + b"\n"


def from_line(line: bytes) -> JsonObject:
    """Reads what `to_line` wrote.

    Raises:
        ValueError: if the line is no JSON object.
    """
    value = json.loads(line.decode("utf-8", "surrogatepass"))
    if not isinstance(value, dict):
        raise ValueError(f"expected an object, got {type(value).__name__}")
    return value
