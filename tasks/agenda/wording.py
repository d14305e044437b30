"""Puts a customer's decisions into words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tasks.agenda import answers, sayings
from tasks.agenda.agenda import Agenda, Fact, Request
from tasks.agenda.mind import IDENTITY, CustomerAct, Turn
from tasks.agenda.record import filled, recorded_words
from tasks.agenda.slots import Slot
from tools.dice import Dice


@dataclass(frozen=True, slots=True)
class Manner:
    """The way a customer talks, throughout a conversation."""

    chatty: float
    """The probability of adding an optional phrase."""
    lower: bool
    """Whether it writes sentences without capitals."""

    @classmethod
    def of(cls, agenda: Agenda) -> Manner:
        """The manner that an agenda's seed determines; a customer with a record adds nothing."""
        if agenda.has_record:
            return cls(0.0, lower=False)
        dice = Dice("manner", agenda.seed)
        return cls(dice.pick((0.15, 0.5, 0.5, 0.85)), dice.chance(0.08))


def worded(agenda: Agenda, turn: Turn, number: int) -> str:
    """The customer's message.

    Args:
        agenda: The customer's agenda, whose seed determines the manner.
        turn: The customer's decision.
        number: The number of earlier messages; the choice of words depends on it.
    """
    recorded = recorded_words(agenda, turn)
    if recorded is not None:
        return recorded
    dice = Dice("words", agenda.seed, number)
    speech = _Speech(agenda, turn, dice, Manner.of(agenda))
    text = " ".join(part for part in speech.parts() if part)
    return _uncapitalised(text, _names(agenda)) if speech.manner.lower else text


@dataclass(frozen=True, slots=True)
class _Speech:
    """One message in the making."""

    agenda: Agenda
    turn: Turn
    dice: Dice
    manner: Manner

    @property
    def request(self) -> Request:
        return self.turn.mind.request(self.agenda)

    def parts(self) -> Iterable[str]:
        """The sentences; empty ones are left out."""
        match self.turn.act:
            case CustomerAct.OPENS:
                return self._opening()
            case CustomerAct.ANSWERS:
                return self._answers()
            case CustomerAct.CORRECTS:
                return self._correction()
            case CustomerAct.FALLS_BACK:
                return self._fallback()
            case CustomerAct.GOES_ON:
                return self._next()
            case CustomerAct.REPEATS:
                return self._reminder()
            case CustomerAct.LOST:
                return self.dice.pick(sayings.NOT_UNDERSTOOD), self.request.short
            case CustomerAct.LEAVES:
                return self._farewell()
            case act:
                return self.dice.pick(_SET_PHRASES[act]), *self._told()

    def _opening(self) -> Iterable[str]:
        told, wish = " ".join(map(self._introduce, self.turn.tells)), self.agenda.requests[0].wish
        greetings: Sequence[str] = sayings.GREETINGS
        if not self.turn.wishes:
            wish = self.dice.pick(sayings.VAGUE)
            greetings = [one for one in greetings if "help" not in one]
        greeting, first = self.dice.pick(greetings), self.dice.chance(0.5)
        return greeting, told if first else "", wish, "" if first else told

    def _farewell(self) -> Iterable[str]:
        taken_in = self._taken_in()
        farewells: Sequence[str] = sayings.NO_MORE if self.turn.asked_more else sayings.FAREWELLS
        if "hank" in taken_in:  # one message does not give thanks twice
            farewells = [one for one in farewells if "hank" not in one]
        return taken_in, self.dice.pick(farewells)

    def _answers(self) -> Iterable[str]:
        lead = ""
        if self.turn.again:
            lead = self.dice.pick(sayings.AGAIN)
        elif self._may_lead() and self.dice.chance(self.manner.chatty / 2):
            lead = self.dice.pick(sayings.LEADS)
        elif self.turn.tells and not self.turn.lacks and self.dice.chance(self.manner.chatty / 4):
            lead = self.dice.pick(sayings.HESITATIONS)
        return lead, *self._lacks(), *self._told(), self.request.wish if self.turn.wishes else ""

    def _may_lead(self) -> bool:
        """Whether "of course" fits before the answer: only if something was asked for."""
        return bool(self.turn.tells) and not self.turn.lacks and self.turn.tells[0] in _ASKED_FOR

    def _correction(self) -> Iterable[str]:
        own = any(f.slip for slot in self.turn.tells for f in self._facts(slot))
        lead = sayings.OWN_SLIPS if own else sayings.MISREADINGS
        return self.dice.pick(lead), *self._told()

    def _fallback(self) -> Iterable[str]:
        wish = self.request.short if self.request.foretold else self.request.wish
        return self._taken_in(), wish, *self._told()

    def _next(self) -> Iterable[str]:
        lead = self.dice.pick(sayings.TRANSITIONS) if self.dice.chance(self.manner.chatty) else ""
        return self._taken_in(), _joined(lead, self.request.wish)

    def _reminder(self) -> Iterable[str]:
        if self.turn.wishes:
            wish = self.request.short if self.agenda.has_record else self.request.wish
            return wish, *self._told()
        return self.dice.pick(sayings.REMINDERS), self.request.short

    def _taken_in(self) -> str:
        """A word on the end of the previous request."""
        if not self.dice.chance(0.3 + 0.6 * self.manner.chatty):
            return ""
        refused = self.turn.refused or self.turn.act is CustomerAct.FALLS_BACK
        return self.dice.pick(sayings.REGRETS if refused else sayings.THANKS)

    def _lacks(self) -> list[str]:
        """One sentence on all that the customer cannot tell."""
        # the phrases for single slots speak of a shop
        special = {} if self.agenda.has_record else answers.LACKING
        return [self.dice.pick(special.get(slot, answers.ANY_LACK)) for slot in self.turn.lacks[:1]]

    def _facts(self, slot: Slot) -> tuple[Fact, ...]:
        return self.turn.mind.knows(self.agenda, slot)

    def _told(self) -> list[str]:
        return [self._tell(slot) for slot in self.turn.tells]

    def _tell(self, slot: Slot) -> str:
        own = tuple(fact.told for fact in self._facts(slot) if fact.told)
        if own:
            return self._filled(own[:1], slot)
        return self._filled(answers.ANSWERS.get(slot, answers.ANY_ANSWER), slot)

    def _introduce(self, slot: Slot) -> str:
        return self._filled(answers.INTRODUCTIONS.get(slot, answers.ANY_ANSWER), slot)

    def _filled(self, phrases: Sequence[str], slot: Slot) -> str:
        value = _listed(self.turn.mind.tells(self.agenda, slot))
        return filled(self.dice.pick(phrases), value)


