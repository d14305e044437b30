"""Rows before the writes of tau-bench's APIs, as far as the rows after them tell."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias, cast

from tools.types import Json, ToolCall
from tools.worlds.airline.booking import IDS
from tools.worlds.airline.changes import CERTIFICATES

Object: TypeAlias = "dict[str, Json]"

_OWN = {"orders": "order_id", "reservations": "reservation_id", "users": "user_id"}
"""Table -> the argument with the key of its rows."""


def undone(table: str, key: str, row: Object, writes: Sequence[ToolCall]) -> Object | None:
    """A row as it was before some writes; None if the writes created it.

    A write may overwrite a value without a trace, such as an address. That value stays as the write
    left it: repeating the write then leads to the same state.

    Args:
        table: The row's table.
        key: The row's key.
        row: The row after the writes.
        writes: The writes that succeeded, in order, also those about other rows.
    """
    if table == "reservations" and key in IDS and any(w.name == "book_reservation" for w in writes):
        return None
    before = row
    for call in reversed(writes):
        if call.name in _UNDO and call.arguments.get(_OWN.get(table, "")) == key:
            before = _UNDO[call.name](before)
    return before


def leaves_no_trace(table: str, key: str, call: ToolCall) -> bool:
    """Whether a write about a row overwrites something that the row afterwards does not tell."""
    return call.name not in _UNDO and call.arguments.get(_OWN.get(table, "")) == key


def _without_cancelling(row: Object) -> Object:
    """An order or reservation before it was cancelled, without the refunds at the end."""
    payments = cast("list[Json]", row["payment_history"])
    paid = payments[: len(payments) // 2]
    gone = ("cancel_reason",) if "order_id" in row else ("status",)
    before: Object = {k: v for k, v in row.items() if k not in gone}
    before["payment_history"] = list(paid)
    if "status" in before:
        before["status"] = "pending"
    return before


def _without_other_payment(row: Object) -> Object:
    """An order before its payment changed, without the last payment and refund."""
    return {**row, "payment_history": cast("list[Json]", row["payment_history"])[:-2]}


def _delivered(row: Object) -> Object:
    """An order before an exchange or a return was requested."""
    kept = {k: v for k, v in row.items() if not k.startswith(("exchange_", "return_"))}
    return {**kept, "status": "delivered"}


def _without_certificate(row: Object) -> Object:
    """A user before the last certificate was sent."""
    methods = cast("Object", row["payment_methods"])
    last = next((name for name in reversed(CERTIFICATES) if name in methods), None)
    return {**row, "payment_methods": {k: v for k, v in methods.items() if k != last}}


_UNDO: Mapping[str, Callable[[Object], Object]] = {
    "cancel_pending_order": _without_cancelling,
    "cancel_reservation": _without_cancelling,
    "modify_pending_order_payment": _without_other_payment,
    "exchange_delivered_order_items": _delivered,
    "return_delivered_order_items": _delivered,
    "send_certificate": _without_certificate,
}
