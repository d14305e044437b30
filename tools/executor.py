"""The protocol of every mock API: how a call is carried out."""

from __future__ import annotations

from typing import Protocol

from tools.types import FieldChange, ToolCall, ToolResult


class Executor(Protocol):
    """A mock API in one of its states.

    An executor is a value: `run` does not change it and returns the executor of the next state.
    Therefore a step can be tried and thrown away, an episode can fork, and `reset` copies nothing.
    """

    @property
    def digest(self) -> str:
        """A hash of the state, equal for equal states on any machine (16 hex characters)."""
        ...

    def run(self, call: ToolCall) -> tuple[Executor, ToolResult]:
        """Carries out a schema-valid call.

        Args:
            call: A call that has passed its schema; executors do not validate again.

        Returns:
            The executor after the call (`self`, if nothing changed) and the answer.
            A failure of the API is an answer with a problem, never an exception.
        """
        ...

    def changes_since(self, earlier: Executor) -> tuple[FieldChange, ...]:
        """What differs from an earlier state, value by value.

        Args:
            earlier: An executor of the same API from which `run` has led to this one.

        Returns:
            The changes; empty if the API cannot show its state.
        """
        ...
