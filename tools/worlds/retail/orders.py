"""Cancelling pending orders, and changing their addresses and payments."""

from __future__ import annotations

from typing import get_args

from tools.worlds.functions import Change
from tools.worlds.retail.rows import Address, Order, Payment, Reason
from tools.worlds.retail.shop import Refusal, Shop, can_pay


def cancel_pending_order(shop: Shop, order_id: str, reason: Reason) -> Change:
    """Cancels a pending order; one that is processed or delivered cannot be cancelled. Explain
    this to the user and get an explicit yes first. The money goes back the way it came: at once to
    a gift card, within 5 to 7 business days otherwise. Returns the order as it is afterwards.

    Args:
        order_id: The order's number, which begins with '#', for example '#W0000000'.
        reason: Why: 'no longer needed' or 'ordered by mistake'.
    """
    order = shop.order(order_id)
    if order["status"] != "pending":
        raise shop.no(Refusal.NOT_PENDING_TO_CANCEL)
    if reason not in get_args(Reason):
        raise shop.no(Refusal.BAD_REASON)
    for paid in order["payment_history"]:
        shop = shop.credited(order, paid["payment_method_id"], paid["amount"])
    refunds: list[Payment] = [
        _payment("refund", paid["amount"], paid["payment_method_id"])
        for paid in order["payment_history"]
    ]
    payments = [*order["payment_history"], *refunds]
    cancelled: Order = {**order, "status": "cancelled", "payment_history": payments}
    return shop.changed({**cancelled, "cancel_reason": reason})


def modify_pending_order_address(
    shop: Shop,
    order_id: str,
    address1: str,
    address2: str,
    city: str,
    state: str,
    country: str,
    zip: str,
) -> Change:
    """Sends a pending order to another address. Explain the change to the user and get an explicit
    yes first.

    Args:
        order_id: The order's number, which begins with '#', for example '#W0000000'.
        address1: The address's first line, for example '12 Elm Street'.
        address2: Its second line, for example 'Suite 3', or ''.
        city: The city.
        state: The state, for example 'MA'.
        country: The country, for example 'USA'.
        zip: The zip code, for example '02139'.
    """
    order = _open_order(shop, order_id)
    to = Address(
        address1=address1, address2=address2, city=city, country=country, state=state, zip=zip
    )
    return shop.changed({**order, "address": to})


def modify_pending_order_payment(shop: Shop, order_id: str, payment_method_id: str) -> Change:
    """Pays a pending order in another way. Explain the change to the user and get an explicit yes
    first.

    Args:
        order_id: The order's number, which begins with '#', for example '#W0000000'.
        payment_method_id: The new means of payment, one of the user's own, for example
            'gift_card_0000000'.
    """
    order = _open_order(shop, order_id)
    method = shop.method(order, payment_method_id)
    first = _only_payment(shop, order)
    old, amount = first["payment_method_id"], first["amount"]
    if old == payment_method_id:
        raise shop.no(Refusal.SAME_METHOD)
    if not can_pay(method, amount):
        raise shop.no(Refusal.TOO_POOR_FOR_ORDER)
    shop = shop.credited(order, payment_method_id, -amount).credited(order, old, amount)
    new = [_payment("payment", amount, payment_method_id), _payment("refund", amount, old)]
    return shop.changed({**order, "payment_history": [*order["payment_history"], *new]})


def _open_order(shop: Shop, order_id: str) -> Order:
    """A pending order whose address and payment can still change."""
    order = shop.order(order_id)
    modified = shop.rules.modified_stays_open and order["status"] == "pending (item modified)"
    if order["status"] != "pending" and not modified:
        raise shop.no(Refusal.NOT_PENDING_TO_MODIFY)
    return order


def _only_payment(shop: Shop, order: Order) -> Payment:
    payments = order["payment_history"]
    if len(payments) != 1 or payments[0]["transaction_type"] != "payment":
        raise shop.no(Refusal.NOT_ONE_PAYMENT)
    return payments[0]


def _payment(kind: str, amount: float, method_id: str) -> Payment:
    is_refund = kind == "refund"
    return {
        "transaction_type": "refund" if is_refund else "payment",
        "amount": amount,
        "payment_method_id": method_id,
    }
