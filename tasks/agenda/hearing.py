"""What an agent's message asks for: slots found by keywords, without a model."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from tasks.agenda import keywords as known
from tasks.agenda.keywords import Cue
from tasks.agenda.sentences import Clause, clauses
from tasks.agenda.slots import Slot

_CLOSED = frozenset({Cue.PROPOSES, Cue.AGREES})
_TOLD_APART = frozenset({Slot.REASON, Slot.ROUTE})
"""Asked about by naming one of the few values."""
_ADDABLE = frozenset({Slot.BAGGAGE, Slot.INSURANCE})
_DISJUNCT = frozenset({"not", "no", "if", "otherwise", "need", "any", "more", "anything"})
SHORTEST = 4
"""A question of fewer words and marks ("Also, …") asks nothing by itself."""


def heard(message: str) -> tuple[Slot, ...]:
    """The slots that a message asks for, each once, in the order asked.

    A sentence asks by a question mark or by its words ("please provide", "I'll need"); a list
    asks where the line above it does. What is told ("your order id is #W1") asks nothing.

    >>> heard("Could you tell me your email, or else your full name and zip code?")
    (<Slot.EMAIL: 'email'>, <Slot.NAME: 'name'>, <Slot.ZIP: 'zip'>)
    """
    listener = _Listener()
    for clause in clauses(message):
        listener.hear(clause)
    listener.close()
    return tuple(listener.found)


@dataclass(slots=True)
class _Listener:
    """Goes through a message clause by clause."""

    found: dict[Slot, None] = field(default_factory=dict)
    """The slots so far; a dict keeps their order."""
    _group: list[Slot] = field(default_factory=list)
    _topic: Slot | None = None
    _listing: bool = False
    _ignoring: bool = False
    _asked: bool = False
    _named: tuple[Slot, ...] = ()

    def hear(self, clause: Clause) -> None:
        """Adds what a clause asks for."""
        if clause.is_item and (self._listing or self._ignoring):
            if self._listing:
                self._group += self._listed(clause)
            return
        if clause.leads:
            self.close()
            self._named = self._named if clause.is_question else ()
        cues = known.CUES.meanings(clause.words)
        asks = self._is_asking(clause, cues)
        slots = self._slots(clause, cues, asks=asks)
        if asks and not slots and not known.POINTERS.isdisjoint(clause.words):
            slots = list(self._named)
            self._listing = not slots
        self._group += slots
        self._asked = bool(slots)
        if clause.opens_list:
            self._ignoring = bool(slots) and slots[-1] in (Slot.CHOICE, Slot.CONFIRM)
            self._listing = asks and not self._ignoring
        self._named = () if slots else (*self._named, *_nouns(clause.words))
        for _, _, topic in known.TOPICS.find(clause.words):
            self._topic = topic

    def close(self) -> None:
        """Ends a sentence, with the list below it: parts go to the whole that they belong to."""
        group, self._group = self._group, []
        self._listing = self._ignoring = False
        for slot in group:
            if slot is Slot.ZIP and Slot.ADDRESS in group[: group.index(slot)]:
                continue
            if slot is Slot.NAME and Slot.PASSENGERS in group:
                continue
            self.found.setdefault(slot)

    def _listed(self, clause: Clause) -> list[Slot]:
        """The slots that a line of a list asks for, whose head does the asking."""
        if clause.is_question:
            return self._slots(clause, known.CUES.meanings(clause.words), asks=True)
        return self._narrowed(list(_nouns(clause.words)), clause.words)

    def _is_asking(self, clause: Clause, cues: frozenset[Cue]) -> bool:
        if len(_without_preparation(clause.words)) == 1 and Cue.ASKS not in cues:
            return False
        if Cue.ASKS in cues or clause.words[0] in known.IMPERATIVES:
            return True
        if clause.opens_list and Cue.INVITES in cues:
            return True
        return clause.is_question or (clause.words[0] == "or" and self._asked)

    def _slots(self, clause: Clause, cues: frozenset[Cue], *, asks: bool) -> list[Slot]:
        """The slots that a clause asks for."""
        words = _without_preparation(clause.words)
        if Cue.MORE in cues and (clause.is_question or Cue.OFFERS in cues):
            return [Slot.MORE]
        if not asks:
            return []
        if Cue.REQUEST in cues:
            return [Slot.CHOICE if self._topic is Slot.CHOICE else Slot.REQUEST]
        is_closed = not _CLOSED.isdisjoint(cues)
        is_open = _is_open(words, is_closed=is_closed)
        slots = self._narrowed(list(_nouns(words)), words)
        if (
            is_closed
            and not is_open
            and not (slots and Cue.ASKS in cues and Cue.AGREES not in cues)
        ):
            return self._proposed(clause, cues)
        if slots:
            return slots
        if is_open:
            return [self._topic or Slot.CHOICE] if "which" in words else []
        is_confirming = clause.is_question and Cue.ASKS not in cues and len(words) > SHORTEST
        return [Slot.CONFIRM] if is_confirming or "confirm" in words else []

    def _proposed(self, clause: Clause, cues: frozenset[Cue]) -> list[Slot]:
        """Yes or no, one out of two, or whether to add something."""
        words = clause.words
        if _is_either(words):
            either = [slot for _, _, slot in known.EITHER.find(words)]
            return either[:1] or [Slot.CHOICE]
        if clause.opens_list and Cue.INVITES in cues:
            return [Slot.CHOICE]
        about = known.EITHER.meanings(words) & _TOLD_APART
        if Cue.AGREES not in cues and about:
            return sorted(about)
        added = [slot for slot in _nouns(words) if slot in _ADDABLE]
        if added and not any(word.isdigit() or word in ("me", "proceed") for word in words):
            return added
        return [Slot.CONFIRM]

    def _narrowed(self, slots: list[Slot], words: tuple[str, ...]) -> list[Slot]:
        """What "which one" means, and what is only the aim of a choice."""
        if Slot.CHOICE in slots:
            others = [slot for slot in slots if slot is not Slot.CHOICE]
            if others or not known.OPTIONS.isdisjoint(words):
                return others or [Slot.CHOICE]
            return [self._topic or Slot.CHOICE]
        return slots


def _is_open(words: tuple[str, ...], *, is_closed: bool) -> bool:
    """Whether it asks for more than yes or no; "who" and "when" may only join clauses."""
    if words[0] in known.WH or not known.ALWAYS_OPEN.isdisjoint(words):
        return True
    return not is_closed and not known.WH.isdisjoint(words)


def _without_preparation(words: tuple[str, ...]) -> tuple[str, ...]:
    """Without "To find your order, …" or "Once I have it, …", which only lead up to the question."""
    if words[0] not in known.SUBORDINATE or words[1] in known.AUXILIARIES or "," not in words:
        return words
    comma = words.index(",")
    if not known.WH.isdisjoint(words[1:comma]):
        return words
    return words[comma + 1 :] or words[comma:]


def _is_either(words: tuple[str, ...]) -> bool:
    return any(
        word == "or" and words[at + 1] not in _DISJUNCT for at, word in enumerate(words[:-1])
    )


def _nouns(words: tuple[str, ...]) -> Iterator[Slot]:
    """The slots that are named without a value behind them."""
    for begin, end, slot in known.NOUNS.find(_without_told(words)):
        if words[begin] in known.WH or not _is_told(words, end):
            yield slot


def _without_told(words: tuple[str, ...]) -> tuple[str, ...]:
    """Blanks what is no part of the question, so that places stay."""
    result = words
    for begin, _, _ in known.NOT_ASKED.find(words):
        end = begin + 2
        while end < len(words) and words[end] not in known.RESUMES:
            end += 1
        result = (*result[:begin], *([""] * (end - begin)), *result[end:])
    return result


def _is_told(words: tuple[str, ...], end: int) -> bool:
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
