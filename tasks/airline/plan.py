"""What a dialogue with the airline is about: a customer and what it wants."""

from __future__ import annotations

from dataclasses import dataclass, replace

from tasks.agenda.agenda import Agenda, Fact, Request
from tasks.agenda.slots import Slot
from tasks.airline import questions, scenarios
from tasks.airline.bookings import book
from tasks.airline.conditions import CONDITIONS
from tasks.airline.scenarios import Scenario
from tasks.airline.traveller import Traveller
from tasks.levels import Level
from tasks.talk import Rejected
from tools.dice import Dice
from tools.worlds.database import Base

WRITE_SHARE = 0.68
"""So many of the requests that are neither refused nor on condition change something."""
LAST_SHARE = 0.08
"""So many customers want something at last with which only a human can help."""
WRITES: tuple[Scenario, ...] = (
    *(book, book, book, book, scenarios.cancel, scenarios.cancel, scenarios.cancel),
    *(scenarios.change_flights, scenarios.change_flights, scenarios.change_flights),
    *(scenarios.change_cabin, scenarios.change_cabin, scenarios.change_passenger),
    *(scenarios.add_bags, scenarios.add_bags, scenarios.ask_compensation),
    *(scenarios.ask_compensation, scenarios.cancel_what_the_airline_cancelled),
)
READS: tuple[Scenario, ...] = (
    *(questions.ask_status, questions.ask_paid, questions.ask_allowance),
    *(questions.ask_cabin_price, questions.ask_fare, questions.ask_balance),
)
REFUSED: tuple[Scenario, ...] = (
    *(scenarios.cancel_without_ground, scenarios.cancel_without_ground),
    *(scenarios.cancel_of_stranger, scenarios.cancel_for_a_wrong_reason),
    *(scenarios.change_basic_flights, scenarios.change_basic_flights),
    *(scenarios.change_cabin_with_certificate, scenarios.ask_compensation_for_nothing),
    *(scenarios.add_insurance, scenarios.remove_bags, scenarios.change_party),
    scenarios.change_destination,
)
_DRAWS = 30
"""How often a request is drawn until the customer has a reservation that fits."""
_CUSTOMERS = 200
"""How often a customer is drawn until one has enough reservations."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A customer and its agenda."""

    user_id: str
    """Who it is, in the database."""
    agenda: Agenda
    """What it knows and wants."""
    reservations: int
    """How many reservations it has."""


def draw_plan(base: Base, dice: Dice, level: Level, *, can_see_status: bool) -> Plan:
    """Draws a customer and its requests.

    Args:
        base: The database.
        dice: All draws.
        level: How difficult it shall be.
        can_see_status: Whether there is a tool that tells a flight's status.

    Raises:
        Rejected: if no customer has enough reservations, or the one drawn not of the right sort.
    """
    traveller = _traveller(base, dice, level, can_see_status=can_see_status)
    requests = _requests(traveller)
    identity, introduces = _identity(traveller)
    agenda = Agenda(
        identity=identity,
        requests=tuple(replace(wanted, insists=_insists(dice, wanted)) for wanted in requests),
        introduces=introduces,
        vague=dice.chance(0.1),
        patience=dice.between(2, 4),
        seed=dice.between(0, 2**31 - 1),
    )
    return Plan(traveller.user_id, agenda, len(traveller.reservations))


def _traveller(base: Base, dice: Dice, level: Level, *, can_see_status: bool) -> Traveller:
    """A customer with as many reservations as the level wants."""
    users = list(base.tables["users"])
    for _ in range(_CUSTOMERS):
        traveller = Traveller(base, dice.pick(users), dice, level, can_see_status)
        if len(traveller.reservations) >= level.entities:
            return traveller
    raise Rejected("too_few_reservations")


def _requests(traveller: Traveller) -> list[Request]:
    dice = traveller.dice
    last = _last(traveller) if dice.chance(LAST_SHARE) else None
    count = dice.between(*traveller.level.requests) - (last is not None)
    requests: list[Request] = []
    for _ in range(count):
        requests.append(_request(traveller, [wanted.intent for wanted in requests]))
    return requests if last is None else [*requests, last]


def _last(traveller: Traveller) -> Request:
    """What only a human can help with."""
    begun = scenarios.cancel_too_late(traveller) if traveller.dice.chance(0.4) else None
    return begun or scenarios.ask_for_the_impossible(traveller)


def _request(traveller: Traveller, before: list[str]) -> Request:
    """One request, unlike those before."""
    for _ in range(_DRAWS):
        wanted = _scenario(traveller)(traveller)
        if wanted is not None and wanted.intent not in before:
            return wanted
    raise Rejected("no_fitting_reservation")


def _scenario(traveller: Traveller) -> Scenario:
    dice, level = traveller.dice, traveller.level
    draw = dice.between(0, 99) / 100
    if draw < level.conditions:
        return dice.pick(CONDITIONS)
    if draw < level.conditions + level.refusals:
        return dice.pick(REFUSED)
    return dice.pick(WRITES if dice.chance(WRITE_SHARE) else READS)


def _identity(traveller: Traveller) -> tuple[tuple[Fact, ...], tuple[Slot, ...]]:
    """What the customer knows of itself, and what it says of that at once."""
    number = Fact(Slot.USER_ID, traveller.user_id, slip=_slip(traveller))
    facts = (Fact(Slot.NAME, traveller.name), number)
    ways: tuple[tuple[Slot, ...], ...] = (
        *((), (), (Slot.NAME,), (Slot.USER_ID,), (Slot.USER_ID,)),
        (Slot.NAME, Slot.USER_ID),
    )
    return facts, traveller.dice.pick(ways)


def _slip(traveller: Traveller) -> str:
    """The id with another last digit, now and then."""
    dice, number = traveller.dice, traveller.user_id
    if not dice.chance(traveller.level.slips / 2):
        return ""
    wrong = f"{number[:-1]}{(int(number[-1]) + dice.between(1, 9)) % 10}"
    return "" if traveller.base.row("users", wrong) else wrong


def _insists(dice: Dice, wanted: Request) -> int:
    return int(wanted.otherwise is None and not wanted.is_question and dice.chance(0.3))
