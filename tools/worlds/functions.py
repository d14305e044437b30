"""Tools from plain Python functions: the signature gives the schema, the docstring the words.

A tool function takes the database first (or a view of it, see `tools_over`) and then its own
arguments, all typed. One that reads returns JSON; one that writes returns a `Change`, and that
return type declares its effect: a function that is annotated as a read cannot change anything. One
that hands the conversation over to a human returns a `Handover`. Arguments that hold words of the
caller's own, such as a summary, are annotated `FreeText`: they are never compared.
"""

from __future__ import annotations

import inspect
import types
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import (
    Final,
    TypeAlias,
    Union,
    get_args,
    get_origin,
)

from tools.effects import ToolEffect, is_handover
from tools.jsontext import short
from tools.nearest import did_you_mean
from tools.types import Effect, Json, ToolSpec
from tools.worlds.database import Database
from tools.worlds.schemas import SIMPLE, docstring_of, free_paths, property_of
from tools.worlds.schemas import FreeText as FreeText


class ApiError(Exception):
    """A refusal by the API; the caller reads its text."""


class ToolBug(ValueError):
    """A tool does not do what it declares: its author has to mend it, whoever called it."""


@dataclass(frozen=True, slots=True)
class Change:
    """What a writing tool returns."""

    database: Database
    """The state after the call."""
    answer: Json
    """The answer to the call."""


@dataclass(frozen=True, slots=True)
class Handover:
    """What a tool returns that hands the conversation over to a human, which ends it."""

    answer: Json
    """What the caller reads."""


MARKED: Final = (Change, Handover)
"""What an answer that does more than to answer comes in; as a union it would be made each time."""

ToolFunction: TypeAlias = "Callable[..., Json | Change | Handover]"
"""`f(database, **arguments)`."""


@dataclass(frozen=True, slots=True)
class WorldTool:
    """A tool function with what is known about it."""

    function: ToolFunction
    """Carries the call out."""
    spec: ToolSpec
    """Name, description and schema, as the model sees them."""
    effect: ToolEffect
    """Read or write, as the return type declares."""
    returns: type[Change | Handover] | None
    """What the return type declares an answer to come in, or None for a plain answer."""


def tools_of(*functions: ToolFunction) -> Mapping[str, WorldTool]:
    """Name -> tool, in the order given.

    Raises:
        TypeError: if two functions have one name, or one of them cannot be a tool.
    """
    tools: dict[str, WorldTool] = {}
    for function in functions:
        tool = tool_of(function)
        if tool.spec.name in tools:
            raise TypeError(
                f"expected tools with names of their own, got {tool.spec.name!r} twice; rename one "
                "function, or pass it once"
            )
        tools[tool.spec.name] = tool
    return tools


def tool_of(function: ToolFunction, types: Mapping[str, object] | None = None) -> WorldTool:
    """Derives a tool from a function: the first parameter is the database, the rest the arguments.

    Args:
        function: The function.
        types: Parameter name -> type, where a variant's schema differs from the signature.

    Raises:
        TypeError: if a parameter has a type that has no schema here, or the function cannot be a
            tool for another reason.
    """
    name = _name(function)
    summary, notes = docstring_of(function)
    signature = _signature(function, name)
    own = types or {}
    first, *parameters = _parameters(signature, name)
    parameters = [p.replace(annotation=own.get(p.name, p.annotation)) for p in parameters]
    _require_notes(notes, [first, *parameters], name)
    schema: dict[str, Json] = {
        "type": "object",
        "properties": {p.name: property_of(p, notes, name) for p in parameters},
        "required": [p.name for p in parameters if p.default is p.empty],
    }
    returns = _returned(signature, name)
    effect = ToolEffect(
        Effect.WRITE if returns is Change else Effect.READ,
        inferred=False,
        hands_over=returns is Handover or is_handover(name, summary),
        hands_over_inferred=returns is not Handover and is_handover(name, summary),
        free_text=frozenset(path for p in parameters for path in free_paths(p.name, p.annotation)),
    )
    marked = next((kind for kind in MARKED if kind is returns), None)
    return WorldTool(function, ToolSpec(name, summary, schema), effect, marked)


def require_declared(tool: WorldTool, answer: object) -> None:
    """Refuses what a tool has returned if it declares something else.

    Raises:
        ToolBug: naming the tool.
    """
    declared = tool.returns
    came = type(answer) if isinstance(answer, MARKED) else None
    if came is not declared:
        raise ToolBug(
            f"expected the tool {tool.spec.name!r} to return "
            f"{'JSON' if declared is None else f'a {declared.__name__}'}, as its return type "
            f"declares, got {_shown(answer)}; {_MENDING[declared]}"
        )
    if isinstance(answer, Change) and not isinstance(answer.database, Database):
        raise ToolBug(
            f"expected the tool {tool.spec.name!r} to return a Change of a database, got one of "
            f"{_shown(answer.database)}; write Change(database.put(…), answer)"
        )


