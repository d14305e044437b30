"""The rules that retail and airline share."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from typing import TypeAlias

from tools.types import Violation
from tools.worlds.rules.conversation import Conversation, Deed

Rule: TypeAlias = "Callable[[Conversation], Iterator[Violation]]"
"""A function that yields a violation at each place where a rule was broken."""

_YES = re.compile(
    r"\b(?:yes|yeah|yep|yup|sure|ok|okay|alright|correct|confirm(?:ed)?|absolutely|definitely"
    r"|certainly|proceed|go(?:ing)? ahead|go for it|please do|do it|do that|do so|sounds? "
    r"(?:good|great|right|fine)|looks? (?:good|right|correct)|that's (?:right|fine|correct|good"
    r"|great|perfect)|that (?:is|works)|works for me|perfect|great|agree(?:d)?|fine|exactly"
    r"|please (?:cancel|change|go|proceed|make|use|book|return|exchange|update|process|modify))\b",
    re.IGNORECASE,
)


@lru_cache(maxsize=64)
def says_yes(text: str) -> bool:
    """Whether a user's words can be taken as a yes."""
    return _YES.search(text.replace("\u2019", "'")) is not None


def one_call_at_a_time(talk: Conversation) -> Iterator[Violation]:
    """A message makes one call at most."""
    for act in talk.acts:
        if len(act.deeds) > 1:
            yield Violation(
                "several_calls", act.message, f"{len(act.deeds)} calls were made in one message"
            )


def call_or_reply(talk: Conversation) -> Iterator[Violation]:
    """A message calls a tool or speaks to the user, never both."""
    for act in talk.acts:
        if act.deeds and act.text.strip():
            name = act.deeds[0].call.name
            yield Violation("call_and_reply", act.message, f"words to the user beside {name}")


def confirmed_first(talk: Conversation, harmless: Iterable[str] = ()) -> Iterator[Violation]:
    """A change is explained to the user, whose last words before it are a yes.

    Args:
        talk: The conversation.
        harmless: Writing tools that need no yes.
    """
    free = frozenset(harmless)
    for deed in talk.writes:
        if deed.call.name in free:
            continue
        if not deed.proposed:
            yield _unconfirmed(deed, "before it was explained to the user")
        elif not says_yes(deed.asked):
            yield _unconfirmed(deed, "without a yes in the user's last message")


def one_customer(talk: Conversation) -> Iterator[Violation]:
    """One customer is served, the one who was found; nobody else's data are reached.

    A look-up of something that the customer has named is not a violation: only the look-up tells
    whose it is.
    """
    customer: str | None = None
    served = False
    for deed in talk.done:
        if deed.call.name.startswith("find_user_id"):
            customer = customer if served else deed.content
        elif owner := owner_of(deed):
            customer, served = customer or owner, True
            if owner != customer and not _was_named(deed):
                text = f"{deed.call.name} reached the data of {owner} while serving {customer}"
                yield Violation("other_customer", deed.message, text)


def no_needless_handover(talk: Conversation) -> Iterator[Violation]:
    """A human is called only for what the tools cannot do."""
    deed = talk.handover
    if deed is None or not talk.goal or talk.wanted_handover is not None:
        return
    text = f"{deed.call.name} was called though the request could be dealt with"
    yield Violation("needless_handover", deed.message, text)


def no_missing_handover(talk: Conversation) -> Iterator[Violation]:
    """A human is called for what the tools cannot do."""
    wanted = talk.wanted_handover
    if wanted is None or talk.handover is not None:
        return
    text = f"{wanted.name} was never called though the request needed a human"
    yield Violation("missing_handover", len(talk.acts), text)


def owner_of(deed: Deed) -> str | None:
    """The customer whose data a call showed or changed, as far as call and answer tell."""
    owner = deed.answer.get("user_id") or deed.call.arguments.get("user_id")
    return owner if isinstance(owner, str) else None


def _was_named(deed: Deed) -> bool:
    """Whether a call looks up an order or booking whose number the user has given."""
    number = deed.text("order_id") or deed.text("reservation_id")
    said = _upper(deed.words)
    return not deed.is_write and bool(number) and number.strip("#").upper() in said


@lru_cache(maxsize=16)
def _upper(text: str) -> str:
    return text.upper()


def _unconfirmed(deed: Deed, how: str) -> Violation:
    return Violation("unconfirmed", deed.message, f"{deed.call.name} was made {how}")
