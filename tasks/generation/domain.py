"""A domain with generated customers: from a seed to verified tasks."""

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
"""The default number of customers in a database."""


@dataclass(frozen=True, slots=True)
class CustomerDomain:
    """A shop or an airline: its customers, its worlds and its gold agent."""

    name: str
    """The name in task ids and groups."""
    worlds: tuple[World, ...]
    """The domain's variants; each task samples one."""
    other: World
    """The world whose tools serve as distractors."""
    rules: str
    """The rules of the business, as the agent reads them."""
    entities: str
    """The name of its customers' things: "orders" or "reservations"."""
    plan: Callable[[Base, Dice, Level, World], CustomerPlan]
    """Samples a customer and its agenda, from database, dice, level and world."""
    converse: Callable[[Talk, Dice, World], None]
    """Serves a customer, from conversation, dice and world."""

    def candidate(
        self,
        seed: int,
        index: int,
        attempt: int,
        *,
        level: int | None = None,
        customers: int = CUSTOMERS,
    ) -> Candidate:
        """One dialogue, which may turn out to be unsound.

        Args:
            seed: The seed of database and dialogues.
            index: The task's number.
            attempt: The number of candidates for this task that were rejected before.
            level: The level's number, or None to sample it.
            customers: The number of customers in the database.

        Raises:
            Rejected: if the dialogue cannot be a task.
        """
        dice = Dice(self.name, seed, index, attempt)
        world = dice.pick(self.worlds)
        base = world.generated(customers, seed)
        number, chosen = level_of(level, dice)
        plan = self.plan(base, dice, chosen, world)
        talk = self._talk(plan.agenda, base, world, Dice(self.name, "agent", seed, index, attempt))
        notes: dict[str, Json] = {
            "world": {"name": world.name, "made": {"customers": customers, "seed": seed}},
            "user_group": plan.user_id,
            "intents": [wanted.intent for wanted in all_requests(plan.agenda)],
            "difficulty": self._difficulty(plan, number, chosen),
        }
        others = dice.some(range(len(self.other.specs)), chosen.tools)
        tools = tools_on_offer(world, self.other, tuple(others))
        return Candidate(talk, base, world, self.rules, tools, notes)

    def told_again(self, found: Candidate, agenda: Agenda, style: int) -> Talk:
        """The same task's conversation in other words.

        Args:
            found: The task.
            agenda: Its customer, perhaps in another manner.
            style: The seed of the agent's words.

        Raises:
            Rejected: if the conversation goes wrong.
        """
        dice = Dice(self.name, "style", style, agenda.seed)
        return self._talk(agenda, found.base, found.world, dice)

    def rejection_filter(
        self, seed: int, *, level: int | None = None, customers: int = CUSTOMERS
    ) -> RejectionFilter:
        """The filter that generates all sound tasks of a seed."""

        def make(index: int, attempt: int) -> Candidate:
            return self.candidate(seed, index, attempt, level=level, customers=customers)

        return RejectionFilter(make)

    def generate(self, n: int, seed: int) -> Iterator[tuple[dict[str, Json], dict[str, Json]]]:
        """Generates tasks, one by one.

        Args:
            n: The number of tasks; task `i` is the same for every `n > i`.
            seed: The seed of database and dialogues.

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
