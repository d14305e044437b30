"""How people name what the database holds: products, options, means of payment, addresses."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from tools.dice import Dice
from tools.worlds.retail.rows import Address, Item, Method, Variant

_BRANDS = {"visa": "Visa", "mastercard": "Mastercard", "amex": "Amex"}
SOURCES: Mapping[str, str] = {
    "paypal": "PayPal account",
    "gift_card": "gift card",
    "credit_card": "credit card",
}
"""Kind of payment -> its name."""


def product_name(name: str) -> str:
    """A product's name inside a sentence.

    >>> product_name("LED Light Bulb"), product_name("Desk Lamp")
    ('LED light bulb', 'desk lamp')
    """
    words = (word if word[1:] != word[1:].lower() else word.lower() for word in name.split())
    return " ".join(words)


def listed(names: Iterable[str]) -> str:
    """`a`, `a and b`, or `a, b and c`."""
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last


def the_items(items: Iterable[Item]) -> str:
    """The items of an order, as a customer names them."""
    return listed(f"the {product_name(item['name'])}" for item in items)


def differing(item: Item, variant: Variant) -> dict[str, str]:
    """The options in which a variant is unlike an item."""
    now = item["options"]
    return {name: v for name, v in variant["options"].items() if now.get(name) != v}


def wanted_variant(options: Mapping[str, str]) -> str:
    """A variant by the options that matter.

    >>> wanted_variant({"color": "black", "size": "L"})
    'a black one in size L'
    """
    colors = [value for name, value in options.items() if name == "color"]
    others = [_option(name, value) for name, value in options.items() if name != "color"]
    head = " ".join([_article(colors[0]), *colors, "one"]) if colors else "one"
    return f"{head} {listed(others)}" if others else head


def _article(word: str) -> str:
    return "an" if word[:1].lower() in "aeio" else "a"


def _option(name: str, value: str) -> str:
    if value in ("yes", "no", "none"):
        return _yes_or_no(name, yes=value == "yes")
    if name == "size":
        return f"in size {value}"
    if name == "material":
        return f"made of {value}"
    return f"with {value} as the {name}"


def _yes_or_no(name: str, *, yes: bool) -> str:
    if name.endswith(("able", "ible", "proof", "resistant", "ed")):
        return f"that is {'' if yes else 'not '}{name}"
    return f"{'with' if yes else 'without'} {name}"


def method_name(method: Method, dice: Dice) -> str:
    """A means of payment, as its owner names it."""
    if method["source"] != "credit_card":
        return f"my {SOURCES[method['source']]}"
    digits = method.get("last_four", "")
    brand = _BRANDS.get(method.get("brand", ""), "credit card")
    card = brand if brand == "credit card" else f"{brand} card"
    return dice.pick((f"my {card} ending in {digits}", f"the {card} with {digits} at the end"))


def method_forms(method: Method) -> tuple[str, ...]:
    """All that a means of payment may be called."""
    common = (method["id"], SOURCES[method["source"]], method["source"])
    if method["source"] == "paypal":
        return (*common, "PayPal")
    if method["source"] == "credit_card":
        return (*common, method.get("last_four", ""), method.get("brand", ""))
    return common


def method_label(method_id: str) -> str:
    """A means of payment by its id, as an agent names it."""
    source = next((source for source in SOURCES if method_id.startswith(source)), "credit_card")
    return f"your {SOURCES[source]}"


def address_line(address: Address) -> str:
    """An address in one line."""
    lines = (address["address1"], address["address2"], address["city"])
    return ", ".join([*filter(None, lines), f"{address['state']} {address['zip']}"])


def dollars(amount: float) -> str:
    """An amount with its sign.

    >>> dollars(1234.5)
    '$1,234.50'
    """
    return f"${amount:,.2f}"
