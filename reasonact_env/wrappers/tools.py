"""Perturbations of the list of tools alone."""

from __future__ import annotations

from typing import cast

from reasonact_env.wrappers.perturbation import Env, Perturbation, Tool
from tools.types import Json


class ShuffleTools(Perturbation):
    """Shows the tools in another order, the same in all episodes of a task."""

    def __init__(self, env: Env, seed: int = 0) -> None:
        """Wraps an environment.

        Args:
            env: The environment.
            seed: The seed of the orders.
        """
        super().__init__(env, seed=seed)

    def perturb_tools(self, tools: list[Tool]) -> list[Tool]:
        """The same tools in an order that depends on seed and task."""
        order = list(tools)
        self.rng("order", self.task_id).shuffle(order)
        return order


class StripDescriptions(Perturbation):
    """Shows no descriptions of tools and parameters.

    Names, types, enumerations, defaults and the rules (the system message) stay: an agent has to
    work
    with these alone.
    """

    def perturb_tools(self, tools: list[Tool]) -> list[Tool]:
        """The tools with empty descriptions."""
        return [_bare(tool) for tool in tools]


_PROSE = ("description", "title", "examples", "$comment")


def _bare(tool: Tool) -> Tool:
    function = cast("dict[str, Json]", tool["function"])
    parameters = _without_prose(function["parameters"])
    return {**tool, "function": {**function, "description": "", "parameters": parameters}}


def _without_prose(schema: Json) -> Json:
    """A schema without its descriptions; a property named "description" stays."""
    if isinstance(schema, list):
        return [_without_prose(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {key: value for key, value in schema.items() if key not in _PROSE}
    return {key: _part(key, value) for key, value in kept.items()}


def _part(key: str, value: Json) -> Json:
    if key in ("properties", "patternProperties", "$defs", "definitions") and isinstance(
        value, dict
    ):
        return {name: _without_prose(schema) for name, schema in value.items()}
    if key in ("enum", "const", "default", "required"):
        return value
    return _without_prose(value)