_MENDING: Final[Mapping[type[Change | Handover] | None, str]] = {
    Change: "end it with `return Change(database.put(…), answer)`, and refuse by ApiError",
    Handover: "end it with `return Handover(answer)`",
    None: "declare `-> Change` for a tool that writes, `-> Handover` for one that hands over",
}


def _shown(answer: object) -> str:
    if isinstance(answer, Change | Handover):
        return f"a {type(answer).__name__}"
    return "None" if answer is None else f"{short(repr(answer))}, a {type(answer).__name__}"


def _name(function: ToolFunction) -> str:
    name = getattr(function, "__name__", None)
    if not callable(function) or not isinstance(name, str) or not name.isidentifier():
        came = "a lambda" if name == "<lambda>" else f"a {type(function).__name__}"
        raise TypeError(
            f"expected a tool as a function with a name (`def look(database, …) -> Json`), got "
            f"{came}; its name is the tool's"
        )
    return name


def _signature(function: ToolFunction, name: str) -> inspect.Signature:
    try:
        return inspect.signature(function, eval_str=True)
    except NameError as error:
        raise TypeError(
            f"expected annotations of the tool {name!r} that its module can resolve, but {error}; "
            "import the name outside of TYPE_CHECKING"
        ) from None


def _parameters(signature: inspect.Signature, name: str) -> list[inspect.Parameter]:
    """The database, then the arguments."""
    parameters = list(signature.parameters.values())
    for one in parameters:
        if one.kind in (one.VAR_POSITIONAL, one.VAR_KEYWORD, one.POSITIONAL_ONLY) and (
            one is not parameters[0] or one.kind is not one.POSITIONAL_ONLY
        ):
            raise TypeError(
                f"expected arguments that the tool {name!r} takes by name, got `{one}`; write one "
                "parameter with a type for each argument"
            )
    if not parameters or parameters[0].kind is inspect.Parameter.KEYWORD_ONLY:
        raise TypeError(
            f"expected the database as the first parameter of the tool {name!r}, got none; write "
            f"`def {name}(database: Database, …)`"
        )
    if parameters[0].annotation in (*SIMPLE, list, dict):
        raise TypeError(
            f"expected the database as the first parameter of the tool {name!r}, got "
            f"`{parameters[0]}`; write `def {name}(database: Database, {parameters[0]}, …)`"
        )
    return parameters


def _require_notes(
    notes: Mapping[str, str], parameters: Iterable[inspect.Parameter], name: str
) -> None:
    """Refuses a docstring that describes an argument that does not exist."""
    known = [parameter.name for parameter in parameters]
    for noted in notes:
        if noted not in known:
            raise TypeError(
                f"expected `Args:` of the tool {name!r} to describe its parameters "
                f"({', '.join(known)}), got {noted!r}{did_you_mean(noted, known)}; correct the "
                "docstring"
            )


def _returned(signature: inspect.Signature, name: str) -> object:
    """The return type, which declares what the tool does."""
    returns = signature.return_annotation
    options = get_args(returns) if get_origin(returns) in (Union, types.UnionType) else (returns,)
    mixed = len(options) > 1 and {Change, Handover} & set(options)
    if returns in (signature.empty, None, type(None)) or mixed:
        what = "no return type" if returns is signature.empty else f"`-> {_written(returns)}`"
        raise TypeError(
            f"expected the tool {name!r} to declare what it returns, got {what}; write `-> Json` "
            "if it reads, `-> Change` if it writes, `-> Handover` if it hands over to a human, and "
            "refuse by `raise ApiError(…)`"
        )
    return returns


def _written(kind: object) -> str:
    if get_origin(kind) in (Union, types.UnionType):
        return " | ".join(map(_written, get_args(kind)))
    return "None" if kind in (None, type(None)) else getattr(kind, "__name__", str(kind))


def tools_over(
    functions: Iterable[ToolFunction],
    view: Callable[[Database], object],
    types: Mapping[str, object] | None = None,
) -> Mapping[str, WorldTool]:
    """Name -> tool, for functions that take a view of the database.

    Args:
        functions: The functions, in the order of the tools.
        view: Computes their first argument from the database, such as a shop under a variant's
        rules.
        types: Parameter name -> type, where a variant differs from the signature.
    """
    tools = (tool_of(function, types=types) for function in functions)
    return {tool.spec.name: _over(tool, view) for tool in tools}


def _over(tool: WorldTool, view: Callable[[Database], object]) -> WorldTool:
    """The tool as a function of the database; it can be pickled if function and view can be."""
    return replace(tool, function=partial(_run_over, tool.function, view))


def _run_over(
    function: ToolFunction,
    view: Callable[[Database], object],
    database: Database,
    /,
    **arguments: Json,
) -> Json | Change | Handover:
    return function(view(database), **arguments)
