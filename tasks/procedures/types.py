"""A support procedure: a kind of request, and the steps by which an agent meets it.

A procedure is plain data, read from a support area's TOML file (see `library/GUIDE.md`). Its steps
refer to each other by ids, so that they may branch, join and go back.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from string import Formatter

YES, NO = "yes", "no"
"""The two answers for which every customer has words."""


class StepKind(StrEnum):
    """What the agent does in a step."""

    ASK = "ask"
    """The agent asks for slots."""
    CHOICE = "choice"
    """The agent asks a question whose answer decides the next step."""
    TELL = "tell"
    """The agent tells something."""
    CALL = "call"
    """The agent calls an API, whose outcome decides the next step."""


@dataclass(frozen=True, slots=True)
class Slot:
    """Something that the customer knows and the agent has to ask for."""

    name: str
    """The API's name for it."""
    words: str
    """The words for it, such as "account number"."""
    looks: str = ""
    """The form of its values: `#` is a digit, `%` a capital letter, anything else itself."""
    one_of: tuple[str, ...] = ()
    """All its values, if they can be listed."""
    between: tuple[int, int] | None = None
    """The least and the greatest value of a number."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """The form of a value in an API's answer."""

    looks: str = ""
    """The form, as for a slot; `a|b|c` stands for one of the three."""
    between: tuple[int, int] | None = None
    """The least and the greatest value of a number."""


@dataclass(frozen=True, slots=True)
class Api:
    """A mock API: its arguments and its possible answers."""

    name: str
    """The name by which it is called."""
    does: str
    """What it does, for the agent."""
    takes: tuple[str, ...]
    """The slots, or values of earlier answers, that it needs; all are required."""
    gives: Mapping[str, Mapping[str, Pattern]]
    """Outcome -> name of a value in the answer -> its form."""
    write: bool = False
    """Whether it changes anything."""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that the agent does."""

    id: str
    """The id, unique within the procedure."""
    kind: StepKind
    """The kind of step."""
    say: str = ""
    """The agent's words; `{name}` stands for a value that is known there."""
    asks: tuple[str, ...] = ()
    """The slots that the agent asks for."""
    api: str = ""
    """The API that the agent calls."""
    branches: Mapping[str, str] = field(default_factory=dict)
    """Answer or outcome -> the id of the next step; the key is "" if there is nothing to decide."""
    end: str = ""
    """The way in which the conversation ends here; "" if it continues."""
    again: bool = False
    """Whether the agent asks again because the first answer did not work."""

    @property
    def values(self) -> tuple[str, ...]:
        """The names of the values in its words."""
        return tuple(placeholders(self.say))


@dataclass(frozen=True, slots=True)
class Procedure:
    """The steps by which one kind of request is met."""

    area: str
    """The support area."""
    company: str
    """The agent's employer, such as "a phone company"."""
    name: str
    """The name, unique in the library."""
    title: str
    """The purpose, in a few words."""
    intents: tuple[str, ...]
    """The customers' words for the request."""
    steps: tuple[Step, ...]
    """The steps, beginning with the first to be done."""
    slots: Mapping[str, Slot]
    """Name -> slot, for all slots of the area."""
    apis: Mapping[str, Api]
    """Name -> API, for all APIs of the area."""
    answers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Answer to a question -> the customers' words for it, for answers other than yes and no."""

    def step(self, name: str) -> Step:
        """The step with an id."""
        return next(step for step in self.steps if step.id == name)

    @property
    def called(self) -> tuple[Api, ...]:
        """The APIs that its steps call, in the order of the steps."""
        names = dict.fromkeys(step.api for step in self.steps if step.kind is StepKind.CALL)
        return tuple(self.apis[name] for name in names if name in self.apis)


def placeholders(text: str) -> Iterator[str]:
    """The names in braces in a text, in order.

    >>> list(placeholders("Your bill of {month} is {amount}."))
    ['month', 'amount']
    """
    return (name for _, name, _, _ in Formatter().parse(text) if name)
