"""A customer's case as JSON, as it stands in a task's sidecar."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from tasks.procedures.case import Case, Disturbance, Place
from tasks.procedures.graph import Noise
from tasks.procedures.types import Procedure
from tools.types import Json

KINDS = tuple(kind.value for kind in Noise)


def case_to_json(case: Case) -> dict[str, Json]:
    """Writes a case for a sidecar; empty fields are left out."""
    noise: list[Json] = [
        [*place, disturbance.kind.value, disturbance.slot]
        for place, disturbance in case.noise.items()
    ]
    row: dict[str, Json] = {
        "procedure": case.procedure.name,
        "file": case.file,
        "seed": case.seed,
        "values": {slot: list(told) for slot, told in case.values.items()},
        "volunteered": list(case.volunteered),
        "choices": {step: list(answers) for step, answers in case.choices.items()},
        "noise": noise,
        "wording": dict(case.wording),
    }
    return {name: value for name, value in row.items() if value}


class CaseError(ValueError):
    """A value that is not a case; the text says what was expected and what came."""


def case_from_json(row: Mapping[str, Json], procedure: Procedure) -> Case:
    """Reads a case of a procedure.

    Raises:
        CaseError: if a part of it has another form, or names unknown steps or slots.
    """
    slots, steps = procedure.slots, {step.id for step in procedure.steps}
    file = row.get("file")
    return Case(
        procedure=procedure,
        seed=str(row.get("seed", "")),
        values={name: tuple(told) for name, told in _lists(row, "values", slots)},
        volunteered=tuple(_named(row.get("volunteered", []), "volunteered", slots)),
        choices={name: tuple(map(str, told)) for name, told in _lists(row, "choices", steps)},
        noise=dict(_disturbance(entry, steps) for entry in _list(row, "noise")),
        wording={str(key): str(value) for key, value in _object(row, "wording").items()},
        file=None if file is None else str(file),
    )


def _lists(
    row: Mapping[str, Json], key: str, known: Mapping[str, object] | set[str]
) -> Iterator[tuple[str, list[Json]]]:
    entries = _object(row, key)
    _named(list(entries), key, known)
    for name, told in entries.items():
        if not isinstance(told, list):
            raise CaseError(f"expected lists in `{key}`, got {told!r} for {name!r}")
        yield name, told


def _object(row: Mapping[str, Json], key: str) -> dict[str, Json]:
    value = row.get(key, {})
    if not isinstance(value, dict):
        raise CaseError(f"expected an object as `{key}`, got {value!r}")
    return value


def _list(row: Mapping[str, Json], key: str) -> list[Json]:
    value = row.get(key, [])
    if not isinstance(value, list):
        raise CaseError(f"expected a list as `{key}`, got {value!r}")
    return value


def _named(names: Json, key: str, known: Mapping[str, object] | set[str]) -> Sequence[str]:
    if not isinstance(names, list) or any(name not in known for name in names):
        raise CaseError(f"expected in `{key}` names out of {', '.join(sorted(known))}; got {names}")
    return [str(name) for name in names]


def _disturbance(entry: Json, steps: set[str]) -> tuple[Place, Disturbance]:
    match entry:
        case [str(step), int(number), str(kind), str(slot)] if step in steps and kind in KINDS:
            return (step, number), Disturbance(Noise(kind), slot)
    raise CaseError(f"expected [STEP, NUMBER, KIND, SLOT] in `noise`, got {entry!r}")
