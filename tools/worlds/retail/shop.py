"""One state of the shop, the rules of a variant, and its refusals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import cast

from tools.types import Json
from tools.worlds.database import Database
from tools.worlds.functions import ApiError, Change
from tools.worlds.retail.rows import Method, Order, Product, User
from tools.worlds.tables import Row


class Refusal(Enum):
    """The reasons for which the shop refuses a call; each variant has its own texts."""

    NO_ORDER = auto()
    NO_USER = auto()
    NO_PRODUCT = auto()
    NO_ITEM = auto()
    NO_VARIANT = auto()
    NO_METHOD = auto()
    NOT_PENDING_TO_CANCEL = auto()
    NOT_PENDING_TO_MODIFY = auto()
    NOT_DELIVERED_TO_EXCHANGE = auto()
    NOT_DELIVERED_TO_RETURN = auto()
    BAD_REASON = auto()
    NOT_ORDERED_TO_EXCHANGE = auto()
    NOT_ORDERED_TO_MODIFY = auto()
    NOT_ORDERED_TO_RETURN = auto()
    UNLIKE_COUNTS_TO_EXCHANGE = auto()
    UNLIKE_COUNTS_TO_MODIFY = auto()
    SAME_ITEM = auto()
    UNAVAILABLE = auto()
    NOT_ONE_PAYMENT = auto()
    SAME_METHOD = auto()
    NOT_ORIGINAL_METHOD = auto()
    TOO_POOR_FOR_DIFFERENCE = auto()
    TOO_POOR_FOR_ITEM = auto()
    TOO_POOR_FOR_ORDER = auto()


@dataclass(frozen=True, slots=True)
class Variant:
    """What differs between the shop's variants, apart from their tools."""

    texts: Mapping[Refusal, str]
    """The text of each refusal; `{item}` stands for the item in question."""
    empty_order: Mapping[str, Json]
    """The fields that an order shows even without a value, with what they show then."""
    modified_stays_open: bool
    """Whether address and payment can still be changed after the items were."""
    same_item_refused: bool
    """Whether an item cannot be changed to itself."""
    priced_as_last: bool
    """Whether all changed items get the last one's price and options, as in tau2's code."""


@dataclass(frozen=True, slots=True)
class Shop:
    """A state of the database under a variant's rules."""

    database: Database
    """The state."""
    rules: Variant
    """The variant's rules."""

    def no(self, why: Refusal, item: str = "") -> ApiError:
        """The error with the refusal's text."""
        return ApiError("Error: " + self.rules.texts[why].replace("{item}", item))

    def order(self, order_id: str) -> Order:
        """The order with this number.

        Raises:
            ApiError: if no order has it.
        """
        return cast("Order", self._row("orders", order_id, Refusal.NO_ORDER))

    def user(self, user_id: str) -> User:
        """The user with this id.

        Raises:
            ApiError: if no user has it.
        """
        return cast("User", self._row("users", user_id, Refusal.NO_USER))

    def product(self, product_id: str) -> Product:
        """The product with this id.

        Raises:
            ApiError: if no product has it.
        """
        return cast("Product", self._row("products", product_id, Refusal.NO_PRODUCT))

    def method(self, order: Order, method_id: str) -> Method:
        """A means of payment of the user who ordered.

        Raises:
            ApiError: if the user has no means of payment with this id.
        """
        methods = self.user(order["user_id"])["payment_methods"]
        if method_id not in methods:
            raise self.no(Refusal.NO_METHOD)
        return methods[method_id]

    def with_order(self, order: Order) -> Shop:
        """The shop with this order."""
        row = cast("Row", order)
        return Shop(self.database.put("orders", order["order_id"], row), self.rules)

    def with_user(self, user_id: str, user: User) -> Shop:
        """The shop with this user."""
        return Shop(self.database.put("users", user_id, cast("Row", user)), self.rules)

    def credited(self, order: Order, method_id: str, amount: float) -> Shop:
        """The shop after a credit to a means of payment; only gift cards have a balance."""
        method = self.method(order, method_id)
        if method["source"] != "gift_card":
            return self
        filled: Method = {**method, "balance": round(method["balance"] + amount, 2)}
        user = self.user(order["user_id"])
        methods = {**user["payment_methods"], method_id: filled}
        return self.with_user(order["user_id"], {**user, "payment_methods": methods})

    def shown(self, order: Order) -> Json:
        """An order as answers show it."""
        return {**self.rules.empty_order, **cast("dict[str, Json]", order)}

    def changed(self, order: Order) -> Change:
        """The return value of a tool that has changed an order."""
        return Change(self.with_order(order).database, self.shown(order))

    def _row(self, table: str, key: str, otherwise: Refusal) -> Row:
        row = self.database.row(table, key)
        if row is None:
            raise self.no(otherwise)
        return row


def can_pay(method: Method, amount: float) -> bool:
    """Whether a means of payment covers an amount; only gift cards have a limit."""
    return method["source"] != "gift_card" or method["balance"] >= amount
