"""Reads a dialogue's observations as the rows of a database at the dialogue's beginning."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TypeAlias, cast

from tools.failures import is_transient, looks_like_error
from tools.types import Effect, FieldChange, Json, ToolCall
from tools.worlds.database import Base
from tools.worlds.rebuilt.executor import RebuiltBase, first_answers, key_of
from tools.worlds.rebuilt.flights import Answer
from tools.worlds.rebuilt.undoing import leaves_no_trace, undone
from tools.worlds.world import World

Object: TypeAlias = "dict[str, Json]"
Flights: TypeAlias = "Callable[[Sequence[Answer], bool], dict[str, Object]]"
"""Computes the table of flights from the calls that succeeded, or only
what is certain of it."""

_COLUMNS: Mapping[str, Mapping[str, type]] = {
    "orders": {"user_id": str, "status": str, "items": list, "payment_history": list},
    "products": {"name": str, "variants": dict},
    "users": {"name": dict, "address": dict, "email": str, "payment_methods": dict},
    "reservations": {
        "user_id": str,
        "cabin": str,
        "flights": list,
        "passengers": list,
        "payment_history": list,
    },
}
"""Table -> the columns that a complete row has, with their types."""
_PARTS = ("items", "flights", "payment_history")
_NOBODY: Object = {
    "name": {"first_name": "", "last_name": ""},
    "address": {"zip": ""},
    "email": "",
    "orders": [],
    "reservations": [],
}
"""The row of a user who was never shown."""
_ENDLESS = frozenset({"credit_card", "paypal"})
_ENOUGH = 10_000.0
"""The assumed balance of a gift card or certificate that was never shown, in dollars."""


@dataclass(slots=True)
class _Findings:
    """The rows and writes read so far."""

    tables: dict[str, dict[str, Object]]
    """Table -> key -> row, at the dialogue's beginning."""
    writes: list[ToolCall] = field(default_factory=list)
    """The writes that succeeded."""
    seen_after: dict[str, tuple[ToolCall, ...]] = field(default_factory=dict)
    """User -> the writes before the user was first shown, if there are any."""
    overwritten: set[tuple[str, str]] = field(default_factory=set)
    """(table, key) of the rows first seen after a write that leaves no trace."""

    def enter(self, table: str, key: str, row: Object) -> None:
        """Stores a row when it is first shown."""
        if key in self.tables[table]:
            return
        if table == "users" and self.writes:
            self.seen_after[key] = tuple(self.writes)
        before = undone(table, key, row, self.writes)
        if before is None:
            return
        self.tables[table][key] = before
        if any(leaves_no_trace(table, key, call) for call in self.writes):
            self.overwritten.add((table, key))


def rebuilt_base(
    world: World, entries: Sequence[tuple[ToolCall, str]], flights: Flights | None = None
) -> RebuiltBase:
    """The database of a world as far as one dialogue shows it.

    Args:
        world: The world: a variant of tau-bench's retail or airline.
        entries: The dialogue's calls with their observations, in order.
        flights: Computes the table of flights, if the world has one.
    """
    base = _base(world, entries, flights, certain=False)
    if flights is None and not base.guessed:
        return base
    return replace(base, certain=partial(_base, world, entries, flights, certain=True))


def _base(
    world: World,
    entries: Sequence[tuple[ToolCall, str]],
    flights: Flights | None,
    *,
    certain: bool,
) -> RebuiltBase:
    findings = _Findings({table: {} for table in world.tables})
    answers = _answers(world, entries)
    for call, answer in answers:
        if world.effects[call.name].effect is Effect.WRITE:
            findings.writes.append(call)
        _read(findings, call, answer)
    if flights is not None:
        findings.tables["flights"] |= flights(answers, certain)
    _settle_balances(findings, world)
    guessed = _guess_users(findings, 0.0 if certain else _ENOUGH)
    base = RebuiltBase(
        tables=findings.tables,
        answers=first_answers(entries, world.effects),
        guessed=guessed,
        searches=world.searches,
        finds=world.finds,
        overwritten=frozenset(findings.overwritten),
    )
    return replace(base, refusals=_refusals(world, base, entries))


def _answers(world: World, entries: Iterable[tuple[ToolCall, str]]) -> list[Answer]:
    """The calls of the world's tools that succeeded, with their answers."""
    return [
        (call, _json(text))
        for call, text in entries
        if call.name in world.tools and not looks_like_error(text)
    ]


