"""A domain: its things, the tools for them, and the rules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from tasks.kaleidoscope import words as w
from tools.dice import Dice
from tools.types import Json


class Holds(StrEnum):
    """The kind of value in a field or an argument."""

    COUNT = "count"
    MONEY = "money"
    PLACE = "place"
    DAY = "day"
    CHOICE = "choice"


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a thing, or a further argument of a tool."""

    name: str
    """The name in schemas and results."""
    holds: Holds
    """The kind of its values."""
    choices: tuple[str, ...] = ()
    """The values of a choice."""


@dataclass(frozen=True, slots=True)
class Ids:
    """The ids of things, or of their owners."""

    name: str
    """The argument's and the field's name."""
    words: str
    """The words for it in sentences."""
    prefix: str
    """The prefix of every id; may be empty."""
    digits: int
    """The number of digits after the prefix."""
    number: bool
    """Whether ids are integers in JSON; then they have no prefix."""

    def value(self, text: str) -> Json:
        """An id as a JSON value."""
        return int(text) if self.number else text


@dataclass(frozen=True, slots=True)
class Deed:
    """An action on a thing."""

    verb: str
    """The verb for it."""
    tool: str
    """The tool that does it."""
    state: str | None
    """The only state in which the rules allow it, or None for any."""
    limit: int | None
    """The highest count at which the rules allow it, or None for any."""
    asks: Field | None
    """The tool's further argument, or None."""
    tells: Field
    """The field of the tool's answer that the user has to be told."""

    @property
    def done(self) -> str:
        """The participle for a thing to which it was done."""
        return w.VERBS[self.verb]

    @property
    def is_bound(self) -> bool:
        """Whether a rule restricts it."""
        return self.state is not None or self.limit is not None


@dataclass(frozen=True, slots=True)
class Domain:
    """All that is sampled once per dialogue."""

    thing: str
    """The word for a thing."""
    owner: str
    """The word for the owner of things."""
    ids: Ids
    """The ids of things."""
    owner_ids: Ids
    """The ids of owners."""
    state: Field
    """The state of a thing."""
    kind: Field
    """The field that distinguishes the things of one owner."""
    count: Field
    """The number to which limits apply, and which refusals may tell."""
    others: tuple[Field, ...]
    """Further fields."""
    get: str
    """The tool that shows a thing."""
    find: str | None
    """The tool that finds an owner's things, or None."""
    find_takes_kind: bool
    """Whether that tool takes the kind, too."""
    helper: str | None
    """The tool that hands over to a human, or None."""
    topics: tuple[str, ...]
    """The topics that a human takes over."""
    deeds: tuple[Deed, ...]
    """The possible actions."""
    confirms: bool
    """Whether the user has to say yes before an action."""
    refusal_tells: bool
    """Whether a refusal tells the count."""
    voice: int
    """The index of the wordings that rules and agent prefer."""

    @property
    def fields(self) -> tuple[Field, ...]:
        """The fields that a user can ask about."""
        return (self.state, self.count, *self.others)


def draw_domain(dice: Dice) -> Domain:
    """Samples a domain."""
    thing = f"{dice.pick(w.TRADES)} " * dice.chance(0.7) + dice.pick(w.THINGS)
    owner = dice.pick(w.OWNERS)
    spell = dice.pick((_snake, _snake, _snake, _camel))
    state, count, others = _fields(dice)
    verbs = dice.some(tuple(w.VERBS), dice.pick((0, 0, 1, 1, 1, 2, 2, 3)))
    helper = spell(f"{dice.pick(w.HELPERS)} to {dice.pick(w.PEOPLE)}")
    find = spell(f"{dice.pick(w.FINDS)} {thing}s")
    return Domain(
        thing=thing,
        owner=owner,
        ids=_ids(dice, thing.split()[-1]),
        owner_ids=_ids(dice, owner),
        state=state,
        kind=Field(dice.pick(w.KIND_NAMES), Holds.CHOICE),
        count=count,
        others=others,
        get=spell(f"{dice.pick(w.GETS)} {thing}"),
        find=find if dice.chance(0.5) else None,
        find_takes_kind=dice.chance(0.6),
        helper=helper if dice.chance(0.3) else None,
        topics=tuple(dice.some(w.TOPICS, 3)),
        deeds=tuple(_deed(dice, verb, spell(f"{verb} {thing}"), state) for verb in verbs),
        confirms=dice.chance(0.25),
        refusal_tells=dice.chance(0.6),
        voice=dice.between(0, 11),
    )


def _snake(text: str) -> str:
    return text.replace(" ", "_")


def _camel(text: str) -> str:
    first, *rest = text.split()
    return first + "".join(word.capitalize() for word in rest)


def _ids(dice: Dice, thing: str) -> Ids:
    call = dice.pick(w.ID_NAMES)
    prefix = dice.pick(("", "", "", "", "K", "MV-", "T", "QX", "H-"))
    number = not prefix and dice.chance(0.15)
    return Ids(f"{thing}_{call}", f"{thing} {call}", prefix, dice.between(3, 5), number)


def _fields(dice: Dice) -> tuple[Field, Field, tuple[Field, ...]]:
    """State, count, and one or two others."""
    state = Field(dice.pick(w.STATE_NAMES), Holds.CHOICE, tuple(dice.some(w.STATES, 3)))
    others = (
        Field(dice.pick(w.MONEY), Holds.MONEY),
        Field(dice.pick(w.PLACES), Holds.PLACE),
        Field(dice.pick(w.DAYS), Holds.DAY),
    )
    count = Field(dice.pick(w.COUNTS), Holds.COUNT)
    return state, count, tuple(dice.some(others, dice.between(1, 2)))


def _deed(dice: Dice, verb: str, tool: str, state: Field) -> Deed:
    bound = dice.pick(("state", "state", "limit", "", ""))
    return Deed(
        verb=verb,
        tool=tool,
        state=dice.pick(state.choices) if bound == "state" else None,
        limit=dice.between(10, 60) if bound == "limit" else None,
        asks=_argument(dice) if dice.chance(0.5) else None,
        tells=Field(dice.pick(w.MONEY), Holds.MONEY),
    )


def _argument(dice: Dice) -> Field:
    match dice.pick(tuple(Holds)):
        case Holds.CHOICE:
            name = dice.pick(words_of_choices)
            return Field(name, Holds.CHOICE, tuple(dice.some(w.CHOICES, dice.between(2, 4))))
        case Holds.PLACE:
            return Field(f"new_{dice.pick(w.PLACES)}", Holds.PLACE)
        case Holds.DAY:
            return Field(f"new_{dice.pick(w.DAYS)}", Holds.DAY)
        case _:
            return Field(f"new_{dice.pick(w.COUNTS)}", Holds.COUNT)


words_of_choices: Sequence[str] = w.words("cause purpose ground reason motive")
