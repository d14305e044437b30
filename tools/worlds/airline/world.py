"""The airline as two worlds: tau-bench's and tau2-bench's."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from tools.worlds.airline.airline import Variant
from tools.worlds.airline.rules import CLAIMS, RULES
from tools.worlds.airline.variants import RULES_1, RULES_2, TAU1, TAU2
from tools.worlds.database import Base
from tools.worlds.functions import WorldTool
from tools.worlds.tables import Tables
from tools.worlds.world import Answered, World


def _world(name: str, tools: Mapping[str, WorldTool], variant: Variant) -> World:
    return World(
        name=name,
        tools=tools,
        domain="airline",
        tables=("flights", "reservations", "users"),
        generate=_tables,
        rebuild=partial(_rebuilt, variant=variant),
        rules=RULES,
        claims=CLAIMS,
        searches=frozenset({"get_flight_status", "search_direct_flight", "search_onestop_flight"}),
    )


def _tables(customers: int, seed: int) -> Tables:
    from tools.worlds.airline.generated import tables  # most tasks bring their database along

    return tables(customers, seed)


def _rebuilt(world: World, entries: Answered, *, variant: Variant) -> Base:
    from tools.worlds.rebuilt.flights import flights_shown  # only for dialogues without a database
    from tools.worlds.rebuilt.rows import rebuilt_base

    shown = partial(flights_shown, onward_day_shown=variant.onward_day_shown)
    return rebuilt_base(world, entries, flights=shown)


AIRLINE = _world("airline", TAU1, RULES_1)
"""tau-bench's airline."""
AIRLINE_TAU2 = _world("airline-tau2", TAU2, RULES_2)
"""tau2-bench's airline."""
