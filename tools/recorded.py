"""The recorded mock API: it answers a call as its dialogue recorded it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from tools.effects import ToolEffect, effect_of
from tools.executor import Executor
from tools.failures import looks_like_error, write_failed
from tools.jsontext import canonical, sha, short
from tools.schema.toolbox import Toolbox
from tools.types import CallProblem, Effect, FieldChange, ProblemKind, ToolCall, ToolResult

__all__ = ["RecordedExecutor", "looks_like_error"]

_WHOLE = 64
"""A state of this many writes or fewer is hashed as a whole, one of more after the state before it.

So a write that is repeated for ever costs the same each time. Chosen by hand: 626 real dialogues
have 16 writes at most.
"""


@dataclass(frozen=True, slots=True)
class _Recording:
    """A dialogue's calls and observations, arranged for look-up; shared by all its states."""

    toolbox: Toolbox
    """The dialogue's tools, which give calls their normal form."""
    effects: Mapping[str, ToolEffect]
    """Tool name -> read or write."""
    answers: Mapping[str, Mapping[int, tuple[str, ...]]]
    """Normal form of a call -> number of writes before it -> its observations, in order."""
    writes: tuple[str, ...]
    """The writes that succeeded, in order; each state of the record is a prefix of this."""

    def is_write(self, name: str) -> bool:
        """Whether a tool changes the state."""
        known = self.effects.get(name) or effect_of(name)
        return known.effect is Effect.WRITE


@dataclass(frozen=True, slots=True)
class RecordedExecutor:
    """A mock API that knows what one dialogue has seen, and nothing else.

    Its state is the tuple of the recorded writes that have succeeded so far. An answer is looked
    up by state and call. If this state has no answer, one from another state serves, but only if
    all writes before it have been carried out: no answer reveals a later state.
    """

    digest: str
    """The hash of the state."""
    _recording: _Recording
    """The dialogue's calls and observations."""
    _state: tuple[str, ...] = ()
    """The writes carried out so far, in normal form."""
    _asked: Mapping[str, int] = field(default_factory=dict)
    """Normal form of a call with several answers -> how often this state has answered it."""

    @staticmethod
    def of(
        entries: Sequence[tuple[ToolCall, str]],
        effects: Mapping[str, ToolEffect],
        toolbox: Toolbox,
    ) -> RecordedExecutor:
        """Arranges a dialogue's calls for look-up.

        Args:
            entries: The calls with their observations, in the dialogue's order.
            effects: Tool name -> effect; a tool without an entry is judged by its name.
            toolbox: The dialogue's tools.
        """
        answers: dict[str, dict[int, tuple[str, ...]]] = {}
        writes: list[str] = []
        recording = _Recording(toolbox, effects, answers, ())
        for call, observation in entries:
            normal = toolbox.normal(call)
            by_state = answers.setdefault(normal, {})
            by_state[len(writes)] = (*by_state.get(len(writes), ()), observation)
            if recording.is_write(call.name) and not write_failed(call, observation):
                writes.append(normal)
        return RecordedExecutor(_digest(()), replace(recording, writes=tuple(writes)))

    def run(self, call: ToolCall) -> tuple[RecordedExecutor, ToolResult]:
        """Returns the recorded answer, or a problem if the record has no answer.

        Args:
            call: A call that has passed its schema.

        Returns:
            The executor of the next state and the answer. The answer's problem is `unrecorded` if
            the
            record has no answer, and `rejected` if the recorded observation is an error.
        """
        recording = self._recording
        normal = recording.toolbox.normal(call)
        answers = recording.answers.get(normal, {})
        if here := answers.get(self._place, ()):
            count = self._asked.get(normal, 0)
            after = self if len(here) == 1 else self._count(normal, count + 1)
            return after._answer(call, normal, here[min(count, len(here) - 1)])
        made = Counter(self._state)
        if earlier := [p for p in answers if Counter(self._recording.writes[:p]) <= made]:
            return self._answer(call, normal, answers[max(earlier)][-1])
        return self, _unrecorded(call)

    def changes_since(self, earlier: Executor) -> tuple[FieldChange, ...]:
        """Always empty: a record tells what was answered, not what changed in the API."""
        del earlier
        return ()

    @property
    def _place(self) -> int:
        """The number of the record's writes that were carried out; -1 if they differ from it."""
        made = len(self._state)
        return made if self._recording.writes[:made] == self._state else -1

    def _count(self, normal: str, count: int) -> RecordedExecutor:
        return replace(self, _asked={**self._asked, normal: count})

    def _answer(
        self, call: ToolCall, normal: str, text: str
    ) -> tuple[RecordedExecutor, ToolResult]:
        """Returns an observation, and carries out the write if the call is one that succeeded."""
        is_write = self._recording.is_write(call.name)
        if write_failed(call, text) if is_write else looks_like_error(text):
            return self, ToolResult(text, _rejected(call, text))
        if not is_write:
            return self, ToolResult(text)
        state = (*self._state, normal)
        after = _digest(state) if len(state) <= _WHOLE else sha(canonical([self.digest, normal]))
        return RecordedExecutor(after, self._recording, state), ToolResult(text)


def _digest(state: tuple[str, ...]) -> str:
    return sha(canonical([*state]))


def _rejected(call: ToolCall, text: str) -> CallProblem:
    return CallProblem(
        ProblemKind.REJECTED,
        f"Expected {short(call.name)} to carry this out, but it answered {short(text)}. "
        "Change the call as the answer says, or tell the user.",
    )


def _unrecorded(call: ToolCall) -> ToolResult:
    problem = CallProblem(
        ProblemKind.UNRECORDED,
        f"Expected a call whose answer is known at this point of the recorded dialogue, got "
        f"{short(call.name)} with {short(canonical(dict(call.arguments)))}, for which none is. "
        "Nothing was changed. Check the arguments, or go on without it.",
    )
    return ToolResult(f"Error: {problem.text}", problem)
