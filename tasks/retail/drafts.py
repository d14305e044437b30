"""Puts a customer's wishes into words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from tasks.agenda.agenda import Fact, Request, facts_of
from tasks.agenda.slots import Slot
from tasks.retail import wishes
from tasks.retail.customer import Customer, item_facts
from tasks.retail.intents import Intent
from tasks.retail.naming import listed, product_name, the_items
from tools.dice import Dice
from tools.worlds.retail.rows import Item, Order

STATED = 0.5
"""The probability that a wish tells a detail at once; chosen by hand."""
_ADDED = {
    Slot.REASON: "reason",
    Slot.NEW_ITEM: "new",
    Slot.PAYMENT: "method",
    Slot.ADDRESS: "address",
}
_FROM = (" from {order}", " in {order}", " that came with {order}")
_OF_ITEMS = frozenset({Intent.ITEMS, Intent.RETURN, Intent.EXCHANGE, Intent.PRICE, Intent.REFUND})


@dataclass(frozen=True, slots=True)
class Named:
    """An order in a customer's words."""

    order: Order
    """The row."""
    items: tuple[Item, ...]
    """The items that the request is about or, for a whole order, one that identifies it."""
    numbered: bool
    """Whether the customer knows its number."""
    vague: bool
    """Whether the wish leaves open which order is meant."""
    slip: str = ""
    """The wrong number that the customer gives first; empty if the first one is right."""
    whole: bool = False
    """Whether the whole order is meant, so that naming another item of it is not a mistake."""

    @property
    def facts(self) -> tuple[Fact, ...]:
        """The facts that the customer can tell about the order."""
        items = item_facts(self.items, self.order, whole=self.whole)
        if not self.numbered:
            return items
        number = self.order["order_id"]
        return (Fact(Slot.ORDER_ID, number, number, slip=self.slip), *items)

    def words(self, dice: Dice) -> str:
        """The words for the order in a wish."""
        if self.vague:
            return dice.pick(("an order of mine", "one of my orders", "an order"))
        if self.numbered:
            number = self.slip or self.order["order_id"]
            return dice.pick(wishes.BY_NUMBER).format(number=number)
        return dice.pick(wishes.BY_ITEM).format(item=the_items(self.items[:1]))

    @property
    def stated(self) -> tuple[Slot, ...]:
        """The slots that these words tell."""
        return () if self.vague else (Slot.ORDER_ID,) if self.numbered else (Slot.ITEM,)


def named(customer: Customer, order: Order, items: Sequence[Item] = ()) -> Named:
    """Samples the customer's words for an order."""
    dice, clear = customer.dice, customer.unmistakable(order)
    wanted = tuple(items) or tuple(dice.some(clear or order["items"], 1))
    recognised = any(item in clear for item in wanted)
    numbered = not recognised or dice.chance(0.6)
    vague = dice.chance(0.15)
    slip = customer.slip_of(order["order_id"]) if numbered else ""
    if not numbered and items:  # the item that identifies the order comes first
        wanted = tuple(sorted(wanted, key=lambda item: item not in clear))
    return Named(order, wanted, numbered, vague, slip, whole=not items)


def request(
    dice: Dice, intent: Intent, about: Named, details: Sequence[Fact] = (), signs: str = ""
) -> Request:
    """Puts a request about an order into words.

    Args:
        dice: The random choices of words, and of what is told at once.
        intent: The kind of request.
        about: The order.
        details: Further facts that the customer can tell.
        signs: Words, one of which a useful answer contains, separated by blanks.
    """
    of_items = intent in _OF_ITEMS
    pattern = _pattern(dice, wishes.WISHES[intent], about, of_items=of_items)
    slots = dict.fromkeys(fact.slot for fact in details)
    told = [slot for slot in slots if not about.vague and dice.chance(STATED)]
    words = _words(dice, about, of_items=of_items)
    added = [_added(dice, facts_of(details, slot)) for slot in told]
    wish = " ".join([_filled(pattern, words), *added])
    stated = about.stated + ((Slot.ITEM,) if of_items and not about.vague else ())
    return Request(
        intent=intent.value,
        wish=wish,
        short=_short(intent, about),
        facts=(*about.facts, *details),
        stated=(*stated, *told),
        signs=tuple(signs.split()),
    )


