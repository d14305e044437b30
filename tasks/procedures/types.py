"""A support procedure: what a customer may want, and the steps by which an agent meets it.

A procedure is plain data, read from one TOML file a support area (see `library/GUIDE.md`). Its
steps call each other by their ids, so that they may branch, join and go back.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from string import Formatter

YES, NO = "yes", "no"
"""The two answers that every customer knows how to word."""


class StepKind(StrEnum):
    """What the agent does in a step."""

    ASK = "ask"
    """It asks for slots."""
    CHOICE = "choice"
    """It asks a question whose answer decides how to go on."""
    TELL = "tell"
    """It tells something."""
    CALL = "call"
    """It calls an API, whose outcome decides how to go on."""


@dataclass(frozen=True, slots=True)
class Slot:
    """Something that the customer knows and the agent has to ask for."""

    name: str
    """The API's name for it."""
    words: str
    """What people call it: "account number"."""
    looks: str = ""
    """Its form: `#` stands for a digit, `%` for a capital letter, all else for itself."""
    one_of: tuple[str, ...] = ()
    """All its values, where they can be listed."""
    between: tuple[int, int] | None = None
    """The least and the greatest value of a number."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """The form of a value in an API's answer."""

    looks: str = ""
    """As a slot's; `a|b|c` stands for one of the three."""
    between: tuple[int, int] | None = None
    """The least and the greatest value of a number."""


@dataclass(frozen=True, slots=True)
class Api:
    """A mock API: what it takes, and what it can answer."""

    name: str
    """The name by which it is called."""
    does: str
    """What it does, for the agent."""
    takes: tuple[str, ...]
    """The slots, or the values of earlier answers, that it needs; all of them."""
    gives: Mapping[str, Mapping[str, Pattern]]
    """Outcome -> the values of the answer, by name."""
    write: bool = False
    """Whether it changes anything."""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that the agent does."""

    id: str
    """Its name within the procedure."""
    kind: StepKind
    """What is done."""
    say: str = ""
    """What the agent says; `{name}` stands for a value that is known by then."""
    asks: tuple[str, ...] = ()
    """The slots that are asked for."""
    api: str = ""
    """The API that is called."""
    branches: Mapping[str, str] = field(default_factory=dict)
    """Answer or outcome -> the id of the next step; "" where there is nothing to decide."""
    end: str = ""
    """What it means that the conversation ends here; "" where it goes on."""
    again: bool = False
    """Whether the slots are asked for once more, because what was said did not do."""

    @property
    def values(self) -> tuple[str, ...]:
        """The values that its words need."""
        return tuple(placeholders(self.say))


@dataclass(frozen=True, slots=True)
class Procedure:
    """The steps by which one kind of request is met."""

    area: str
    """The support area."""
    company: str
    """For whom the agent works: "a phone company"."""
    name: str
    """Its name, unique in the library."""
    title: str
    """What it is for."""
    intents: tuple[str, ...]
    """How customers word the request."""
    steps: tuple[Step, ...]
    """The steps; the first one begins."""
    slots: Mapping[str, Slot]
    """The area's slots, by name."""
    apis: Mapping[str, Api]
    """The area's APIs, by name."""
    answers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Answer to a question -> how customers word it, for answers other than yes and no."""

    def step(self, name: str) -> Step:
        """The step with an id."""
        return next(step for step in self.steps if step.id == name)

    @property
    def called(self) -> tuple[Api, ...]:
        """The APIs that its steps call, in the order in which they stand there."""
        names = dict.fromkeys(step.api for step in self.steps if step.kind is StepKind.CALL)
        return tuple(self.apis[name] for name in names if name in self.apis)


def placeholders(text: str) -> Iterator[str]:
    """The names in braces in a text, in order.

    >>> list(placeholders("Your bill of {month} is {amount}."))
    ['month', 'amount']
    """
    return (name for _, name, _, _ in Formatter().parse(text) if name)
