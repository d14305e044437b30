"""What customers of the shop want."""

from __future__ import annotations

from enum import StrEnum


class Intent(StrEnum):
    """What a request asks for; whether it can be met, only the database tells."""

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
    """How much there would be back for some items."""
    STOCK = "ask_stock"
    """How many variants of a product are in stock."""
    OFFER = "ask_offer"
    """What a certain variant of a product costs."""
    BALANCE = "ask_balance"
    """What is left on a gift card."""
    HUMAN = "ask_beyond_scope"
    """Something for which there is no tool."""
