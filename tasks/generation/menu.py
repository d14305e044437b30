"""The requests that customers of a domain may make, and the sampling of agendas."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Generic, Protocol, TypeVar

from tasks.agenda.agenda import Agenda, Fact, Request
from tasks.agenda.slots import Slot
from tasks.generation.levels import Level
from tasks.generation.talk import Rejected
from tools.dice import Dice

_DRAWS = 12
"""The most attempts at sampling a request that fits; after them all kinds that can be met are
tried.

Chosen by hand: it keeps the mix of requests in most dialogues, and bounds the time. With another
number all seeds give other dialogues.
"""
_CUSTOMERS = 200
"""The most attempts at sampling a customer with enough orders or bookings; chosen by hand."""


class Client(Protocol):
    """A customer for whom requests are sampled; each request uses one of its orders or bookings."""

    @property
    def dice(self) -> Dice:
        """All random choices."""

    @property
    def level(self) -> Level:
        """The difficulty of the dialogue."""

    def keep(self) -> None:
        """Confirms the orders or bookings taken since the last `keep`."""

    def undo(self) -> None:
        """Frees the orders or bookings taken since the last `keep`."""


AnyClient = TypeVar("AnyClient", bound=Client)


@dataclass(frozen=True, slots=True)
class Menu(Generic[AnyClient]):
    """The kinds of requests, each a function that returns None if it does not fit the customer."""

    writes: tuple[Callable[[AnyClient], Request | None], ...]
    """Requests that change something."""
    reads: tuple[Callable[[AnyClient], Request | None], ...]
    """Questions."""
    refused: tuple[Callable[[AnyClient], Request | None], ...]
    """Requests that the rules forbid."""
    conditions: tuple[Callable[[AnyClient], Request | None], ...]
    """Requests that the agent has to refuse, each with another one to fall back on."""
    write_share: float
    """The share of writes among requests that are neither refused nor conditional."""

    def scenario(self, client: AnyClient) -> Callable[[AnyClient], Request | None]:
        """A random kind of request, with the level's probabilities."""
        dice, level = client.dice, client.level
        draw = dice.between(0, 99) / 100
        if draw < level.conditions:
            return dice.pick(self.conditions)
        if draw < level.conditions + level.refusals:
            return dice.pick(self.refused)
        return self.sound(dice)

    def sound(self, dice: Dice) -> Callable[[AnyClient], Request | None]:
        """A random kind of request that can be met."""
        return dice.pick(self.writes if dice.chance(self.write_share) else self.reads)


@dataclass(frozen=True, slots=True)
class CustomerPlan:
    """A customer and its agenda."""

    user_id: str
    """The customer's id in the database."""
    agenda: Agenda
    """The customer's knowledge and wishes."""
    entities: int
    """The number of its orders or bookings."""


def a_client(
    users: Iterable[str], make: Callable[[str], AnyClient], fits: Callable[[AnyClient], bool]
) -> AnyClient:
    """A random customer who fits, for example one with as many orders as the level demands.

    Args:
        users: The ids.
        make: Returns the customer with an id.
        fits: Whether a customer fits.

    Raises:
        Rejected: if many attempts find none.
    """
    ids = list(users)
    client = make(ids[0])
    for _ in range(_CUSTOMERS):
        client = make(client.dice.pick(ids))
        if fits(client):
            return client
    raise Rejected("too_few_entities")


def draw_requests(client: AnyClient, menu: Menu[AnyClient], count: int) -> list[Request]:
    """`count` requests of different kinds; at least one of them can be met.

    Raises:
        Rejected: if no kind of request fits the customer's orders or bookings.
    """
    requests: list[Request] = []
    met = False
    for place in range(count):
        must = place == count - 1 and not met
        wanted, sound = _request(client, menu, [one.intent for one in requests], must=must)
        met = met or sound
        requests.append(wanted)
    return requests


def agenda_of(
    dice: Dice, identity: Sequence[Fact], introduces: Sequence[Slot], requests: Iterable[Request]
) -> Agenda:
    """An agenda, with a random manner.

    Args:
        dice: All random choices.
        identity: The facts of the customer's identity.
        introduces: The slots of them that it tells at once.
        requests: The requests.
    """
    return Agenda(
        identity=tuple(identity),
        requests=tuple(replace(wanted, insists=_insists(dice, wanted)) for wanted in requests),
        introduces=tuple(introduces),
        vague=dice.chance(0.1),
        patience=dice.between(2, 4),
        seed=dice.between(0, 2**31 - 1),
    )


def _request(
    client: AnyClient, menu: Menu[AnyClient], before: Sequence[str], *, must: bool
) -> tuple[Request, bool]:
    """One request of a new kind, and whether it can be met."""
    dice = client.dice
    for _ in range(_DRAWS):
        scenario = menu.sound(dice) if must else menu.scenario(client)
        if wanted := _fitting(client, scenario, before):
            wanted = replace(wanted, withdrawn=wanted.withdrawn and not must)
            return wanted, scenario not in menu.refused and not wanted.withdrawn
    kinds = tuple(dict.fromkeys((*menu.writes, *menu.reads)))
    for scenario in dice.some(kinds, len(kinds)):
        if wanted := _fitting(client, scenario, before):
            return replace(wanted, withdrawn=False), True
    raise Rejected("nothing_fits")


def _fitting(
    client: AnyClient, scenario: Callable[[AnyClient], Request | None], before: Sequence[str]
) -> Request | None:
    wanted = scenario(client)
    if wanted is None or wanted.intent in before:
        client.undo()
        return None
    client.keep()
    return wanted


def _insists(dice: Dice, wanted: Request) -> int:
    return int(wanted.otherwise is None and not wanted.is_question and dice.chance(0.3))
