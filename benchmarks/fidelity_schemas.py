"""Tool schemas of our worlds against tau-bench's: all but titles and descriptions are equal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from benchmarks.fidelity_replay import Object
from tools.jsontext import equal
from tools.types import Json
from tools.worlds import WORLDS


def schema_differences(world: str, schemas: Sequence[Json]) -> list[str]:
    """The tools whose names, parameters, types, enums or required arguments are not the same."""
    wanted = {}
    for tool in schemas:
        function = cast("Object", cast("Object", tool)["function"])
        parameters = cast("Object", function["parameters"])
        wanted[str(function["name"])] = _bare({"required": [], **resolved(parameters)})
    ours = {spec.name: _bare(dict(spec.parameters)) for spec in WORLDS[world].specs}
    names = sorted({*wanted, *ours})
    return [name for name in names if not equal(wanted.get(name), ours.get(name))]


def resolved(schema: Object) -> Object:
    """A schema with its `$ref`s replaced by what they name."""
    definitions = cast("Object", schema.get("$defs", {}))

    def walk(value: Json) -> Json:
        if isinstance(value, list):
            return [walk(item) for item in value]
        if not isinstance(value, dict):
            return value
        if isinstance(reference := value.get("$ref"), str):
            return walk(definitions[reference.rsplit("/", 1)[-1]])
        return {name: walk(item) for name, item in value.items() if name != "$defs"}

    return cast("Object", walk(schema))


def _bare(value: Json, *, inside_properties: bool = False) -> Json:
    """A schema without titles and descriptions; properties of these names stay."""
    if isinstance(value, list):
        return [_bare(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        name: _bare(item, inside_properties=name == "properties" and not inside_properties)
        for name, item in value.items()
        if inside_properties or name not in ("title", "description")
    }
