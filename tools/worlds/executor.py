"""The executor of a stateful world."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from tools.executor import Executor
from tools.jsontext import short
from tools.types import CallProblem, FieldChange, Json, ProblemKind, ToolCall, ToolResult
from tools.worlds.database import Base, Database, changes
from tools.worlds.functions import ApiError, Change, WorldTool


@dataclass(frozen=True, slots=True)
class WorldExecutor:
    """A world's tools over one state of its database."""

    tools: Mapping[str, WorldTool]
    """Name -> tool."""
    database: Database
    """The state."""

    @classmethod
    def start(cls, tools: Mapping[str, WorldTool], base: Base) -> WorldExecutor:
        """The world at its beginning; the base is shared, never copied."""
        return cls(tools, Database(base))

    @property
    def digest(self) -> str:
        """A hash of the database's content, whatever calls led to it."""
        return self.database.digest

    def run(self, call: ToolCall) -> tuple[WorldExecutor, ToolResult]:
        """Carries out a schema-valid call; a refusal or crash of the tool is a `rejected` answer.

        Args:
            call: A call that has passed its schema.

        Returns:
            The executor of the next state (`self`, if nothing changed) and the answer.
        """
        tool = self.tools.get(call.name)
        if tool is None:
            return self, _unknown(call.name, self.tools)
        try:
            answer = tool.function(self.database, **call.arguments)
        except ApiError as error:
            return self, _rejected(str(error))
        except Exception as error:
            return self, _rejected(f"{call.name} failed: {type(error).__name__}: {short(error)}")
        if not isinstance(answer, Change):
            return self, ToolResult(_text(answer))
        changed = answer.database is not self.database
        after = WorldExecutor(self.tools, answer.database) if changed else self
        return after, ToolResult(_text(answer.answer))

    def changes_since(self, earlier: Executor) -> tuple[FieldChange, ...]:
        """What differs between the databases of two states."""
        if earlier is self or not isinstance(earlier, WorldExecutor):
            return ()
        return changes(earlier.database, self.database)


def _text(answer: Json) -> str:
    return answer if isinstance(answer, str) else json.dumps(answer)


def _rejected(text: str) -> ToolResult:
    return ToolResult(text, CallProblem(ProblemKind.REJECTED, text))


def _unknown(name: str, tools: Mapping[str, WorldTool]) -> ToolResult:
    text = f"Expected one of {', '.join(tools)}, got {short(name)}. Call a tool that exists."
    return ToolResult(text, CallProblem(ProblemKind.UNKNOWN_TOOL, text))