def with_otherwise(dice: Dice, first: Request, other: Request, words: Mapping[str, str]) -> Request:
    """A request with another one in case it is refused.

    Args:
        dice: The random choices: whether the wish announces the other request, and how.
        first: The first request.
        other: The other request.
        words: Placeholder -> words, for the other request's phrases.
    """
    phrase = dice.pick(wishes.OTHERWISE[Intent(other.intent)]).format(**words)
    foretold = dice.chance(0.5)
    then = f"Then {phrase}."
    other = replace(other, wish=then, short=then, foretold=foretold)
    wish = first.wish
    if foretold:
        wish += " " + dice.pick(wishes.ADDITIONS["otherwise"]).format(otherwise=phrase)
    return replace(first, wish=wish, otherwise=other)


def plain(dice: Dice, intent: Intent, signs: str, facts: Sequence[Fact], **words: str) -> Request:
    """A request that is not about an order."""
    return Request(
        intent=intent.value,
        wish=_filled(dice.pick(wishes.WISHES[intent]), words),
        short=_filled(wishes.SHORT[intent], words),
        facts=tuple(facts),
        stated=tuple(dict.fromkeys(fact.slot for fact in facts)),
        signs=tuple(signs.split()),
    )


def _pattern(dice: Dice, patterns: Sequence[str], about: Named, *, of_items: bool) -> str:
    """A wish; it leaves the order out if the item suffices, or if nothing is told."""
    if not of_items or (about.numbered and not about.vague):
        return dice.pick(patterns)
    short = []
    for pattern in patterns:
        for part in _FROM:
            pattern = pattern.replace(part, "")
        if "order}" not in pattern.lower():
            short.append(pattern)
    return dice.pick(short)


def _words(dice: Dice, about: Named, *, of_items: bool) -> dict[str, str]:
    items = the_items(about.items)
    if about.vague and of_items:
        items = dice.pick(("something", "something I bought"))
    return {"order": about.words(dice), "items": items}


def _short(intent: Intent, about: Named) -> str:
    words = {"items": the_items(about.items), "order": f"order {about.order['order_id']}"}
    if about.numbered and not about.slip:
        return _filled(wishes.SHORT[intent], words)
    words["order"] = f"the order with {the_items(about.items[:1])}"
    pattern = wishes.SHORT[intent]
    if intent in _OF_ITEMS:
        for part in _FROM:
            pattern = pattern.replace(part, "")
    return _filled(pattern, words)


def _added(dice: Dice, facts: Sequence[Fact]) -> str:
    """A sentence that tells the facts of one slot."""
    name, says = _ADDED[facts[0].slot], listed(fact.says for fact in facts)
    return _filled(dice.pick(wishes.ADDITIONS[name]), {name: says})


def _filled(pattern: str, words: Mapping[str, str]) -> str:
    """A phrase with its placeholders filled; `{Name}` takes the word of `name` with a capital."""
    capitals = {key.capitalize(): value[:1].upper() + value[1:] for key, value in words.items()}
    return pattern.format(**words, **capitals)


def reason_fact(dice: Dice, reason: str) -> Fact:
    """A reason for cancelling, in the customer's words."""
    others = [other for other in wishes.REASONS if other not in (reason, "")]
    says = dice.pick(wishes.REASONS[reason])
    return Fact(Slot.REASON, says, reason, (reason,) if reason else (), tuple(others))


def product_words(item: Item) -> dict[str, str]:
    """Placeholder -> words, for phrases about a product."""
    return {"product": product_name(item["name"])}
