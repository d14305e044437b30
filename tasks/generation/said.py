"""What a recorded user has said while its dialogue was generated: the words of its agenda."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from tasks.agenda.agenda import Fact
from tasks.agenda.mind import IDENTITY
from tasks.agenda.slots import Slot
from tools.dice import Dice


@dataclass(slots=True)
class Said:
    """The user's sentences, by what they do.

    A sentence that tells a value is kept as a template with `{value}`: other agents may ask before
    a slip is mended, or again afterwards.
    """

    wishes: list[str] = field(default_factory=list)
    """The messages with which it brings up its requests, in order."""
    shorts: list[str] = field(default_factory=list)
    """The wishes alone, without a word around them."""
    confirms: dict[int, str] = field(default_factory=dict)
    """Number of a request -> its yes or no to a read-back."""
    _told: dict[tuple[int, Slot], str] = field(default_factory=dict)
    _mends: dict[tuple[int, Slot], str] = field(default_factory=dict)

    @property
    def place(self) -> int:
        """The number of the current request."""
        return len(self.wishes) - 1

    def wish(self, short: str, message: str) -> None:
        """Notes a request: the wish alone, and the message that brings it up."""
        self.shorts.append(short)
        self.wishes.append(message)

    def tells(self, slot: Slot, template: str) -> None:
        """Notes an answer."""
        self._told[_key(self.place, slot)] = template

    def mends(self, slot: Slot, template: str) -> None:
        """Notes the correction of a slip."""
        self._mends[_key(self.place, slot)] = template

    def words(
        self, fact: Fact, place: int, answers: Sequence[str], corrections: Sequence[str], dice: Dice
    ) -> Fact:
        """A fact with the user's own words for it.

        Args:
            fact: The fact.
            place: The number of the request that it is about.
            answers: Templates, of which one is drawn where the user has not been asked for it.
            corrections: Templates for a slip that has not been corrected.
            dice: The random choices; not those of the dialogue, which stays as it is.
        """
        key = _key(place, fact.slot)
        told = self._told.get(key) or dice.pick(answers)
        if not fact.slip:
            return replace(fact, told=told)
        return replace(fact, told=told, mends=self._mends.get(key) or dice.pick(corrections))


def _key(place: int, slot: Slot) -> tuple[int, Slot]:
    """What a sentence is kept under: the identity is the same for all requests."""
    return (-1 if slot in IDENTITY else place, slot)
