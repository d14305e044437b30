"""Other names for tools and parameters, from words of similar meaning."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence

_SYNONYMS = {
    "get": "fetch read load",
    "find": "look_up locate search_for",
    "list": "enumerate show_all",
    "search": "query browse",
    "cancel": "call_off revoke",
    "return": "send_back give_back",
    "exchange": "swap trade",
    "modify": "change edit adjust",
    "update": "revise alter set",
    "book": "make order_new",
    "create": "open_new add",
    "send": "issue dispatch",
    "transfer": "hand_over pass_on",
    "calculate": "work_out compute",
    "think": "reflect ponder",
    "add": "append attach",
    "remove": "drop take_out",
    "set": "put assign",
    "check": "inspect verify",
    "order": "purchase sale",
    "orders": "purchases sales",
    "pending": "open unshipped",
    "delivered": "received arrived",
    "user": "customer client",
    "details": "record data",
    "item": "article piece",
    "items": "articles pieces",
    "product": "good model",
    "types": "kinds categories",
    "all": "every full",
    "payment": "billing charge",
    "method": "means way",
    "address": "postal_place location",
    "reservation": "trip_booking travel_record",
    "flight": "air_leg connection",
    "flights": "air_legs connections",
    "direct": "nonstop straight",
    "onestop": "single_stop via",
    "baggages": "bags luggage",
    "baggage": "bag luggage",
    "passengers": "travelers riders",
    "passenger": "traveler rider",
    "insurance": "cover protection",
    "airports": "terminals airfields",
    "certificate": "voucher coupon",
    "human": "person staff",
    "agents": "operators colleagues",
    "agent": "operator colleague",
    "id": "key code ref",
    "ids": "keys codes refs",
    "number": "no_of figure",
    "name": "label title",
    "first": "given",
    "last": "family",
    "email": "mail mail_address",
    "zip": "postcode postal_code",
    "reason": "cause grounds",
    "new": "target replacement",
    "date": "day on_day",
    "origin": "from_place start",
    "destination": "to_place goal",
    "cabin": "travel_class seat_class",
    "total": "overall sum",
    "amount": "value quantity",
    "summary": "abstract digest",
    "expression": "formula term",
    "thought": "idea note",
    "room": "chamber space",
    "ticket": "case issue",
    "status": "state stage",
    "time": "hour moment",
    "city": "town place",
    "country": "nation land",
    "state": "region province",
}
_PART = re.compile(r"[A-Z]?[a-z0-9]+|[A-Z]+")


def new_names(names: Sequence[str], seed: str, ending: str) -> dict[str, str]:
    """Old name -> new name; the new names differ from each other and from all old ones.

    Args:
        names: The old names, in a fixed order.
        seed: The seed; with one seed, a word always gets the same replacement.
        ending: The suffix of a name whose words have no replacements.
    """
    camel = random.Random(f"{seed}:style").random() < 0.5
    found: dict[str, str] = {}
    taken = set(names)
    for name in names:
        words = "_".join(_other(word, seed) for word in _PART.findall(name)) or "x"
        new = _styled(words, camel=camel)
        while new in taken:
            words += ending
            new = _styled(words, camel=camel)
        found[name] = new
        taken.add(new)
    return found


def _other(word: str, seed: str) -> str:
    options = _SYNONYMS.get(word.lower())
    return random.Random(f"{seed}:{word.lower()}").choice(options.split()) if options else word


def _styled(words: str, *, camel: bool) -> str:
    """`look_up_client` or `lookUpClient`."""
    if not camel:
        return words
    first, *others = words.split("_")
    return first + "".join(word.capitalize() for word in others)
