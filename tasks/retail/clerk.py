"""The gold agent's look-ups: the customer, the order meant, the details still missing."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import cast

from tasks.agenda.mind import CustomerAct
from tasks.agenda.slots import Slot
from tasks.generation.serving import Server
from tasks.generation.talk import Rejected
from tasks.retail import replies
from tools.worlds.retail.rows import Method, Order, Product, User

_TRIES = 4


@dataclass(slots=True)
class Clerk(Server):
    """An agent of the shop."""

    user_id: str = ""
    """The customer's id, once found; else ''."""
    orders: dict[str, Order] = field(default_factory=dict)
    """Order number -> order, for those that were looked up."""
    _profile: User | None = None
    _products: dict[str, Product] = field(default_factory=dict)
    _listed: dict[str, str] = field(default_factory=dict)

    def identify(self) -> None:
        """Finds out who the customer is."""
        for _ in range(_TRIES):
            if self._ask_identity() and self._find():
                return
        raise Rejected("never_identified")

    def _ask_identity(self) -> bool:
        talk = self.talk
        if talk.told(Slot.EMAIL) or (talk.told(Slot.NAME) and talk.told(Slot.ZIP)):
            return True
        if talk.told(Slot.NAME):
            why = "The name alone finds nobody: email or zip is missing."
            self.say(replies.ASK_ZIP, why, name=self.first_name)
        else:
            why = "The customer has to be found by email, or by name and zip, before all else."
            self.say(replies.ASK_IDENTITY, why)
        return talk.told(Slot.EMAIL) or (talk.told(Slot.NAME) and talk.told(Slot.ZIP))

    def _find(self) -> bool:
        """Looks the customer up; asks again if the shop does not find it."""
        agenda, mind = self.talk.agenda, self.talk.mind
        if self.talk.told(Slot.EMAIL):
            email = mind.tells(agenda, Slot.EMAIL)[0]
            why = f"The customer gave the email {email}; the rules ask to look the user id up."
            result = self.talk.try_call("find_user_id_by_email", why, email=email)
        else:
            name, zip_code = (mind.tells(agenda, s)[0] for s in (Slot.NAME, Slot.ZIP))
            first, last = name.split(" ", 1)
            why = f"The customer is {name}, zip code {zip_code}; both together find the user id."
            result = self.talk.try_call(
                "find_user_id_by_name_zip", why, first_name=first, last_name=last, zip=zip_code
            )
        if result.ok:
            self.user_id = result.content
            return True
        why = "Nobody is found by that, so the details are asked for again."
        self.say(replies.ASK_IDENTITY_AGAIN, why)
        return False

    @property
    def first_name(self) -> str:
        """The customer's first name, if it has told its name; else ''."""
        return self.talk.mind.tells(self.talk.agenda, Slot.NAME)[0].split()[0]

    def profile(self, why: str) -> User:
        """The customer's profile, looked up if it is unknown or may have changed."""
        if self._profile is None:
            text = self.talk.search("get_user_details", why, user_id=self.user_id)
            self._profile = cast("User", json.loads(text))
        return self._profile

    def forget_profile(self) -> None:
        """Forgets the profile, since a balance or an address may have changed."""
        self._profile = None

    def method(self) -> Method:
        """The means of payment that the customer has named."""
        profile = self.profile("The means of payment stand in the profile, with their ids.")
        methods = profile["payment_methods"]
        named = str(self.fact(Slot.PAYMENT).value)
        if named not in methods:
            raise Rejected("unknown_method")
        return methods[named]

    def product(self, product_id: str, why: str) -> Product:
        """A product with its variants."""
        if product_id not in self._products:
            text = self.talk.call("get_product_details", why, product_id=product_id)
            self._products[product_id] = cast("Product", json.loads(text))
        return self._products[product_id]

    def product_ids(self) -> dict[str, str]:
        """Product name -> id, listed once."""
        if not self._listed:
            why = "Only the list of products tells the product's id."
            text = self.talk.search("list_all_product_types", why)
            self._listed = cast("dict[str, str]", json.loads(text))
        return self._listed

    def order(self) -> Order:
        """The order that the customer means.

        Raises:
            Refused: if it belongs to somebody else.
        """
        if not self.talk.told(Slot.ORDER_ID) and not self.talk.told(Slot.ITEM):
            self.say(replies.ASK_ORDER, "It is not yet known which order is meant.")
        found = self._by_number() if self.talk.told(Slot.ORDER_ID) else self._by_item()
        if found["user_id"] != self.user_id:
            why = (
                f"Order {found['order_id']} belongs to {found['user_id']}, the customer is "
                f"{self.user_id}: what concerns others has to be refused."
            )
            raise self.refuse(replies.FOREIGN_REFUSED, why)
        return found

    def _by_number(self) -> Order:
        for _ in range(_TRIES):
            number = self.talk.mind.tells(self.talk.agenda, Slot.ORDER_ID)[0]
            if number in self.orders:
                return self.orders[number]
            why = f"The status and contents of order {number} have to be known first."
            result = self.talk.try_call("get_order_details", why, order_id=number)
            if result.ok:
                return self._keep(result.content)
            why = f"There is no order {number}; the number must be wrong."
            self.say(replies.ASK_ORDER_AGAIN, why)
            if self.talk.turn.act is not CustomerAct.CORRECTS:
                break
        raise Rejected("never_located")

    def _by_item(self) -> Order:
        """Looks at the customer's orders until one has the item."""
        wanted = self.talk.mind.knows(self.talk.agenda, Slot.ITEM)[0]
        why = "The customer does not know the number; the profile lists the orders."
        profile = self.profile(why)
        for number in profile["orders"]:
            if number not in self.orders:
                why = f"Looking for {wanted.says}: perhaps it is in order {number}."
                self._keep(self.talk.search("get_order_details", why, order_id=number))
            if any(item["item_id"] == wanted.value for item in self.orders[number]["items"]):
                self.ask_for("get_order_details", "order_id", number)
                return self.orders[number]
        raise Rejected("never_located")

    def _keep(self, text: str) -> Order:
        order = cast("Order", json.loads(text))
        self.orders[order["order_id"]] = order
        return order
