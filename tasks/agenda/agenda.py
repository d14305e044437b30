"""A customer's knowledge and wishes: the content of all that an agenda user says."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from tasks.agenda.slots import Slot
from tools.types import Json


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that the customer can tell."""

    slot: Slot
    """The slot that an agent's question asks for."""
    says: str
    """The customer's words for it; they fit after "it is"."""
    value: Json = None
    """The value in the API; None if it equals the customer's words."""
    forms: tuple[str, ...] = ()
    """An agent's possible words for it; a read-back with a rival and none of these is wrong."""
    rivals: tuple[str, ...] = ()
    """The words for other values of the same slot."""
    slip: str = ""
    """The wrong value that the customer gives first; empty if the first one is right."""
    told: str = ""
    """The customer's own sentence with which it tells `{value}`; empty for general ones."""
    mends: str = ""
    """The customer's own sentence with which it corrects a slip to `{value}`, or empty."""


@dataclass(frozen=True, slots=True)
class Request:
    """One thing that the customer wants."""

    intent: str
    """The kind of request, as the domain's `Intent` names it."""
    wish: str
    """The sentence with which the customer brings it up."""
    short: str
    """The wish in a few words, for repeating it."""
    facts: tuple[Fact, ...]
    """The facts that the customer can tell about it; several of one slot belong together."""
    stated: tuple[Slot, ...] = ()
    """The slots that the wish already tells."""
    signs: tuple[str, ...] = ()
    """Words, one of which a useful answer contains (`0` is any digit); empty for a change."""
    change: tuple[Fact, ...] = ()
    """The facts that the customer changes after the first read-back."""
    withdrawn: bool = False
    """Whether the customer withdraws the request instead of saying yes."""
    otherwise: Request | None = None
    """The request that the customer makes if this one is refused."""
    foretold: bool = False
    """Whether the wish already announces `otherwise`."""
    insists: int = 0
    """The number of times the customer asks again after a refusal."""
    done: tuple[str, ...] = ()
    """The domain's own words, one of which tells that a change was made; besides general ones."""
    confirms: str = ""
    """The customer's own yes, or no if it withdraws, to a read-back; empty for general ones."""

    @property
    def is_question(self) -> bool:
        """Whether the request only asks for an answer."""
        return bool(self.signs)

    def of(self, slot: Slot) -> tuple[Fact, ...]:
        """The facts that the customer can tell about a slot."""
        return facts_of(self.facts, slot)

    def changed(self) -> Request:
        """The request after the customer has changed its mind."""
        slots = {fact.slot for fact in self.change}
        kept = tuple(fact for fact in self.facts if fact.slot not in slots)
        return replace(self, facts=kept + self.change, change=())


@dataclass(frozen=True, slots=True)
class Agenda:
    """A customer: identity, wishes and manner."""

    identity: tuple[Fact, ...]
    """Name, zip, email and user id, as far as the customer knows them."""
    requests: tuple[Request, ...]
    """The requests, in order; at least one."""
    introduces: tuple[Slot, ...] = ()
    """The slots of the identity that the first message tells."""
    vague: bool = False
    """Whether the first message says only that help is needed."""
    patience: int = 3
    """The number of useless replies in all that the customer accepts."""
    seed: int = 0
    """The seed of the manner of speaking."""
    opens: str = ""
    """The first message of a customer with a record, who says what it has said there wherever it
    is in the same place; empty for a customer without."""
    farewell: str = ""
    """The last message of such a customer; empty if it leaves without a word."""
    wish_first: bool = False
    """Whether such a customer, asked for both, tells its wish before its identity."""
    names: tuple[tuple[Slot, str], ...] = ()
    """Slot -> the words for it in the customer's domain, separated by "|", the usual ones first.

    They are heard besides the general ones, and before them."""

    @property
    def has_record(self) -> bool:
        """Whether the customer has a record whose words it says."""
        return bool(self.opens)


def facts_of(facts: Iterable[Fact], slot: Slot) -> tuple[Fact, ...]:
    """The facts of one slot."""
    return tuple(fact for fact in facts if fact.slot is slot)


def all_requests(agenda: Agenda) -> Iterator[Request]:
    """All requests; a conditional one follows the request that it depends on."""
    for first in agenda.requests:
        request: Request | None = first
        while request is not None:
            yield request
            request = request.otherwise
