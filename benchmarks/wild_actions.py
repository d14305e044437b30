"""A million wild actions against one environment.

    python -m benchmarks.wild_actions --n 1000000

No action may raise or take more than 50 ms of the thread's CPU time, and only valid calls of
writing tools may change the state; jsonschema itself checks that here. An episode that ends is
followed by the next one, as in training.

Python's garbage collector runs between the actions, not within one: a full collection of a
thousand tasks takes longer than any step, whichever step it happens to hit.
"""

from __future__ import annotations

import gc
import heapq
import json
import random
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np
from jsonschema import Draft202012Validator

from agents.console import console, plain_table, progress
from benchmarks.machine import machine
from benchmarks.wild import Wild
from reasonact_env.env import ReasonActEnv
from reasonact_env.episode import CallRecord, Mode, Step
from tasks.load import load_tasks
from tasks.types import Task
from tools.command_line import read_options
from tools.files import write_json
from tools.types import Effect

LIMIT_MS = 50.0
"""No step may take longer."""
COLLECT_EVERY = 5_000
"""Actions between two collections of garbage."""
KEPT = 20
"""At most this many examples of each failure are kept."""


@dataclass(slots=True)
class Tally:
    """What happened."""

    cpu_ms: list[float] = field(default_factory=list)
    """Thread CPU time of each step, in milliseconds."""
    seen: Counter[str] = field(default_factory=Counter)
    """What happened in a good way (ends, named problems, writes) -> how often."""
    failures: Counter[str] = field(default_factory=Counter)
    """What must not happen -> how often."""
    examples: list[str] = field(default_factory=list)
    """The first failures' actions, as printable text."""

    slowest: list[tuple[float, str]] = field(default_factory=list)
    """Milliseconds and action of the slowest steps, in a heap."""

    def timed(self, cpu_ms: float, action: str) -> None:
        """Notes a step's time."""
        self.cpu_ms.append(cpu_ms)
        if len(self.slowest) < KEPT or cpu_ms > self.slowest[0][0]:
            heapq.heappush(self.slowest, (cpu_ms, _excerpt(action)))
            if len(self.slowest) > KEPT:
                heapq.heappop(self.slowest)
        if cpu_ms > LIMIT_MS:
            self.failed(f"over {LIMIT_MS:.0f} ms", action)

    def failed(self, what: str, action: str) -> None:
        """Counts a failure and keeps its action, if it is among the first."""
        self.failures[what] += 1
        if self.failures[what] <= KEPT:
            self.examples.append(f"{what}: {_excerpt(action)}")


def _excerpt(action: str) -> str:
    return f"{ascii(action[:1500])} ({len(action)} characters)"


class Bombardment:
    """Wild actions against one environment."""

    def __init__(self, env: ReasonActEnv, seed: int) -> None:
        """Resets the environment."""
        self.tally = Tally()
        self._env = env
        self._gold = random.Random(seed)
        self._recorded_states: dict[tuple[str, int], str] = {}
        self._wild = Wild(seed, self._valid_call)
        env.action_space.seed(seed)
        self._reset(seed)

    def act(self) -> None:
        """Sends one action, and checks what it did."""
        action = self._wild.action(self._recorded())
        start = time.thread_time()
        try:
            _, _, terminated, truncated, info = self._env.step(action)
        except Exception as error:  # whatever it is, it is what we look for
            self.tally.failed(f"raised {type(error).__name__}", action)
            self._reset(None)
            return
        self.tally.timed(1000 * (time.thread_time() - start), action)
        self._check(self._env.episode.steps[-1], action)
        self._count(info, action)
        if terminated or truncated:
            self.tally.seen[f"end: {info['stop']}"] += 1
            self._reset(None)

    def _reset(self, seed: int | None) -> None:
        self._observation, info = self._env.reset(seed=seed)
        self._state = str(info["state_hash"])
        self._validators = _validators(self._env.task)

    def _recorded(self) -> str:
        """A message out of the record."""
        task = self._env.task
        return task.messages[self._gold.choice(task.turns).index].content

    def _valid_call(self) -> str:
        return self._env.action_space.sample(mask=self._observation["tools"])

    def _check(self, step: Step, action: str) -> None:
        """Looks whether the state changed by a chain of valid writes, and not otherwise."""
        for call in step.calls:
            if call.state_before != self._state:
                self.tally.failed("state changed between calls", action)
            if call.state_after != self._state and not self._may_write(call):
                self.tally.failed("state changed by an invalid call", action)
            self.tally.seen["writes"] += call.state_after != self._state
            self._state = call.state_after
        if step.state_hash != self._expected_state(step):
            self.tally.failed("state changed after the calls", action)
        self._state = step.state_hash

    def _expected_state(self, step: Step) -> str:
        """The state after the calls; in turn mode the record's, whatever the calls were."""
        episode = self._env.episode
        if episode.mode is Mode.DIALOGUE:
            return self._state
        place = (episode.task_id, step.turn)
        return self._recorded_states.setdefault(place, step.state_hash)

    def _may_write(self, call: CallRecord) -> bool:
        schema = self._validators.get(call.name or "")
        valid = schema is not None and bool(schema.is_valid(call.arguments))
        return valid and call.ok and call.effect is Effect.WRITE

    def _count(self, info: dict[str, object], action: str) -> None:
        problems = info["call_problems"]
        assert isinstance(problems, list)
        for problem in problems:
            self.tally.seen[f"problem: {problem['kind']}"] += 1
        self.tally.seen["calls without problem"] += len(_results(info)) - len(problems)
        if len(action) < 10_000 and len(self.tally.cpu_ms) % 10 == 0 and not _is_json(info):
            self.tally.failed("info is no plain JSON", action)


