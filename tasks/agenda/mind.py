"""A customer's state in a conversation, and what it can do next."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from tasks.agenda.agenda import Agenda, Fact, Request, facts_of
from tasks.agenda.slots import Slot

IDENTITY = (Slot.NAME, Slot.ZIP, Slot.EMAIL, Slot.USER_ID)
"""The slots of the customer's identity, as opposed to those of a request."""


class CustomerAct(StrEnum):
    """What the customer does with a message."""

    OPENS = "opens"
    ANSWERS = "answers"
    AGREES = "agrees"
    CHANGES = "changes"
    """Changes the request."""
    WITHDRAWS = "withdraws"
    """Withdraws the request."""
    CORRECTS = "corrects"
    """Corrects its own slip, or the agent's misunderstanding."""
    FALLS_BACK = "falls_back"
    """Makes the request that it has in case of a refusal."""
    INSISTS = "insists"
    GOES_ON = "goes_on"
    """Brings up the next request."""
    WAITS = "waits"
    REPEATS = "repeats"
    """Repeats the request, which is still open."""
    LOST = "lost"
    """Says that it does not understand."""
    LEAVES = "leaves"
    GIVES_UP = "gives_up"


@dataclass(frozen=True, slots=True)
class Mind:
    """The customer's state in a conversation."""

    place: int = 0
    """The index of the current request."""
    depth: int = 0
    """The number of times it has fallen back on `otherwise`."""
    wished: bool = False
    """Whether the request has been brought up."""
    changed: bool = False
    """Whether it has changed its mind about the request."""
    dropped: bool = False
    """Whether it has withdrawn the request."""
    agreed: bool = False
    """Whether it has said yes."""
    insisted: int = 0
    """The number of times it has asked again after a refusal."""
    given: tuple[Slot, ...] = ()
    """The slots that it has told so far, of its identity and of the request."""
    mended: tuple[Slot, ...] = ()
    """The slots whose slips it has corrected."""
    repeated: tuple[Slot, ...] = ()
    """The slots that its last message told; being asked for them again annoys it."""
    bothered: int = 0
    """The number of useless replies so far."""
    misunderstood: int = 0
    """The number of replies that it did not understand."""
    left: bool = False
    """Whether it has said goodbye."""

    def request(self, agenda: Agenda) -> Request:
        """The current request, with changes and fallbacks applied."""
        request = agenda.requests[self.place]
        for _ in range(self.depth):
            assert request.otherwise is not None
            request = request.otherwise
        return request.changed() if self.changed else request

    def is_last(self, agenda: Agenda) -> bool:
        """Whether no request follows the current one."""
        return self.place + 1 == len(agenda.requests)

    def tells(self, agenda: Agenda, slot: Slot) -> tuple[str, ...]:
        """The words for a slot at this point, slips included."""
        return tuple(
            fact.slip if fact.slip and slot not in self.mended else fact.says
            for fact in self.knows(agenda, slot)
        )

    def knows(self, agenda: Agenda, slot: Slot) -> tuple[Fact, ...]:
        """The facts of a slot, from its identity or from the request."""
        if slot in IDENTITY:
            return facts_of(agenda.identity, slot)
        return self.request(agenda).of(slot)

    def slips(self, agenda: Agenda) -> tuple[Slot, ...]:
        """The slots for which it has given a wrong value."""
        said = (slot for slot in self.given if slot not in self.mended)
        return tuple(s for s in said if any(fact.slip for fact in self.knows(agenda, s)))


@dataclass(frozen=True, slots=True)
class Turn:
    """One decision of the customer."""

    act: CustomerAct
    """The kind of decision."""
    mind: Mind
    """The customer's state afterwards."""
    tells: tuple[Slot, ...] = ()
    """The slots that it tells, in this order."""
    lacks: tuple[Slot, ...] = ()
    """The slots that it was asked for and cannot tell."""
    wishes: bool = False
    """Whether it brings up the request."""
    again: bool = False
    """Whether it was asked for the same slots just before."""
    refused: bool = False
    """Whether the previous request was refused."""
    asked_more: bool = False
    """Whether it was asked for further wishes, so that a no is an answer."""
