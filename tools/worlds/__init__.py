"""Stateful mock APIs: small worlds that answer, refuse and remember."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache

from tools.effects import ToolEffect
from tools.executor import Executor
from tools.jsontext import short
from tools.types import Json, ToolSpec
from tools.worlds import airline, desk, retail
from tools.worlds.database import Base
from tools.worlds.functions import WorldTool
from tools.worlds.rebuilt.executor import RebuiltBase, RebuiltExecutor
from tools.worlds.world import WorldExecutor

WORLDS = ("desk", "retail", "retail-tau2", "airline", "airline-tau2")
"""The worlds there are: ours, and those of tau-bench and tau2-bench."""


def start(name: str, state: Base | Mapping[str, Json]) -> Executor:
    """The executor of a world at its beginning.

    Args:
        name: One of `WORLDS`.
        state: A database, which all starts share (one that was rebuilt from a dialogue says of
            all else that it has no such record); or table -> key -> row as plain JSON, which
            must not be changed afterwards.

    Raises:
        ValueError: if there is no such world, or the state has another shape.
    """
    base = state if isinstance(state, Base) else Base.of(state)
    executor = WorldExecutor.start(_tools(name), base)
    return RebuiltExecutor(executor, base) if isinstance(base, RebuiltBase) else executor


def specs(name: str) -> tuple[ToolSpec, ...]:
    """The tools of a world, in the order in which they are offered.

    Raises:
        ValueError: if there is no such world.
    """
    return tuple(tool.spec for tool in _tools(name).values())


@lru_cache(maxsize=16)
def effects(name: str) -> Mapping[str, ToolEffect]:
    """Tool name -> declared effect; one mapping for all that ask.

    Raises:
        ValueError: if there is no such world.
    """
    return {key: tool.effect for key, tool in _tools(name).items()}


def world_with(tools: Iterable[str]) -> str | None:
    """The first world that has all these tools, by their names; None if no world has."""
    wanted = frozenset(tools)
    return next((name for name in WORLDS if wanted <= _tools(name).keys()), None)


def _tools(name: str) -> Mapping[str, WorldTool]:
    match name:
        case "desk":
            return desk.TOOLS
        case "retail":
            return retail.TAU1
        case "retail-tau2":
            return retail.TAU2
        case "airline":
            return airline.TAU1
        case "airline-tau2":
            return airline.TAU2
        case _:
            raise ValueError(
                f"expected the name of a world ({', '.join(WORLDS)}), got {short(name)}; "
                "correct the name in the task's sidecar"
            )
