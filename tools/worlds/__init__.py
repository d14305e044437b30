"""Stateful mock APIs: small worlds that answer, refuse and remember."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from tools.jsontext import short
from tools.lazy_table import LazyTable
from tools.load_object import is_object_name, load_object
from tools.worlds.world import World

WORLDS: Mapping[str, World] = LazyTable(
    {
        "desk": "tools.worlds.desk:DESK",
        "retail": "tools.worlds.retail.world:RETAIL",
        "retail-tau2": "tools.worlds.retail.world:RETAIL_TAU2",
        "airline": "tools.worlds.airline.world:AIRLINE",
        "airline-tau2": "tools.worlds.airline.world:AIRLINE_TAU2",
    }
)
"""Name -> world: ours, and those of tau-bench and tau2-bench. A world is loaded when asked for."""


def world_named(name: str) -> World:
    """A world by its name.

    Args:
        name: One of `WORLDS`, or `MODULE:NAME` of a `World` from outside.

    Raises:
        ValueError: if there is no such world, or something else has this name.
    """
    if name in WORLDS:
        return WORLDS[name]
    if not is_object_name(name):
        raise ValueError(
            f"expected the name of a world ({', '.join(WORLDS)}, or MODULE:NAME of your own), got "
            f"{short(name)}; correct the name in the task's sidecar"
        )
    found = load_object(name, "a world")
    if not isinstance(found, World):
        raise ValueError(
            f"expected {name} to be a tools.worlds.world.World, got a {type(found).__name__}; "
            "examples/own_world.py makes one"
        )
    if found.name != name and found.name not in WORLDS:
        raise ValueError(
            f"expected the world {name} to bear the name by which it is found, got "
            f'World({found.name!r}, …); write World(f"{{__name__}}:{name.partition(":")[2]}", …) '
            "in its module, since files and other processes find it by its name"
        )
    return found


def world_with(tools: Iterable[str]) -> World | None:
    """The first of `WORLDS` that has tools of all these names; None if no world has them."""
    wanted = frozenset(tools)
    return next((world for world in WORLDS.values() if wanted <= world.tools.keys()), None)
