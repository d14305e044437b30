"""The content of a desk dialogue: the requests, and the orders that they are about.

The shares below are chosen by hand. Every dialogue depends on them: after a change all seeds give
other dialogues, for which no published figure holds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from tasks.desk.phrases import CITIES, ITEMS, REASONS, TOPICS
from tools.dice import Dice
from tools.types import Json
from tools.worlds.desk import CITY_CHANGE_DAYS, RETURN_DAYS

WRITE_SHARE = 0.68
"""The share of dialogues with a request that changes an order."""
TRANSFER_SHARE = 0.055
"""The share of dialogues that end with a request that only a human can meet."""
STATED_SHARE = 0.65
"""The share of users who give the reason or the city at once."""
FOLLOW_UP_SHARE = 0.5
"""The share of later requests about the order of the request before, if that is possible."""
NUMBERED_SHARE = 0.6
"""The share of users who name the order by its number."""
SLIP_SHARE = 0.1
"""The share of numbers that are wrong at first: the API has no such order or customer."""


class RequestKind(StrEnum):
    """The kinds of requests, by how they end."""

    CANCEL = "cancel"
    RETURN = "return"
    CITY = "change_city"
    QUESTION = "question"
    CANCEL_REFUSED = "cancel_refused"
    RETURN_REFUSED = "return_refused"
    CITY_REFUSED = "change_city_refused"
    TRANSFER = "transfer"


WRITES = (
    RequestKind.CANCEL,
    RequestKind.CANCEL,
    RequestKind.RETURN,
    RequestKind.RETURN,
    RequestKind.CITY,
)
READS = (
    RequestKind.QUESTION,
    RequestKind.QUESTION,
    RequestKind.QUESTION,
    RequestKind.CANCEL_REFUSED,
    RequestKind.RETURN_REFUSED,
    RequestKind.CITY_REFUSED,
)


FOLLOW_UPS = frozenset(
    {
        (RequestKind.QUESTION, RequestKind.CANCEL),
        (RequestKind.QUESTION, RequestKind.RETURN),
        (RequestKind.QUESTION, RequestKind.CITY),
        (RequestKind.CANCEL_REFUSED, RequestKind.RETURN),
    }
)
"""Pairs of requests that may be about one order."""
TOPICS_BY_STATUS: Mapping[str, tuple[str, ...]] = {
    "pending": ("arrival", "place", "price", "status"),
    "shipped": ("arrival", "place", "price", "status"),
    "delivered": ("delivered", "price", "status"),
}
"""Status -> the questions that make sense about an order."""


@dataclass(frozen=True, slots=True)
class DeskRequest:
    """One thing that the user wants."""

    kind: RequestKind
    """The kind of request, by how it ends."""
    order: str
    """The number of the order that it is about."""
    item: str
    """The order's item."""
    detail: str
    """The reason, the new city, or the topic of the question or transfer; else empty."""
    stated: bool
    """Whether the user gives reason or city at once, not only when asked."""
    numbered: bool
    """Whether the user names the order by its number instead of its item."""
    slip: str
    """The wrong order number that the user gives first; empty if the first one is right."""
    again: bool
    """Whether it is about the same order as the request before, so that the user says "it"."""


@dataclass(frozen=True, slots=True)
class DeskPlan:
    """The content of a whole dialogue."""

    customer: str
    """The user's customer number."""
    slip: str
    """The wrong customer number that the user gives first; empty if the first one is right."""
    requests: tuple[DeskRequest, ...]
    """The requests, in order."""
    orders: dict[str, Json]
    """Order number -> row: the customer's orders, and some of another customer."""


def draw_plan(dice: Dice) -> DeskPlan:
    """Samples requests, and orders with which each request ends as its kind says."""
    groups = _groups(dice, _kinds(dice))
    customer, stranger, wrong = _numbers(dice, 4, 3)
    own = dice.between(max(2, len(groups)), 4)
    *numbers, misread = _numbers(dice, 3, own + dice.between(1, 2) + 1)
    items = dice.some(ITEMS, len(numbers))
    rows: dict[str, dict[str, Json]] = {}
    used: set[int] = set()
    requests: list[DeskRequest] = []
    for place, number in enumerate(numbers):
        kinds = groups[place] if place < len(groups) else ()
        owner = customer if place < own else stranger
        rows[number] = _row(dice, owner, items[place], kinds[-1] if kinds else None, used)
        requests += [
            _request(dice, kind, number, rows[number], misread, again=nth > 0)
            for nth, kind in enumerate(kinds)
        ]
    shuffled: dict[str, Json] = {key: rows[key] for key in dice.some(numbers, len(numbers))}
    return DeskPlan(customer, wrong if dice.chance(SLIP_SHARE) else "", tuple(requests), shuffled)


