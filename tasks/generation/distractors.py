"""The tools on offer in a generated dialogue: the world's own, and some that are of no use."""

from __future__ import annotations

import json
from functools import lru_cache

from tools import worlds
from tools.types import Json, ToolSpec


@lru_cache(maxsize=4096)
def tools_on_offer(world: str, other: str, places: tuple[int, ...]) -> str:
    """The tools as JSON.

    Args:
        world: The world of the dialogue.
        other: Another world.
        places: The numbers of the other world's tools that are on offer beside; one that is called
            like one of the world's own is left out.
    """
    own = worlds.specs(world)
    names = {spec.name for spec in own}
    strange = [worlds.specs(other)[place] for place in places]
    specs = (*own, *(spec for spec in strange if spec.name not in names))
    return json.dumps([_bare(spec) for spec in specs])


def _bare(spec: ToolSpec) -> dict[str, Json]:
    parameters = dict(spec.parameters)
    return {"name": spec.name, "description": spec.description, "parameters": parameters}
