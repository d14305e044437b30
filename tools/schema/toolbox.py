"""Checks calls against the JSON schemas of their tools, and brings them into a normal form."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

from tools.effects import ToolEffect
from tools.free_text import without_words
from tools.jsontext import canonical
from tools.schema.fast import Check, compile_check
from tools.schema.load import SchemaRefused, load_schema
from tools.schema.problems import problem_of, too_large, unknown_tool
from tools.schema.size import MAX_VALUES, size_problem, values_in
from tools.schema.strict import StrictValidator
from tools.types import CallProblem, Json, ToolCall, ToolSpec

__all__ = ["SchemaRefused", "Toolbox"]


_MAX_REMEMBERED = 1_024
_MAX_TOOLS = 4_096


@dataclass(frozen=True, slots=True)
class _Tool:
    """One tool, compiled."""

    spec: ToolSpec
    """The tool as it was given."""
    accepts: Check
    """Says whether arguments are valid."""
    validator: StrictValidator
    """Says why arguments are not valid."""
    defaults: Mapping[str, str]
    """Argument name -> the canonical text of its default, for arguments with a default."""
    required: frozenset[str]
    """The arguments that have to be there."""


@dataclass(frozen=True, slots=True)
class Toolbox:
    """The tools of a task, compiled once: checks calls and gives them their normal form."""

    _tools: Mapping[str, _Tool]
    """Name -> tool, in the order in which they were given."""
    _free_text: Mapping[str, frozenset[str]]
    """Name -> the arguments that are free text, for the tools that have any."""
    names: tuple[str, ...]
    """The tools' names, in order."""
    _plain: frozenset[str]
    """The tools all of whose calls are in normal form: without defaults and free text."""

    @staticmethod
    def of(specs: Sequence[ToolSpec], effects: Mapping[str, ToolEffect] | None = None) -> Toolbox:
        """Compiles tools; equal tools give the same toolbox, at no cost.

        Args:
            specs: The tools. A tuple that is passed again, with the same mapping, is recognised
                without being read.
            effects: Tool name -> what is known of it; which of its arguments are free text.

        Raises:
            SchemaRefused: if two tools have one name, or a schema cannot be used safely.
        """
        place = id(specs), id(effects)
        remembered = _BY_IDENTITY.get(place)
        if remembered and remembered[0] is specs and remembered[1] is effects:
            return remembered[2]
        known = effects or {}
        words = tuple((s.name, known[s.name].free_text) for s in specs if s.name in known)
        toolbox = _of_content(_content(specs), tuple((name, free) for name, free in words if free))
        if isinstance(specs, tuple):
            _remember(place, (specs, effects, toolbox))
        return toolbox

    def check(self, call: ToolCall, patience: int = MAX_VALUES) -> CallProblem | None:
        """Says what is wrong with a call; None if it is valid.

        A call is valid if the tool exists, its arguments are valid under the tool's JSON schema
        (draft 2020-12), and they hold nothing that the schema does not name, unless it allows
        that explicitly. This method never raises, whatever the arguments are.

        Args:
            call: The call.
            patience: The number of values that may be looked at to say what is wrong. That takes
                far longer than to see that something is wrong.
        """
        tool = self._tools.get(call.name)
        if tool is None:
            return unknown_tool(call.name, self.names)
        arguments = _as_dict(call.arguments)
        if problem := size_problem(arguments):
            return problem
        if tool.accepts(arguments):
            return None
        if patience < MAX_VALUES and values_in(arguments) > patience:
            return too_large(f"at most {MAX_VALUES:,} values in a message's invalid calls")
        return problem_of(tool.validator.iter_errors(arguments), tool.spec.parameters)

    def normal(self, call: ToolCall) -> str:
        """The call's normal form: the same text for calls that mean the same.

        The order of keys does not matter, whole floats are integers, an argument that equals its
        schema's explicit default is left out, and free text counts whatever it says.
        """
        told = call if call.name in self._plain else self.normalized(call)
        return call.name + canonical(_as_dict(told.arguments))

    def normalized(self, call: ToolCall) -> ToolCall:
        """The call as it is compared, argument by argument.

        It lacks the arguments that equal their schema's explicit default, and has no words where
        its arguments are free text.
        """
        tool = self._tools.get(call.name)
        if tool is None:
            return call
        arguments = call.arguments
        if free := self._free_text.get(call.name):
            arguments = without_words(arguments, free, tool.required)
        return self._told(call, tool, arguments)

    def has_free_text(self, name: str) -> bool:
        """Whether some of a tool's arguments are free text."""
        return name in self._free_text

    def worded(self, call: ToolCall) -> str:
        """The call's normal form with its free text, which tells one note from another."""
        tool = self._tools.get(call.name)
        told = call if tool is None else self._told(call, tool, call.arguments)
        return call.name + canonical(_as_dict(told.arguments))

    @staticmethod
    def _told(call: ToolCall, tool: _Tool, arguments: Mapping[str, Json]) -> ToolCall:
        """The call with those of some arguments that do not equal their default."""
        if not tool.defaults:
            return call if arguments is call.arguments else ToolCall(call.name, arguments)
        told: dict[str, Json] = {
            name: value
            for name, value in arguments.items()
            if name not in tool.defaults or canonical(value) != tool.defaults[name]
        }
        return ToolCall(call.name, told)


