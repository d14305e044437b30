"""A domain whose customers are made up: from a seed to verified tasks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tasks.agenda.agenda import Agenda, all_requests
from tasks.generation.distractors import tools_on_offer
from tasks.generation.levels import Level, level_of
from tasks.generation.menu import CustomerPlan
from tasks.generation.rejection import Candidate, RejectionFilter
from tasks.generation.talk import Talk
from tools.dice import Dice
from tools.types import Json
from tools.worlds.database import Base
from tools.worlds.world import World

CUSTOMERS = 500
"""How many customers a database has, if nobody says otherwise."""


@dataclass(frozen=True, slots=True)
class CustomerDomain:
    """A shop or an airline: who its customers are, and how its gold agent serves them."""

    name: str
    """What tasks and splits are called after."""
    worlds: tuple[World, ...]
    """Its variants; of these each task draws one."""
    other: World
    """The world whose tools are on offer as distractors."""
    rules: str
    """The rules of the business, as the agent reads them."""
    entities: str
    """What its customers have: "orders" or "reservations"."""
    plan: Callable[[Base, Dice, Level, World], CustomerPlan]
    """Draws a customer and its agenda, from database, draws, level and world."""
    converse: Callable[[Talk, Dice, World], None]
    """Serves a customer, with draws, in a world."""

    def candidate(
        self,
        seed: int,
        index: int,
        attempt: int,
        *,
        level: int | None = None,
        customers: int = CUSTOMERS,
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
        dice = Dice(self.name, seed, index, attempt)
        world = dice.pick(self.worlds)
        base = world.generated(customers, seed)
        number, chosen = level_of(level, dice)
        plan = self.plan(base, dice, chosen, world)
        talk = self._talk(plan.agenda, base, world, Dice(self.name, "agent", seed, index, attempt))
        notes: dict[str, Json] = {
            "world": {"name": world.name, "made": {"customers": customers, "seed": seed}},
            "group": f"{self.name}-{seed}-{plan.user_id}",
            "intents": [wanted.intent for wanted in all_requests(plan.agenda)],
            "difficulty": self._difficulty(plan, number, chosen),
        }
        others = dice.some(range(len(self.other.specs)), chosen.tools)
        tools = tools_on_offer(world, self.other, tuple(others))
        return Candidate(talk, base, world, self.rules, tools, notes)

    def told_again(self, found: Candidate, agenda: Agenda, style: int) -> Talk:
        """The gold agent's conversation with a customer, in other words of its own.

        Args:
            found: The task.
            agenda: Its customer, perhaps in another manner.
            style: Chooses the agent's words.

        Raises:
            Rejected: if the conversation goes wrong.
        """
        dice = Dice(self.name, "style", style, agenda.seed)
        return self._talk(agenda, found.base, found.world, dice)

    def rejection_filter(
        self, seed: int, *, level: int | None = None, customers: int = CUSTOMERS
    ) -> RejectionFilter:
        """All sound tasks of a seed."""

        def make(index: int, attempt: int) -> Candidate:
            return self.candidate(seed, index, attempt, level=level, customers=customers)

        return RejectionFilter(make)

    def generate(self, n: int, seed: int) -> Iterator[tuple[dict[str, Json], dict[str, Json]]]:
        """Generates tasks, one by one.

        Args:
            n: How many; task `i` is the same for every `n > i`.
            seed: Another seed gives another database and other dialogues.

        Yields:
            A record in APIGen-MT's form and its sidecar.
        """
        for found in self.rejection_filter(seed).tasks(n):
            yield found.record(), found.sidecar()

    def _talk(self, agenda: Agenda, base: Base, world: World, dice: Dice) -> Talk:
        talk = Talk(agenda, world.start(base))
        self.converse(talk, dice, world)
        return talk

    def _difficulty(self, plan: CustomerPlan, number: int, level: Level) -> dict[str, Json]:
        requests = plan.agenda.requests
        return {
            "level": number,
            "requests": len(requests),
            "conditions": sum(wanted.otherwise is not None for wanted in requests),
            self.entities: plan.entities,
            "other_tools": level.tools,
        }
