"""Puts a traveller's wishes into words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from tasks.agenda.agenda import Fact, Request
from tasks.agenda.slots import Slot
from tasks.airline import wishes
from tasks.airline.intents import Intent
from tasks.airline.naming import trip
from tasks.airline.traveller import Traveller
from tools.dice import Dice
from tools.types import Json
from tools.worlds.airline.rows import Reservation

STATED = 0.5
"""The probability that a wish tells a detail at once; chosen by hand."""

NO_WORDS: Mapping[str, str] = MappingProxyType({})
"""No words to fill in."""


@dataclass(frozen=True, slots=True)
class Named:
    """A reservation in its owner's words."""

    reservation: Reservation
    """The row."""
    facts: tuple[Fact, ...]
    """The facts that identify it: its id or, if the owner does not know that, its places."""
    says: str
    """The words for it in a wish; they may leave open which reservation it is."""
    stated: tuple[Slot, ...]
    """The slots that these words tell."""

    @property
    def short(self) -> str:
        """The words for it if they have to be unambiguous."""
        fact = self.facts[0]
        is_id = fact.slot is Slot.RESERVATION_ID and not fact.slip
        return f"reservation {fact.says}" if is_id else f"my trip {trip(self.reservation)}"


def named(traveller: Traveller, reservation: Reservation, *, clear: bool = False) -> Named:
    """Samples the customer's words for a reservation.

    Args:
        traveller: The customer.
        reservation: The reservation.
        clear: Whether the words have to be unambiguous.
    """
    dice, number = traveller.dice, reservation["reservation_id"]
    numbered = not traveller.is_told_apart(reservation) or dice.chance(0.6)
    vague = not clear and dice.chance(0.15)
    if numbered:
        fact = id_fact(traveller, number, traveller.slip_of(number))
        words = dice.pick(wishes.BY_ID).format(number=fact.slip or number)
    else:
        value: list[Json] = [reservation["origin"], reservation["destination"]]
        fact = Fact(Slot.ROUTE, f"the one {trip(reservation)}", value)
        words = dice.pick(wishes.BY_PLACES).format(places=trip(reservation))
    if vague:
        return Named(reservation, (fact,), dice.pick(wishes.VAGUE), ())
    return Named(reservation, (fact,), words, (fact.slot,))


def id_fact(traveller: Traveller, number: str, slip: str = "") -> Fact:
    """A reservation's id as a fact; all other ids are its rivals."""
    others = tuple(one for one in traveller.user["reservations"] if one != number)
    return Fact(Slot.RESERVATION_ID, number, number, (), others, slip)


def request(
    dice: Dice, intent: Intent, about: Named, details: Sequence[Fact] = (), signs: str = ""
) -> Request:
    """Puts a request about a reservation into words.

    Args:
        dice: The random choices of words, and of what is told at once.
        intent: The kind of request.
        about: The reservation.
        details: Further facts that the customer can tell.
        signs: Words, one of which a useful answer contains, separated by blanks.
    """
    return worded(dice, intent, details, signs, about, {"trip": about.says})


def worded(
    dice: Dice,
    intent: Intent,
    details: Sequence[Fact],
    signs: str = "",
    about: Named | None = None,
    words: Mapping[str, str] = NO_WORDS,
    stated: float = STATED,
) -> Request:
    """Puts a request into words, with some of its details.

    Args:
        dice: The random choices of words, and of what is told at once.
        intent: The kind of request.
        details: The facts that the customer can tell in addition to the reservation.
        signs: Words, one of which a useful answer contains, separated by blanks.
        about: The reservation, or None.
        words: Placeholder -> words, for the phrases.
        stated: The probability that a detail is told at once.
    """
    vague = about is not None and not about.stated
    slots = dict.fromkeys(fact.slot for fact in details)
    told = [slot for slot in slots if not vague and dice.chance(stated)]
    additions = [_added(dice, [f for f in details if f.slot is slot]) for slot in told]
    wish = _filled(dice.pick(wishes.WISHES[intent]), words)
    short = words if about is None else {**words, "trip": about.short}
    return Request(
        intent=intent.value,
        wish=" ".join([wish, *additions]),
        short=_filled(wishes.SHORT[intent], short),
        facts=(*(about.facts if about else ()), *details),
        stated=(*(about.stated if about else ()), *told),
        signs=tuple(signs.split()),
    )


def question(
    dice: Dice, intent: Intent, facts: Sequence[Fact] = (), signs: str = "0", **words: str
) -> Request:
    """A question that needs no further details."""
    return Request(
        intent=intent.value,
        wish=_filled(dice.pick(wishes.WISHES[intent]), words),
        short=_filled(wishes.SHORT[intent], words),
        facts=tuple(facts),
        stated=tuple(dict.fromkeys(fact.slot for fact in facts)),
        signs=tuple(signs.split()),
    )


def with_otherwise(
    dice: Dice, first: Request, other: Request, phrases: Sequence[str], **words: str
) -> Request:
    """A request with another one in case it is refused.

    Args:
        dice: The random choices: whether the wish announces the other request, and how.
        first: The first request.
        other: The other request; its words are replaced.
        phrases: The wordings of the other request, after "if that's not possible".
        **words: Placeholder -> words, for the phrases.
    """
    phrase = dice.pick(phrases).format(**words)
    foretold = dice.chance(0.5)
    then = f"Then {phrase}."
    other = replace(other, wish=then, short=then, foretold=foretold)
    wish = first.wish
    if foretold:
        wish = f"{wish} {dice.pick(wishes.IF_NOT).format(otherwise=phrase)}"
    plain = replace(first, withdrawn=False, change=())
    return replace(plain, wish=wish, otherwise=other)


def reason_fact(dice: Dice, reason: str) -> Fact:
    """A reason for cancelling, in the customer's words."""
    return Fact(Slot.REASON, dice.pick(wishes.REASONS[reason]), reason, (reason,))


def _added(dice: Dice, facts: Sequence[Fact]) -> str:
    value = " and ".join(fact.says for fact in facts)
    return _filled(dice.pick(wishes.ADDITIONS[facts[0].slot]), {"value": value})


def _filled(pattern: str, words: Mapping[str, str]) -> str:
    """A phrase with its placeholders filled; `{Name}` takes the word of `name` with a capital."""
    capitals = {key.capitalize(): value[:1].upper() + value[1:] for key, value in words.items()}
    return pattern.format(**words, **capitals)


def perhaps(traveller: Traveller, wanted: Request, *instead: Fact) -> Request:
    """The request, sometimes with a change of mind."""
    if not traveller.dice.chance(traveller.level.changes):
        return wanted
    if not instead or traveller.dice.chance(0.3):
        return replace(wanted, withdrawn=True)
    return replace(wanted, change=instead)