def _refusals(
    world: World, base: RebuiltBase, entries: Sequence[tuple[ToolCall, str]]
) -> dict[tuple[str, str], str]:
    """(state, call) -> the recorded refusal, for refusals that do not follow from the rows.

    A gift card that nobody has looked at may have held too little, for example. A failure of the
    moment is no refusal.
    """
    refusals = {}
    executor = world.start(base)
    for call, text in entries:
        if is_transient(text):
            continue
        after, result = executor.run(call)
        if after is not executor and result.ok and looks_like_error(text):
            free = world.effects[call.name].free_text if call.name in world.effects else ()
            refusals[executor.digest, key_of(call, free)] = text
        else:
            executor = after
    return refusals


def _read(findings: _Findings, call: ToolCall, answer: Json) -> None:
    """Enters the row that an observation shows."""
    if not isinstance(answer, dict):
        return
    row: Object = {name: part for name, part in answer.items() if part is not None}
    for table, key in _places(call, row):
        if _is_whole(table, row):
            findings.enter(table, key, row)


def _places(call: ToolCall, row: Object) -> Iterator[tuple[str, str]]:
    """The table and key of a row, recognised by fields that only its table has."""
    if "order_id" in row:
        yield "orders", str(row["order_id"])
    elif "variants" in row:
        yield "products", str(row["product_id"])
    elif "reservation_id" in row:
        yield "reservations", str(row["reservation_id"])
    elif "payment_methods" in row and isinstance(key := call.arguments.get("user_id"), str):
        yield "users", key


def _is_whole(table: str, row: Object) -> bool:
    """Whether a row has the columns that the world's tools need; damaged records are skipped."""
    whole = all(isinstance(row.get(name), kind) for name, kind in _COLUMNS[table].items())
    parts = [part for name in _PARTS for part in cast("list[Json]", row.get(name) or [])]
    return whole and all(isinstance(part, dict) for part in parts)


def _settle_balances(findings: _Findings, world: World) -> None:
    """Undoes earlier writes in the rows of users who were first shown after them."""
    for user_id, writes in findings.seen_after.items():
        start = world.start(Base(findings.tables))
        executor = start
        for call in writes:
            executor, _ = executor.run(call)
        for change in executor.changes_since(start):
            if (change.table, change.key) == ("users", user_id):
                _take_back(findings.tables["users"][user_id], change)


def _take_back(user: Object, change: FieldChange) -> None:
    """Undoes a change of a balance, or of the list of reservations."""
    *way, last = change.field.split(".")
    place = user
    for name in way:
        place = cast("Object", place[name])
    before, after, now = change.before, change.after, place.get(last)
    if isinstance(before, int | float) and isinstance(after, int | float):
        place[last] = round(cast("float", now) - (after - before), 2)
    elif isinstance(before, list) and isinstance(after, list) and isinstance(now, list):
        place[last] = now[: len(now) - (len(after) - len(before))]


def _guess_users(findings: _Findings, holds: float) -> frozenset[str]:
    """Enters those who own or book something but were never shown, with what they have paid by.

    Args:
        findings: What has been read.
        holds: What is taken to be on their gift cards and certificates.
    """
    guessed: dict[str, Object] = {}
    users = findings.tables["users"]
    for user_id, payment in _payments(findings):
        if user_id in users:
            continue
        methods = guessed.setdefault(user_id, {})
        name = payment.get("payment_method_id") or payment.get("payment_id")
        if isinstance(name, str):
            source = name.rpartition("_")[0]
            money: Object = {} if source in _ENDLESS else {"balance": holds, "amount": holds}
            methods[name] = {"source": source, "id": name, **money}
    for user_id, methods in guessed.items():
        users[user_id] = {**_NOBODY, "payment_methods": methods}
    return frozenset(guessed)


def _payments(findings: _Findings) -> Iterator[tuple[str, Mapping[str, Json]]]:
    """(user, object with a means of payment), from rows and from writes about them."""
    for table, column in (("orders", "order_id"), ("reservations", "reservation_id")):
        for row in findings.tables.get(table, {}).values():
            about = [w.arguments for w in findings.writes if w.arguments.get(column) == row[column]]
            for payment in [*cast("list[Object]", row["payment_history"]), *about]:
                yield str(row["user_id"]), payment
    for call in findings.writes:
        user_id, given = call.arguments.get("user_id"), call.arguments.get("payment_methods")
        if isinstance(user_id, str):
            yield user_id, {}
            for paid in given if isinstance(given, list) else []:
                yield user_id, paid if isinstance(paid, dict) else {}


def _json(text: str) -> Json:
    if text[:1] not in ("{", "["):
        return None
    try:
        return cast("Json", json.loads(text))
    except (ValueError, RecursionError):
        return None
