"""Tools and parameters under other names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import cast

from reasonact_env.wrappers.names import new_names
from reasonact_env.wrappers.perturbation import Env, Perturbation, Tool
from tools.protocol import change_calls
from tools.types import Json, Role, ToolCall

_WORD = re.compile(r"\w+")
_QUOTED = re.compile(r"([\"'`])(\w+)\1")
_OLD = "old-name."
"""The prefix of a name that is no longer valid, so that the environment refuses it, too."""
_NOT_RENAMED = ("dependentRequired", "dependentSchemas", "dependencies", "allOf", "if")
"""Further keywords that name parameters; a tool with one of them keeps its parameters."""


@dataclass(frozen=True, slots=True)
class Naming:
    """The new names of tools and parameters."""

    tools: Mapping[str, str]
    """Tool -> its new name."""
    parameters: Mapping[str, Mapping[str, str]]
    """Tool -> parameter -> its new name."""

    @classmethod
    def of(cls, tools: Iterable[Tool], seed: int) -> Naming:
        """New names for a set of tools; a parameter gets the same new name in all tools."""
        fields = {_name(tool): _fields(tool) for tool in tools}
        names = sorted({field for own in fields.values() for field in own})
        renamed = new_names(names, f"{seed}:parameter", "_value")
        return cls(
            new_names(sorted(fields), f"{seed}:tool", "_tool"),
            {tool: {field: renamed[field] for field in own} for tool, own in fields.items()},
        )

    def forward(self, call: ToolCall) -> ToolCall:
        """The call with the environment's names replaced by the new ones."""
        fields = self.parameters.get(call.name, {})
        arguments = {fields.get(key, key): value for key, value in call.arguments.items()}
        return ToolCall(self.tools.get(call.name, call.name), arguments)

    def back(self, call: ToolCall) -> ToolCall:
        """The call with the new names replaced by the environment's; old names become unknown."""
        olds = {new: old for old, new in self.tools.items()}
        name = olds.get(call.name, _outdated(call.name, self.tools))
        fields = self.parameters.get(name, {})
        old_fields = {new: old for old, new in fields.items()}
        arguments = {
            old_fields.get(key, _outdated(key, fields)): value
            for key, value in call.arguments.items()
        }
        return ToolCall(name, arguments)


class RenameTools(Perturbation):
    """Shows tools and their parameters under other names, the same for the same seed.

    Tools and top-level parameters are renamed in schemas, in all calls of the conversation, and in
    the API's errors. Names of tools are also replaced in the rules and in descriptions, if they
    have
    several words ("think" is an English word, too). Enumerated values, keys of nested objects and
    the contents of results keep their names: they are data. An old name is an unknown tool or an
    unexpected argument, like any other. Infos keep the environment's own names.
    """

    def __init__(self, env: Env, seed: int = 0) -> None:
        """Wraps an environment.

        Args:
            env: The environment.
            seed: The seed of the names.
        """
        super().__init__(env, seed=seed)
        self._naming = Naming({}, {})

    def shown(self, action: str) -> str:
        """The message with the new names."""
        return change_calls(action, self._naming.forward)

    def sent(self, action: str) -> str:
        """The message with the environment's names."""
        return change_calls(action, self._naming.back)

    def perturb_tools(self, tools: list[Tool]) -> list[Tool]:
        """The tools under their new names."""
        self._naming = Naming.of(tools, self._seed)
        return [self._renamed(tool) for tool in tools]

    def perturb_message(self, role: str, content: str) -> str:
        """Calls, rules and errors with the new names; users' messages stay the same."""
        if role == Role.ASSISTANT:
            return self.shown(content)
        if role == Role.SYSTEM:
            return self._with_new_tools(content)
        if role == Role.TOOL and content.startswith("Error"):
            return self._with_new_parameters(self._with_new_tools(content.replace(_OLD, "")))
        return content

    def _renamed(self, tool: Tool) -> Tool:
        function = cast("dict[str, Json]", tool["function"])
        name = _name(tool)
        renamed: dict[str, Json] = {
            **function,
            "name": self._naming.tools[name],
            "description": self._with_new_tools(str(function["description"])),
            "parameters": _with_fields(function["parameters"], self._naming.parameters[name]),
        }
        return {**tool, "function": renamed}

    def _with_new_tools(self, text: str) -> str:
        tools = self._naming.tools

        def new(match: re.Match[str]) -> str:
            word = match.group()
            return tools.get(word, word) if "_" in word else word

        return _WORD.sub(new, text)

    def _with_new_parameters(self, text: str) -> str:
        """The text with parameters renamed within quotes, as errors write them."""
        known = dict(self._naming.tools)
        for fields in self._naming.parameters.values():
            known |= fields
        return _QUOTED.sub(lambda m: f"{m[1]}{known.get(m[2], m[2])}{m[1]}", text)


def _name(tool: Tool) -> str:
    return str(cast("dict[str, Json]", tool["function"])["name"])


def _fields(tool: Tool) -> list[str]:
    """The parameters that can be renamed."""
    schema = cast("dict[str, Json]", tool["function"])["parameters"]
    if not isinstance(schema, dict) or any(key in schema for key in _NOT_RENAMED):
        return []
    properties = schema.get("properties")
    return list(properties) if isinstance(properties, dict) else []


def _with_fields(schema: Json, fields: Mapping[str, str]) -> Json:
    if not isinstance(schema, dict) or not fields:
        return schema
    properties = cast("dict[str, Json]", schema["properties"])
    renamed: dict[str, Json] = {
        **schema,
        "properties": {fields[key]: value for key, value in properties.items()},
    }
    required = schema.get("required")
    if isinstance(required, list):
        renamed["required"] = [fields.get(str(key), key) for key in required]
    return renamed


def _outdated(name: str, renamed: Mapping[str, str]) -> str:
    return _OLD + name if name in renamed else name
