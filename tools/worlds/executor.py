"""The executor of a stateful world."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from tools.executor import Executor
from tools.free_text import without_words
from tools.inert import one_line
from tools.jsontext import MAX_EXCERPT, short
from tools.types import CallProblem, FieldChange, Json, ProblemKind, ToolCall, ToolResult
from tools.worlds.crashes import note_crash, place_of
from tools.worlds.database import Base, Database, TooLarge
from tools.worlds.differences import changes
from tools.worlds.functions import (
    MARKED,
    ApiError,
    Change,
    ToolBug,
    WorldTool,
    require_declared,
)
from tools.worlds.readonly import ReadOnly

MAX_ANSWER = 100_000
"""An answer may have this many characters; a call with a longer one changes nothing.

Chosen by hand. The longest answer in 626 real dialogues has 8,794 bytes, in generated tasks 1,894.
"""


@dataclass(frozen=True, slots=True)
class WorldExecutor:
    """A world's tools over one state of its database."""

    tools: Mapping[str, WorldTool]
    """Name -> tool."""
    database: Database
    """The state."""
    unworded: Database | None = None
    """The state if all free text had been the same, where some was written down; else None."""

    @classmethod
    def start(cls, tools: Mapping[str, WorldTool], base: Base) -> WorldExecutor:
        """The world at its beginning; the base is shared, never copied."""
        return cls(tools, Database(base))

    @property
    def digest(self) -> str:
        """A hash of the database's content, whatever calls led to it and whatever they word."""
        return (self.unworded or self.database).digest

    def run(self, call: ToolCall) -> tuple[WorldExecutor, ToolResult]:
        """Carries out a schema-valid call; a refusal or crash of the tool is a `rejected` answer.

        Args:
            call: A call that has passed its schema.

        Returns:
            The executor of the next state (`self`, if nothing changed) and the answer.

        Raises:
            ToolBug: if the tool returns something else than it declares, or changes a row in
                place: that is its author's mistake, and no answer.
        """
        tool = self.tools.get(call.name)
        if tool is None:
            return self, _unknown(call.name, self.tools)
        try:
            answer = tool.function(self.database, **call.arguments)
        except ApiError as error:
            return self, _short_enough(_rejected(str(error)))
        except TooLarge as error:
            return self, _too_large(str(error), error.written)
        except ReadOnly as error:
            raise ToolBug(f"the tool {call.name!r} at {place_of(error)}: {error}") from error
        except Exception as error:
            note_crash(call.name, error)
            said = one_line(str(error))[:MAX_EXCERPT]
            return self, _rejected(f"{call.name} failed: {type(error).__name__}: {said}")
        require_declared(tool, answer)
        text = _text(call.name, answer.answer if isinstance(answer, MARKED) else answer)
        if not isinstance(answer, Change):
            result = ToolResult(text)
            return self, result if len(text) <= MAX_ANSWER else _short_enough(result)
        unworded = self._unworded_after(tool, call, answer.database)
        result = _short_enough(ToolResult(text, written=answer.database.written))
        same = answer.database is self.database and unworded is self.unworded
        if same or not result.ok:
            return self, result
        return WorldExecutor(self.tools, _rested(answer.database), unworded), result

    def _unworded_after(self, tool: WorldTool, call: ToolCall, real: Database) -> Database | None:
        """What a change makes of the state in which all free text is the same.

        The change is made there a second time. Where the tool then refuses, which it should not do
        because of words, the words count.
        """
        free = tool.effect.free_text
        if self.unworded is None and not free:
            return None
        plain = without_words(call.arguments, free, _required(tool))
        try:
            answer = tool.function(self.unworded or self.database, **plain)
        except Exception:  # whatever it is, the real call did without
            return None
        return _rested(answer.database) if isinstance(answer, Change) else None

    def changes_since(self, earlier: Executor) -> tuple[FieldChange, ...]:
        """What differs between the databases of two states."""
        if earlier is self or not isinstance(earlier, WorldExecutor):
            return ()
        return changes(earlier.database, self.database)


_encode = json.JSONEncoder().encode
"""As `json.dumps`, which looks at its options each time."""


def _required(tool: WorldTool) -> list[str]:
    required = tool.spec.parameters.get("required")
    return [str(name) for name in required] if isinstance(required, list) else []


def _text(tool: str, answer: Json) -> str:
    if isinstance(answer, str):
        return answer
    try:
        return _encode(answer)
    except (TypeError, ValueError, RecursionError) as error:
        raise ToolBug(
            f"expected the tool {tool!r} to answer with plain JSON, got {short(repr(answer))}, but "
            f"{error}; return str, numbers, None, lists and dicts of them"
        ) from None


def _rejected(text: str) -> ToolResult:
    return ToolResult(text, CallProblem(ProblemKind.REJECTED, text))


def _rested(database: Database) -> Database:
    """The database with nothing written yet by the next call."""
    if not database.written:
        return database
    return Database(database.base, database.changed, database.shift, database.growth)


def _short_enough(result: ToolResult) -> ToolResult:
    """The answer, or that it is too long."""
    if len(result.content) <= MAX_ANSWER:
        return result
    came = f"an answer of at most {MAX_ANSWER:,} characters, got {len(result.content):,}"
    return _too_large(came, result.written)


def _too_large(expected: str, written: int) -> ToolResult:
    text = f"Expected {expected}. Nothing was changed. Ask for less, or go on without it."
    return ToolResult(f"Error: {text}", CallProblem(ProblemKind.TOO_LARGE, text), written)


def _unknown(name: str, tools: Mapping[str, WorldTool]) -> ToolResult:
    text = f"Expected one of {', '.join(tools)}, got {short(name)}. Call a tool that exists."
    return ToolResult(text, CallProblem(ProblemKind.UNKNOWN_TOOL, text))
