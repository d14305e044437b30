"""Stateful mock APIs: small worlds that answer, refuse and remember."""

from __future__ import annotations

from collections.abc import Mapping

from tools.effects import ToolEffect
from tools.executor import Executor
from tools.jsontext import short
from tools.types import Json, ToolSpec
from tools.worlds import desk, retail
from tools.worlds.functions import WorldTool
from tools.worlds.world import WorldExecutor

WORLDS = ("desk", "retail", "retail-tau2")
"""The worlds there are."""


def start(name: str, state: Mapping[str, Json]) -> Executor:
    """The executor of a world at its beginning.

    Args:
        name: One of `WORLDS`.
        state: Table -> key -> row, as plain JSON; it must not be changed afterwards.

    Raises:
        ValueError: if there is no such world, or the state has another shape.
    """
    return WorldExecutor.start(_tools(name), state)


def specs(name: str) -> tuple[ToolSpec, ...]:
    """The tools of a world, in the order in which they are offered.

    Raises:
        ValueError: if there is no such world.
    """
    return tuple(tool.spec for tool in _tools(name).values())


def effects(name: str) -> dict[str, ToolEffect]:
    """Tool name -> declared effect.

    Raises:
        ValueError: if there is no such world.
    """
    return {key: tool.effect for key, tool in _tools(name).items()}


def _tools(name: str) -> Mapping[str, WorldTool]:
    match name:
        case "desk":
            return desk.TOOLS
        case "retail":
            return retail.TAU1
        case "retail-tau2":
            return retail.TAU2
        case _:
            raise ValueError(
                f"expected the name of a world ({', '.join(WORLDS)}), got {short(name)}; "
                "correct the name in the task's sidecar"
            )
