"""Where a customer stands in a conversation, and what it can do next."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from tasks.agenda.agenda import Agenda, Fact, Request, facts_of
from tasks.agenda.slots import Slot

IDENTITY = (Slot.NAME, Slot.ZIP, Slot.EMAIL, Slot.USER_ID)
"""The slots that belong to the customer, not to a request."""


class CustomerAct(StrEnum):
    """What the customer does with a message."""

    OPENS = "opens"
    ANSWERS = "answers"
    AGREES = "agrees"
    CHANGES = "changes"
    """Wants something else after all."""
    WITHDRAWS = "withdraws"
    """Calls the request off."""
    CORRECTS = "corrects"
    """Mends a slip of its own, or the agent's misunderstanding."""
    FALLS_BACK = "falls_back"
    """Wants what it wanted in case of a refusal."""
    INSISTS = "insists"
    GOES_ON = "goes_on"
    """Brings up the next request."""
    WAITS = "waits"
    REPEATS = "repeats"
    """Brings up the request again, which is still open."""
    LOST = "lost"
    """Does not understand, and says so."""
    LEAVES = "leaves"
    GIVES_UP = "gives_up"


@dataclass(frozen=True, slots=True)
class Mind:
    """Where the customer stands."""

    place: int = 0
    """The number of the request that is being talked about."""
    depth: int = 0
    """How often it has fallen back on what it wanted otherwise."""
    wished: bool = False
    """Whether the request has been brought up."""
    changed: bool = False
    """Whether it has changed its mind about it."""
    dropped: bool = False
    """Whether it has called it off."""
    agreed: bool = False
    """Whether it has said yes."""
    insisted: int = 0
    """How often it has asked again after a refusal."""
    given: tuple[Slot, ...] = ()
    """What it has told so far, of itself and of the request."""
    mended: tuple[Slot, ...] = ()
    """Where it has put right a slip of its own."""
    repeated: tuple[Slot, ...] = ()
    """What its last message told: to be asked the same again is tiresome."""
    bothered: int = 0
    """How many useless replies it has borne."""
    misunderstood: int = 0
    """How many replies it did not understand."""
    left: bool = False
    """Whether it has said goodbye."""

    def request(self, agenda: Agenda) -> Request:
        """What is being talked about, in its present form."""
        request = agenda.requests[self.place]
        for _ in range(self.depth):
            assert request.otherwise is not None
            request = request.otherwise
        return request.changed() if self.changed else request

    def tells(self, agenda: Agenda, slot: Slot) -> tuple[str, ...]:
        """What it says about a slot now, slips included."""
        return tuple(
            fact.slip if fact.slip and slot not in self.mended else fact.says
            for fact in self.knows(agenda, slot)
        )

    def knows(self, agenda: Agenda, slot: Slot) -> tuple[Fact, ...]:
        """The facts of a slot, of itself or of the request."""
        if slot in IDENTITY:
            return facts_of(agenda.identity, slot)
        return self.request(agenda).of(slot)

    def slips(self, agenda: Agenda) -> tuple[Slot, ...]:
        """The slots about which it has said something wrong."""
        said = (slot for slot in self.given if slot not in self.mended)
        return tuple(s for s in said if any(fact.slip for fact in self.knows(agenda, s)))


@dataclass(frozen=True, slots=True)
class Turn:
    """One decision."""

    act: CustomerAct
    """What it does."""
    mind: Mind
    """Where it stands afterwards."""
    tells: tuple[Slot, ...] = ()
    """What it tells, in this order."""
    lacks: tuple[Slot, ...] = ()
    """What it was asked for and cannot tell."""
    wishes: bool = False
    """Whether it brings up the request."""
    again: bool = False
    """Whether it was asked the same just before."""
    refused: bool = False
    """Whether the request before was refused."""
    asked_more: bool = False
    """Whether it was asked for more, so that a no is an answer."""
