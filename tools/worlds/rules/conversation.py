"""What the rules of a business read of a conversation."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from tools.effects import ToolEffect, effect_of
from tools.protocol import Parsed, parse
from tools.recorded import looks_like_error
from tools.remembered import remembered
from tools.types import Effect, Json, Message, Role, ToolCall


@dataclass(frozen=True, slots=True)
class Deed:
    """A call, with what had been said before it."""

    message: int
    """The assistant's message, counted from 1."""
    call: ToolCall
    """Tool and arguments."""
    content: str
    """The answer."""
    ok: bool
    """Whether the call was carried out."""
    is_write: bool
    """Whether the tool changes the state."""
    heard: tuple[str, ...]
    """All of the user's messages before the call."""
    proposed: str
    """The assistant's last reply before the call, or ''."""

    @property
    def answer(self) -> Mapping[str, Json]:
        """The answer as an object; empty if the answer is not an object."""
        return _object(self.content)

    @property
    def words(self) -> str:
        """All that the user had said, a line each."""
        return _lines(self.heard)

    @property
    def asked(self) -> str:
        """The user's last message before the call."""
        return self.heard[-1] if self.heard else ""

    def text(self, name: str) -> str:
        """An argument if it is a string, else ''."""
        value = self.call.arguments.get(name)
        return value if isinstance(value, str) else ""


@dataclass(frozen=True, slots=True)
class AgentMessage:
    """One message of the assistant's."""

    message: int
    """Its number, from 1."""
    text: str
    """The text outside thoughts and calls, even if it was not delivered."""
    deeds: tuple[Deed, ...]
    """Its readable calls."""


@dataclass(frozen=True, slots=True)
class Conversation:
    """A whole conversation."""

    acts: tuple[AgentMessage, ...]
    """The assistant's messages, in order."""
    goal: tuple[ToolCall, ...] = ()
    """The gold calls, if they are known."""
    for_humans: frozenset[str] = frozenset()
    """The tools that hand over to a human."""
    deeds: tuple[Deed, ...] = field(init=False)
    """All calls, in order."""
    done: tuple[Deed, ...] = field(init=False)
    """All calls that were carried out, in order."""
    writes: tuple[Deed, ...] = field(init=False)
    """All changes that were carried out, in order."""

    def __post_init__(self) -> None:
        """Computes once what every rule reads."""
        deeds = [deed for act in self.acts for deed in act.deeds]
        done = [deed for deed in deeds if deed.ok]
        object.__setattr__(self, "deeds", tuple(deeds))
        object.__setattr__(self, "done", tuple(done))
        object.__setattr__(self, "writes", tuple(deed for deed in done if deed.is_write))

    @classmethod
    def of(
        cls,
        messages: Sequence[Message],
        effects: Mapping[str, ToolEffect],
        goal: Sequence[ToolCall] = (),
    ) -> Conversation:
        """Reads a conversation.

        Args:
            messages: The whole conversation; tool messages follow the assistant's in the order of
            its
                calls.
            effects: Tool name -> read or write.
            goal: The gold calls, if they are known.
        """
        start = next((i for i, m in enumerate(messages) if m.role is Role.USER), len(messages)) + 1
        turns: list[tuple[Parsed, list[Message]]] = []
        for message in messages[start:]:
            if message.role is Role.ASSISTANT:
                turns.append((parse(message.content), []))
            elif turns:
                turns[-1][1].append(message)
        return cls.read(messages[:start], turns, effects, goal)

    @classmethod
    def read(
        cls,
        opening: Sequence[Message],
        turns: Iterable[tuple[Parsed, Sequence[Message]]],
        effects: Mapping[str, ToolEffect],
        goal: Sequence[ToolCall] = (),
    ) -> Conversation:
        """Arranges a conversation whose messages have been parsed.

        Args:
            opening: The messages before the assistant's first message.
            turns: The assistant's messages, each with the messages that followed it.
            effects: Tool name -> read or write.
            goal: The gold calls, if they are known.
        """
        acts: list[AgentMessage] = []
        heard = _user_words(opening)
        proposed = ""
        for number, (parsed, answers) in enumerate(turns, 1):
            results = [message.content for message in answers if message.role is Role.TOOL]
            deeds = tuple(
                _deed(number, attempt, content, effects, heard, proposed)
                for attempt, content in zip(parsed.attempts, results, strict=False)
                if isinstance(attempt, ToolCall)
            )
            acts.append(AgentMessage(number, parsed.text or "", deeds))
            proposed = proposed if deeds else (parsed.text or proposed)
            heard += _user_words(answers)
        return cls(tuple(acts), tuple(goal), _for_humans(effects))

    @property
    def handover(self) -> Deed | None:
        """The call that handed the user over to a human, or None."""
        return next((deed for deed in self.done if deed.call.name in self.for_humans), None)

    @property
    def wanted_handover(self) -> ToolCall | None:
        """The call for a human that was to be made, if there is one."""
        return next((call for call in self.goal if call.name in self.for_humans), None)


def _for_humans(effects: Mapping[str, ToolEffect]) -> frozenset[str]:
    return frozenset(name for name, known in effects.items() if known.hands_over)


def _deed(
    message: int,
    call: ToolCall,
    content: str,
    effects: Mapping[str, ToolEffect],
    heard: tuple[str, ...],
    proposed: str,
) -> Deed:
    effect = effects.get(call.name) or effect_of(call.name[:200])  # it may be any text
    return Deed(
        message=message,
        call=call,
        content=content,
        ok=not looks_like_error(content),
        is_write=effect.effect is Effect.WRITE,
        heard=heard,
        proposed=proposed,
    )


@lru_cache(maxsize=64)
def spoken(pattern: re.Pattern[str], text: str) -> bool:
    """Whether a pattern is in a text; rules ask it of the same words with each of many calls."""
    return pattern.search(text) is not None


@lru_cache(maxsize=16)
def _lines(texts: tuple[str, ...]) -> str:
    return "\n".join(texts)


def _user_words(messages: Iterable[Message]) -> tuple[str, ...]:
    return tuple(message.content for message in messages if message.role is Role.USER)


@remembered(megabytes=16)
def _object(text: str) -> Mapping[str, Json]:
    if not text.startswith("{"):
        return {}
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}
