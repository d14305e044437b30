"""The content of a dialogue at the shop: a customer and its requests."""

from __future__ import annotations

from tasks.agenda.agenda import Fact, Request
from tasks.agenda.slots import Slot
from tasks.generation.levels import Level
from tasks.generation.menu import CustomerPlan, Menu, a_client, agenda_of, draw_requests
from tasks.retail.conditions import CONDITIONS
from tasks.retail.customer import Customer
from tasks.retail.questions import READS
from tasks.retail.scenarios import REFUSED, WRITES, ask_for_the_impossible
from tools.dice import Dice
from tools.worlds.database import Base

MENU: Menu[Customer] = Menu(WRITES, READS, REFUSED, CONDITIONS, write_share=0.62)
"""The requests that customers may make."""
BEYOND_SHARE = 0.08
"""The share of customers with several requests whose last one no tool can meet; chosen by hand."""


def draw_plan(base: Base, dice: Dice, level: Level) -> CustomerPlan:
    """Samples a customer and its requests.

    Raises:
        Rejected: if no customer has enough orders, or the sampled one has none that fits.
    """
    customer = a_client(
        base.tables["users"],
        lambda user_id: Customer(base, user_id, dice, level),
        lambda one: len(one.orders) >= level.entities,
    )
    requests = _requests(customer)
    identity, introduces = _identity(customer)
    agenda = agenda_of(dice, identity, introduces, requests)
    return CustomerPlan(customer.user_id, agenda, len(customer.orders))


def _requests(customer: Customer) -> list[Request]:
    count = customer.dice.between(*customer.level.requests)
    if count == 1 or not customer.dice.chance(BEYOND_SHARE):
        return draw_requests(customer, MENU, count)
    return [*draw_requests(customer, MENU, count - 1), ask_for_the_impossible(customer)]


def _identity(customer: Customer) -> tuple[tuple[Fact, ...], tuple[Slot, ...]]:
    """The facts of the customer's identity, and the slots of them that it tells at once."""
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
    """The email address with another ending in some cases, else ''."""
    if not customer.dice.chance(customer.level.slips / 2):
        return ""
    name, domain = customer.user["email"].split("@")
    return customer.dice.pick((f"{name}@mail.com", f"{name.replace('.', '')}x@{domain}"))


def _zip_slip(customer: Customer, zip_code: str) -> str:
    if not customer.dice.chance(customer.level.slips / 2):
        return ""
    return f"{zip_code[:-1]}{(int(zip_code[-1]) + customer.dice.between(1, 9)) % 10}"
