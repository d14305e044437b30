"""The words of a customer with a record: it says what it has said there, in the same place."""

from __future__ import annotations

from collections.abc import Iterator

from tasks.agenda.agenda import Agenda, Fact
from tasks.agenda.mind import CustomerAct, Turn


def filled(phrase: str, value: str) -> str:
    """A phrase with its value, in place of `{value}` or, with a capital, of `{Value}`."""
    return phrase.format(value=value, Value=value[:1].upper() + value[1:])


def recorded_words(agenda: Agenda, turn: Turn) -> str | None:
    """What the customer says with a decision that its record shows, too.

    Returns:
        None where the record does not show it, or there is none. An empty text for a customer who
        leaves without a word.
    """
    if not agenda.has_record or turn.again or turn.lacks:
        return None
    request = turn.mind.request(agenda)
    match turn.act:
        case CustomerAct.OPENS:
            return agenda.opens
        case CustomerAct.GOES_ON:
            return request.wish
        case CustomerAct.LEAVES:
            return agenda.farewell
        case CustomerAct.ANSWERS:
            return _answer(agenda, turn, request.wish)
        case CustomerAct.CORRECTS:
            return _joined(
                fact.mends and filled(fact.mends, fact.says) for fact in _told(turn, agenda)
            )
        case CustomerAct.AGREES | CustomerAct.WITHDRAWS if not turn.tells:
            return request.confirms or None
    return None


def _answer(agenda: Agenda, turn: Turn, wish: str) -> str | None:
    """The answers to what was asked for, perhaps with the wish."""
    told = [
        fact.told and filled(fact.told, fact.slip if _is_slip(turn, fact) else fact.says)
        for fact in _told(turn, agenda)
    ]
    wishes = [wish] if turn.wishes else []
    return _joined(iter(wishes + told if agenda.wish_first else told + wishes))


def _told(turn: Turn, agenda: Agenda) -> Iterator[Fact]:
    for slot in turn.tells:
        yield from turn.mind.knows(agenda, slot)


def _is_slip(turn: Turn, fact: Fact) -> bool:
    return bool(fact.slip) and fact.slot not in turn.mind.mended


def _joined(sentences: Iterator[str]) -> str | None:
    """The sentences in one message; None if one of them is missing, or all."""
    said = list(sentences)
    return " ".join(said) if said and all(said) else None
