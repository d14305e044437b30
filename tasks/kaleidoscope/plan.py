"""The content of a dialogue in a domain: an owner's things, and the requests about them."""

from __future__ import annotations

from dataclasses import dataclass

from tasks.kaleidoscope import words as w
from tasks.kaleidoscope.domain import Deed, Domain, Field, Holds, Ids
from tools.dice import Dice
from tools.types import Json

# The shares are chosen by hand; after a change all seeds give other dialogues.
COINED_SHARE = 0.4
"""The share of kinds that are invented words."""
SLIP_SHARE = 0.08
"""The share of ids that are wrong at first."""
STATED_SHARE = 0.6
"""The share of users who tell a tool's further argument at once."""
ALLOWED_SHARE = 0.55
"""The share of wishes that the rules allow."""


@dataclass(frozen=True, slots=True)
class Thing:
    """One of the user's things."""

    id: str
    """Its id."""
    kind: str
    """The value that distinguishes it from the user's other things."""
    values: dict[str, Json]
    """Field name -> value, as the look-up shows it."""


@dataclass(frozen=True, slots=True)
class DomainRequest:
    """One thing that the user wants."""

    thing: Thing
    """The thing that it is about."""
    deed: Deed | None
    """The action wanted; None for a question, or for a topic of a human's."""
    asked: tuple[Field, ...]
    """The fields that a question is about."""
    topic: str
    """The topic for a human; empty for questions and deeds."""
    argument: Json
    """The tool's further argument, or None."""
    stated: bool
    """Whether the user tells the further argument at once."""
    numbered: bool | None
    """Whether the user first tells the id (True), the kind (False), or neither (None)."""
    slip: str
    """The wrong id that the user gives first; empty if the first one is right."""
    agrees: bool
    """Whether the user says yes when asked."""


@dataclass(frozen=True, slots=True)
class DialoguePlan:
    """The content of a whole dialogue."""

    owner_id: str
    """The user's id."""
    greets_with_id: bool
    """Whether the user tells its id at once."""
    things: tuple[Thing, ...]
    """The user's things."""
    requests: tuple[DomainRequest, ...]
    """The requests, in order."""


def draw_plan(dice: Dice, domain: Domain) -> DialoguePlan:
    """Samples a plan."""
    count = dice.between(1, 3)
    *ids, wrong = _ids(dice, domain.ids, count + 1)
    (owner_id,) = _ids(dice, domain.owner_ids, 1)
    kinds = [coined if dice.chance(COINED_SHARE) else kind for kind, coined in _kinds(dice, count)]
    deeds = [_deed(dice, domain) for _ in range(count)]
    things = [_thing(dice, domain, *each) for each in zip(ids, kinds, deeds, strict=True)]
    wanted = dice.some(list(zip(things, deeds, strict=True)), 1 + (count > 1 and dice.chance(0.4)))
    requests = [_request(dice, domain, thing, deed, wrong) for thing, deed in wanted]
    return DialoguePlan(owner_id, dice.chance(0.4), tuple(things), tuple(requests))


def _kinds(dice: Dice, count: int) -> list[tuple[str, str]]:
    return [(kind, w.coined(dice)) for kind in dice.some(w.KINDS, count)]


def _ids(dice: Dice, ids: Ids, count: int) -> list[str]:
    """`count` different ids."""
    found: dict[str, None] = {}
    while len(found) < count:
        number = dice.between(10 ** (ids.digits - 1), 10**ids.digits - 1)
        found[f"{ids.prefix}{number}"] = None
    return list(found)


def _deed(dice: Dice, domain: Domain) -> Deed | None:
    return dice.pick(domain.deeds) if domain.deeds and dice.chance(0.7) else None


def _thing(dice: Dice, domain: Domain, number: str, kind: str, deed: Deed | None) -> Thing:
    state, count = _state(dice, domain, deed), _count(dice, deed)
    named: dict[str, Json] = {domain.state.name: state, domain.count.name: count}
    named |= {field.name: draw_value(dice, field) for field in domain.others}
    values: dict[str, Json] = {domain.ids.name: domain.ids.value(number), domain.kind.name: kind}
    values |= {name: named[name] for name in dice.some(list(named), len(named))}
    return Thing(number, kind, values)


def _state(dice: Dice, domain: Domain, deed: Deed | None) -> str:
    if deed is None or deed.state is None:
        return dice.pick(domain.state.choices)
    others = [state for state in domain.state.choices if state != deed.state]
    return deed.state if dice.chance(ALLOWED_SHARE) else dice.pick(others)


def _count(dice: Dice, deed: Deed | None) -> int:
    if deed is None or deed.limit is None:
        return dice.between(2, 99)
    allowed = dice.chance(ALLOWED_SHARE)
    return dice.between(2, deed.limit) if allowed else dice.between(deed.limit + 1, 99)


def draw_value(dice: Dice, field: Field) -> Json:
    """Samples a value of a field."""
    match field.holds:
        case Holds.COUNT:
            return dice.between(2, 99)
        case Holds.MONEY:
            return (
                1000 * dice.between(0, 9) + 10 * dice.between(10, 99) + dice.between(1, 9)
            ) / 100
        case Holds.PLACE:
            return w.some_place(dice)
        case Holds.DAY:
            return f"{dice.between(2031, 2049)}-{dice.between(1, 12):02d}-{dice.between(1, 28):02d}"
        case Holds.CHOICE:
            return dice.pick(field.choices)


def _request(
    dice: Dice, domain: Domain, thing: Thing, deed: Deed | None, wrong: str
) -> DomainRequest:
    topic = dice.pick(domain.topics) if domain.helper and dice.chance(0.15) else ""
    numbered = dice.pick((True, True, not domain.find, None))
    return DomainRequest(
        thing=thing,
        deed=None if topic else deed,
        asked=tuple(dice.some(domain.fields, 1 + dice.chance(0.3))),
        topic=topic,
        argument=draw_value(dice, deed.asks) if deed and deed.asks else None,
        stated=dice.chance(STATED_SHARE),
        numbered=numbered,
        slip=wrong if dice.chance(SLIP_SHARE) else "",
        agrees=dice.chance(0.85),
    )
