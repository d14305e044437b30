"""Tools from signatures and docstrings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NotRequired, TypedDict

import pytest

from tools.types import Effect, Json
from tools.worlds.database import Base, Database
from tools.worlds.functions import Change, tool_of, tools_of, tools_over


def look(
    database: Database,
    name: str,
    kinds: list[str],
    size: int = 3,
    weight: float | None = None,
    mode: Literal["fast", "slow"] = "fast",
) -> Json:
    """Looks something up,
    in two lines.

    More words that nobody pays for.

    Args:
        database: Not an argument of the tool.
        name: What to look for.
        size (int): How much of it,
            over two lines.

    Raises:
        ApiError: never.
    """
    return [name, *kinds, size, weight, mode]


def store(database: Database, flag: bool) -> Change:
    """Stores."""
    return Change(database, flag)


def test_the_signature_gives_the_schema() -> None:
    assert tool_of(look).spec.parameters == {
        "type": "object",
        "properties": {
            "name": {"type": "string", "description": "What to look for."},
            "kinds": {"type": "array", "items": {"type": "string"}},
            "size": {
                "type": "integer",
                "description": "How much of it, over two lines.",
                "default": 3,
            },
            "weight": {"type": "number"},
            "mode": {"type": "string", "enum": ["fast", "slow"], "default": "fast"},
        },
        "required": ["name", "kinds"],
    }


def test_the_docstring_gives_the_description() -> None:
    assert tool_of(look).spec.description == "Looks something up, in two lines."


def test_the_return_type_declares_the_effect() -> None:
    tools = tools_of(look, store)
    assert list(tools) == ["look", "store"]
    assert tools["look"].effect.effect is Effect.READ
    assert tools["store"].effect.effect is Effect.WRITE
    assert not tools["store"].effect.inferred


def bad(database: Database, when: complex) -> Json:
    """Takes what has no schema."""
    return str(when)


def test_a_type_without_schema_is_refused() -> None:
    with pytest.raises(TypeError, match=r"expected a parameter of type str.*complex"):
        tool_of(bad)


class Guest(TypedDict):
    """Somebody at the table.

    Attributes:
        name: How they are called,
            in full.
    """

    name: str
    seats: int
    diet: NotRequired[Literal["none", "vegan"]]


def invite(database: Database, guests: list[Guest], amount: float, note: str | None = None) -> Json:
    """Invites."""
    return note


GUEST: dict[str, Json] = {
    "type": "object",
    "properties": {
        "name": {"type": "string", "description": "How they are called, in full."},
        "seats": {"type": "integer"},
        "diet": {"type": "string", "enum": ["none", "vegan"]},
    },
    "required": ["name", "seats"],
}


def test_a_typed_dict_becomes_an_object() -> None:
    assert tool_of(invite).spec.parameters["properties"] == {
        "guests": {"type": "array", "items": GUEST},
        "amount": {"type": "number"},
        "note": {"type": "string"},
    }


def test_a_variant_has_types_of_its_own() -> None:
    own = {"amount": int, "guests": list[Guest | dict[str, int]], "not_a_parameter": str}
    assert tool_of(invite, types=own).spec.parameters["properties"] == {
        "guests": {
            "type": "array",
            "items": {"anyOf": [GUEST, {"type": "object", "additionalProperties": True}]},
        },
        "amount": {"type": "integer"},
        "note": {"type": "string"},
    }


@dataclass(frozen=True)
class View:
    """A database and what is done to names."""

    database: Database
    greeting: str


def greet(view: View, name: str) -> Json:
    """Greets."""
    return f"{view.greeting}, {name}!"


def test_a_tool_can_work_on_a_view_of_the_database() -> None:
    tool = tools_over([greet], lambda database: View(database, "Hello"))["greet"]
    assert tool.spec == tool_of(greet).spec
    assert tool.function(Database(Base.of({})), name="Ada") == "Hello, Ada!"
