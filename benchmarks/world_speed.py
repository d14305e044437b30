"""How fast the retail world executes calls over a full database, and what an instance weighs.

    python -m benchmarks.world_speed --database tau_bench/envs/retail/data

An episode is one order: its user is looked up by email and shown, then the order and a product,
then the order is cancelled, returned or refused to be changed. A step is validation against the
schema, execution, and the state's digest; resets are included. Times are CPU time of the thread:
on a busy machine the clock counts others' work, too.
"""

from __future__ import annotations

import time
import tracemalloc
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias, cast

import numpy as np

from agents.console import console, plain_table
from benchmarks.machine import machine
from tools.command import run
from tools.command_line import read_options
from tools.executor import Executor
from tools.files import write_json
from tools.places import require_place
from tools.ranges import require_at_least
from tools.schema.toolbox import Toolbox
from tools.types import Json, ToolCall
from tools.worlds import WORLDS
from tools.worlds.database import Base
from tools.worlds.retail.rows import Order, User

WORLD = "retail"

Seconds: TypeAlias = "dict[str, list[float]]"
"""Tool name, or `reset` -> seconds, one entry an event."""


def episodes(base: Base) -> Iterator[list[ToolCall]]:
    """The calls about each order."""
    users = base.tables["users"]
    for key, row in base.tables["orders"].items():
        order = cast("Order", row)
        user = cast("User", users[order["user_id"]])
        yield [
            ToolCall("find_user_id_by_email", {"email": user["email"]}),
            ToolCall("get_user_details", {"user_id": order["user_id"]}),
            ToolCall("get_order_details", {"order_id": key}),
            ToolCall("get_product_details", {"product_id": order["items"][0]["product_id"]}),
            _write(key, order),
        ]


def _write(key: str, order: Order) -> ToolCall:
    if order["status"] != "delivered":
        return ToolCall("cancel_pending_order", {"order_id": key, "reason": "no longer needed"})
    items: list[Json] = [order["items"][0]["item_id"]]
    method = order["payment_history"][0]["payment_method_id"]
    arguments: dict[str, Json] = {"order_id": key, "item_ids": items}
    return ToolCall("return_delivered_order_items", arguments | {"payment_method_id": method})


def play(base: Base, calls: Sequence[Sequence[ToolCall]], toolbox: Toolbox) -> Seconds:
    """Plays the episodes, each from a fresh start."""
    seconds: Seconds = defaultdict(list)
    clock = time.thread_time_ns
    for episode in calls:
        begin = clock()
        executor = WORLDS[WORLD].start(base)
        assert executor.digest
        seconds["reset"].append((clock() - begin) / 1e9)
        for call in episode:
            begin = clock()
            executor = _step(executor, call, toolbox)
            seconds[call.name].append((clock() - begin) / 1e9)
    return seconds


def _step(executor: Executor, call: ToolCall, toolbox: Toolbox) -> Executor:
    assert toolbox.check(call) is None
    after, _ = executor.run(call)
    assert after.digest
    return after


def bytes_each(make: Callable[[int], object], count: int) -> float:
    """Memory of an object, as the mean over some that are kept alive."""
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    kept = [make(number) for number in range(count)]
    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return (after - before) / len(kept)


@dataclass(frozen=True, slots=True)
class Options:
    """What is played."""

    database: str
    """tau-bench's folder or tau2's file."""
    rounds: int = 5
    """How often."""
    out: Path = Path("runs/world_speed.json")
    """Where the figures are written."""

    def __post_init__(self) -> None:
        """Refuses what is out of range."""
        require_at_least(self, 1, "rounds")


def main(argv: Sequence[str] | None = None) -> dict[str, float]:
    """Prints the figures, writes them as JSON, and returns them."""
    args = read_options(Options, argv, prog="python -m benchmarks.world_speed", about=__doc__)
    require_place(args.out)
    base = WORLDS[WORLD].read(args.database)
    toolbox = Toolbox.of(WORLDS[WORLD].specs)
    calls = list(episodes(base))
    play(base, calls, toolbox)  # compiles schemas and hashes the base
    rounds = [play(base, calls, toolbox) for _ in range(args.rounds)]
    figures = _figures(rounds) | _weights(base, calls)
    cells = [(name, f"{value:,.1f}") for name, value in figures.items()]
    title = f"Retail world, {len(calls):,} orders, one core"
    console().print(plain_table(title, ["what", "value"], cells))
    write_json(args.out, {"title": title, **figures, "machine": machine()})
    return figures


def _figures(rounds: Sequence[Seconds]) -> dict[str, float]:
    per_round = []
    for seconds in rounds:
        steps = sum(len(times) for name, times in seconds.items() if name != "reset")
        per_round.append(steps / sum(sum(times) for times in seconds.values()))
    figures = {
        "steps/s, resets included (median of rounds)": float(np.median(per_round)),
        "steps/s, best round": max(per_round),
    }
    for name in rounds[0]:
        times = np.array([t for seconds in rounds for t in seconds[name]])
        figures[f"{name}, p50 in µs"] = 1e6 * float(np.median(times))
        figures[f"{name}, p99 in µs"] = 1e6 * float(np.quantile(times, 0.99))
    return figures


def _weights(base: Base, calls: Sequence[Sequence[ToolCall]]) -> dict[str, float]:
    def played(number: int) -> Executor:
        executor = WORLDS[WORLD].start(base)
        for call in calls[number]:
            executor, _ = executor.run(call)
        return executor

    return {
        "bytes of an instance": bytes_each(lambda _: WORLDS[WORLD].start(base), 1_000),
        "bytes of an instance after an episode": bytes_each(played, min(1_000, len(calls))),
    }


if __name__ == "__main__":
    run(main)
