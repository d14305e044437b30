"""One customer of the shop, with all that a dialogue about it can use."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias, cast

from tasks.agenda.agenda import Fact, Request
from tasks.agenda.slots import Slot
from tasks.generation.levels import Level
from tasks.retail.naming import address_line, method_forms, method_name, product_name
from tools.dice import Dice
from tools.types import Json
from tools.worlds.database import Base
from tools.worlds.retail.rows import Address, Item, Method, Order, Product, User, Variant

_STREETS = ("Alder", "Birch", "Cedar", "Dogwood", "Elder", "Fir", "Hazel", "Juniper", "Larch")
_KINDS = ("Street", "Lane", "Road", "Avenue", "Court", "Way")
_PLACES = (
    ("Austin", "TX", "787"),
    ("Boise", "ID", "837"),
    ("Denver", "CO", "802"),
    ("Fargo", "ND", "581"),
    ("Madison", "WI", "537"),
    ("Portland", "OR", "972"),
    ("Raleigh", "NC", "276"),
    ("Tucson", "AZ", "857"),
)


@dataclass(slots=True)
class Customer:
    """A row of `users`, with the orders that no request uses yet."""

    base: Base
    """The database."""
    user_id: str
    """The row's key."""
    dice: Dice
    """All random choices."""
    level: Level
    """The difficulty of the dialogue."""
    free: list[Order] = field(init=False)
    """The orders that no request uses yet."""
    _taken: list[Order] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Makes all orders free."""
        self.free = list(self.orders)

    @property
    def user(self) -> User:
        """The row of `users`."""
        return cast("User", self.base.row("users", self.user_id))

    @property
    def orders(self) -> list[Order]:
        """All orders."""
        rows = (self.base.row("orders", number) for number in self.user["orders"])
        return [cast("Order", row) for row in rows if row is not None]

    @property
    def methods(self) -> list[Method]:
        """The means of payment whose names are unique: no second gift card, for example."""
        methods = list(self.user["payment_methods"].values())
        counts = Counter(_mark(method) for method in methods)
        return [method for method in methods if counts[_mark(method)] == 1]

    def take(self, *statuses: str) -> Order | None:
        """Takes a free order with one of these statuses and one payment; None if there is none."""
        fit = [o for o in self.free if o["status"] in statuses and len(o["payment_history"]) == 1]
        if not fit:
            return None
        order = self.dice.pick(fit)
        self.free.remove(order)
        self._taken.append(order)
        return order

    def keep(self) -> None:
        """Confirms the orders taken since the last `keep`."""
        self._taken.clear()

    def undo(self) -> None:
        """Frees the orders taken since the last `keep`."""
        self.free += self._taken
        self._taken.clear()

    def product(self, item: Item) -> Product:
        """The product of an item."""
        return cast("Product", self.base.tables["products"][item["product_id"]])

    def singles(self, order: Order) -> list[Item]:
        """The items of an order whose names occur only once in it."""
        counts = Counter(item["name"] for item in order["items"])
        return [item for item in order["items"] if counts[item["name"]] == 1]

    def unmistakable(self, order: Order) -> list[Item]:
        """The items of an order whose names occur in no other order of the customer."""
        names = Counter(item["name"] for other in self.orders for item in other["items"])
        return [item for item in order["items"] if names[item["name"]] == 1]

    def others(self, item: Item, *, available: bool) -> list[Variant]:
        """The other variants of an item's product, in stock or not."""
        variants = self.product(item)["variants"].values()
        return [v for v in variants if v["available"] is available and _is_other(v, item)]

    def slip_of(self, number: str) -> str:
        """A wrong order number, with two digits swapped or one changed; mostly ''."""
        if not self.dice.chance(self.level.slips):
            return ""
        place = self.dice.between(2, len(number) - 1)
        digit = str((int(number[place]) + self.dice.between(1, 9)) % 10)
        wrong = number[:place] + digit + number[place + 1 :]
        return "" if self.base.row("orders", wrong) else wrong

    def stranger(self) -> Order | None:
        """An order of another customer."""
        orders = list(self.base.tables["orders"].values())
        order = cast("Order", self.dice.pick(orders))
        return None if order["user_id"] == self.user_id else order

    def new_address(self) -> Address:
        """An invented address."""
        city, state, zip_code = self.dice.pick(_PLACES)
        street = f"{self.dice.pick(_STREETS)} {self.dice.pick(_KINDS)}"
        unit = f"Apt {self.dice.between(2, 40)}" if self.dice.chance(0.4) else ""
        return {
            "address1": f"{self.dice.between(11, 989)} {street}",
            "address2": unit,
            "city": city,
            "country": "USA",
            "state": state,
            "zip": f"{zip_code}{self.dice.between(10, 99)}",
        }


Scenario: TypeAlias = "Callable[[Customer], Request | None]"
"""Samples a request of one kind; returns None if the customer has no fitting order left."""


def _is_other(variant: Variant, item: Item) -> bool:
    return (
        variant["item_id"] != item["item_id"]
        and variant["options"].keys() == item["options"].keys()
    )


def _mark(method: Method) -> str:
    return method["source"] if method["source"] != "credit_card" else method.get("last_four", "")


def method_fact(customer: Customer, method: Method, *, original: bool = False) -> Fact:
    """A means of payment as a fact; the original one may be called just that."""
    says = method_name(method, customer.dice)
    if original and customer.dice.chance(0.5):
        says = customer.dice.pick(("the original payment method", "the one I paid with"))
    others = [m for m in customer.user["payment_methods"].values() if m is not method]
    own = method_forms(method)
    rivals = [form for other in others for form in method_forms(other) if form and form not in own]
    return Fact(Slot.PAYMENT, says, method["id"], (*own, "original payment method"), tuple(rivals))


def address_fact(address: Address, old: Address) -> Fact:
    """A new address as a fact."""
    value = cast("dict[str, Json]", address)
    return Fact(
        Slot.ADDRESS, address_line(address), value, (address["address1"],), (old["address1"],)
    )


def item_facts(items: Sequence[Item], order: Order, *, whole: bool) -> tuple[Fact, ...]:
    """Items of an order as facts; its other items are rivals, unless the whole order is meant."""
    names = {product_name(item["name"]) for item in items}
    others = {product_name(item["name"]): None for item in order["items"]}
    rivals = () if whole else tuple(name for name in others if name not in names)
    return tuple(
        Fact(
            Slot.ITEM,
            f"the {product_name(item['name'])}",
            item["item_id"],
            (product_name(item["name"]),),
            rivals,
        )
        for item in items
    )
