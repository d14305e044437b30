"""The shop as two worlds: tau-bench's retail and tau2-bench's."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from tools.types import Json
from tools.worlds.database import Base
from tools.worlds.functions import WorldTool
from tools.worlds.retail.rules import CLAIMS, RULES
from tools.worlds.retail.variants import TAU1, TAU2
from tools.worlds.tables import Tables
from tools.worlds.world import Answered, World


def _world(name: str, tools: Mapping[str, WorldTool], *, ids_inside: bool) -> World:
    """A variant; tau2 repeats the users' ids in their rows, tau1 does not."""
    return World(
        name=name,
        tools=tools,
        domain="retail",
        tables=("orders", "products", "users"),
        fit=partial(_with_ids, inside=ids_inside),
        generate=partial(_tables, ids_inside=ids_inside),
        rebuild=_rebuilt,
        rules=RULES,
        claims=CLAIMS,
        searches=frozenset({"get_item_details", "list_all_product_types"}),
        finds=frozenset({"find_user_id_by_email", "find_user_id_by_name_zip"}),
    )


def _tables(customers: int, seed: int, *, ids_inside: bool) -> Tables:
    from tools.worlds.retail.generated import tables  # most tasks bring their database along

    return tables(customers, seed, ids_inside=ids_inside)


def _rebuilt(world: World, entries: Answered) -> Base:
    from tools.worlds.rebuilt.rows import rebuilt_base  # only for dialogues without a database

    return rebuilt_base(world, entries)


def _with_ids(tables: Mapping[str, Json], *, inside: bool) -> Mapping[str, Json]:
    """The tables, with users in the variant's form."""
    users = tables["users"]
    if not isinstance(users, dict):
        return tables
    return {**tables, "users": {key: _with_id(key, user, inside) for key, user in users.items()}}


def _with_id(key: str, user: Json, inside: bool) -> Json:
    if not isinstance(user, dict):
        return user
    without = {name: value for name, value in user.items() if name != "user_id"}
    return {"user_id": key, **without} if inside else without


RETAIL = _world("retail", TAU1, ids_inside=False)
"""tau-bench's retail."""
RETAIL_TAU2 = _world("retail-tau2", TAU2, ids_inside=True)
"""tau2-bench's retail."""
