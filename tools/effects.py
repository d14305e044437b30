"""Whether a tool reads or writes the state behind it: known, or inferred from its verb."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from tools.types import Effect


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_KNOWN_READS = _set(
    "calculate think transfer_to_human_agents "
    "find_user_id_by_email find_user_id_by_name_zip get_order_details get_product_details "
    "get_user_details list_all_product_types "
    "get_reservation_details list_all_airports search_direct_flight search_onestop_flight "
    "get_flight_status get_item_details"
)
_KNOWN_WRITES = _set(
    "cancel_pending_order exchange_delivered_order_items modify_pending_order_address "
    "modify_pending_order_items modify_pending_order_payment modify_user_address "
    "return_delivered_order_items "
    "book_reservation cancel_reservation send_certificate update_reservation_baggages "
    "update_reservation_flights update_reservation_passengers"
)

_READS = _set(
    "access ask authenticate browse calculate check compare compute convert count describe "
    "determine echo estimate evaluate explain fetch filter find get identify inspect list load "
    "locate lookup parse preview query read recommend resolve retrieve scan search see show "
    "suggest summarize summarise think track translate validate verify view"
)
_WRITES = _set(
    "accept activate add adjust apply approve append archive assign authorize block buy cancel "
    "change charge clear close complete confirm create credit deactivate delete deny deposit "
    "disable dispatch downgrade edit enable enroll exchange execute extend grant insert install "
    "invite issue join make mark merge modify move notify open pause pay place process provision "
    "purchase put reboot redeem refuel refund register reject release remove rename renew replace "
    "reschedule reserve reset restart resume return revoke rsvp save sell send set start stop "
    "store submit subscribe suspend swap terminate toggle transfer uninstall unsubscribe update "
    "upgrade upload withdraw write"
)
_NOUNS_OR_WRITES = _set("book order schedule request report plan hold log post file")
"""Verbs that are as often nouns; they decide only where no clear verb does."""
_READ_NOUNS = _set(
    "availability balance catalog code codes detail details directions forecast history info "
    "information overview schedules status summary"
)
_PHRASES = {("check", "in"), ("check", "out"), ("sign", "up"), ("opt", "in"), ("opt", "out")}
"""Writes of two words whose first word alone would mean something else."""

_HANDS_OVER = _set("transfer escalate handover handoff hand connect forward route")
_PEOPLE = _set(
    "human humans agent agents representative representatives operator supervisor person staff "
    "specialist"
)

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")


@dataclass(frozen=True, slots=True)
class ToolEffect:
    """A tool's effect, and how far it can be trusted."""

    effect: Effect
    """Read or write."""
    inferred: bool
    """True where the effect was inferred from name and description, False where it is known."""


@lru_cache(maxsize=4096)
def effect_of(name: str, description: str = "") -> ToolEffect:
    """Says whether a tool reads or writes the state.

    The tools of tau-bench's retail and airline are known; a hand-over to a human changes nothing
    in the state. Any other tool is judged by the first verb of its name, then by its description.
    If neither has a known verb, it counts as a read.

    Args:
        name: The tool's name, in snake_case or camelCase.
        description: Its description; the first words are enough.
    """
    if name in _KNOWN_READS:
        return ToolEffect(Effect.READ, inferred=False)
    if name in _KNOWN_WRITES:
        return ToolEffect(Effect.WRITE, inferred=False)
    if is_handover(name):
        return ToolEffect(Effect.READ, inferred=True)
    effect = _by_name(_words(name)) or _by_description(description) or Effect.READ
    return ToolEffect(effect, inferred=True)


@lru_cache(maxsize=4096)
def is_handover(name: str) -> bool:
    """Whether a tool hands the conversation over to a human, as `transfer_to_human_agents` does."""
    words = _words(name)
    if not words or words[0] not in _HANDS_OVER:
        return False
    return words[0] in {"handover", "handoff"} or not _PEOPLE.isdisjoint(words)


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.lower() for word in _WORD.findall(text[:200]))


def _by_name(words: tuple[str, ...]) -> Effect | None:
    """The effect of the first clear verb; words like `find_and_replace` are writes in any case."""
    verbs = [(i, effect) for i, effect in enumerate(map(_clear_verb, words)) if effect]
    joined = {i for i, word in enumerate(words, start=1) if word in {"and", "or"}}
    if any(effect is Effect.WRITE and i in joined for i, effect in verbs):
        return Effect.WRITE
    if not _PHRASES.isdisjoint(pairwise(words)):
        return Effect.WRITE
    if verbs:
        return verbs[0][1]
    if not _READ_NOUNS.isdisjoint(words):
        return Effect.READ
    return None if _NOUNS_OR_WRITES.isdisjoint(words) else Effect.WRITE


def _clear_verb(word: str) -> Effect | None:
    if word in _READS:
        return Effect.READ
    return Effect.WRITE if word in _WRITES else None


def _by_description(description: str) -> Effect | None:
    """The effect of the first verb among the first words: "Returns the weather", "Cancels …"."""
    for word in _words(description)[:6]:
        stem = word if _clear_verb(word) else word.removesuffix("s")
        if stem == "return":
            return Effect.READ
        if effect := _clear_verb(stem):
            return effect
        if stem in _NOUNS_OR_WRITES:
            return Effect.WRITE
    return None