def _kinds(dice: Dice) -> list[RequestKind]:
    """One to three kinds; in about two thirds of the dialogues, one of them writes."""
    draw = dice.between(1, 100)
    count = 1 if draw <= 45 else 2 if draw <= 83 else 3
    write = dice.chance(WRITE_SHARE)
    kinds = [dice.pick(WRITES if write else READS)]
    kinds += [dice.pick(WRITES + READS if write else READS) for _ in range(count - 1)]
    kinds = dice.some(kinds, count)
    if not dice.chance(TRANSFER_SHARE):
        return kinds
    if write:
        kinds.sort(key=lambda kind: kind not in WRITES)
    return [*kinds[:2], RequestKind.TRANSFER] if write or count > 1 else [RequestKind.TRANSFER]


def _groups(dice: Dice, kinds: list[RequestKind]) -> list[list[RequestKind]]:
    """The kinds, grouped by order: usually one per order, sometimes a follow-up on the same one."""
    groups: list[list[RequestKind]] = []
    for before, kind in zip([None, *kinds], kinds, strict=False):
        if (before, kind) in FOLLOW_UPS and dice.chance(FOLLOW_UP_SHARE):
            groups[-1].append(kind)
        else:
            groups.append([kind])
    return groups


def _numbers(dice: Dice, digits: int, count: int) -> list[str]:
    """Different numbers of a given number of digits."""
    found: dict[str, None] = {}
    while len(found) < count:
        found[str(dice.between(10 ** (digits - 1), 10**digits - 1))] = None
    return list(found)


def _row(
    dice: Dice, customer: str, item: str, kind: RequestKind | None, used: set[int]
) -> dict[str, Json]:
    """An order with which a last request of this kind ends as it should."""
    status = _status(dice, kind)
    days = _days(dice, kind, status, used)
    tenths = 10 * dice.between(10, 99) + dice.between(1, 9)
    return {
        "customer_id": customer,
        "item": item,
        "status": status,
        "total": tenths / 10,
        "days": days,
        "city": dice.pick(CITIES),
    }


def _status(dice: Dice, kind: RequestKind | None) -> str:
    match kind:
        case RequestKind.CANCEL | RequestKind.CITY:
            return "pending"
        case RequestKind.RETURN:
            return "delivered"
        case RequestKind.CITY_REFUSED:
            return "shipped"
        case RequestKind.CANCEL_REFUSED:
            return dice.pick(("shipped", "shipped", "delivered"))
        case RequestKind.RETURN_REFUSED:
            return dice.pick(("delivered", "delivered", "shipped", "pending"))
        case _:
            return dice.pick(tuple(TOPICS_BY_STATUS))


def _days(dice: Dice, kind: RequestKind | None, status: str, used: set[int]) -> int:
    """A number of days that no other order of the task has, so that the agent has to look it up.

    It is never 1, so that a plural always fits. Enough numbers are left: a task has at most six
    orders, and orders that change city, which use two numbers, are among the first three.
    """
    late = kind is RequestKind.RETURN_REFUSED
    low, high = (2, 12) if status != "delivered" else (31, 90) if late else (2, RETURN_DAYS)
    later = CITY_CHANGE_DAYS if kind is RequestKind.CITY else 0
    days = dice.between(low, high)
    while {days, days + later} & used:
        days = dice.between(low, high)
    used |= {days, days + later}
    return days


def _request(
    dice: Dice, kind: RequestKind, number: str, row: Mapping[str, Json], wrong: str, *, again: bool
) -> DeskRequest:
    numbered = dice.chance(NUMBERED_SHARE) and not again
    return DeskRequest(
        kind=kind,
        order=number,
        item=str(row["item"]),
        detail=_detail(dice, kind, row),
        stated=dice.chance(STATED_SHARE),
        numbered=numbered,
        slip=wrong if numbered and dice.chance(SLIP_SHARE) else "",
        again=again,
    )


def _detail(dice: Dice, kind: RequestKind, row: Mapping[str, Json]) -> str:
    match kind:
        case RequestKind.CANCEL | RequestKind.CANCEL_REFUSED:
            return dice.pick(tuple(REASONS))
        case RequestKind.CITY | RequestKind.CITY_REFUSED:
            return dice.pick([city for city in CITIES if city != row["city"]])
        case RequestKind.QUESTION:
            return dice.pick(TOPICS_BY_STATUS[str(row["status"])])
        case RequestKind.TRANSFER:
            return dice.pick(tuple(TOPICS))
        case _:
            return ""
