"""Makes verified tasks at the retail shop."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import lru_cache

from tasks.agenda.agenda import Agenda
from tasks.candidates import Candidate, Sieve
from tasks.levels import level_of
from tasks.retail.agent import converse
from tasks.retail.plan import draw_plan, intents
from tasks.retail.rules import RULES
from tasks.talk import Talk
from tools import worlds
from tools.dice import Dice
from tools.types import Json, ToolSpec
from tools.worlds.database import Base
from tools.worlds.made import made_base

WORLD = "retail"
OTHER = "airline"
"""The world whose tools are on offer as distractors."""
CUSTOMERS = 500
"""How many customers the database has, if nobody says otherwise."""


def candidate(
    seed: int, index: int, attempt: int, *, level: int | None = None, customers: int = CUSTOMERS
) -> Candidate:
    """One dialogue, which may turn out to be no task.

    Args:
        seed: Another seed gives another database and other dialogues.
        index: The task's number.
        attempt: How many candidates for this number were rejected.
        level: The dial's position, or None to draw it.
        customers: How many customers the database has.

    Raises:
        Rejected: if it is no task.
    """
    base = made_base(WORLD, customers, seed)
    dice = Dice(WORLD, seed, index, attempt)
    number, chosen = level_of(level, dice)
    plan = draw_plan(base, dice, chosen)
    talk = Talk(plan.agenda, worlds.start(WORLD, base))
    converse(talk, Dice(WORLD, "agent", seed, index, attempt))
    difficulty: dict[str, Json] = {
        "level": number,
        "requests": len(plan.agenda.requests),
        "conditions": sum(wanted.otherwise is not None for wanted in plan.agenda.requests),
        "orders": plan.orders,
        "other_tools": chosen.tools,
    }
    beside: dict[str, Json] = {
        "world": {"name": WORLD, "made": {"customers": customers, "seed": seed}},
        "group": f"{WORLD}-{seed}-{plan.user_id}",
        "intents": list(intents(plan.agenda)),
        "difficulty": difficulty,
    }
    tools = _tools(tuple(dice.some(range(len(worlds.specs(OTHER))), chosen.tools)))
    return Candidate(talk, base, WORLD, RULES, tools, beside)


@lru_cache(maxsize=4096)
def _tools(others: tuple[int, ...]) -> str:
    """The shop's tools and some of another trade's, which do nothing here, as JSON."""
    own = worlds.specs(WORLD)
    names = {spec.name for spec in own}
    strange = [worlds.specs(OTHER)[place] for place in others]
    specs = (*own, *(spec for spec in strange if spec.name not in names))
    return json.dumps([_bare(spec) for spec in specs])


def _bare(spec: ToolSpec) -> dict[str, Json]:
    parameters = dict(spec.parameters)
    return {"name": spec.name, "description": spec.description, "parameters": parameters}


def told_again(agenda: Agenda, base: Base, style: int) -> Talk:
    """The gold agent's conversation with a customer, in other words of its own.

    Args:
        agenda: The customer.
        base: The database.
        style: Chooses the agent's words.

    Raises:
        Rejected: if the conversation goes wrong.
    """
    talk = Talk(agenda, worlds.start(WORLD, base))
    converse(talk, Dice(WORLD, "style", style, agenda.seed))
    return talk


def sieve(seed: int, *, level: int | None = None, customers: int = CUSTOMERS) -> Sieve:
    """All sound tasks of a seed."""

    def make(index: int, attempt: int) -> Candidate:
        return candidate(seed, index, attempt, level=level, customers=customers)

    return Sieve(make)


def generate(n: int, seed: int) -> Iterator[tuple[dict[str, Json], dict[str, Json]]]:
    """Generates tasks, one by one.

    Args:
        n: How many; task `i` is the same for every `n > i`.
        seed: Another seed gives another database and other dialogues.

    Yields:
        A record in APIGen-MT's form and its sidecar.
    """
    for found in sieve(seed).tasks(n):
        yield found.record(), found.sidecar()
