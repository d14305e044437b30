"""The desk's user with an agenda: it knows its plan, and speaks as it has spoken in its record."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tasks.agenda.agenda import Agenda, Fact, Request
from tasks.agenda.slots import Slot
from tasks.desk import small_talk as words
from tasks.desk.agent import Desk
from tasks.desk.phrases import CITIES, REASONS
from tasks.desk.plan import DeskRequest, RequestKind
from tools.dice import Dice

NAMES = (
    (
        Slot.USER_ID,
        "customer number|customer numbers|customer no|which customer|your number|number of customer"
        "|number as a customer|customer id|who are you",
    ),
    (
        Slot.ORDER_ID,
        "order number|number of the order|number of your order|number of that order|order's number",
    ),
    (
        Slot.ITEM,
        "item|which item|what item|which thing|what thing|which article|name of the item"
        "|what did you order|what did you buy|what you ordered|what you bought",
    ),
    (
        Slot.ADDRESS,
        "city|which city|what city|new city|which new city|where should it|where do you want"
        "|where to|to where|where shall|where it should|which place|what place|destination"
        "|name of the city|where would you like",
    ),
)
"""The words for what one can ask a user of the desk for."""
SIGNS: Mapping[str, tuple[str, ...]] = {
    "arrival": ("day", "days", "today", "tomorrow"),
    "delivered": ("day", "days", "today", "yesterday"),
    "price": ("cost", "costs", "price", "total", "paid", "pay", "dollars"),
    "place": ("goes to", "sent to", "going to", "delivered to", "days"),
    "status": ("pending", "shipped", "delivered", "cancelled", "return requested", "day", "days"),
}
"""Topic of a question -> words, one of which an answer has."""
DONE: Mapping[RequestKind, tuple[str, ...]] = {
    RequestKind.RETURN: ("sent back", "send it back", "return is"),
    RequestKind.CITY: ("now goes to", "goes to", "is sent to"),
}
"""Kind of request -> further words that report that it was met."""
_ANSWERS: Mapping[Slot, tuple[str, ...]] = {
    Slot.USER_ID: tuple(one.format(customer="{value}") for one in words.CUSTOMER_ANSWERS),
    Slot.ADDRESS: tuple(one.format(city="{value}") for one in words.CITY_ANSWERS),
    Slot.ORDER_ID: (
        "It is order {value}.",
        "Order {value}.",
        "The number is {value}.",
        "{value}.",
        "It says {value} here.",
        "My order number is {value}.",
    ),
    Slot.ITEM: (
        "It is the {value}.",
        "The {value}.",
        "I mean the {value}.",
        "The {value}, please.",
        "It is about the {value}.",
        "My {value}.",
    ),
}
_CORRECTIONS = tuple(one.format(number="{value}") for one in words.CORRECTIONS)
_CANCELS = (RequestKind.CANCEL, RequestKind.CANCEL_REFUSED)
_MOVES = (RequestKind.CITY, RequestKind.CITY_REFUSED)


def agenda_of(desk: Desk, dice: Dice) -> Agenda:
    """The agenda of the user of a dialogue.

    Args:
        desk: The desk when the dialogue is over.
        dice: The random choices of what the dialogue does not show.
    """
    plan, speaker = desk.plan, _Speaker(desk, dice)
    customer = Fact(Slot.USER_ID, plan.customer, slip=plan.slip)
    return Agenda(
        identity=(speaker.words(customer, 0),),
        requests=tuple(speaker.request(place) for place in range(len(plan.requests))),
        introduces=(Slot.USER_ID,) if desk.introduces else (),
        vague=desk.vague,
        seed=dice.between(0, 10**6),
        opens=desk.talk.turns[0]["value"],
        farewell=desk.farewell,
        wish_first=desk.wish_first,
        names=NAMES,
    )


@dataclass(frozen=True, slots=True)
class _Speaker:
    """Puts the facts of a plan into the user's words."""

    desk: Desk
    dice: Dice

    def request(self, place: int) -> Request:
        """The request with this number."""
        wanted, said = self.desk.plan.requests[place], self.desk.said
        facts = (self.words(fact, place) for fact in self._facts(place))
        return Request(
            intent=wanted.kind.value,
            wish=said.wishes[place],
            short=said.shorts[place],
            facts=tuple(facts),
            stated=tuple(_stated(wanted)),
            signs=SIGNS[wanted.detail] if wanted.kind is RequestKind.QUESTION else (),
            done=DONE.get(wanted.kind, ()),
        )

    def words(self, fact: Fact, place: int) -> Fact:
        """A fact in the user's own words."""
        answers = REASONS[fact.says] if fact.slot is Slot.REASON else _ANSWERS[fact.slot]
        return self.desk.said.words(fact, place, answers, _CORRECTIONS, self.dice)

    def _facts(self, place: int) -> Iterator[Fact]:
        """What the user knows about a request; not the order's number, if it names the item."""
        requests = self.desk.plan.requests
        wanted = requests[place]
        if wanted.kind is RequestKind.TRANSFER:
            return
        yield Fact(Slot.ITEM, wanted.item, rivals=self._other_items(wanted))
        named = next(one for one in requests if one.order == wanted.order)
        if named.numbered:
            yield Fact(Slot.ORDER_ID, wanted.order, slip=wanted.slip)
        if wanted.kind in _CANCELS:
            yield Fact(Slot.REASON, wanted.detail)
        if wanted.kind in _MOVES:
            rivals = tuple(city for city in CITIES if city != wanted.detail)
            yield Fact(Slot.ADDRESS, wanted.detail, rivals=rivals)

    def _other_items(self, wanted: DeskRequest) -> tuple[str, ...]:
        items = {one.item: None for one in self.desk.plan.requests}
        return tuple(item for item in items if item != wanted.item)


def _stated(wanted: DeskRequest) -> Iterator[Slot]:
    """The slots that the wish tells."""
    if wanted.kind is RequestKind.TRANSFER:
        return
    if not wanted.again:
        yield Slot.ORDER_ID if wanted.numbered else Slot.ITEM
    if wanted.stated and wanted.kind in _CANCELS:
        yield Slot.REASON
    if wanted.stated and wanted.kind in _MOVES:
        yield Slot.ADDRESS
