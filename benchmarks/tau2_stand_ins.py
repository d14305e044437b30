"""A pytest plugin that puts our worlds where tau2-bench's tests import its tools.

    pytest -p benchmarks.tau2_stand_ins --noconftest tests/test_domains/test_retail

The modules that those tests import are replaced by stand-ins: an environment over one of our
worlds, and one record in place of all data classes. A call is checked against its tool's schema
and carried out as in our environments. What the tests need besides that is state they can change
in place.
"""

from __future__ import annotations

import importlib.util
import json
import logging
import sys
import types
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, cast

from tools.schema.toolbox import Toolbox
from tools.types import Json
from tools.types import ToolCall as Call
from tools.worlds import WORLDS
from tools.worlds.executor import WorldExecutor
from tools.worlds.world import World

DOMAINS = ("airline", "retail")


class Record:
    """A row, or a part of one, whose fields are attributes; setting one changes the row."""

    _fields: dict[str, Any]

    def __init__(self, **given: object) -> None:
        """Takes the fields, which may be records themselves."""
        object.__setattr__(self, "_fields", plain(given))

    @classmethod
    def over(cls, row: dict[str, Any]) -> Record:
        """A record whose fields are those of a row, and stay so."""
        made = cls()
        object.__setattr__(made, "_fields", row)
        return made

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return live(self._fields.get(name))  # a field that is not set is none

    def __setattr__(self, name: str, value: object) -> None:
        self._fields[name] = plain(value)

    def __getitem__(self, name: str) -> Any:
        return live(self._fields[name])


def live(value: Any) -> Any:
    """A value as tests read it: objects are records."""
    if isinstance(value, dict):
        return Record.over(value)
    return [live(item) for item in value] if isinstance(value, list) else value


def plain(value: Any) -> Any:
    """A value as JSON has it."""
    if isinstance(value, Record):
        return value._fields
    if isinstance(value, Mapping):
        return {name: plain(item) for name, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, list) else value


@dataclass(slots=True)
class ToolCall:
    """A call as the tests write it."""

    name: str
    """The tool."""
    arguments: dict[str, Any]
    """Its arguments, perhaps records."""
    id: str = ""
    """The call's own name, which nobody asks for."""


@dataclass(slots=True)
class ToolMessage:
    """An answer as the tests read it."""

    content: str
    """The answer, or the error."""
    error: bool
    """Whether it is an error."""

    def model_dump_json(self, indent: int | None = None) -> str:
        """The answer as JSON."""
        return json.dumps({"content": self.content, "error": self.error}, indent=indent)


@dataclass(slots=True)
class Environment:
    """One of our worlds, with the methods that the tests call."""

    world: World
    """The world."""
    tables: dict[str, dict[str, dict[str, Any]]]
    """Its state, table -> key -> row, which tests may change in place."""
    tools: Any = field(init=False)
    """The tools as functions."""

    def __post_init__(self) -> None:
        """Makes a function of each tool."""
        specs = {spec.name: list(_arguments(spec.parameters)) for spec in self.world.specs}
        self.tools = types.SimpleNamespace(
            **{name: partial(self._called, name, names) for name, names in specs.items()}
        )

    def get_response(self, call: ToolCall) -> ToolMessage:
        """Carries a call out."""
        asked = Call(call.name, plain(call.arguments))
        if problem := Toolbox.of(self.world.specs).check(asked):
            return ToolMessage(f"Error: {problem.text}", True)
        start = self.world.start(self.world.fitted(cast("dict[str, Json]", _copied(self.tables))))
        after, result = start.run(asked)
        self._take(cast("WorldExecutor", after))
        return ToolMessage(result.content, result.problem is not None)

    def use_tool(self, tool_name: str, **arguments: object) -> Any:
        """A tool's answer; the row itself where it is one.

        Raises:
            ValueError: if it is an error.
        """
        response = self.get_response(ToolCall(tool_name, arguments))
        if response.error:
            raise ValueError(response.content)
        answer = json.loads(response.content)
        if not isinstance(answer, dict):
            return answer
        rows = (row for table in self.tables.values() for row in table.values())
        # An answer names the fields that are not set, too.
        return live(next((row for row in rows if row.items() <= answer.items()), answer))

    def _called(self, tool: str, names: list[str], *given: object, **more: object) -> Any:
        return self.use_tool(tool, **dict(zip(names, given, strict=False)), **more)

    def _take(self, after: WorldExecutor) -> None:
        """Takes over the rows of a state; a row stays the same object."""
        for table in self.world.tables:
            rows = self.tables[table]
            for key, _ in after.database.rows(table):
                row = rows.setdefault(key, {})
                new = json.loads(after.database.text(table, key))
                if row != new:
                    row.clear()
                    row.update(new)


def _arguments(parameters: Mapping[str, Json]) -> Mapping[str, Json]:
    properties = parameters["properties"]
    assert isinstance(properties, dict)
    return properties


def _copied(value: object) -> object:
    return json.loads(json.dumps(value))


def environment(world: World, tables: Record) -> Environment:
    """The environment of a world over a database."""
    return Environment(world, cast("dict[str, dict[str, dict[str, Any]]]", plain(tables)))


def pytest_configure() -> None:
    """Puts the stand-ins where the tests import tau2-bench's modules."""
    _module("tau2.data_model.message", ToolCall=ToolCall, ToolMessage=ToolMessage)
    _module("tau2.environment.environment", Environment=Environment)
    for domain in DOMAINS:
        made: Callable[[Record], Environment] = partial(environment, WORLDS[f"{domain}-tau2"])
        _module(f"tau2.domains.{domain}.environment", get_environment=made)
        _module(f"tau2.domains.{domain}.data_model", __getattr__=_record)
    if not importlib.util.find_spec("loguru"):
        _module("loguru", logger=logging.getLogger("tau2"))


def _record(name: str) -> type[Record]:
    """The data class of any name."""
    if name.startswith("__"):
        raise AttributeError(name)
    return Record


def _module(name: str, **content: object) -> None:
    """Makes a module, and the packages above it."""
    parts = name.split(".")
    for count in range(1, len(parts) + 1):
        path = ".".join(parts[:count])
        if path not in sys.modules or count == len(parts):
            sys.modules[path] = types.ModuleType(path)
            vars(sys.modules[path])["__path__"] = []
    vars(sys.modules[name]).update(content)
