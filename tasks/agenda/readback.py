"""Whether a reply has the customer's facts right."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from tasks.agenda.agenda import Fact
from tasks.agenda.slots import Slot
from tasks.agenda.tone import LISTENS_TO
from tools.remembered import remembered

_SHAPES = {
    Slot.ORDER_ID: re.compile(r"#?\bW\d{5,9}\b", re.IGNORECASE),
    Slot.EMAIL: re.compile(r"[\w.+-]{1,64}@[\w-]{1,64}\.[\w.]{1,64}"),
}
"""Slot -> the pattern of its values."""
_WORD = re.compile(r"[a-z0-9']+")


def mentions(reply: str, facts: Iterable[Fact]) -> bool:
    """Whether a reply names any of the facts."""
    text = _words(reply[:LISTENS_TO])
    return any(_named(text, fact) for fact in facts)


def wrong_fact(reply: str, facts: Sequence[Fact]) -> Slot | None:
    """The first slot for which a reply names another value, but not the right one."""
    text = _words(reply[:LISTENS_TO])
    for fact in facts:
        if not _named(text, fact) and _rival_named(reply[:LISTENS_TO], text, fact, facts):
            return fact.slot
    return None


def has_sign(reply: str, signs: Iterable[str]) -> bool:
    """Whether a reply has one of these words; `0` stands for any digit."""
    text = _words(reply[:LISTENS_TO])
    digits = any(character.isdigit() for character in text)
    return any(digits if sign == "0" else _words(sign) in text for sign in signs)


@remembered(megabytes=8)
def _words(text: str) -> str:
    """The words of a text with a blank before and after each, so that only whole words match."""
    return f" {' '.join(_WORD.findall(text.lower()))} "


def _named(text: str, fact: Fact) -> bool:
    return any(_words(form) in text for form in (fact.says, *fact.forms))


def _rival_named(reply: str, text: str, fact: Fact, facts: Sequence[Fact]) -> bool:
    if any(_words(rival) in text for rival in fact.rivals):
        return True
    shape = _SHAPES.get(fact.slot)
    if shape is None:
        return False
    own = {_words(other.says) for other in facts if other.slot is fact.slot}
    return any(_words(found) not in own for found in shape.findall(reply))
