"""Generated databases of the shop.

A customer, with all orders, depends on the seed and the customer's number alone. Therefore a
larger database begins with the customers of a smaller one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import cast

from tools.dice import Dice
from tools.worlds.generated.ids import Scatter
from tools.worlds.generated.people import People, Person, require_customers, some_address
from tools.worlds.retail.assortment import KINDS, ProductType
from tools.worlds.retail.rows import (
    Address,
    Fulfillment,
    Item,
    Method,
    Order,
    Payment,
    Product,
    User,
    Variant,
)
from tools.worlds.tables import Row

_ORDERS = (0, 0, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 5, 6)
"""The numbers of orders that a customer can have, all entries equally likely."""
_ITEMS = (1, 1, 2, 2, 2, 3, 3, 4, 5)
_METHODS = (1, 1, 1, 2, 2, 2, 3, 4)
_STATUSES = (
    *["pending"] * 40,
    *["delivered"] * 38,
    *["processed"] * 9,
    *["cancelled"] * 8,
    *["return requested"] * 2,
    *["exchange requested"] * 2,
    "pending (item modified)",
)
_NOT_SENT = frozenset({"pending", "cancelled", "pending (item modified)"})
_SLOTS = 6
"""The number of order numbers reserved for each customer."""
_NUMBERS = 10_000_000
LIMIT = _NUMBERS // _SLOTS
"""The largest number of customers: beyond it, order numbers of seven digits run out."""


@dataclass(frozen=True, slots=True)
class _Shelf:
    """What all customers share."""

    people: People
    """The people of the seed."""
    numbers: Scatter
    """The order in which their orders get numbers."""
    products: Sequence[Product]
    """The products on sale."""


def tables(customers: int, seed: int, *, ids_inside: bool) -> dict[str, dict[str, Row]]:
    """The shop's three tables.

    Args:
        customers: The number of customers; at most `LIMIT`.
        seed: The seed of all rows.
        ids_inside: Whether users' rows repeat their ids, as in tau2.

    Raises:
        ValueError: if `customers` is not in 1 to `LIMIT`.
    """
    require_customers(customers, LIMIT)
    products = _products(seed)
    numbers = Scatter.of(2_500, _NUMBERS // 2_500, "orders", seed)
    shelf = _Shelf(People.of(seed), numbers, products)
    users: dict[str, Row] = {}
    orders: dict[str, Row] = {}
    for number in range(customers):
        user_id, user, own = _customer(shelf, number, Dice("customer", seed, number))
        users[user_id] = cast("Row", {"user_id": user_id, **user} if ids_inside else user)
        orders.update(own)
    goods = {made["product_id"]: cast("Row", made) for made in products}
    return {"orders": orders, "products": goods, "users": users}


def _products(seed: int) -> list[Product]:
    numbers = Scatter.of(30_000, 300_000, "goods", seed)
    return [_product(kind, n, numbers, Dice("product", seed, n)) for n, kind in enumerate(KINDS)]


def _product(kind: ProductType, number: int, numbers: Scatter, dice: Dice) -> Product:
    """A product with six to twelve variants; about a third of them are out of stock."""
    choices = list(product(*kind.options.values()))
    chosen = dice.some(choices, min(dice.between(6, 12), len(choices)))
    variants: dict[str, Variant] = {}
    for place, values in enumerate(chosen):
        item_id = _ten_digits(numbers(number * 100 + place + 1))
        variants[item_id] = {
            "item_id": item_id,
            "options": dict(zip(kind.options, values, strict=True)),
            "available": place < 3 or dice.chance(0.5),
            "price": _price(kind, values, dice),
        }
    shuffled = {item_id: variants[item_id] for item_id in dice.some(list(variants), len(variants))}
    product_id = _ten_digits(numbers(number * 100))
    return {"name": kind.name, "product_id": product_id, "variants": shuffled}


def _price(kind: ProductType, values: Sequence[str], dice: Dice) -> float:
    """A variant's price: later values of an option cost a little more; the cents are random."""
    steps = sum(kind.options[name].index(v) for name, v in zip(kind.options, values, strict=True))
    cents = kind.price * (100 + 4 * steps + dice.between(-5, 5)) + dice.between(0, 99)
    return cents / 100


def _customer(shelf: _Shelf, number: int, dice: Dice) -> tuple[str, User, dict[str, Row]]:
    """A customer's id, row, and orders (order number -> order)."""
    person = shelf.people.person(number, dice)
    methods = _methods(dice)
    orders: dict[str, Row] = {}
    for place in range(dice.pick(_ORDERS)):
        order = _order(shelf, number * _SLOTS + place, person, list(methods), dice)
        orders[order["order_id"]] = cast("Row", order)
    user: User = {
        "name": {"first_name": person.first, "last_name": person.last},
        "address": cast("Address", person.address),
        "email": person.email,
        "payment_methods": methods,
        "orders": list(orders),
    }
    return person.user_id, user, orders


