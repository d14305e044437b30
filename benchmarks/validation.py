"""What the quick schema check buys next to `jsonschema`, and next to jsonschema-rs if it is there.

    python -m benchmarks.validation --data apigen_mt_like_real.json

`a call` is one verdict on the arguments of a recorded call, `a step` one whole step of gold in the
environment, resets included. Both are CPU time; `times` is a step's, compared with the quick check.
"""

from __future__ import annotations

import importlib
import importlib.util
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from unittest.mock import patch

from agents.console import console, plain_table
from benchmarks.speed import measure
from reasonact_env.env import ReasonActEnv
from tasks.load import require_data
from tasks.types import Task
from tools.command import run
from tools.command_line import read_options
from tools.ranges import require_at_least
from tools.schema import fast, toolbox
from tools.schema.fast import Check
from tools.schema.strict import StrictValidator
from tools.types import Json

HEADS = ("data", "mode", "validated by", "µs a call", "µs a step", "times")


@dataclass(frozen=True, slots=True)
class Options:
    """What is validated."""

    data: str = "desk:300"
    """As for `python -m tasks.load`."""
    tasks: int = 300
    """At most this many tasks."""
    rounds: int = 5
    """How often; the best one counts."""

    def __post_init__(self) -> None:
        """Refuses what is out of range."""
        require_at_least(self, 1, "tasks", "rounds")


def main(argv: Sequence[str] | None = None) -> list[list[str]]:
    """Prints the table, and returns its rows."""
    args = read_options(Options, argv, prog="python -m benchmarks.validation", about=__doc__)
    require_data(args.data)
    rows = []
    for mode in ("dialogue", "turn"):
        base = 0.0
        for name, compiler in _compilers().items():
            with _validated_by(compiler):
                env = ReasonActEnv(data=args.data, split="all", mode=mode)
                call, step = _times(env, env.tasks[: args.tasks], mode, args.rounds)
            base = base or step
            figures = (f"{call:.2f}", f"{step:.1f}", f"{step / base:.2f}")
            rows.append([args.data[-30:], mode, name, *figures])
    console().print(plain_table("What validation costs", HEADS, rows))
    return rows


def _compilers() -> Mapping[str, Callable[[Json], Check]]:
    found: dict[str, Callable[[Json], Check]] = {
        "tools.schema.fast": fast.compile_check,
        "jsonschema": lambda schema: StrictValidator(schema).is_valid,
    }
    if importlib.util.find_spec("jsonschema_rs"):
        rust = importlib.import_module("jsonschema_rs")
        found["jsonschema-rs"] = lambda schema: rust.Draft202012Validator(schema).is_valid
    return found


@contextmanager
def _validated_by(compiler: Callable[[Json], Check]) -> Iterator[None]:
    """Toolboxes that are compiled inside validate like this; no remembered one comes in or out."""
    _forget()
    with patch.object(toolbox, "compile_check", compiler):
        yield
    _forget()


def _forget() -> None:
    toolbox._BY_IDENTITY.clear()
    toolbox._of_content.cache_clear()
    toolbox._compiled.cache_clear()


def _times(env: ReasonActEnv, tasks: Sequence[Task], mode: str, rounds: int) -> tuple[float, float]:
    """Microseconds of a verdict and of a step."""
    checks = [
        (tool.accepts, dict(call.arguments))
        for task in tasks
        for turn in task.turns
        for call in turn.calls
        if (tool := toolbox.Toolbox.of(task.tools)._tools.get(call.name))
    ]
    measure(env, tasks, mode)  # compiles
    calls, steps = [], []
    for _ in range(rounds):
        start = time.thread_time()
        for accepts, arguments in checks:
            accepts(arguments)
        calls.append((time.thread_time() - start) / len(checks))
        played = measure(env, tasks, mode)
        steps.append(played.cpu / len(played.steps))
    return 1e6 * min(calls), 1e6 * min(steps)


if __name__ == "__main__":
    run(main)
