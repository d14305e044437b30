"""Adversaries that go on with one thing for a whole episode, knowing the database.

Wild actions come one at a time and mostly miss. These hit: valid writes on rows that exist, up to
32 times a message and every message again; arguments that grow; objects in each other; replies
and arguments as long as a message may be.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from typing import cast

import numpy as np

from tasks.types import Task
from tools.protocol import MAX_CALLS, render
from tools.sampling.calls import sample_call
from tools.types import Effect, Json, ToolCall

_LONG = 90_000
"""Characters of the longest messages: a little less than a step reads."""
_COUNTS = (1, 2, 8, MAX_CALLS)
"""Calls a message."""
_WORDS = (
    "x", "word ", "1 ", "12,345.67 ", "#W{n} ", "\u6f22", "Order {n} is done: ${n} go back. ",
    "Could you tell me your email, your zip code and order {n}? ", "\ud83d", '{"a": ', "- one\n",
    "No, {n} cannot be found or changed. ",
)  # fmt: skip
"""The pieces of long texts; a number of its own stands where they have `{n}`."""
_NESTED = 29
"""A call's arguments may be 32 levels deep."""


class Insider:
    """Makes schema-valid calls about rows that are there."""

    def __init__(self, task: Task, seed: int) -> None:
        """Looks at the task's tools and database."""
        self._task = task
        self._random = random.Random(seed)
        self._numbers = np.random.default_rng(seed)
        self._base = task.setup.base
        effects = task.effects
        self._writes = [
            spec for spec in task.tools if effects[spec.name].effect is Effect.WRITE
        ] or list(task.tools)

    def write(self) -> ToolCall:
        """A write about some row, with a share of luck one that the API carries out."""
        call = sample_call(self._random.choice(self._writes), self._numbers)
        arguments = dict(call.arguments)
        row = self._fill_keys(arguments)
        user = self._row("users", str(row.get("user_id", arguments.get("user_id", ""))))
        self._fill_parts(arguments, row, user)
        return ToolCall(call.name, arguments)

    def recorded(self) -> ToolCall:
        """A call of the record, sooner a write than a read."""
        goal = self._task.goal
        calls = [call for turn in self._task.turns for call in turn.calls]
        return self._random.choice((list(goal.writes) * 3 + calls) or [self.write()])

    def _fill_keys(self, arguments: dict[str, Json]) -> Mapping[str, Json]:
        """Names rows that exist in `order_id` and the like; returns one of them."""
        row: Mapping[str, Json] = {}
        for name in arguments:
            table = self._table(f"{name.removesuffix('_id')}s") if name.endswith("_id") else {}
            if table:
                key = self._random.choice([*table])
                arguments[name], row = key, table[key]
        return row

    def _fill_parts(
        self, arguments: dict[str, Json], row: Mapping[str, Json], user: Mapping[str, Json]
    ) -> None:
        """Fills in what belongs to a row: means of payment, items, flights."""
        methods = [*cast("dict[str, Json]", user.get("payment_methods") or {"none": None})]
        items = cast("list[dict[str, Json]]", row.get("items") or [])
        for name in arguments:
            match name:
                case "payment_id" | "payment_method_id":
                    arguments[name] = self._random.choice(methods)
                case "item_ids" if items:
                    arguments[name] = [items[0]["item_id"]]
                case "new_item_ids" if items:
                    product = self._row("products", str(items[0]["product_id"]))
                    others = cast("dict[str, Json]", product.get("variants") or {"none": None})
                    arguments[name] = [self._random.choice([*others])]
                case "flights":
                    arguments[name] = self._flights()
                case "passengers" if "passengers" in row:
                    arguments[name] = row["passengers"]

    def _flights(self) -> list[Json]:
        flights = self._table("flights")
        found: list[Json] = []
        for number in self._random.sample([*flights], min(len(flights), 40)):
            dates = cast("dict[str, dict[str, Json]]", flights[number]["dates"])
            free = [date for date, day in dates.items() if day.get("status") == "available"]
            found += [{"flight_number": number, "date": date} for date in free[:1]]
        return found[: self._random.choice((1, 2, 40))]

    def _table(self, name: str) -> Mapping[str, Mapping[str, Json]]:
        return {} if self._base is None else self._base.tables.get(name, {})

    def _row(self, table: str, key: str) -> Mapping[str, Json]:
        return self._table(table).get(key, {})


class Siege:
    """One adversary for one episode."""

    def __init__(self, task: Task, seed: int) -> None:
        """Chooses what to go on with."""
        self._random = random.Random(seed)
        self._insider = Insider(task, seed)
        self._count = self._random.choice(_COUNTS)
        own = self._random.random() < 0.5
        self._call = self._insider.recorded() if own else self._insider.write()
        self._sent = 0
        self.name, self._make = self._random.choice(
            (
                ("repeats a call", self._repeated),
                ("repeats a call", self._repeated),
                ("other rows", self._others),
                ("grows", self._grown),
                ("nests", self._nested),
                ("talks", self._talk),
                ("repeats and talks", self._in_turns),
            )
        )

    def message(self) -> str:
        """The next message."""
        self._sent += 1
        return self._make()

    def _repeated(self) -> str:
        return render([self._call] * self._count)

    def _others(self) -> str:
        make = self._random.choice((self._insider.write, self._insider.recorded))
        return render([make() for _ in range(self._count)])

    def _grown(self) -> str:
        """The same call with strings and lists twice as long as the last time."""
        size = min(2**self._sent, _LONG // self._count)
        return render([_with(self._call, lambda value: _longer(value, size))] * self._count)

    def _nested(self) -> str:
        return render([_with(self._call, lambda value: _deep(value))] * min(self._count, 8))

    def _talk(self) -> str:
        unit = self._random.choice(_WORDS)
        text = "".join(unit.replace("{n}", str(n)) for n in range(_LONG // max(len(unit), 4)))
        return text[: self._random.choice((500, 20_000, _LONG))]

    def _in_turns(self) -> str:
        return self._talk() if self._sent % 2 else self._repeated()


def _with(call: ToolCall, change: Callable[[Json], Json]) -> ToolCall:
    return ToolCall(call.name, {name: change(value) for name, value in call.arguments.items()})


def _longer(value: Json, size: int) -> Json:
    match value:
        case str() if " " in value or not any(map(str.isdigit, value)):  # no id
            return (value or "x") * (size // max(len(value), 1) + 1)
        case list() if value:
            return value * min(size, 300 // len(value) + 1)
        case int() | float() if not isinstance(value, bool):
            return value + size
    return value


def _deep(value: Json) -> Json:
    """A list or object with many others in it; anything else as it is."""
    if isinstance(value, list | dict):
        inner: Json = value
        for _ in range(_NESTED):
            inner = [inner] if isinstance(value, list) else {"a": inner}
        return inner
    return value
