"""From what a traveller wants to a request in words."""

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
"""How often a wish tells a detail at once; chosen by hand."""

NO_WORDS: Mapping[str, str] = MappingProxyType({})
"""Nothing to fill in."""


@dataclass(frozen=True, slots=True)
class Named:
    """A reservation as its owner speaks of it."""

    reservation: Reservation
    """The row."""
    facts: tuple[Fact, ...]
    """What the owner can tell about it: its id or, if that is not at hand, its places."""
    says: str
    """What it is called in a wish; it may leave open which one it is."""
    stated: tuple[Slot, ...]
    """What that tells."""

    @property
    def short(self) -> str:
        """What it is called where it has to be clear."""
        fact = self.facts[0]
        is_id = fact.slot is Slot.RESERVATION_ID and not fact.slip
        return f"reservation {fact.says}" if is_id else f"my trip {trip(self.reservation)}"


def named(traveller: Traveller, reservation: Reservation, *, clear: bool = False) -> Named:
    """Draws how the customer speaks of a reservation.

    Args:
        traveller: The customer.
        reservation: The reservation.
        clear: Whether the wish has to tell which one it is.
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
    """A reservation by its id, which is not to be taken for another one."""
    others = tuple(one for one in traveller.user["reservations"] if one != number)
    return Fact(Slot.RESERVATION_ID, number, number, (), others, slip)


def request(
    dice: Dice, intent: Intent, about: Named, details: Sequence[Fact] = (), signs: str = ""
) -> Request:
    """Puts a request about a reservation into words.

    Args:
        dice: Draws the words, and what is told at once.
        intent: What is wanted.
        about: The reservation.
        details: What else the customer can tell.
        signs: The words of which a useful answer has one, parted by blanks.
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
        dice: Draws the words, and what is told at once.
        intent: What is wanted.
        details: What the customer can tell beside the reservation.
        signs: The words of which a useful answer has one, parted by blanks.
        about: The reservation, if it is about one.
        words: What fills the phrases.
        stated: How often a detail is told at once.
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
    """A question that tells all that it is about."""
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
    """A request with another one in case that it is refused.

    Args:
        dice: Draws whether the wish announces it, and how.
        first: What is wanted.
        other: What is wanted otherwise; its words are replaced.
        phrases: Out of these come its words, after "if that's not possible".
        **words: What fills the phrases.
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
    """A phrase with its words; `{Name}` takes the word of `name` with a capital."""
    capitals = {key.capitalize(): value[:1].upper() + value[1:] for key, value in words.items()}
    return pattern.format(**words, **capitals)


def perhaps(traveller: Traveller, wanted: Request, *instead: Fact) -> Request:
    """The request, with a change of mind now and then."""
    if not traveller.dice.chance(traveller.level.changes):
        return wanted
    if not instead or traveller.dice.chance(0.3):
        return replace(wanted, withdrawn=True)
    return replace(wanted, change=instead)
