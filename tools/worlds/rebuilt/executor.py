"""A world rebuilt from one dialogue: the rows that its observations show, before its writes.

Without the original database, a dialogue still shows the users, orders and flights that it is
about. These become the rows of a database. If a row was first seen after a write, the write is
undone in it. For everything else the world says that it has no record, not that the thing does not
exist. Searches give the answer that they gave in the dialogue.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeGuard

from tools.effects import ToolEffect
from tools.executor import Executor
from tools.failures import is_transient, looks_like_error
from tools.free_text import without_words
from tools.jsontext import canonical, short
from tools.types import CallProblem, FieldChange, Json, ProblemKind, ToolCall, ToolResult
from tools.worlds.database import Base
from tools.worlds.executor import WorldExecutor

NOT_FOUND = re.compile(
    r"Error: (?:order|user|product|item|reservation|flight)\b.*\bnot found\b.*", re.IGNORECASE
)
"""How tau-bench's APIs say that a row is missing."""
_CRASH = re.compile(r"\w+ failed: KeyError")
"""Refusals of calls that need an unknown part of a known row, such as a cabin of a flight."""
_NO_METHOD = re.compile(r"Error: payment method\b.*\bnot found", re.IGNORECASE)


@dataclass(frozen=True)
class RebuiltBase(Base):
    """The rows that a dialogue shows, and how its calls were answered."""

    answers: Mapping[str, str] = field(default_factory=dict)
    """Call (as `key_of` writes it) -> its first answer."""
    guessed: frozenset[str] = frozenset()
    """The ids of users who were never shown; only their orders and payments are known."""
    refusals: Mapping[tuple[str, str], str] = field(default_factory=dict)
    """(state's digest, call as `key_of` writes it) -> the recorded refusal, for calls that the
    known
    rows would allow."""
    searches: frozenset[str] = frozenset()
    """The tools whose answer depends on rows that the dialogue may not show."""
    finds: frozenset[str] = frozenset()
    """The tools that find a customer by data that the dialogue may not show."""
    overwritten: frozenset[tuple[str, str]] = frozenset()
    """(table, key) of the rows that were first shown after a write which leaves no trace of what
    stood there before: such a write cannot be told from none."""
    certain: Callable[[], Base] | None = None
    """Rebuilds the same without what was guessed: cards of customers who were never shown hold
    nothing, and of flights only today's prices are known. None where nothing was guessed."""


@dataclass(frozen=True, slots=True)
class RebuiltExecutor:
    """A rebuilt world in one of its states."""

    world: WorldExecutor
    """The world on the rows that are known."""
    base: RebuiltBase
    """The rows of the start, and the recorded answers."""

    @property
    def digest(self) -> str:
        """A hash of the database's content."""
        return self.world.digest

    def changes_since(self, earlier: Executor) -> tuple[FieldChange, ...]:
        """What differs between the databases of two states."""
        return self.world.changes_since(earlier.world if _is_rebuilt(earlier) else earlier)

    def run(self, call: ToolCall) -> tuple[RebuiltExecutor, ToolResult]:
        """Carries out a schema-valid call, or says that the dialogue lacks what it needs."""
        key = self._key(call)
        recorded = self.base.answers.get(key)
        searches = call.name in self.base.searches
        if recorded is not None and (searches or call.name in self.base.finds):
            return self, _as_recorded(recorded)
        if searches:
            return self, _unknown(call)
        if call.arguments.get("user_id") in self.base.guessed and recorded is None:
            return self, _unknown(call)
        refusals = self.base.refusals
        if refusals and (refusal := refusals.get((self.digest, key))) is not None:
            return self, _as_recorded(refusal)
        after, result = self.world.run(call)
        if result.ok:
            return (self if after is self.world else RebuiltExecutor(after, self.base)), result
        if recorded is not None and looks_like_error(recorded):
            return self, _as_recorded(recorded)
        return self, _unknown(call) if self._is_gap(result.content) else result

    def _key(self, call: ToolCall) -> str:
        tool = self.world.tools.get(call.name)
        return key_of(call, tool.effect.free_text if tool else ())

    def _is_gap(self, refusal: str) -> bool:
        """Whether the cause of a refusal is an unseen row, not a rule."""
        if _CRASH.match(refusal):
            return True
        if _NO_METHOD.match(refusal):
            return bool(self.base.guessed)
        return NOT_FOUND.fullmatch(refusal) is not None


def key_of(call: ToolCall, free_text: Iterable[str] = ()) -> str:
    """The one text of a call, whatever its free text says."""
    return canonical([call.name, dict(without_words(call.arguments, free_text))])


def first_answers(
    entries: Iterable[tuple[ToolCall, str]], effects: Mapping[str, ToolEffect]
) -> dict[str, str]:
    """Each call's first answer, but for failures of the moment.

    Args:
        entries: The calls with their answers, in order.
        effects: Tool name -> what is known of it; which arguments are free text.
    """
    answers: dict[str, str] = {}
    for call, text in entries:
        if is_transient(text):
            continue
        known = effects.get(call.name)
        answers.setdefault(key_of(call, known.free_text if known else ()), text)
    return answers


def _is_rebuilt(executor: Executor) -> TypeGuard[RebuiltExecutor]:
    return isinstance(executor, RebuiltExecutor)


def _as_recorded(text: str) -> ToolResult:
    if not looks_like_error(text):
        return ToolResult(text)
    return ToolResult(text, CallProblem(ProblemKind.REJECTED, text))


def _unknown(call: ToolCall) -> ToolResult:
    arguments: Json = dict(call.arguments)
    problem = CallProblem(
        ProblemKind.UNRECORDED,
        f"Expected a call about what the dialogue shows from which this world was rebuilt, got "
        f"{short(call.name)} with {short(canonical(arguments))}: there is no such record here, "
        "whatever the real API may have. Nothing was changed. Check the arguments, or go on "
        "without it.",
    )
    return ToolResult(f"Error: {problem.text}", problem)
