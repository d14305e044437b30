"""The kinds of requests at the shop."""

from __future__ import annotations

from enum import StrEnum


class Intent(StrEnum):
    """What a request asks for; whether it can be met depends on the database."""

    CANCEL = "cancel_order"
    ADDRESS = "change_order_address"
    PAYMENT = "change_order_payment"
    ITEMS = "change_order_items"
    RETURN = "return_items"
    EXCHANGE = "exchange_items"
    MOVE = "change_default_address"
    STATUS = "ask_status"
    TRACKING = "ask_tracking"
    TOTAL = "ask_total"
    PRICE = "ask_price"
    DESTINATION = "ask_destination"
    REFUND = "ask_refund"
    """The refund for some items."""
    STOCK = "ask_stock"
    """How many variants of a product are in stock."""
    OFFER = "ask_offer"
    """The price of a variant of a product."""
    BALANCE = "ask_balance"
    """The balance of a gift card."""
    HUMAN = "ask_beyond_scope"
    """Something for which there is no tool."""
