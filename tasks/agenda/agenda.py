"""What a customer knows and wants: all that an agenda user ever says stands in here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from tasks.agenda.slots import Slot
from tools.types import Json


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that the customer can tell."""

    slot: Slot
    """The question that it answers."""
    says: str
    """How the customer puts it; it fits after "it is"."""
    value: Json = None
    """What the API knows it by; None where that is what the customer says."""
    forms: tuple[str, ...] = ()
    """How an agent may put it; a read-back with none of them, but with a rival, is wrong."""
    rivals: tuple[str, ...] = ()
    """What it would be called if it were something else."""
    slip: str = ""
    """What the customer says instead at first, wrongly; empty if it is right at once."""


@dataclass(frozen=True, slots=True)
class Request:
    """One thing that the customer wants."""

    intent: str
    """What it is called in the world it belongs to."""
    wish: str
    """How the customer brings it up."""
    short: str
    """The same in a few words, for saying it again."""
    facts: tuple[Fact, ...]
    """What the customer can tell about it; several of one slot belong together."""
    stated: tuple[Slot, ...] = ()
    """What the wish tells already."""
    signs: tuple[str, ...] = ()
    """A useful answer has one of these, `0` for any digit; empty where something is to be done."""
    change: tuple[Fact, ...] = ()
    """What the customer wants instead, having heard the first read-back."""
    withdrawn: bool = False
    """Whether the customer calls it off instead of saying yes."""
    otherwise: Request | None = None
    """What the customer wants if this is refused."""
    foretold: bool = False
    """Whether the wish tells already what is wanted otherwise."""
    insists: int = 0
    """How often the customer asks again after a refusal."""

    @property
    def is_question(self) -> bool:
        """Whether an answer is all that is wanted."""
        return bool(self.signs)

    def of(self, slot: Slot) -> tuple[Fact, ...]:
        """What the customer can tell about a slot."""
        return facts_of(self.facts, slot)

    def changed(self) -> Request:
        """The request after the customer's mind has changed."""
        slots = {fact.slot for fact in self.change}
        kept = tuple(fact for fact in self.facts if fact.slot not in slots)
        return replace(self, facts=kept + self.change, change=())


@dataclass(frozen=True, slots=True)
class Agenda:
    """A customer: who it is, what it wants, and in which manner."""

    identity: tuple[Fact, ...]
    """Name, zip, email and user id, as far as the customer knows them."""
    requests: tuple[Request, ...]
    """What is wanted, one after the other; at least one."""
    introduces: tuple[Slot, ...] = ()
    """What the first message tells of the identity."""
    vague: bool = False
    """Whether the first message says only that help is needed."""
    patience: int = 3
    """How many useless replies in all are borne."""
    seed: int = 0
    """The manner of speaking."""


def facts_of(facts: Iterable[Fact], slot: Slot) -> tuple[Fact, ...]:
    """The facts of one slot."""
    return tuple(fact for fact in facts if fact.slot is slot)


def all_requests(agenda: Agenda) -> Iterator[Request]:
    """All requests, those on condition after the one that they depend on."""
    for first in agenda.requests:
        request: Request | None = first
        while request is not None:
            yield request
            request = request.otherwise
