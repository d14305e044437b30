"""The gold agent: follows the rules, and knows only what the customer and its tools tell it."""

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
"""Intent -> the function that serves it."""


def converse(talk: Talk, dice: Dice) -> None:
    """Serves the customer until it leaves or is handed over.

    Args:
        talk: The conversation, begun by the customer.
        dice: The random choices of the agent's wordings.

    Raises:
        Rejected: if the conversation goes wrong.
    """
    clerk = Clerk(talk, dice)
    clerk.identify()
    serve_all(clerk, SERVICES)
