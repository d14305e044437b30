"""What an agent's message asks for: slots found by keywords, without a model."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tasks.agenda import keywords as known
from tasks.agenda.sentences import Clause, clauses
from tasks.agenda.slots import Slot

_ADDRESS_PARTS = frozenset({"city", "state", "street", "country", "line"})
_DISJUNCT = frozenset({"not", "no", "is", "would", "if", "otherwise", "need"})


def heard(message: str) -> tuple[Slot, ...]:
    """The slots that a message asks for, each once, in the order asked.

    A sentence asks by a question mark or by its words ("please provide", "I'll need"); a list
    asks where the line above it does. What is told ("your order id is #W1") asks nothing.

    >>> heard("Could you tell me your email, or else your full name and zip code?")
    (<Slot.EMAIL: 'email'>, <Slot.NAME: 'name'>, <Slot.ZIP: 'zip'>)
    """
    found: dict[Slot, None] = {}
    for group in _groups(message):
        for slot in _without_parts(group):
            found.setdefault(slot)
    return tuple(found)


def _groups(message: str) -> Iterator[list[tuple[Slot, str]]]:
    """The slots of each sentence, with those of the list below it, and the words behind them."""
    group: list[tuple[Slot, str]] = []
    listing = False
    ignoring = False
    for clause in clauses(message):
        if clause.is_item and (listing or ignoring):
            if listing:
                group.extend(_asked(clause, asks=True))
            continue
        if clause.leads:
            yield group
            group = []
            listing = ignoring = False
        slots = list(_asked(clause, asks=clause.is_question))
        group.extend(slots)
        if clause.opens_list:
            ignoring = bool(slots) and slots[-1][0] in (Slot.CHOICE, Slot.CONFIRM)
            listing = not ignoring and (bool(slots) or _asks(clause))
    yield group


def _without_parts(group: Sequence[tuple[Slot, str]]) -> Iterator[Slot]:
    """Leaves out what only is a part: the zip code of an address, the names of passengers."""
    slots = [slot for slot, _ in group]
    is_address = any(word in _ADDRESS_PARTS for _, word in group)
    for slot in slots:
        if slot is Slot.ZIP and is_address:
            continue
        if slot is Slot.NAME and Slot.PASSENGERS in slots:
            continue
        yield slot


def _asks(clause: Clause) -> bool:
    """Whether a clause asks by its words alone."""
    return clause.words[0] in known.IMPERATIVES or known.ASKS.within(clause.words)


def _asked(clause: Clause, *, asks: bool) -> Iterator[tuple[Slot, str]]:
    """The slots that a clause asks for, each with the last word of what named it."""
    words = clause.words
    if known.MORE.within(words) and (asks or known.OFFERS.within(words)):
        yield Slot.MORE, ""
        return
    if clause.opens_list and known.PROPOSES.within(words) and not _is_open(clause):
        yield Slot.CHOICE, ""
        return
    if not asks and not _asks(clause):
        return
    if known.REQUESTS.within(words):
        yield Slot.REQUEST, ""
        return
    nouns = list(_nouns(words))
    if _is_open(clause):
        yield from nouns
        return
    if known.PROPOSES.within(words) or known.AGREES.within(words):
        yield _proposed(words), ""
        return
    if nouns:
        yield from nouns
    elif "confirm" in words:
        yield Slot.CONFIRM, ""


def _is_open(clause: Clause) -> bool:
    """Whether it asks for more than yes or no."""
    words = clause.words
    if any(word in known.WH for word in words):
        return True
    return not known.AGREES.within(words) and _asks(clause)


def _proposed(words: Sequence[str]) -> Slot:
    """Yes or no, or one out of two."""
    for at, word in enumerate(words[:-1]):
        if word == "or" and words[at + 1] not in _DISJUNCT:
            return Slot.CHOICE
    return Slot.CONFIRM


def _nouns(words: Sequence[str]) -> Iterator[tuple[Slot, str]]:
    """The slots that are named without a value behind them."""
    for _, end, slot in known.NOUNS.find(words):
        if not _is_told(words, end):
            yield slot, words[end - 1]


def _is_told(words: Sequence[str], end: int) -> bool:
    """Whether a value follows: then the slot is told, not asked for."""
    for word in words[end : end + 3]:
        if word in known.EXAMPLES:
            return False
        if _is_value(word):
            return True
        if word not in (":", "is", "(", "number", "id"):
            return False
    return False


def _is_value(word: str) -> bool:
    return any(c in "#@_0123456789" for c in word) or (len(word) == 6 and word.isupper())
