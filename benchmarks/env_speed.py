"""How fast the whole environment plays tau-bench's own tasks, next to tau-bench's environment.

    python -m benchmarks.env_speed --tau FOLDER
    python -m benchmarks.env_speed --tau FOLDER --checkout tau-bench --profile-lines 25

FOLDER holds tau-bench's tasks (`tau_tasks.json`) and its databases (`tau1/retail_db`,
`tau1/airline_db`). An episode is a task's gold actions and one reply. Ours goes through
Gymnasium's interface in dialogue mode: raw messages are parsed, validated, executed, answered,
scored; the end is judged. With a checkout of tau-bench v1, its own `Env` plays the same actions in
the same run, with a user that says nothing instead of its model; it validates and scores nothing
on the way. Times are CPU time of the thread, resets included: on a busy machine the clock
counts others' work, too.
"""

from __future__ import annotations

import cProfile
import json
import pstats
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import numpy as np

from agents.console import console, plain_table
from benchmarks.machine import machine
from benchmarks.tau_env import TauEnv
from benchmarks.world_speed import bytes_each
from reasonact_env.env import ReasonActEnv
from tools.command import run
from tools.command_line import read_options
from tools.files import write_json
from tools.places import require_place
from tools.protocol import render
from tools.ranges import require_at_least
from tools.types import Json, ToolCall
from tools.worlds import WORLDS

DOMAINS = ("retail", "airline")
"""What is played, one after the other."""


@dataclass(frozen=True, slots=True)
class Script:
    """What gold does in a task."""

    number: int
    """The task's place among tau-bench's own."""
    moves: tuple[ToolCall | str, ...]
    """Calls, and at the end what it says."""


@dataclass(slots=True)
class Times:
    """CPU seconds, one entry an event."""

    steps: list[float] = field(default_factory=list)
    """Of steps."""
    resets: list[float] = field(default_factory=list)
    """Of resets."""
    rewards: list[float] = field(default_factory=list)
    """The returns of the episodes, to see that both sides did their work."""


def scripts(folder: Path, domain: str) -> list[Script]:
    """What gold does in each task of a domain's test set."""
    tasks = json.loads((folder / "tau_tasks.json").read_text("utf-8"))[f"tau1_{domain}_test"]
    return [
        Script(int(task["task_id"]), (*map(_call, task["actions"]), _reply(task["outputs"])))
        for task in tasks
    ]


def records(plan: Sequence[Script], domain: str) -> Iterator[tuple[Json, Json]]:
    """(record, sidecar) of each task, as data sets have them."""
    tools: list[Json] = [
        {"name": s.name, "description": s.description, "parameters": dict(s.parameters)}
        for s in WORLDS[domain].specs
    ]
    for script in plan:
        calls = [move for move in script.moves if isinstance(move, ToolCall)]
        actions: list[Json] = [{"name": c.name, "arguments": dict(c.arguments)} for c in calls]
        said: list[Json] = [{"from": "human", "value": "Please help me."}]
        for action in actions:
            said.append({"from": "function_call", "value": json.dumps(action)})
            said.append({"from": "observation", "value": "{}"})
        said.append({"from": "gpt", "value": str(script.moves[-1])})
        gold: Json = {"gold": {"actions": actions, "outputs": []}}
        yield {"system": "Help.", "tools": json.dumps(tools), "conversations": said}, gold


def maker(
    folder: Path, domain: str, plan: Sequence[Script], place: Path
) -> Callable[[], ReasonActEnv]:
    """What makes our environment with the tasks as its data, which are written once."""
    rows, sidecars = zip(*records(plan, domain), strict=True)
    (place / f"{domain}.json").write_text(json.dumps(rows))
    (place / f"{domain}.meta.json").write_text(json.dumps(sidecars))
    data, database = str(place / f"{domain}.json"), str(folder / "tau1" / f"{domain}_db")
    return lambda: ReasonActEnv(data=data, split="all", database=database)


def play_ours(env: ReasonActEnv, plan: Sequence[Script]) -> Times:
    """One round of all tasks; messages are written before the clock runs."""
    messages = [[m if isinstance(m, str) else render([m]) for m in script.moves] for script in plan]
    times, clock = Times(), time.thread_time
    for task_id, script in zip(env.task_ids, messages, strict=True):
        begin = clock()
        env.reset(options={"task_id": task_id})
        times.resets.append(clock() - begin)
        for message in script:
            begin = clock()
            _, reward, ended, _, _ = env.step(message)
            times.steps.append(clock() - begin)
            if ended:
                times.rewards.append(reward)
                break
    return times


def play_tau(env: TauEnv, plan: Sequence[Script]) -> Times:
    """One round of all tasks on tau-bench's own environment."""
    times, clock = Times(), time.thread_time
    for script in plan:
        begin = clock()
        env.reset(script.number)
        times.resets.append(clock() - begin)
        for move in script.moves:
            action = env.reply(move) if isinstance(move, str) else env.call(move)
            begin = clock()
            reward, ended = env.step(action)
            times.steps.append(clock() - begin)
            if ended:
                times.rewards.append(reward)
                break
    return times


