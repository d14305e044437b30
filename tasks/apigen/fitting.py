"""Whether a record fits the world that its sidecar names."""

from __future__ import annotations

import json
from collections.abc import Iterable

from tasks.apigen.rows import RowProblem
from tools.jsontext import short
from tools.schema.toolbox import Toolbox
from tools.types import ToolCall, ToolSpec
from tools.worlds import WORLDS
from tools.worlds.world import World


def require_callable(gold: Iterable[ToolCall], toolbox: Toolbox) -> None:
    """Refuses gold calls that no agent could make.

    Raises:
        RowProblem: of kind `bad_sidecar`, naming the call.
    """
    for place, call in enumerate(gold):
        if (problem := toolbox.check(call)) is not None:
            written = short(f"{call.name}({json.dumps(dict(call.arguments))})")
            raise RowProblem(
                "bad_sidecar",
                f"expected gold calls that fit the record's tools, got {written} as action "
                f"{place}: {problem.text} Correct `gold` in the sidecar, or `tools` in the record",
            )


def require_world_tools(tools: Iterable[ToolSpec], world: World) -> None:
    """Refuses a record whose tools take other arguments than those of its world.

    Tools that the world lacks only distract, and descriptions may differ. Records for the worlds of
    the house come in several variants, and are not checked.

    Raises:
        RowProblem: of kind `bad_sidecar`, naming the tool.
    """
    for spec in () if world.name in WORLDS else tools:
        own = world.tools.get(spec.name)
        if own is None or own.spec.parameters == spec.parameters:
            continue
        ours, theirs = _arguments(own.spec), _arguments(spec)
        if ours != theirs:
            raise RowProblem(
                "bad_sidecar",
                f"expected the tool {spec.name!r} of the record to take the arguments of the world "
                f"{world.name} ({', '.join(ours)}), got {', '.join(theirs) or 'none'}; write "
                f'"tools": [spec.as_dict() for spec in {world.name.partition(":")[2] or "WORLD"}'
                ".specs]",
            )


def _arguments(spec: ToolSpec) -> list[str]:
    properties = spec.parameters.get("properties")
    return sorted(properties) if isinstance(properties, dict) else []
