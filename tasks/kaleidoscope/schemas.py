"""The schemas of a domain's tools."""

from __future__ import annotations

from collections.abc import Iterator

from tasks.kaleidoscope.domain import Domain, Field, Holds, Ids
from tools.types import Json


def tools(domain: Domain) -> list[Json]:
    """The tools, in the order of the prompt."""
    return list(_tools(domain))


def _tools(domain: Domain) -> Iterator[Json]:
    thing = domain.thing
    if domain.find is not None:
        takes = {domain.owner_ids.name: _id(domain.owner_ids)}
        kind: dict[str, Json] = {domain.kind.name: {"type": "string"}}
        takes |= kind if domain.find_takes_kind else {}
        yield _tool(domain.find, f"Find the {thing}s of one {domain.owner}.", takes)
    own = {domain.ids.name: _id(domain.ids)}
    yield _tool(domain.get, f"Show one {thing}.", own)
    for deed in domain.deeds:
        more = {} if deed.asks is None else {deed.asks.name: _argument(deed.asks)}
        yield _tool(deed.tool, f"{deed.verb.capitalize()} a {thing}.", own | more)
    if domain.helper is not None:
        topic: dict[str, Json] = {"topic": {"type": "string", "enum": list(domain.topics)}}
        yield _tool(domain.helper, "Let a human take over.", topic)


def _tool(name: str, description: str, takes: dict[str, Json]) -> Json:
    required: list[Json] = list(takes)
    parameters: Json = {"type": "object", "properties": takes, "required": required}
    return {"name": name, "description": description, "parameters": parameters}


def _id(ids: Ids) -> Json:
    return {"type": "integer" if ids.number else "string"}


def _argument(field: Field) -> Json:
    if field.holds is Holds.COUNT:
        return {"type": "integer"}
    return {"type": "string", "enum": list(field.choices)} if field.choices else {"type": "string"}