_Remembered: TypeAlias = "tuple[Sequence[ToolSpec], Mapping[str, ToolEffect] | None, Toolbox]"
_BY_IDENTITY: dict[tuple[int, int], _Remembered] = {}
"""The ids of a tuple of specs and of a mapping of effects -> these two, kept alive so that the ids
stay their own, and their toolbox."""


def _remember(place: tuple[int, int], found: _Remembered) -> None:
    if len(_BY_IDENTITY) >= _MAX_REMEMBERED:
        _BY_IDENTITY.pop(next(iter(_BY_IDENTITY)))
    _BY_IDENTITY[place] = found


def _content(specs: Sequence[ToolSpec]) -> tuple[str, ...]:
    """Each tool as a text; equal tools have equal texts."""
    rows = ([spec.name, spec.description, dict(spec.parameters)] for spec in specs)
    try:
        return tuple(map(json.dumps, rows))
    except RecursionError:
        raise SchemaRefused("expected flat schemas, got one nested too deep; flatten it") from None


@lru_cache(maxsize=_MAX_REMEMBERED)
def _of_content(
    content: tuple[str, ...], free_text: tuple[tuple[str, frozenset[str]], ...]
) -> Toolbox:
    tools: dict[str, _Tool] = {}
    for tool in map(_compiled, content):
        name = tool.spec.name
        if name in tools:
            raise SchemaRefused(f"expected tools of different names, got {name!r} twice; drop one")
        tools[name] = tool
    free = dict(free_text)
    plain = frozenset(
        name for name, tool in tools.items() if not tool.defaults and name not in free
    )
    return Toolbox(tools, free, tuple(tools), plain)


@lru_cache(maxsize=_MAX_TOOLS)
def _compiled(content: str) -> _Tool:
    """A compiled tool, cached because many sets of tools share it."""
    spec = ToolSpec(*json.loads(content))
    schema = load_schema(spec)
    required = schema.get("required")
    return _Tool(
        spec,
        compile_check(schema),
        StrictValidator(schema),
        _defaults(schema),
        frozenset(str(name) for name in required) if isinstance(required, list) else frozenset(),
    )


def _defaults(schema: Mapping[str, Json]) -> dict[str, str]:
    properties = schema.get("properties")
    if not isinstance(properties, dict):
        return {}
    return {
        name: canonical(part["default"])
        for name, part in properties.items()
        if isinstance(part, dict) and "default" in part
    }


def _as_dict(arguments: Mapping[str, Json]) -> dict[str, Json]:
    return arguments if isinstance(arguments, dict) else dict(arguments)
