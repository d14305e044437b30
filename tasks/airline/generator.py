"""Generates verified tasks with the airline, in both variants."""

from __future__ import annotations

from tasks.airline.agent import converse
from tasks.airline.plan import draw_plan
from tasks.airline.rules_text import RULES
from tasks.generation.domain import CustomerDomain
from tasks.generation.levels import Level
from tasks.generation.menu import CustomerPlan
from tasks.generation.talk import Talk
from tools.dice import Dice
from tools.worlds.airline import world as airline
from tools.worlds.database import Base
from tools.worlds.retail.world import RETAIL
from tools.worlds.world import World

_STATUS_TOOL = "get_flight_status"


def _plan(base: Base, dice: Dice, level: Level, world: World) -> CustomerPlan:
    return draw_plan(base, dice, level, can_see_status=_can_see_status(world))


def _converse(talk: Talk, dice: Dice, world: World) -> None:
    converse(talk, dice, can_see_status=_can_see_status(world))


def _can_see_status(world: World) -> bool:
    """Whether the variant has a tool that tells a flight's status; tau2-bench's has one."""
    return _STATUS_TOOL in world.tools


AIRLINE = CustomerDomain(
    name="airline",
    worlds=(airline.AIRLINE, airline.AIRLINE_TAU2),
    other=RETAIL,
    rules=RULES,
    entities="reservations",
    plan=_plan,
    converse=_converse,
)
"""The airline."""
