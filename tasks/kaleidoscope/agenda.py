"""The user of a domain with an agenda: it knows what its plan says, and speaks as it has spoken."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tasks.agenda.agenda import Agenda, Fact, Request
from tasks.agenda.slots import Slot
from tasks.kaleidoscope import phrases as p
from tasks.kaleidoscope.domain import Domain, Field, Holds, Ids
from tasks.kaleidoscope.plan import DomainRequest
from tasks.kaleidoscope.scene import (
    Scene,
    identities,
    looks_up,
    slot_of,
    spoken,
    statements,
    template,
)
from tools.dice import Dice

_CORRECTIONS = tuple(map(template, p.SLIPS))


def agenda_of(scene: Scene, dice: Dice) -> Agenda:
    """The agenda of the user of a dialogue.

    Args:
        scene: The dialogue when it is over.
        dice: The random choices of what the dialogue does not show.
    """
    plan, speaker = scene.plan, _Speaker(scene, dice)
    introduces = plan.greets_with_id and scene.domain.find is not None
    made = range(len(scene.said.wishes))  # a request for a human ends the dialogue
    return Agenda(
        identity=(speaker.words(Fact(Slot.USER_ID, plan.owner_id), 0),),
        requests=tuple(speaker.request(place) for place in made),
        introduces=(Slot.USER_ID,) if introduces else (),
        seed=dice.between(0, 10**6),
        opens=scene.said.wishes[0],
        farewell=scene.farewell,
        names=tuple(_names(scene.domain)),
    )


@dataclass(frozen=True, slots=True)
class _Speaker:
    """Puts the facts of a plan into the user's words."""

    scene: Scene
    dice: Dice

    def request(self, place: int) -> Request:
        """The request with this number."""
        wanted, said = self.scene.plan.requests[place], self.scene.said
        deed = wanted.deed
        facts = (self.words(fact, place) for fact in self._facts(wanted))
        withdrawn = deed is not None and self.scene.domain.confirms and not wanted.agrees
        answer = self.dice.pick(p.NO if withdrawn else p.YES)
        return Request(
            intent="transfer" if wanted.topic else deed.verb if deed else "question",
            wish=said.wishes[place],
            short=said.shorts[place],
            facts=tuple(facts),
            stated=tuple(_stated(wanted)),
            signs=() if deed or wanted.topic else tuple(_signs(wanted)),
            done=(deed.done,) if deed else (),
            withdrawn=withdrawn,
            confirms=said.confirms.get(place, answer),
        )

    def words(self, fact: Fact, place: int) -> Fact:
        """A fact in the user's own words."""
        templates = [template(phrase) for phrase in self._answers(fact, place)]
        return self.scene.said.words(fact, place, templates, _CORRECTIONS, self.dice)

    def _facts(self, wanted: DomainRequest) -> Iterator[Fact]:
        """What the user knows about a request; not the thing's id, if others can find it."""
        if wanted.topic:
            return
        thing, find = wanted.thing, self.scene.domain.find
        others = (one.kind for one in self.scene.plan.things if one is not thing)
        yield Fact(Slot.ITEM, thing.kind, rivals=tuple(others))
        if wanted.numbered or find is None:
            slips = looks_up(wanted) or not wanted.numbered
            yield Fact(Slot.ORDER_ID, thing.id, slip=wanted.slip if slips else "")
        if wanted.deed is not None and wanted.deed.asks is not None:
            asks = wanted.deed.asks
            yield Fact(slot_of(asks), str(wanted.argument), rivals=_rivals(asks, wanted))

    def _answers(self, fact: Fact, place: int) -> tuple[str, ...]:
        """Templates of answers that tell a fact."""
        match fact.slot:
            case Slot.USER_ID:
                return (*identities(self.scene.domain), *p.ID_ANSWERS)
            case Slot.ORDER_ID:
                return p.ID_ANSWERS
            case Slot.ITEM:
                return p.KIND_ANSWERS
            case _:
                deed = self.scene.plan.requests[place].deed
                assert deed is not None
                assert deed.asks is not None
                return statements(deed.asks)


def _stated(wanted: DomainRequest) -> Iterator[Slot]:
    """The slots that the wish tells."""
    if wanted.topic:
        return
    if wanted.numbered is not None:
        yield Slot.ORDER_ID if wanted.numbered else Slot.ITEM
    if wanted.deed is not None and wanted.deed.asks is not None and wanted.stated:
        yield slot_of(wanted.deed.asks)


def _signs(wanted: DomainRequest) -> Iterator[str]:
    """Words, one of which an answer to a question has: the fields' names, and their values."""
    for one in wanted.asked:
        yield one.name
        yield from one.choices


def _rivals(asks: Field, wanted: DomainRequest) -> tuple[str, ...]:
    return tuple(one for one in asks.choices if one != wanted.argument)


def _names(domain: Domain) -> Iterator[tuple[Slot, str]]:
    """The words for what one can ask the user for."""
    owner, ids = domain.owner_ids, domain.ids
    alone = owner.words.split()[-1] != ids.words.split()[-1]
    yield Slot.USER_ID, _id_names(owner, domain.owner, alone=alone)
    yield Slot.ORDER_ID, _id_names(ids, domain.thing, alone=alone)
    kind = domain.kind.name
    things = f"|which {domain.thing}s|which of your {domain.thing}s"
    yield Slot.ITEM, f"{kind}|which {kind}|what {kind}{things}"
    asked = {deed.asks.name: deed.asks for deed in domain.deeds if deed.asks is not None}
    for one in asked.values():
        yield slot_of(one), "|".join(_argument_names(one))


def _id_names(ids: Ids, whose: str, *, alone: bool) -> str:
    call = ids.words.split()[-1]
    names = [ids.words, ids.name, f"which {whose}", f"what {whose}", f"{call} of the {whose}"]
    names += [f"{call} of your {whose}", f"{whose} {call}", f"which {ids.words}"]
    return "|".join(dict.fromkeys([*names, call] if alone else names))


def _argument_names(asks: Field) -> Iterator[str]:
    name = spoken(asks)
    yield name
    yield asks.name
    bare = name.removeprefix("new ")
    yield from (f"{word} {one}" for word in ("which", "what") for one in (name, bare))
    if asks.holds is Holds.CHOICE:
        yield from asks.choices
    elif bare != "address":
        yield bare
