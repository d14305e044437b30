"""What customers of a domain may want, and how one of them comes by its agenda."""

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
"""How often a request is drawn until one fits; then all that can be met are tried.

Chosen by hand: it keeps the mix of requests in most dialogues, and bounds the time. With another
number all seeds give other dialogues.
"""
_CUSTOMERS = 200
"""How often a customer is drawn until one has enough orders or bookings; chosen by hand."""


class Client(Protocol):
    """A customer about whom requests are drawn; each takes up one of its orders or bookings."""

    @property
    def dice(self) -> Dice:
        """All draws."""

    @property
    def level(self) -> Level:
        """How difficult the dialogue shall be."""

    def keep(self) -> None:
        """What was taken stays so."""

    def undo(self) -> None:
        """What was taken since the last `keep` is free again."""


AnyClient = TypeVar("AnyClient", bound=Client)


@dataclass(frozen=True, slots=True)
class Menu(Generic[AnyClient]):
    """The kinds of requests, each a function that gives None where it does not fit."""

    writes: tuple[Callable[[AnyClient], Request | None], ...]
    """Requests that change something."""
    reads: tuple[Callable[[AnyClient], Request | None], ...]
    """Questions."""
    refused: tuple[Callable[[AnyClient], Request | None], ...]
    """Requests that the rules forbid."""
    conditions: tuple[Callable[[AnyClient], Request | None], ...]
    """Requests that the agent has to refuse, each with another one to fall back on."""
    write_share: float
    """Of the requests that are not refused or conditional, the share that changes something."""

    def scenario(self, client: AnyClient) -> Callable[[AnyClient], Request | None]:
        """A kind of request, as often as the level has it."""
        dice, level = client.dice, client.level
        draw = dice.between(0, 99) / 100
        if draw < level.conditions:
            return dice.pick(self.conditions)
        if draw < level.conditions + level.refusals:
            return dice.pick(self.refused)
        return self.sound(dice)

    def sound(self, dice: Dice) -> Callable[[AnyClient], Request | None]:
        """A kind of request that can be met."""
        return dice.pick(self.writes if dice.chance(self.write_share) else self.reads)


@dataclass(frozen=True, slots=True)
class CustomerPlan:
    """A customer and its agenda."""

    user_id: str
    """Who it is, in the database."""
    agenda: Agenda
    """What it knows and wants."""
    entities: int
    """How many orders or bookings it has."""


def a_client(
    users: Iterable[str], make: Callable[[str], AnyClient], fits: Callable[[AnyClient], bool]
) -> AnyClient:
    """A customer who fits, for example one with as many orders as the level wants.

    Args:
        users: The ids.
        make: Makes a customer of an id.
        fits: Whether it will do.

    Raises:
        Rejected: if none of many does.
    """
    ids = list(users)
    client = make(ids[0])
    for _ in range(_CUSTOMERS):
        client = make(client.dice.pick(ids))
        if fits(client):
            return client
    raise Rejected("too_few_entities")


def draw_requests(client: AnyClient, menu: Menu[AnyClient], count: int) -> list[Request]:
    """So many requests of different kinds, of which at least one can be met.

    Raises:
        Rejected: if the customer has nothing that any kind of request fits.
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
    """An agenda, with the customer's manner drawn.

    Args:
        dice: All draws.
        identity: What the customer knows of itself.
        introduces: What it says of that at once.
        requests: What it wants.
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
    """One request, unlike those before, and whether it can be met; if it must be, it can."""
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