_ASKED_FOR = (*IDENTITY, Slot.ORDER_ID, Slot.RESERVATION_ID, Slot.ADDRESS)
"""The slots that agents ask for with "could you give me …"."""
_SET_PHRASES = {
    CustomerAct.AGREES: sayings.YES,
    CustomerAct.CHANGES: sayings.CHANGES_OF_MIND,
    CustomerAct.WITHDRAWS: sayings.WITHDRAWALS,
    CustomerAct.INSISTS: sayings.INSISTENCES,
    CustomerAct.WAITS: sayings.WAITING,
    CustomerAct.GIVES_UP: sayings.GIVING_UP,
}


def _listed(values: Sequence[str]) -> str:
    """`a`, `a and b`, or `a, b and c`."""
    if len(values) < 2:
        return "".join(values)
    return f"{', '.join(values[:-1])} and {values[-1]}"


def _joined(lead: str, sentence: str) -> str:
    """A sentence after its lead, without its capital if the lead ends with a comma."""
    if lead.endswith(",") and not sentence.startswith(("I ", "I'")):
        sentence = sentence[:1].lower() + sentence[1:]
    return f"{lead} {sentence}".strip()


def _names(agenda: Agenda) -> frozenset[str]:
    """The words of the customer's name."""
    return frozenset(word for fact in agenda.identity for word in fact.says.split())


def _uncapitalised(text: str, names: frozenset[str]) -> str:
    """The text without capitals in ordinary words; names, codes and `I` keep theirs."""
    words = text.split(" ")
    starts = [i == 0 or words[i - 1].endswith((".", "?", "!", ":")) for i in range(len(words))]
    return " ".join(
        word.lower() if start and _is_plain(word.rstrip(".,!?"), names) else word
        for word, start in zip(words, starts, strict=True)
    )


def _is_plain(word: str, names: frozenset[str]) -> bool:
    letters = word.replace("'", "")
    return letters.isalpha() and letters[1:].islower() and word[:2] != "I'" and word not in names
