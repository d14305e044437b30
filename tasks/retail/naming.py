"""People's names for things in the database: products, options, means of payment, addresses."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from tools.dice import Dice
from tools.worlds.retail.rows import Address, Item, Method, Variant

_CARDS = {"visa": "Visa card", "mastercard": "Mastercard", "amex": "Amex card"}
_ADJECTIVES = ("able", "ible", "proof", "folding")
_UNCOUNTED = frozenset({"power", "noise cancelling", "backlight", "storage", "lining", "filling"})
SOURCES: Mapping[str, str] = {
    "paypal": "PayPal account",
    "gift_card": "gift card",
    "credit_card": "credit card",
}
"""Kind of means of payment -> its name."""


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
    """The options in which a variant differs from an item."""
    now = item["options"]
    return {name: v for name, v in variant["options"].items() if now.get(name) != v}


def wanted_variant(options: Mapping[str, str]) -> str:
    """A variant by the given options; its type stands next to the noun.

    >>> wanted_variant({"color": "black", "size": "L"})
    'a black one in size L'
    >>> wanted_variant({"foldable": "yes", "display": "analog", "sensors": "1"})
    'a foldable one with an analog display and with 1 sensor'
    """
    by_kind = sorted(options.items(), key=lambda option: option[0] == "type")
    before = [word for name, value in by_kind if (word := _adjective(name, value))]
    after = [_phrase(name, v) for name, v in options.items() if not _adjective(name, v)]
    head = f"{_article(before[0])} {' '.join(before)} one" if before else "one"
    return f"{head} {listed(after)}" if after else head


def _article(word: str) -> str:
    return "an" if word[:1].lower() in "aeio" else "a"


def _adjective(name: str, value: str) -> str:
    """The word before the noun for an option; '' if the option has no such word."""
    if value == "yes" and name.endswith(_ADJECTIVES):
        return name
    if name in ("color", "type") or (name == "length" and value.isalpha()):
        return value
    return value if name in value.lower() else ""


def _phrase(name: str, value: str) -> str:
    """An option after the noun."""
    if value in ("yes", "no", "none"):
        return _with_or_without(name, with_it=value == "yes")
    if name == "size":
        return f"in size {value}"
    if name == "length":
        return f"that is {value} long"
    if name == "material":
        return f"made of {value}"
    if value.isdecimal() and name.endswith("s"):
        return f"with {value} {name[:-1] if value == '1' else name}"
    if name.endswith("s") or name in _UNCOUNTED:
        return f"with {value} {name}"
    return f"with {_article(value)} {value} {name}"


def _with_or_without(name: str, *, with_it: bool) -> str:
    if name.endswith(_ADJECTIVES):
        return f"that is not {name}"
    article = "" if name.endswith("s") or name in _UNCOUNTED else f"{_article(name)} "
    return f"{'with' if with_it else 'without'} {article}{name}"


def method_name(method: Method, dice: Dice) -> str:
    """A means of payment, as its owner names it."""
    if method["source"] != "credit_card":
        return f"my {SOURCES[method['source']]}"
    digits = method.get("last_four", "")
    card = _CARDS.get(method.get("brand", ""), "credit card")
    return dice.pick((f"my {card} ending in {digits}", f"the {card} with {digits} at the end"))


def method_forms(method: Method) -> tuple[str, ...]:
    """All names of a means of payment."""
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
