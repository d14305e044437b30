"""Generates verified tasks at the retail shop, in both variants."""

from __future__ import annotations

from tasks.generation.domain import CustomerDomain
from tasks.retail.agent import converse
from tasks.retail.plan import draw_plan
from tasks.retail.rules_text import RULES
from tools.worlds.airline.world import AIRLINE
from tools.worlds.retail import world as retail

RETAIL = CustomerDomain(
    name="retail",
    worlds=(retail.RETAIL, retail.RETAIL_TAU2),
    other=AIRLINE,
    rules=RULES,
    entities="orders",
    plan=lambda base, dice, level, world: draw_plan(base, dice, level),
    converse=lambda talk, dice, world: converse(talk, dice),
)
"""The shop; its variants differ in tools that no gold agent needs."""
