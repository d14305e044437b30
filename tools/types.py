"""The vocabulary of a conversation with tools.

Every other module uses these types. They are plain values: frozen, comparable, without
behaviour beyond derived properties. Those of which each step makes some are Structs of msgspec,
which come into being five times as fast as frozen dataclasses; `msgspec.structs.replace` changes
a copy.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, TypeAlias

import msgspec

if TYPE_CHECKING:
    Json: TypeAlias = "None | bool | int | float | str | list[Json] | dict[str, Json]"
    """A JSON value as `json.loads` returns it."""
else:  # msgspec reads these types at run time, and does not support recursive aliases
    Json = object


class Role(StrEnum):
    """Who says a message, in the names of the Hugging Face chat form."""

    __hash__ = str.__hash__  # an enum's own is no C function, and each step asks a dict for roles

    SYSTEM = "system"
    USER = "user"
    ASSISTANT = "assistant"
    TOOL = "tool"


class MessageKind(StrEnum):
    """What an assistant message does."""

    CALL = "call"
    """At least one readable tool call."""
    REPLY = "reply"
    """Text for the user, and no attempt to call."""
    NONE = "none"
    """Neither: empty, thoughts only, or attempts to call of which none is readable."""


class Effect(StrEnum):
    """What a tool does to the state behind it."""

    READ = "read"
    WRITE = "write"


class ProblemKind(StrEnum):
    """What can be wrong with a call."""

    NOT_JSON = "not_json"
    DOUBLE_ENCODED = "double_encoded"
    NOT_AN_OBJECT = "not_an_object"
    OTHER_SYNTAX = "other_syntax"
    """A call in the syntax of another chat template."""
    IN_THOUGHT = "in_thought"
    """A call that stands only inside the thought."""
    UNKNOWN_TOOL = "unknown_tool"
    MISSING_ARGUMENT = "missing_argument"
    UNEXPECTED_ARGUMENT = "unexpected_argument"
    WRONG_TYPE = "wrong_type"
    NOT_IN_ENUM = "not_in_enum"
    CONSTRAINT = "constraint"
    UNRECORDED = "unrecorded"
    REJECTED = "rejected"
    TOO_LARGE = "too_large"


_ROLE_NAMES = {role: role.value for role in Role}
"""Each step tells all messages again, and this is twice as fast as `str(role)`."""


class Message(msgspec.Struct, frozen=True):
    """One message of a conversation, exactly as said."""

    role: Role
    """The speaker."""
    content: str
    """The raw text, with an assistant's thoughts and calls inside."""

    def as_dict(self) -> dict[str, str]:
        """The Hugging Face chat form, as `tokenizer.apply_chat_template` takes it."""
        return {"role": _ROLE_NAMES[self.role], "content": self.content}


@dataclass(frozen=True, slots=True)
class ToolSpec:
    """What a tool is called and which arguments it takes."""

    name: str
    """The name by which it is called."""
    description: str
    """What it does, for the model."""
    parameters: Mapping[str, Json]
    """A JSON schema of type `object`."""

    def as_dict(self) -> dict[str, Json]:
        """The OpenAI function envelope, as `tokenizer.apply_chat_template` takes it."""
        function: dict[str, Json] = {
            "name": self.name,
            "description": self.description,
            "parameters": dict(self.parameters),
        }
        return {"type": "function", "function": function}

    @classmethod
    def from_dict(cls, value: Mapping[str, Any]) -> ToolSpec:
        """Reads what `as_dict` wrote, or a tool in OpenAI's form; only its name is required."""
        function = value["function"]
        about, parameters = function.get("description"), function.get("parameters")
        return cls(function["name"], about or "", parameters or {})


class ToolCall(msgspec.Struct, frozen=True):
    """A readable call: a name and an object of arguments."""

    name: str
    """The tool that is called; perhaps one that does not exist."""
    arguments: Mapping[str, Json]
    """Argument name -> value; perhaps not what the schema asks for."""


class CallProblem(msgspec.Struct, frozen=True):
    """What is wrong with a call: a name, and a sentence for the model."""

    kind: ProblemKind
    """The problem's name."""
    text: str
    """What was expected, what came, and how to mend it."""


class ToolResult(msgspec.Struct, frozen=True):
    """What a tool answered."""

    content: str
    """The text that the model reads."""
    problem: CallProblem | None = None
    """Why the call failed, or None if it succeeded."""
    written: int = 0
    """How many characters of rows it wrote, as far as the API tells: a measure of work."""

    @property
    def ok(self) -> bool:
        """Whether the call succeeded."""
        return self.problem is None


class Reply(msgspec.Struct, frozen=True):
    """What the user is told."""

    text: str
    """The message, without thoughts and calls."""


class FieldChange(msgspec.Struct, frozen=True):
    """One value that differs between two states of an API."""

    table: str
    """The table."""
    key: str
    """The row's key."""
    field: str
    """The column or, inside objects, the way down: `payment_methods.gift_card_1.balance`."""
    before: Json
    """The value in the first state; None if it did not exist."""
    after: Json
    """The value in the second state; None if it no longer exists."""


class Violation(msgspec.Struct, frozen=True):
    """One place where a conversation broke a rule of its world, or left its procedure."""

    rule: str
    """The rule's name."""
    message: int
    """The assistant's message, counted from 1."""
    text: str
    """What happened, in a sentence."""
