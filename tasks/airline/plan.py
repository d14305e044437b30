"""The content of a dialogue with the airline: a customer and its requests."""

from __future__ import annotations

from tasks.agenda.agenda import Fact, Request
from tasks.agenda.slots import Slot
from tasks.airline import cancellations, questions, scenarios
from tasks.airline.bookings import book
from tasks.airline.conditions import CONDITIONS
from tasks.airline.scenarios import Scenario
from tasks.airline.traveller import Traveller
from tasks.generation.levels import Level
from tasks.generation.menu import CustomerPlan, Menu, a_client, agenda_of, draw_requests
from tools.dice import Dice
from tools.worlds.database import Base

LAST_SHARE = 0.1
"""The share of customers with several requests whose last one only a human can meet.

Chosen by hand, like the mix of scenarios below, whose entries are equally likely.
"""
WRITES: tuple[Scenario, ...] = (
    *(book, book, book, book, cancellations.cancel, cancellations.cancel, cancellations.cancel),
    *(scenarios.change_flights, scenarios.change_flights, scenarios.change_flights),
    *(scenarios.change_cabin, scenarios.change_cabin, scenarios.change_passenger),
    *(scenarios.add_bags, scenarios.add_bags, cancellations.ask_compensation),
    *(cancellations.ask_compensation, cancellations.cancel_what_the_airline_cancelled),
)
READS: tuple[Scenario, ...] = (
    *(questions.ask_status, questions.ask_paid, questions.ask_allowance),
    *(questions.ask_cabin_price, questions.ask_fare, questions.ask_balance),
)
REFUSED: tuple[Scenario, ...] = (
    *(cancellations.cancel_without_ground, cancellations.cancel_without_ground),
    *(cancellations.cancel_of_stranger, cancellations.cancel_for_a_wrong_reason),
    *(scenarios.change_basic_flights, scenarios.change_basic_flights),
    *(scenarios.change_cabin_with_certificate, cancellations.ask_compensation_for_nothing),
    *(scenarios.add_insurance, scenarios.remove_bags, scenarios.change_party),
    scenarios.change_destination,
)
MENU: Menu[Traveller] = Menu(WRITES, READS, REFUSED, CONDITIONS, write_share=0.68)
"""The requests that customers may make."""


def draw_plan(base: Base, dice: Dice, level: Level, *, can_see_status: bool) -> CustomerPlan:
    """Samples a customer and its requests.

    Args:
        base: The database.
        dice: All random choices.
        level: The difficulty.
        can_see_status: Whether a tool tells a flight's status.

    Raises:
        Rejected: if no customer has enough reservations, or the sampled one has none that fits.
    """
    traveller = a_client(
        base.tables["users"],
        lambda user_id: Traveller(base, user_id, dice, level, can_see_status),
        lambda one: len(one.reservations) >= level.entities,
    )
    requests = _requests(traveller)
    identity, introduces = _identity(traveller)
    agenda = agenda_of(dice, identity, introduces, requests)
    return CustomerPlan(traveller.user_id, agenda, len(traveller.reservations))


def _requests(traveller: Traveller) -> list[Request]:
    count = traveller.dice.between(*traveller.level.requests)
    if count == 1 or not traveller.dice.chance(LAST_SHARE):
        return draw_requests(traveller, MENU, count)
    last = _last(traveller)
    traveller.keep()
    return [*draw_requests(traveller, MENU, count - 1), last]


def _last(traveller: Traveller) -> Request:
    """The last request, which only a human can meet."""
    begun = cancellations.cancel_too_late(traveller) if traveller.dice.chance(0.4) else None
    return begun or scenarios.ask_for_the_impossible(traveller)


def _identity(traveller: Traveller) -> tuple[tuple[Fact, ...], tuple[Slot, ...]]:
    """The facts of the customer's identity, and the slots of them that it tells at once."""
    number = Fact(Slot.USER_ID, traveller.user_id, slip=_slip(traveller))
    facts = (Fact(Slot.NAME, traveller.name), number)
    ways: tuple[tuple[Slot, ...], ...] = (
        *((), (), (Slot.NAME,), (Slot.USER_ID,), (Slot.USER_ID,)),
        (Slot.NAME, Slot.USER_ID),
    )
    return facts, traveller.dice.pick(ways)


def _slip(traveller: Traveller) -> str:
    """The user id with another last digit in some cases, else ''."""
    dice, number = traveller.dice, traveller.user_id
    if not dice.chance(traveller.level.slips / 2):
        return ""
    wrong = f"{number[:-1]}{(int(number[-1]) + dice.between(1, 9)) % 10}"
    return "" if traveller.base.row("users", wrong) else wrong
