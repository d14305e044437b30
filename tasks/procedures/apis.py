"""The mock APIs of a procedure: they answer as the case says."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from tasks.procedures.case import Case, sampled_answer
from tools.executor import Executor
from tools.jsontext import JsonProblem, canonical, read_json, sha, short
from tools.types import CallProblem, FieldChange, Json, ProblemKind, ToolCall, ToolResult


@dataclass(frozen=True, slots=True)
class _Answers:
    """The case's answers and values; shared by all states."""

    case: Case
    by_call: Mapping[str, tuple[str, ...]]
    """Normal form of a call -> its answers, in order; the last one repeats."""
    values: frozenset[str]
    """All values that the customer tells or an API answers, as texts."""


@dataclass(frozen=True, slots=True)
class ProcedureApis:
    """The APIs in one state: the writes that were carried out.

    A call that belongs to the case gets the case's answer. Any other call whose arguments the
    customer or an API has given gets a sampled answer, the same on any machine. Any other call is
    rejected, since no such account exists.
    """

    digest: str
    """The hash of the state."""
    _answers: _Answers
    _writes: tuple[str, ...] = ()
    _made: Mapping[str, int] = field(default_factory=dict)
    """Normal form of a call -> number of times it was made."""

    @staticmethod
    def of(case: Case, entries: Sequence[tuple[ToolCall, str]]) -> ProcedureApis:
        """The APIs of a case.

        Args:
            case: The case.
            entries: The calls that belong to it, with their answers, in order.
        """
        by_call: dict[str, tuple[str, ...]] = {}
        for call, answer in entries:
            by_call[_normal(call)] = (*by_call.get(_normal(call), ()), answer)
        told = [value for values in case.values.values() for value in values]
        given = [value for _, answer in entries for value in _values(answer)]
        known = frozenset(map(canonical, [*told, *given]))
        return ProcedureApis(_digest(()), _Answers(case, by_call, known))

    def run(self, call: ToolCall) -> tuple[ProcedureApis, ToolResult]:
        """Carries out a schema-valid call."""
        normal = _normal(call)
        if (known := self._answers.by_call.get(normal)) is None:
            strange = [
                name for name, value in call.arguments.items() if not self._is_known(name, value)
            ]
            if strange:
                return self, _rejected(call, strange[0])
            known = (self._sampled(call, normal),)
        times = self._made.get(normal, 0)
        answer = known[min(times, len(known) - 1)]
        after = replace(self, _made={**self._made, normal: times + 1})
        if self._answers.case.procedure.apis[call.name].write:
            writes = (*self._writes, normal)
            after = replace(after, _writes=writes, digest=_digest(writes))
        return after, ToolResult(answer)

    def changes_since(self, earlier: Executor) -> tuple[FieldChange, ...]:
        """Always empty: these APIs have no state that could be shown."""
        del earlier
        return ()

    def _is_known(self, name: str, value: Json) -> bool:
        slot = self._answers.case.procedure.slots.get(name)
        listed = slot is not None and not slot.looks
        return listed or canonical(value) in self._answers.values

    def _sampled(self, call: ToolCall, normal: str) -> str:
        case = self._answers.case
        dice = case.dice("answer", normal)
        outcome = dice.pick(list(case.procedure.apis[call.name].gives))
        return json.dumps(sampled_answer(case.procedure, call.name, outcome, dice))


def _normal(call: ToolCall) -> str:
    return canonical([call.name, dict(call.arguments)])


def _digest(writes: tuple[str, ...]) -> str:
    return sha(canonical([*writes]))


def _values(answer: str) -> list[Json]:
    try:
        value = read_json(answer)
    except JsonProblem:
        return []
    return list(value.values()) if isinstance(value, dict) else []


def _rejected(call: ToolCall, argument: str) -> ToolResult:
    problem = CallProblem(
        ProblemKind.REJECTED,
        f"Expected a {argument} that the customer or an API has given, got "
        f"{short(canonical(call.arguments[argument]))}, which {call.name} does not know. Nothing "
        "was changed. Check the value, or ask the customer for it.",
    )
    return ToolResult(f"Error: {problem.text}", problem)