def _results(info: dict[str, object]) -> list[object]:
    results = info["results"]
    assert isinstance(results, list)
    return results


def _is_json(info: dict[str, object]) -> bool:
    try:
        return bool(json.loads(json.dumps(info, allow_nan=False)) == info)
    except (TypeError, ValueError):
        return False


def _validators(task: Task) -> dict[str, Draft202012Validator]:
    return {tool.name: Draft202012Validator(dict(tool.parameters)) for tool in task.tools}


def bombard(n: int, data: str | None, mode: str, seed: int) -> Tally:
    """Sends `n` wild actions to one environment."""
    bombardment = Bombardment(ReasonActEnv(data=data, split="all", mode=mode), seed)
    with progress("wild actions", n) as advance, _collecting_outside():
        for done in range(1, n + 1):
            bombardment.act()
            if done % 1000 == 0:
                advance(1000)
            if done % COLLECT_EVERY == 0:
                gc.collect()
    return bombardment.tally


@contextmanager
def _collecting_outside() -> Iterator[None]:
    """No collection but those that are asked for; what exists already is left out of them."""
    gc.collect()
    gc.freeze()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        gc.unfreeze()


@dataclass(frozen=True, slots=True)
class Options:
    """What is sent."""

    n: int = 1_000_000
    """How many actions."""
    data: str | None = None
    """As for `python -m tasks.load`; the embedded set unless given."""
    mode: Literal["dialogue", "turn"] = "dialogue"
    """Whether whole dialogues are played, or single decisions."""
    seed: int = 0
    """Of the actions."""
    out: Path = Path("runs/wild_actions.json")
    """Where the figures are written."""


def main(argv: Sequence[str] | None = None) -> Tally:
    """Prints what happened, writes it as JSON, and returns it."""
    args = read_options(Options, argv, prog="python -m benchmarks.wild_actions", about=__doc__)
    start = time.perf_counter()
    tally = bombard(args.n, args.data, args.mode, args.seed)
    found = _summary(tally, args.n, time.perf_counter() - start)
    screen = console()
    title = f"{args.n:,} wild actions, {args.mode} mode, {load_tasks(args.data).source}"
    screen.print(plain_table(title, ["what", "value"], [(k, str(v)) for k, v in found.items()]))
    details = {"seen": dict(sorted(tally.seen.items())), "failures": dict(tally.failures)}
    screen.print(details)
    write_json(
        args.out,
        {
            "title": title,
            **found,
            **details,
            "examples": tally.examples,
            "slowest": [[round(ms, 2), action] for ms, action in sorted(tally.slowest)[::-1]],
            "machine": machine(),
        },
    )
    return tally


def _summary(tally: Tally, n: int, seconds: float) -> dict[str, object]:
    cpu = np.array(tally.cpu_ms)
    return {
        "actions": n,
        "without exception": len(cpu),
        f"over {LIMIT_MS:.0f} ms of thread CPU": int((cpu > LIMIT_MS).sum()),
        "failures of any kind": tally.failures.total(),
        "median ms": round(float(np.median(cpu)), 4),
        "p99 ms": round(float(np.quantile(cpu, 0.99)), 3),
        "p99.99 ms": round(float(np.quantile(cpu, 0.9999)), 3),
        "max ms": round(float(cpu.max()), 3),
        "writes that changed the state": tally.seen["writes"],
        "minutes": round(seconds / 60, 2),
    }


if __name__ == "__main__":
    main()