def figures(domain: str, name: str, rounds: Sequence[Times]) -> dict[str, str | float]:
    """One column of the table.

    Each step's time is its median over the rounds: what else runs on the machine disturbs a step
    in one round, a step that is slow by itself is slow in all.
    """
    steps = np.median([times.steps for times in rounds], axis=0)
    resets = np.median([times.resets for times in rounds], axis=0)
    returns = [reward for times in rounds for reward in times.rewards]
    return {
        "domain": domain,
        "environment": name,
        "episodes": len(resets),
        "steps": len(steps),
        "rounds": len(rounds),
        "steps/s": round(float(len(steps) / (steps.sum() + resets.sum()))),
        "step p50 ms": _ms(np.median(steps)),
        "step p99 ms": _ms(np.quantile(steps, 0.99)),
        "reset p50 ms": _ms(np.median(resets)),
        "reset p99 ms": _ms(np.quantile(resets, 0.99)),
        "mean return": round(float(np.mean(returns)), 3),
    }


def _ms(seconds: float | np.floating) -> float:
    return round(1e3 * float(seconds), 3)


def weights(make: Callable[[], ReasonActEnv], plan: Sequence[Script]) -> dict[str, float]:
    """The memory of one among 1,000 environments, beyond the database that all share."""

    def played(number: int) -> ReasonActEnv:
        env = make()
        env.reset(options={"task_id": env.task_ids[number % len(plan)]})
        for move in plan[number % len(plan)].moves[:-1]:
            env.step(move if isinstance(move, str) else render([move]))
        return env

    return {
        "KB each of 1,000, made": round(bytes_each(lambda _: make(), 1_000) / 1e3, 1),
        "KB each of 1,000, played": round(bytes_each(played, 1_000) / 1e3, 1),
    }


@dataclass(frozen=True, slots=True)
class Options:
    """What is played, and where it lies."""

    tau: Path
    """The folder of tau-bench's tasks and databases."""
    checkout: Path | None = None
    """A checkout of tau-bench v1."""
    tasks: int = 200
    """At most this many tasks."""
    rounds: int = 10
    """How often everything is measured."""
    profile_lines: int = 0
    """Lines of a profile to print."""
    memory: bool = False
    """Weigh a thousand environments, too."""
    out: Path = Path("runs/env_speed.json")
    """Where the figures are written."""

    def __post_init__(self) -> None:
        """Refuses what is out of range."""
        require_at_least(self, 1, "tasks", "rounds")


def measure(args: Options, domain: str) -> list[dict[str, str | float]]:
    """The rows of one domain: ours, and tau-bench's own where a checkout is there."""
    plan = scripts(args.tau, domain)[: args.tasks]
    with tempfile.TemporaryDirectory() as place:
        make = maker(args.tau, domain, plan, Path(place))
        env = make()
        play_ours(env, plan)  # reads, compiles schemas, hashes the base
        if args.profile_lines:
            _profile(lambda: play_ours(env, plan), args.profile_lines)
        rows = [figures(domain, "ours", [play_ours(env, plan) for _ in range(args.rounds)])]
        if args.memory:
            rows[0] |= weights(make, plan)
    if args.checkout:
        tau = TauEnv(args.checkout, domain)
        rounds = [play_tau(tau, plan) for _ in range(max(1, args.rounds // 5))]
        rows.append(figures(domain, "tau-bench v1", rounds))
    return rows


def main(argv: Sequence[str] | None = None) -> list[dict[str, str | float]]:
    """Prints the table, writes it as JSON, and returns its rows."""
    args = read_options(Options, argv, prog="python -m benchmarks.env_speed", about=__doc__)
    require_place(args.out)
    rows = [row for domain in DOMAINS for row in measure(args, domain)]
    title = "Gold episodes of tau-bench's tasks, one core, CPU time"
    heads = ["", *(f"{row['domain']}: {row['environment']}" for row in rows)]
    lines = [[what, *(_cell(row.get(what, "")) for row in rows)] for what in list(rows[0])[2:]]
    console().print(plain_table(title, heads, lines))
    write_json(args.out, {"title": title, "rows": rows, "machine": machine()})
    return rows


def _cell(value: str | float) -> str:
    return value if isinstance(value, str) else f"{value:,}"


def _call(action: dict[str, Json]) -> ToolCall:
    arguments = action.get("arguments") or action.get("kwargs")
    return ToolCall(str(action["name"]), cast("dict[str, Json]", arguments or {}))


def _reply(outputs: Sequence[str]) -> str:
    return " ".join(["All done.", *map(str, outputs)])


def _profile(work: Callable[[], object], lines: int) -> None:
    profile = cProfile.Profile()
    profile.runcall(work)
    pstats.Stats(profile).sort_stats("tottime").print_stats(lines)


if __name__ == "__main__":
    run(main)
