"""The tools that a row offers: those that can be used, and why the others cannot."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from tools.jsontext import JsonProblem, read_json, short
from tools.schema.forms import FormRefused, bare_tool, parameters_of
from tools.schema.toolbox import SchemaRefused, Toolbox
from tools.types import Json, ToolSpec

_LISTS = ("functionDeclarations", "function_declarations", "tools")
"""Keys of an object that stands in the list for several tools."""


@dataclass(frozen=True, slots=True)
class Unusable:
    """A tool that cannot be used."""

    name: str | None
    """What it is called; None where it has no name."""
    kind: str
    """The kind of the row's problem, if the row needs it: `bad_tools` or `refused_schema`."""
    why: str
    """What was expected, what came, what to do."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A row's tools."""

    tools: tuple[ToolSpec, ...] = ()
    """Those that can be used, in order."""
    unusable: tuple[Unusable, ...] = ()
    """The others. A row that calls none of them is as good without them."""

    def missing(self, called: set[str]) -> Unusable | None:
        """The tool for want of which calls cannot be judged; None if they can.

        It is one that is called by its name. It may also be one without a name, or any where
        no tool can be used, if something is called that is not on offer.
        """
        known = {spec.name for spec in self.tools}
        for one in self.unusable:
            if one.name in called:
                return one
        nameless = [one for one in self.unusable if one.name is None or not known]
        return nameless[0] if nameless and called - known else None


def read_offer(tools: Json) -> Offer:
    """Reads the tools of a row.

    Args:
        tools: A list, or its JSON text.

    Raises:
        ValueError: if it is neither.
    """
    if isinstance(tools, str):
        return _of_text(tools)
    if isinstance(tools, list):
        return _of_text(json.dumps(tools))
    came = "no tools" if tools is None else short(tools)
    raise ValueError(
        f"expected `tools` as a list or its JSON text, got {came}; a chat without tools "
        "has the list []"
    )


@lru_cache(maxsize=256)
def _of_text(text: str) -> Offer:
    """The offer of a JSON text; the same for the same text."""
    try:
        tools = read_json(text)
    except JsonProblem as problem:
        return _one_by_one(text, problem)
    if not isinstance(tools, list):
        raise ValueError(f"expected a list of tools, got {short(tools)}")
    return _usable([_read(tool) for tool in _flattened(tools)])


def _one_by_one(text: str, problem: JsonProblem) -> Offer:
    """The tools of a text with a value that JSON does not have, which may spoil but one of them."""
    try:
        tools = json.loads(text, object_pairs_hook=_once)
    except ValueError:
        tools = None
    if not isinstance(tools, list):
        raise ValueError(f"`tools` is not JSON: {problem}") from None
    read: list[ToolSpec | Unusable] = []
    for tool in _flattened(tools):
        try:
            read.append(_read(read_json(json.dumps(tool))))
        except JsonProblem as own:
            read.append(Unusable(_name(bare_tool(tool)), "bad_tools", f"a tool is not JSON: {own}"))
    return _usable(read)


def _once(pairs: list[tuple[str, Json]]) -> Json:
    """An object; a key that stands twice spoils all, since nobody knows which one is meant."""
    if len(found := dict(pairs)) < len(pairs):
        raise ValueError("a key twice")
    return found


def _flattened(tools: list[Json]) -> Iterator[Json]:
    """All tools, also those that stand together in an object as Gemini has them."""
    for tool in tools:
        inner = None
        if isinstance(tool, dict) and "name" not in tool:
            inner = next((tool[key] for key in _LISTS if isinstance(tool.get(key), list)), None)
        if isinstance(inner, list):
            yield from inner
        elif tool is not None:
            yield tool


def _read(tool: Json) -> ToolSpec | Unusable:
    return _of_one(json.dumps(tool))


@lru_cache(maxsize=8192)
def _of_one(text: str) -> ToolSpec | Unusable:
    """One tool of a JSON text: where each record offers others, some thousands come again."""
    tool = json.loads(text)
    bare = bare_tool(tool)
    name = _name(bare)
    if not isinstance(bare, dict) or name is None:
        return Unusable(None, "bad_tools", f"expected a tool with a name, got {short(tool)}")
    try:
        return ToolSpec(name, str(bare.get("description") or ""), parameters_of(bare))
    except FormRefused as refused:
        return Unusable(name, "bad_tools", f"tool {short(name)}: {refused}")


def _name(bare: Json) -> str | None:
    name = bare.get("name") if isinstance(bare, dict) else None
    return name if isinstance(name, str) else None


def _usable(read: list[ToolSpec | Unusable]) -> Offer:
    specs = [one for one in read if isinstance(one, ToolSpec)]
    unusable = [one for one in read if isinstance(one, Unusable)]
    try:
        Toolbox.of(tuple(specs))
    except SchemaRefused:
        counts = Counter(spec.name for spec in specs)
        reasons = {spec.name: _refusal(spec, counts[spec.name]) for spec in specs}
        unusable += [Unusable(name, "refused_schema", why) for name, why in reasons.items() if why]
        specs = [spec for spec in specs if not reasons[spec.name]]
    return Offer(tuple(specs), tuple(unusable))


def _refusal(spec: ToolSpec, times: int) -> str:
    """Why a tool cannot be used; nothing if it can."""
    try:
        Toolbox.of((spec,) * times)
    except SchemaRefused as refused:
        return str(refused)
    return ""
