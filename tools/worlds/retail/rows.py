"""What the shop's database holds: three tables, in tau-bench's own form."""

from __future__ import annotations

from typing import Literal, NotRequired, TypeAlias, TypedDict

Reason: TypeAlias = Literal["no longer needed", "ordered by mistake"]
"""The reason for which an order is cancelled."""


class Address(TypedDict):
    """Where a user lives, or an order goes."""

    address1: str
    address2: str
    city: str
    country: str
    state: str
    zip: str


class Payment(TypedDict):
    """Money that the user paid or got back."""

    transaction_type: Literal["payment", "refund"]
    amount: float
    payment_method_id: str


class Item(TypedDict):
    """One piece of an order; `item_id` names the product's variant."""

    name: str
    product_id: str
    item_id: str
    price: float
    options: dict[str, str]


class Fulfillment(TypedDict):
    """A parcel."""

    tracking_id: list[str]
    item_ids: list[str]


class Order(TypedDict):
    """A row of `orders`, keyed by its number (`#W…`).

    `status` is pending, pending (item modified), processed, delivered, cancelled, exchange
    requested or return requested. Only the last three have the fields from `cancel_reason` on.
    """

    order_id: str
    user_id: str
    address: Address
    items: list[Item]
    fulfillments: list[Fulfillment]
    status: str
    payment_history: list[Payment]
    cancel_reason: NotRequired[str]
    exchange_items: NotRequired[list[str]]
    exchange_new_items: NotRequired[list[str]]
    exchange_payment_method_id: NotRequired[str]
    exchange_price_difference: NotRequired[float]
    return_items: NotRequired[list[str]]
    return_payment_method_id: NotRequired[str]


class Variant(TypedDict):
    """One variant of a product: an item that can be bought."""

    item_id: str
    options: dict[str, str]
    available: bool
    price: float


class Product(TypedDict):
    """A row of `products`, keyed by its id."""

    name: str
    product_id: str
    variants: dict[str, Variant]


class Name(TypedDict):
    """A user's name."""

    first_name: str
    last_name: str


class Method(TypedDict):
    """A means of payment: `credit_card`, `paypal`, or a `gift_card` with a balance."""

    source: str
    id: str
    brand: NotRequired[str]
    last_four: NotRequired[str]
    balance: NotRequired[float]


class User(TypedDict):
    """A row of `users`, keyed by the user's id, which only tau2 repeats inside."""

    user_id: NotRequired[str]
    name: Name
    address: Address
    email: str
    payment_methods: dict[str, Method]
    orders: list[str]
