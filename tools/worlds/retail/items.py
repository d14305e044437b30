"""Changing the items of a pending order; exchanging or returning those of a delivered one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from tools.worlds.functions import Change
from tools.worlds.retail.rows import Item, Order, Payment, Variant
from tools.worlds.retail.shop import Refusal, Shop, can_pay


def modify_pending_order_items(
    shop: Shop,
    order_id: str,
    item_ids: list[str],
    new_item_ids: list[str],
    payment_method_id: str,
) -> Change:
    """Changes items of a pending order to other variants of the same products; this works only
    once for an order. Explain the change to the user and get an explicit yes first.

    Args:
        order_id: The order's number, which begins with '#', for example '#W0000000'.
        item_ids: The items to be changed; an item ordered twice may stand there twice.
        new_item_ids: The items they become, each at the place of the one it replaces.
        payment_method_id: What pays the price difference, or gets it back, for example
            'gift_card_0000000'.
    """
    order = shop.order(order_id)
    if order["status"] != "pending":
        raise shop.no(Refusal.NOT_PENDING_TO_MODIFY)
    _check_ordered(shop, order, item_ids, Refusal.NOT_ORDERED_TO_MODIFY)
    if len(item_ids) != len(new_item_ids):
        raise shop.no(Refusal.UNLIKE_COUNTS_TO_MODIFY)
    other = shop.rules.same_item_refused
    variants = _variants(shop, order, item_ids, new_item_ids, other=other)
    difference = _difference(order, item_ids, variants)
    if not can_pay(shop.method(order, payment_method_id), difference):
        raise shop.no(Refusal.TOO_POOR_FOR_ITEM)
    shop = shop.credited(order, payment_method_id, -difference)
    if shop.rules.priced_as_last:
        variants = variants[-1:] * len(variants)
    return shop.changed(
        {
            **order,
            "items": _replaced(order["items"], item_ids, new_item_ids, variants),
            "status": "pending (item modified)",
            "payment_history": [
                *order["payment_history"],
                _settled(difference, payment_method_id),
            ],
        }
    )


def exchange_delivered_order_items(
    shop: Shop,
    order_id: str,
    item_ids: list[str],
    new_item_ids: list[str],
    payment_method_id: str,
) -> Change:
    """Exchanges items of a delivered order for other variants of the same products; an order can
    be exchanged or returned only once. Explain the exchange to the user and get an explicit yes
    first.

    Args:
        order_id: The order's number, which begins with '#', for example '#W0000000'.
        item_ids: The items to be exchanged; an item ordered twice may stand there twice.
        new_item_ids: The items wanted for them, each at the place of the one it replaces.
        payment_method_id: What pays the price difference, or gets it back, for example
            'gift_card_0000000'.
    """
    order = shop.order(order_id)
    if order["status"] != "delivered":
        raise shop.no(Refusal.NOT_DELIVERED_TO_EXCHANGE)
    _check_ordered(shop, order, item_ids, Refusal.NOT_ORDERED_TO_EXCHANGE)
    if len(item_ids) != len(new_item_ids):
        raise shop.no(Refusal.UNLIKE_COUNTS_TO_EXCHANGE)
    variants = _variants(shop, order, item_ids, new_item_ids)
    difference = round(_difference(order, item_ids, variants), 2)
    if not can_pay(shop.method(order, payment_method_id), difference):
        raise shop.no(Refusal.TOO_POOR_FOR_DIFFERENCE)
    return shop.changed(
        {
            **order,
            "status": "exchange requested",
            "exchange_items": sorted(item_ids),
            "exchange_new_items": sorted(new_item_ids),
            "exchange_payment_method_id": payment_method_id,
            "exchange_price_difference": difference,
        }
    )


def return_delivered_order_items(
    shop: Shop, order_id: str, item_ids: list[str], payment_method_id: str
) -> Change:
    """Returns items of a delivered order, whose status becomes 'return requested'. Explain the
    return to the user and get an explicit yes first; an email will tell the user how to send the
    items back.

    Args:
        order_id: The order's number, which begins with '#', for example '#W0000000'.
        item_ids: The items to be returned; an item ordered twice may stand there twice.
        payment_method_id: What gets the refund, for example 'gift_card_0000000'.
    """
    order = shop.order(order_id)
    if order["status"] != "delivered":
        raise shop.no(Refusal.NOT_DELIVERED_TO_RETURN)
    is_gift_card = shop.method(order, payment_method_id)["source"] == "gift_card"
    original = order["payment_history"][0]["payment_method_id"]
    if not is_gift_card and payment_method_id != original:
        raise shop.no(Refusal.NOT_ORIGINAL_METHOD)
    _check_ordered(shop, order, item_ids, Refusal.NOT_ORDERED_TO_RETURN)
    return shop.changed(
        {
            **order,
            "status": "return requested",
            "return_items": sorted(item_ids),
            "return_payment_method_id": payment_method_id,
        }
    )


def _check_ordered(shop: Shop, order: Order, item_ids: Sequence[str], otherwise: Refusal) -> None:
    """Refuses items that the order does not have, or has fewer times."""
    wanted, ordered = Counter(item_ids), Counter(item["item_id"] for item in order["items"])
    missing = next((item_id for item_id in item_ids if wanted[item_id] > ordered[item_id]), None)
    if missing is not None:
        raise shop.no(otherwise, missing)


def _variants(
    shop: Shop, order: Order, old: Sequence[str], new: Sequence[str], *, other: bool = False
) -> list[Variant]:
    """The variants that shall replace items, each of the same product and in stock.

    Args:
        shop: The shop.
        order: The order.
        old: The items, all of them ordered.
        new: The variant that replaces each of them.
        other: Whether an item must change to a different variant.
    """
    variants: list[Variant] = []
    for item_id, new_id in zip(old, new, strict=True):
        if other and item_id == new_id:
            raise shop.no(Refusal.SAME_ITEM)
        known = shop.product(_item(order["items"], item_id)["product_id"])["variants"]
        if new_id not in known:
            raise shop.no(Refusal.NO_VARIANT, new_id)
        if not known[new_id]["available"]:
            raise shop.no(Refusal.UNAVAILABLE, new_id)
        variants.append(known[new_id])
    return variants


def _difference(order: Order, item_ids: Sequence[str], variants: Sequence[Variant]) -> float:
    """The new items' price minus the old ones', not rounded, as in tau-bench."""
    difference = 0.0
    for item_id, variant in zip(item_ids, variants, strict=True):
        difference += variant["price"] - _item(order["items"], item_id)["price"]
    return difference


def _replaced(
    items: Sequence[Item], old: Sequence[str], new: Sequence[str], variants: Sequence[Variant]
) -> list[Item]:
    """The items after each replacement in turn; of equal ids, the first item is replaced."""
    after = list(items)
    for item_id, new_id, variant in zip(old, new, variants, strict=True):
        item = _item(after, item_id)
        place = next(i for i, other in enumerate(after) if other is item)
        price, options = variant["price"], variant["options"]
        after[place] = {**item, "item_id": new_id, "price": price, "options": options}
    return after


def _item(items: Sequence[Item], item_id: str) -> Item:
    return next(item for item in items if item["item_id"] == item_id)


def _settled(difference: float, method_id: str) -> Payment:
    """The payment or refund of a price difference."""
    return {
        "transaction_type": "payment" if difference > 0 else "refund",
        "amount": abs(difference),
        "payment_method_id": method_id,
    }
