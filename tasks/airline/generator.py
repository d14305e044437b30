"""Makes verified tasks with the airline, in both of its variants."""

from __future__ import annotations

from collections.abc import Iterator

from tasks.agenda.agenda import Agenda, all_requests
from tasks.airline.agent import converse
from tasks.airline.plan import draw_plan
from tasks.airline.rules import RULES
from tasks.candidates import Candidate, Sieve
from tasks.levels import level_of
from tasks.offer import tools_on_offer
from tasks.talk import Talk
from tools import worlds
from tools.dice import Dice
from tools.types import Json
from tools.worlds.database import Base
from tools.worlds.made import made_base

NAME = "airline"
WORLDS = ("airline", "airline-tau2")
"""Of these each task draws one; the second has a tool that tells a flight's status."""
OTHER = "retail"
"""The world whose tools are on offer as distractors."""
CUSTOMERS = 500
"""How many customers the database has, if nobody says otherwise."""
_STATUS_TOOL = "get_flight_status"


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
    dice = Dice(NAME, seed, index, attempt)
    world = dice.pick(WORLDS)
    base = made_base(world, customers, seed)
    number, chosen = level_of(level, dice)
    plan = draw_plan(base, dice, chosen, can_see_status=_can_see_status(world))
    talk = _conversation(plan.agenda, base, world, Dice(NAME, "agent", seed, index, attempt))
    difficulty: dict[str, Json] = {
        "level": number,
        "requests": len(plan.agenda.requests),
        "conditions": sum(wanted.otherwise is not None for wanted in plan.agenda.requests),
        "reservations": plan.reservations,
        "other_tools": chosen.tools,
    }
    beside: dict[str, Json] = {
        "world": {"name": world, "made": {"customers": customers, "seed": seed}},
        "group": f"{NAME}-{seed}-{plan.user_id}",
        "intents": [wanted.intent for wanted in all_requests(plan.agenda)],
        "difficulty": difficulty,
    }
    others = dice.some(range(len(worlds.specs(OTHER))), chosen.tools)
    tools = tools_on_offer(world, OTHER, tuple(others))
    return Candidate(talk, base, world, RULES, tools, beside)


def told_again(found: Candidate, agenda: Agenda, style: int) -> Talk:
    """The gold agent's conversation with a customer, in other words of its own.

    Args:
        found: The task.
        agenda: Its customer, perhaps in another manner.
        style: Chooses the agent's words.

    Raises:
        Rejected: if the conversation goes wrong.
    """
    dice = Dice(NAME, "style", style, agenda.seed)
    return _conversation(agenda, found.base, found.world, dice)


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


def _conversation(agenda: Agenda, base: Base, world: str, dice: Dice) -> Talk:
    talk = Talk(agenda, worlds.start(world, base))
    converse(talk, dice, can_see_status=_can_see_status(world))
    return talk


def _can_see_status(world: str) -> bool:
    return any(spec.name == _STATUS_TOOL for spec in worlds.specs(world))
