"""What `reset` is told, checked before anything changes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from reasonact_env.episode import Mode
from tools.jsontext import short
from tools.nearest import did_you_mean
from tools.whole import whole

KNOWN = ("task_id", "decision")


class ResetOptions(NamedTuple):
    """Which episode is to begin."""

    task_id: str | None
    """The task, or None for one by chance."""
    decision: int | None
    """In turn mode the one decision to play, or None for all."""


def read_options(options: object, mode: Mode) -> ResetOptions:
    """Reads `options`; None is none at all.

    Raises:
        ValueError: for what is no mapping, an unknown option, or one of another type.
    """
    given = {} if options is None else options
    if not isinstance(given, (dict, Mapping)):
        raise ValueError(
            f"expected options as a dict with task_id and decision, got {short(options)}; write "
            'options={"task_id": …}'
        )
    for name in given:
        if name not in KNOWN:
            near = did_you_mean(str(name), KNOWN)
            raise ValueError(
                f"expected the options task_id and decision, got {short(name)} too{near}"
            )
    decision = _decision(given.get("decision"))
    if decision is not None and mode is not Mode.TURN:
        raise ValueError(
            f"expected mode='turn' with the option decision, got {mode.value!r}; make the "
            "environment in that mode, or leave the option out"
        )
    return ResetOptions(_task_id(given.get("task_id")), decision)


def read_seed(seed: object) -> int | None:
    """Reads `seed`.

    Raises:
        ValueError: for what is neither None nor a whole number of 0 or more.
    """
    number = whole(seed)
    if seed is not None and (number is None or number < 0):
        raise ValueError(
            f"expected a seed as a whole number of 0 or more, or None; got {short(repr(seed))}"
        )
    return number


def _task_id(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return None if value is None else str(value)
    raise ValueError(f"expected the option task_id as a str, or None; got {short(repr(value))}")


def _decision(value: object) -> int | None:
    number = whole(value)
    if value is not None and number is None:
        raise ValueError(
            "expected the option decision as a whole number, the place of a recorded decision; got "
            f"{short(repr(value))}"
        )
    return number
