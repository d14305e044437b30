"""The gold agent: keeps to the rules, and knows only what it is told and what its tools say."""

from __future__ import annotations

from tasks.generation.serving import Services, serve_all
from tasks.generation.talk import Talk
from tasks.retail import answers, services
from tasks.retail.clerk import Clerk
from tasks.retail.intents import Intent
from tools.dice import Dice

SERVICES: Services[Clerk] = {
    Intent.CANCEL: services.cancel,
    Intent.ADDRESS: services.change_address,
    Intent.PAYMENT: services.change_payment,
    Intent.ITEMS: services.change_items,
    Intent.RETURN: services.give_back,
    Intent.EXCHANGE: services.exchange,
    Intent.MOVE: services.move,
    Intent.STATUS: answers.status,
    Intent.TRACKING: answers.tracking,
    Intent.TOTAL: answers.order_total,
    Intent.DESTINATION: answers.destination,
    Intent.PRICE: answers.price,
    Intent.REFUND: answers.refund,
    Intent.STOCK: answers.stock,
    Intent.OFFER: answers.offer,
    Intent.BALANCE: answers.balance,
    Intent.HUMAN: services.hand_over,
}
"""Intent -> what is done about it."""


def converse(talk: Talk, dice: Dice) -> None:
    """Serves the customer until it leaves or is handed over.

    Args:
        talk: The conversation, begun by the customer.
        dice: How the agent words what it says.

    Raises:
        Rejected: if the conversation goes wrong.
    """
    clerk = Clerk(talk, dice)
    clerk.identify()
    serve_all(clerk, SERVICES)
