"""Finds errors in a procedure before anything is generated from it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from tasks.procedures.known import known_before, unreached
from tasks.procedures.types import NO, YES, Procedure, Step, StepKind
from tools.effects import is_handover

MIN_INTENTS = 4
"""The fewest wordings of a request: a model learns fewer by heart. Chosen by hand."""


class FindingKind(StrEnum):
    """The kinds of errors in a procedure."""

    NO_STEPS = "no_steps"
    DUPLICATE_STEP = "duplicate_step"
    UNKNOWN_STEP = "unknown_step"
    UNREACHABLE = "unreachable"
    NO_EXIT = "no_exit"
    UNKNOWN_SLOT = "unknown_slot"
    UNDEFINED_VALUE = "undefined_value"
    UNKNOWN_API = "unknown_api"
    MISSING_OUTCOME = "missing_outcome"
    UNKNOWN_OUTCOME = "unknown_outcome"
    ERROR_OUTCOME = "error_outcome"
    REPEATED_CALL = "repeated_call"
    NO_CALL = "no_call"
    OPEN_HANDOVER = "open_handover"
    NO_WORDS = "no_words"
    FEW_INTENTS = "few_intents"


@dataclass(frozen=True, slots=True)
class Finding:
    """One error in a procedure."""

    kind: FindingKind
    """The kind of error."""
    where: str
    """The procedure, and the step if the error is in one."""
    text: str
    """What was expected, what came, what to do."""

    def __str__(self) -> str:
        """One line for the console."""
        return f"{self.where}: {self.kind}: {self.text}"


def lint(procedure: Procedure) -> list[Finding]:
    """Checks one procedure.

    Returns:
        The findings; empty if conversations can be generated from it. The checks of the procedure
        as
        a whole run only if all its references hold.
    """
    found = [
        Finding(kind, f"{procedure.area}/{procedure.name}{where}", text)
        for check in (_references, _words)
        for kind, where, text in check(procedure)
    ]
    if not found:
        found = [
            Finding(kind, f"{procedure.area}/{procedure.name}{where}", text)
            for check in (_ways, _values, _calls)
            for kind, where, text in check(procedure)
        ]
    return found


def lint_all(procedures: Sequence[Procedure]) -> list[Finding]:
    """Checks a library: each procedure, and that no two have the same name."""
    found = [finding for procedure in procedures for finding in lint(procedure)]
    names = [procedure.name for procedure in procedures]
    for name in sorted({name for name in names if names.count(name) > 1}):
        text = "expected a name of its own, got the same for several procedures; rename one"
        found.append(Finding(FindingKind.DUPLICATE_STEP, name, text))
    return found


_Row = tuple[FindingKind, str, str]


def _references(procedure: Procedure) -> Iterator[_Row]:
    """Findings of steps, slots, APIs and outcomes that are named but do not exist."""
    if not procedure.steps:
        yield FindingKind.NO_STEPS, "", "expected at least one step, got none; add one"
        return
    ids = [step.id for step in procedure.steps]
    for step in procedure.steps:
        at = f".{step.id}"
        if ids.count(step.id) > 1:
            yield FindingKind.DUPLICATE_STEP, at, "expected an id of its own; rename the step"
        for target in step.branches.values():
            if target not in ids:
                came = repr(target) if target else "the end of the list"
                yield (
                    FindingKind.UNKNOWN_STEP,
                    at,
                    f"expected the id of a step to go to, got {came}; add the step or an `end`",
                )
        for slot in step.asks:
            if slot not in procedure.slots:
                yield (
                    FindingKind.UNKNOWN_SLOT,
                    at,
                    f"expected a slot of [slots], got {slot!r}; declare it there",
                )
        yield from _api_references(procedure, step)


def _api_references(procedure: Procedure, step: Step) -> Iterator[_Row]:
    if step.kind is not StepKind.CALL:
        return
    at, api = f".{step.id}", procedure.apis.get(step.api)
    if api is None:
        text = f"expected an API of [apis], got {step.api!r}; declare it there"
        yield FindingKind.UNKNOWN_API, at, text
        return
    if "error" in api.gives:
        text = f"expected outcomes with names of their own from {api.name}, got `error`; rename it"
        yield FindingKind.ERROR_OUTCOME, at, text
    if is_handover(api.name) and not step.end:
        text = f"expected the conversation to end with {api.name}, which hands it over; add `end`"
        yield FindingKind.OPEN_HANDOVER, at, text
    named = {outcome for outcome in step.branches if outcome}
    for outcome in sorted(named - set(api.gives)):
        text = f"expected outcomes of {api.name} ({', '.join(api.gives)}), got {outcome!r}"
        yield FindingKind.UNKNOWN_OUTCOME, at, f"{text}; correct it"
    for outcome in api.gives:
        if named and outcome not in named:
            text = f"expected a branch for each outcome of {api.name}, got none for {outcome!r}"
            yield FindingKind.MISSING_OUTCOME, at, f"{text}; add it to `if`"
    if not named and len(api.gives) != 1:
        text = f"expected `if` with {', '.join(api.gives)} of {api.name}, got none; add it"
        yield FindingKind.MISSING_OUTCOME, at, text


def _words(procedure: Procedure) -> Iterator[_Row]:
    """Findings of missing words for customers."""
    if len(set(procedure.intents)) < MIN_INTENTS:
        text = f"expected at least {MIN_INTENTS} intents, got {len(set(procedure.intents))}"
        yield FindingKind.FEW_INTENTS, "", f"{text}; add more wordings"
    for step in procedure.steps:
        if step.kind is StepKind.CHOICE:
            for answer in step.branches:
                if answer not in (YES, NO) and not procedure.answers.get(answer):
                    text = f"expected customers' words for the answer {answer!r}, got none"
                    yield FindingKind.NO_WORDS, f".{step.id}", f"{text}; add it to `answers`"


def _ways(procedure: Procedure) -> Iterator[_Row]:
    """Findings of steps that cannot be reached, or that reach no end."""
    for name in unreached(procedure):
        text = "expected a way from the first step, got none; branch to it or remove it"
        yield FindingKind.UNREACHABLE, f".{name}", text
    ends = {step.id for step in procedure.steps if step.end}
    while more := {s.id for s in procedure.steps if ends & set(s.branches.values())} - ends:
        ends |= more
    for step in procedure.steps:
        if step.id not in ends:
            text = "expected a way to a step with `end`, got none; add one"
            yield FindingKind.NO_EXIT, f".{step.id}", text


def _values(procedure: Procedure) -> Iterator[_Row]:
    """Findings of values that a step says or sends, but that are not known there on every way."""
    for step, known in known_before(procedure).items():
        here = procedure.step(step)
        needed = procedure.apis[here.api].takes if here.api else here.values
        for name in needed:
            if name not in known:
                what = f"expected {name!r} to be known on every way here, got a way without it"
                yield (
                    FindingKind.UNDEFINED_VALUE,
                    f".{step}",
                    f"{what}; ask for it before, or let an API give it in all outcomes",
                )


def _calls(procedure: Procedure) -> Iterator[_Row]:
    """Findings of ways without a call, or with the same call twice and no change in between."""
    without = unreached(procedure, lambda step: step.kind is StepKind.CALL)
    for step in procedure.steps:
        if step.end and step.kind is not StepKind.CALL and step.id not in without:
            text = "expected a call on every way here, got a way without: nothing could be judged"
            yield FindingKind.NO_CALL, f".{step.id}", f"{text}; call an API before"
        if step.kind is StepKind.CALL and _repeats(procedure, step):
            text = "expected something to change before the same call is made again, got a way back"
            yield FindingKind.REPEATED_CALL, f".{step.id}", f"{text}; ask for a slot it takes"


def _repeats(procedure: Procedure, call: Step) -> bool:
    """Whether a way leads back to a call without a change of its arguments."""
    takes = procedure.apis[call.api].takes

    def changes(step: Step) -> bool:
        wrote = step.kind is StepKind.CALL and procedure.apis[step.api].write
        return wrote or bool(set(step.asks) & set(takes))

    if changes(call):
        return False
    seen: set[str] = set()
    waiting = [*call.branches.values()]
    while waiting:
        step = procedure.step(waiting.pop())
        if step.kind is StepKind.CALL and step.api == call.api:
            return True
        if step.id not in seen and not changes(step):
            seen.add(step.id)
            waiting += step.branches.values()
    return False
