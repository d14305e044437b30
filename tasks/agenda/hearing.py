"""Finds the slots that an agent's message asks for, by keywords, without a model."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from tasks.agenda import keywords as known
from tasks.agenda.keywords import Cue
from tasks.agenda.phrases import Phrases
from tasks.agenda.sentences import Clause, clauses
from tasks.agenda.slots import Slot

_CLOSED = frozenset({Cue.PROPOSES, Cue.AGREES})
_TOLD_APART = frozenset({Slot.REASON, Slot.ROUTE})
"""Slots that a question can ask about by naming one of their few values."""
_ADDABLE = frozenset({Slot.BAGGAGE, Slot.INSURANCE})
NEAR = 4
"""The most clauses back to which "these" may point. Chosen by hand; `benchmarks.hearing` depends
on it."""
_DISJUNCT = frozenset({"not", "no", "if", "otherwise", "need", "any", "more", "anything"})
SHORTEST = 4
"""The fewest words and marks of a question that asks something by itself ("Also, …" does not).
Chosen by hand."""


Names = tuple[tuple[Slot, str], ...]
"""Slot -> words for it, separated by "|"; a slot may come several times."""


def heard(message: str, names: Names = ()) -> tuple[Slot, ...]:
    """The slots that a message asks for, each once, in the order asked.

    A sentence asks with a question mark or with words ("please provide", "I'll need"). A list asks
    if the line above it does. A statement ("your order id is #W1") asks for nothing.

    Args:
        message: What the agent says.
        names: The words for slots in the domain of the conversation, besides the general ones.

    >>> heard("Could you tell me your email, or else your full name and zip code?")
    (<Slot.EMAIL: 'email'>, <Slot.NAME: 'name'>, <Slot.ZIP: 'zip'>)
    >>> heard("Which kiln tag is it?", ((Slot.ORDER_ID, "tag id|which kiln tag"),))
    (<Slot.ORDER_ID: 'order_id'>,)
    """
    listener = _Listener(_nouns_with(names) if names else known.NOUNS)
    for clause in clauses(message):
        listener.hear(clause)
    listener.close()
    return tuple(listener.found)


@dataclass(slots=True)
class _Listener:
    """Goes through a message clause by clause."""

    nouns: Phrases[Slot]
    """The words that name a slot."""
    found: dict[Slot, None] = field(default_factory=dict)
    """The slots found so far; a dict keeps their order."""
    _group: dict[Slot, None] = field(default_factory=dict)
    _said: list[tuple[str, ...]] = field(default_factory=list)
    _listing: bool = False
    _ignoring: bool = False
    _asked: bool = False
    _told_from: int = 0
    _searched: int = 0
    _last_topic: Slot | None = None

    def hear(self, clause: Clause) -> None:
        """Adds the slots that a clause asks for."""
        if clause.is_item and (self._listing or self._ignoring):
            if self._listing:
                self._group |= dict.fromkeys(self._listed(clause))
            return
        if clause.leads:
            self.close()
        cues = known.CUES.meanings(clause.words)
        asks = self._is_asking(clause, cues)
        slots = self._slots(clause, cues, asks=asks)
        if asks and not slots and not known.POINTERS.isdisjoint(clause.words):
            slots = self._named_before()
            self._listing = not slots
        self._group |= dict.fromkeys(slots)
        self._asked = bool(slots)
        if clause.opens_list:
            self._ignoring = bool(slots) and slots[-1] in (Slot.CHOICE, Slot.CONFIRM)
            self._listing = asks and not self._ignoring
        self._said.append(clause.words)
        self._told_from = len(self._said) if slots else self._told_from

    def close(self) -> None:
        """Ends a sentence and the list below it; replaces parts of a slot by the whole slot."""
        group, self._group = list(self._group), {}
        self._listing = self._ignoring = False
        for at, slot in enumerate(group):
            if slot is Slot.ZIP and Slot.ADDRESS in group[:at]:
                continue
            if slot is Slot.NAME and Slot.PASSENGERS in group:
                continue
            self.found.setdefault(slot)

    def _topic(self) -> Slot | None:
        """The last topic that offers a choice; each clause is searched once."""
        for words in self._said[self._searched :]:
            for _, _, topic in known.TOPICS.find(words):
                self._last_topic = topic
        self._searched = len(self._said)
        return self._last_topic

    def _named_before(self) -> list[Slot]:
        """The slots that "these details" means: those named in the clauses right before."""
        said = self._said[self._told_from :][-NEAR:]
        return [slot for words in said for slot in self._nouns(words)]

    def _listed(self, clause: Clause) -> list[Slot]:
        """The slots that a line of a list asks for; the question stands above the list."""
        if clause.is_question:
            return self._slots(clause, known.CUES.meanings(clause.words), asks=True)
        return self._narrowed(list(self._nouns(clause.words)), clause.words)

    def _is_asking(self, clause: Clause, cues: frozenset[Cue]) -> bool:
        if Cue.ASKS in cues or clause.words[0] in known.IMPERATIVES:
            return True
        if clause.opens_list and Cue.INVITES in cues:
            return True
        if not clause.is_question:
            goes_on = clause.words[0] == "or" or (clause.words[0] == "what" and not clause.leads)
            return goes_on and self._asked
        return len(_without_preparation(clause.words)) > 1

    def _slots(self, clause: Clause, cues: frozenset[Cue], *, asks: bool) -> list[Slot]:
        """The slots that a clause asks for."""
        if Cue.MORE in cues and (clause.is_question or Cue.OFFERS in cues):
            return [Slot.MORE]
        if not asks:
            return []
        words = _without_preparation(clause.words)
        slots = self._narrowed(list(self._nouns(words)), words)
        if _is_closed(words, cues, is_named=bool(slots)):
            return self._proposed(clause, cues)
        return slots or self._unnamed(clause, cues)

    def _unnamed(self, clause: Clause, cues: frozenset[Cue]) -> list[Slot]:
        """The slots of an open question that names no slot."""
        words = clause.words
        if Cue.REQUEST in cues:
            return [Slot.CHOICE if self._topic() is Slot.CHOICE else Slot.REQUEST]
        if not known.WH.isdisjoint(words):
            return [self._topic() or Slot.CHOICE] if "which" in words else []
        is_confirming = clause.is_question and Cue.ASKS not in cues and len(words) > SHORTEST
        if words[0] == "no":  # "No email at hand?" takes up what the customer has said
            return []
        return [Slot.CONFIRM] if is_confirming or "confirm" in words else []

    def _proposed(self, clause: Clause, cues: frozenset[Cue]) -> list[Slot]:
        """The slots of a closed question: yes or no, one of two, or whether to add something."""
        words = clause.words
        if _is_either(words):
            either = [slot for _, _, slot in known.EITHER.find(words)]
            return either[:1] if either else [Slot.CHOICE]
        if clause.opens_list and Cue.INVITES in cues:
            return [Slot.CHOICE]
        about = [slot for _, _, slot in known.EITHER.find(words) if slot in _TOLD_APART]
        if Cue.AGREES not in cues and about:
            return about[:1]
        added = [slot for slot in self._nouns(words) if slot in _ADDABLE]
        if added and not any(word.isdigit() or word in ("me", "proceed") for word in words):
            return added
        return [Slot.CONFIRM]

    def _narrowed(self, slots: list[Slot], words: tuple[str, ...]) -> list[Slot]:
        """Replaces "which one" by its topic, and drops slots that a choice only serves."""
        if Slot.CHOICE in slots:
            others: list[Slot] = [slot for slot in slots if slot is not Slot.CHOICE]
            if others:
                return others
            named = not known.OPTIONS.isdisjoint(words)
            return [Slot.CHOICE if named else self._topic() or Slot.CHOICE]
        return slots

    def _nouns(self, words: tuple[str, ...]) -> Iterator[Slot]:
        """The slots that are named without a value after them."""
        for begin, end, slot in self.nouns.find(_without_told(words)):
            if words[begin] in known.WH or not _is_told(words, end):
                yield slot


@lru_cache(maxsize=256)
def _nouns_with(names: Names) -> Phrases[Slot]:
    """The general words that name a slot, and these."""
    own: dict[Slot, str] = {}
    for slot, words in names:
        own[slot] = f"{own[slot]}|{words}" if slot in own else words
    return Phrases.of(own).over(known.NOUNS)


def _is_closed(words: tuple[str, ...], cues: frozenset[Cue], *, is_named: bool) -> bool:
    """Whether yes or no answers it; "who" and "when" may only join clauses."""
    if _CLOSED.isdisjoint(cues) or Cue.REQUEST in cues and not is_named:
        return False
    if words[0] in known.WH or not known.ALWAYS_OPEN.isdisjoint(words):
        return False
    return Cue.AGREES in cues or Cue.ASKS not in cues or not is_named


def _without_preparation(words: tuple[str, ...]) -> tuple[str, ...]:
    """The clause without "To find your order, …" or "Once I have it, …", which asks for nothing."""
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


def _without_told(words: tuple[str, ...]) -> tuple[str, ...]:
    """The words, with empty texts for all that is not part of the question; positions stay."""
    found = [begin for begin, _, _ in known.NOT_ASKED.find(words)]
    if not found:
        return words
    result = list(words)
    for begin in found:
        at = begin
        while at < len(words) and (at < begin + 2 or words[at] not in known.RESUMES) and result[at]:
            result[at] = ""
            at += 1
    return tuple(result)


def _is_told(words: tuple[str, ...], end: int) -> bool:
    """Whether a value follows: then the clause tells the slot, and does not ask for it."""
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