def _methods(dice: Dice) -> dict[str, Method]:
    """One to four means of payment; at most one of them is a PayPal account."""
    methods: dict[str, Method] = {}
    for _ in range(dice.pick(_METHODS)):
        sources = ["credit_card", "gift_card"]
        if not any(method["source"] == "paypal" for method in methods.values()):
            sources.append("paypal")
        method = _method(dice.pick(sources), dice)
        methods[method["id"]] = method
    return methods


def _method(source: str, dice: Dice) -> Method:
    name = f"{source}_{dice.between(1_000_000, 9_999_999)}"
    if source == "credit_card":
        brand, digits = dice.pick(("visa", "mastercard")), f"{dice.between(0, 9_999):04d}"
        return {"source": source, "brand": brand, "last_four": digits, "id": name}
    if source == "gift_card":
        return {
            "source": source,
            "balance": dice.between(5, 60) * dice.pick((1, 1, 10)),
            "id": name,
        }
    return {"source": source, "id": name}


def _order(shelf: _Shelf, number: int, person: Person, methods: Sequence[str], dice: Dice) -> Order:
    status = dice.pick(_STATUSES)
    items = [_item(p, v) for p, v in _basket(shelf.products, dice)]
    paid = _payment("payment", round(sum(item["price"] for item in items), 2), dice.pick(methods))
    order: Order = {
        "order_id": f"#W{shelf.numbers(number):07d}",
        "user_id": person.user_id,
        "address": cast("Address", person.address if dice.chance(0.8) else some_address(dice)),
        "items": items,
        "fulfillments": [] if status in _NOT_SENT else _parcels(items, dice),
        "status": status,
        "payment_history": [paid],
    }
    return _with_past(shelf.products, order, dice)


def _basket(products: Sequence[Product], dice: Dice) -> list[tuple[Product, Variant]]:
    """Different items, sometimes two variants of one product."""
    basket: dict[str, tuple[Product, Variant]] = {}
    for _ in range(dice.pick(_ITEMS)):
        repeats = bool(basket) and dice.chance(0.1)
        bought = dice.pick(list(basket.values()))[0] if repeats else dice.pick(products)
        variant = dice.pick(list(bought["variants"].values()))
        basket[variant["item_id"]] = (bought, variant)
    return list(basket.values())


def _item(bought: Product, variant: Variant) -> Item:
    return {
        "name": bought["name"],
        "product_id": bought["product_id"],
        "item_id": variant["item_id"],
        "price": variant["price"],
        "options": variant["options"],
    }


def _parcels(items: Sequence[Item], dice: Dice) -> list[Fulfillment]:
    """One parcel, or two that share the items."""
    ids = [item["item_id"] for item in items]
    cut = dice.between(1, len(ids) - 1) if len(ids) > 1 and dice.chance(0.1) else len(ids)
    parts = [part for part in (ids[:cut], ids[cut:]) if part]
    return [
        {"tracking_id": [str(dice.between(100_000_000_000, 999_999_999_999))], "item_ids": part}
        for part in parts
    ]


def _with_past(products: Sequence[Product], order: Order, dice: Dice) -> Order:
    """The order with the fields that its status implies."""
    paid = order["payment_history"][0]
    method = paid["payment_method_id"]
    match order["status"]:
        case "cancelled":
            refund = _payment("refund", paid["amount"], method)
            return {**order, "payment_history": [paid, refund]}
        case "return requested":
            some = dice.some(order["items"], dice.between(1, len(order["items"])))
            ids = sorted(item["item_id"] for item in some)
            return {**order, "return_items": ids, "return_payment_method_id": method}
        case "exchange requested" | "pending (item modified)":
            return _with_other_item(products, order, dice)
        case _:
            return order


def _with_other_item(products: Sequence[Product], order: Order, dice: Dice) -> Order:
    """The order after one item was exchanged for, or changed to, another variant."""
    place = dice.between(0, len(order["items"]) - 1)
    old, method = order["items"][place], order["payment_history"][0]["payment_method_id"]
    bought = next(p for p in products if p["product_id"] == old["product_id"])
    taken = {item["item_id"] for item in order["items"]}
    new = next(
        v for v in bought["variants"].values() if v["available"] and v["item_id"] not in taken
    )
    difference = round(new["price"] - old["price"], 2)
    if order["status"] == "exchange requested":
        return {
            **order,
            "exchange_items": [old["item_id"]],
            "exchange_new_items": [new["item_id"]],
            "exchange_payment_method_id": method,
            "exchange_price_difference": difference,
        }
    items = [*order["items"][:place], _item(bought, new), *order["items"][place + 1 :]]
    settled = _payment("payment" if difference > 0 else "refund", abs(difference), method)
    history = [*order["payment_history"], settled]
    return {**order, "items": items, "payment_history": history}


def _payment(kind: str, amount: float, method_id: str) -> Payment:
    return cast(
        "Payment",
        {"transaction_type": kind, "amount": amount, "payment_method_id": method_id},
    )


def _ten_digits(number: int) -> str:
    return str(1_000_000_000 + number)
