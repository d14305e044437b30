"""The tools of a generated dialogue: the world's own, and distractors."""

from __future__ import annotations

import json
from functools import lru_cache

from tools.types import Json, ToolSpec
from tools.worlds.world import World


@lru_cache(maxsize=4096)
def tools_on_offer(world: World, other: World, places: tuple[int, ...]) -> str:
    """The tools as JSON.

    Args:
        world: The world of the dialogue.
        other: The world of the distractors.
        places: The indices of the other world's tools to add; a tool whose name the world has
            already is left out.
    """
    strange = [other.specs[place] for place in places]
    specs = (*world.specs, *(spec for spec in strange if spec.name not in world.tools))
    return json.dumps([_bare(spec) for spec in specs])


def _bare(spec: ToolSpec) -> dict[str, Json]:
    parameters = dict(spec.parameters)
    return {"name": spec.name, "description": spec.description, "parameters": parameters}
