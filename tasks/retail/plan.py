"""What a dialogue at the shop is about: a customer and what it wants."""

from __future__ import annotations

from dataclasses import dataclass, replace

from tasks.agenda.agenda import Agenda, Fact, Request, all_requests
from tasks.agenda.slots import Slot
from tasks.levels import Level
from tasks.retail.conditions import CONDITIONS
from tasks.retail.customer import Customer, Scenario
from tasks.retail.questions import READS
from tasks.retail.scenarios import REFUSED, WRITES, ask_for_the_impossible
from tasks.talk import Rejected
from tools.dice import Dice
from tools.worlds.database import Base

WRITE_SHARE = 0.62
"""So many of the requests that are neither refused nor on condition change something."""
BEYOND_SHARE = 0.06
"""So many customers want something at last for which there is no tool."""
_DRAWS = 12
"""How often a request is drawn until the customer has an order that fits."""
_CUSTOMERS = 200
"""How often a customer is drawn until one has enough orders."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A customer and its agenda."""

    user_id: str
    """Who it is, in the database."""
    agenda: Agenda
    """What it knows and wants."""
    orders: int
    """How many orders it has."""


def draw_plan(base: Base, dice: Dice, level: Level) -> Plan:
    """Draws a customer and its requests.

    Raises:
        Rejected: if no customer has enough orders, or the one drawn not of the right sort.
    """
    customer = _customer(base, dice, level)
    requests = _requests(customer)
    identity, introduces = _identity(customer)
    agenda = Agenda(
        identity=identity,
        requests=tuple(replace(wanted, insists=_insists(dice, wanted)) for wanted in requests),
        introduces=introduces,
        vague=dice.chance(0.1),
        patience=dice.between(2, 4),
        seed=dice.between(0, 2**31 - 1),
    )
    return Plan(customer.user_id, agenda, len(customer.orders))


def _customer(base: Base, dice: Dice, level: Level) -> Customer:
    """A customer with as many orders as the level wants."""
    users = list(base.tables["users"])
    for _ in range(_CUSTOMERS):
        customer = Customer(base, dice.pick(users), dice, level)
        if len(customer.orders) >= level.entities:
            return customer
    raise Rejected("too_few_orders")


def _requests(customer: Customer) -> list[Request]:
    dice, level = customer.dice, customer.level
    count = dice.between(*level.requests)
    beyond = dice.chance(BEYOND_SHARE)
    requests: list[Request] = []
    for _ in range(count - beyond):
        requests.append(_request(customer, [request.intent for request in requests]))
    if beyond:
        last = ask_for_the_impossible(customer)
        assert last is not None
        requests.append(last)
    return requests


def _request(customer: Customer, before: list[str]) -> Request:
    """One request, unlike those before."""
    for _ in range(_DRAWS):
        wanted = _scenario(customer)(customer)
        if wanted is not None and wanted.intent not in before:
            return wanted
    raise Rejected("no_fitting_order")


def _scenario(customer: Customer) -> Scenario:
    dice, level = customer.dice, customer.level
    draw = dice.between(0, 99) / 100
    if draw < level.conditions:
        return dice.pick(CONDITIONS)
    if draw < level.conditions + level.refusals:
        return dice.pick(REFUSED)
    return dice.pick(WRITES if dice.chance(WRITE_SHARE) else READS)


def _identity(customer: Customer) -> tuple[tuple[Fact, ...], tuple[Slot, ...]]:
    """What the customer knows of itself, and what it says of that at once."""
    dice, user = customer.dice, customer.user
    name = Fact(Slot.NAME, f"{user['name']['first_name']} {user['name']['last_name']}")
    if dice.chance(0.5):
        email = Fact(Slot.EMAIL, user["email"], slip=_email_slip(customer))
        facts: tuple[Fact, ...] = (name, email)
        options: tuple[tuple[Slot, ...], ...] = ((), (), (Slot.NAME,), (Slot.NAME, Slot.EMAIL))
    else:
        zip_code = user["address"]["zip"]
        facts = (name, Fact(Slot.ZIP, zip_code, slip=_zip_slip(customer, zip_code)))
        options = ((), (), (Slot.NAME,), (Slot.NAME, Slot.ZIP))
    introduces = dice.pick((*options, (Slot.USER_ID,)))
    if introduces == (Slot.USER_ID,) or dice.chance(0.2):
        facts = (*facts, Fact(Slot.USER_ID, customer.user_id))
    return facts, introduces


def _email_slip(customer: Customer) -> str:
    """The address with another ending, now and then."""
    if not customer.dice.chance(customer.level.slips / 2):
        return ""
    name, domain = customer.user["email"].split("@")
    return customer.dice.pick((f"{name}@mail.com", f"{name.replace('.', '')}x@{domain}"))


def _zip_slip(customer: Customer, zip_code: str) -> str:
    if not customer.dice.chance(customer.level.slips / 2):
        return ""
    return f"{zip_code[:-1]}{(int(zip_code[-1]) + customer.dice.between(1, 9)) % 10}"


def _insists(dice: Dice, wanted: Request) -> int:
    return int(wanted.otherwise is None and not wanted.is_question and dice.chance(0.3))


def intents(agenda: Agenda) -> list[str]:
    """All that a customer may ask for, in order."""
    return [wanted.intent for wanted in all_requests(agenda)]
