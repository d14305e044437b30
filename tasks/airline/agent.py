"""The gold agent: follows the rules, and knows only what the customer and its tools tell it."""

from __future__ import annotations

from tasks.airline import answers, booking, refusals, services
from tasks.airline.clerk import Clerk
from tasks.airline.intents import Intent
from tasks.generation.serving import Services, serve_all
from tasks.generation.talk import Talk
from tools.dice import Dice

SERVICES: Services[Clerk] = {
    Intent.BOOK: booking.book,
    Intent.CANCEL: services.cancel,
    Intent.FLIGHTS: services.change_flights,
    Intent.CABIN: services.change_cabin,
    Intent.PASSENGER: services.change_passenger,
    Intent.BAGS: services.add_bags,
    Intent.COMPENSATION: services.compensate,
    Intent.STATUS: answers.status,
    Intent.PAID: answers.paid,
    Intent.ALLOWANCE: answers.allowance,
    Intent.UPGRADE: answers.cabin_price,
    Intent.FARE: answers.fare,
    Intent.BALANCE: answers.balance,
    Intent.INSURE: refusals.refuse_insurance,
    Intent.FEWER_BAGS: refusals.refuse_fewer_bags,
    Intent.PARTY: refusals.refuse_party,
    Intent.DESTINATION: refusals.refuse_destination,
    Intent.HUMAN: refusals.hand_over,
}
"""Intent -> the function that serves it."""


def converse(talk: Talk, dice: Dice, *, can_see_status: bool) -> None:
    """Serves the customer until it leaves or is handed over.

    Args:
        talk: The conversation, begun by the customer.
        dice: The random choices of the agent's wordings.
        can_see_status: Whether a tool tells a flight's status.

    Raises:
        Rejected: if the conversation goes wrong.
    """
    clerk = Clerk(talk, dice, can_see_status=can_see_status)
    clerk.identify()
    serve_all(clerk, SERVICES)
