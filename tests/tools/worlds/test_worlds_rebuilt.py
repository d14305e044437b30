"""Worlds rebuilt from what one dialogue shows."""

from __future__ import annotations

import json

from tasks.carried_out import carried_out
from tools.executor import Executor
from tools.types import Json, ProblemKind, ToolCall
from tools.worlds import WORLDS
from tools.worlds.database import Base

Shop = dict[str, Json]
FIND = ToolCall("find_user_id_by_email", {"email": "ida.berg@example.com"})
USER = ToolCall("get_user_details", {"user_id": "ida_berg_1"})
ORDER = ToolCall("get_order_details", {"order_id": "#W1"})
CANCEL = ToolCall("cancel_pending_order", {"order_id": "#W1", "reason": "no longer needed"})
RETURN = ToolCall(
    "return_delivered_order_items",
    {"order_id": "#W2", "item_ids": ["M1"], "payment_method_id": "credit_card_1"},
)


def answers(start: Executor, *calls: ToolCall) -> list[Json]:
    """What is answered, read; whole floats are as good as integers."""
    texts = (text for _, text in talk(start, *calls))
    return [json.loads(text) if text[0] in "{[" else text for text in texts]


def talk(start: Executor, *calls: ToolCall) -> list[tuple[ToolCall, str]]:
    """The calls with their answers, one after the other."""
    entries = []
    for call in calls:
        start, result = start.run(call)
        entries.append((call, result.content))
    return entries


def rebuilt(world: str, entries: list[tuple[ToolCall, str]]) -> Executor:
    return WORLDS[world].start(WORLDS[world].rebuilt(entries))


def test_the_same_calls_have_the_same_answers(shop: Shop) -> None:
    for world in ("retail", "retail-tau2"):
        start = WORLDS[world].start(Base.of(shop))
        for calls in (
            [FIND, USER, ORDER, CANCEL, USER, ORDER],
            [CANCEL, ORDER, USER],
            [CANCEL, CANCEL, RETURN, FIND],
            [ToolCall("get_order_details", {"order_id": "#W99"}), ORDER],
        ):
            entries = talk(start, *calls)
            assert answers(rebuilt(world, entries), *calls) == answers(start, *calls)


def test_it_is_a_world_and_no_recording(shop: Shop) -> None:
    start = WORLDS["retail"].start(Base.of(shop))
    executor = rebuilt("retail", talk(start, USER, ORDER))
    after, result = executor.run(CANCEL)
    assert result.ok
    assert after.digest != executor.digest
    assert {change.key for change in after.changes_since(executor)} == {"#W1", "ida_berg_1"}
    assert json.loads(after.run(ORDER)[1].content)["status"] == "cancelled"
    _, again = after.run(CANCEL)
    assert again.content == "Error: non-pending order cannot be cancelled"


def test_what_was_not_seen_is_not_denied(shop: Shop) -> None:
    start = WORLDS["retail"].start(Base.of(shop))
    executor = rebuilt("retail", talk(start, ORDER))
    for call in (
        ToolCall("get_order_details", {"order_id": "#W2"}),
        ToolCall("list_all_product_types", {}),
        USER,
        ToolCall("get_product_details", {"product_id": "1"}),
    ):
        after, result = executor.run(call)
        assert after is executor
        assert result.problem is not None
        assert result.problem.kind is ProblemKind.UNRECORDED
        assert "rebuilt" in result.content


def test_a_write_before_the_first_look_is_undone(shop: Shop) -> None:
    start = WORLDS["retail"].start(Base.of(shop))
    executor = rebuilt("retail", talk(start, CANCEL, USER))
    assert json.loads(executor.run(ORDER)[1].content)["status"] == "pending"
    user = json.loads(executor.run(USER)[1].content)
    assert user["payment_methods"]["gift_card_1"]["balance"] == 10


def test_bookings_and_searches() -> None:
    base = WORLDS["airline"].generated(40, 1)
    user_id, user = next(
        (key, row)
        for key, row in base.tables["users"].items()
        if "credit_card" in str(row["payment_methods"])
    )
    methods = user["payment_methods"]
    assert isinstance(methods, dict)
    card = next(name for name in methods if name.startswith("credit_card"))
    first = base.tables["flights"]["HAT001"]
    dates = first["dates"]
    assert isinstance(dates, dict)
    date = next(d for d, day in dates.items() if _seats(day) > 0)
    search = ToolCall(
        "search_direct_flight",
        {"origin": first["origin"], "destination": first["destination"], "date": date},
    )
    book = ToolCall(
        "book_reservation",
        {
            "user_id": user_id,
            "origin": first["origin"],
            "destination": first["destination"],
            "flight_type": "one_way",
            "cabin": "economy",
            "flights": [{"flight_number": "HAT001", "date": date}],
            "passengers": [{"first_name": "Ida", "last_name": "Berg", "dob": "1980-01-01"}],
            "payment_methods": [{"payment_id": card, "amount": _price(dates[date])}],
            "total_baggages": 0,
            "nonfree_baggages": 0,
            "insurance": "no",
        },
    )
    look = ToolCall("get_user_details", {"user_id": user_id})
    for world in ("airline", "airline-tau2"):
        start = WORLDS[world].start(WORLDS[world].generated(40, 1))
        for calls in ([look, search, book, look], [book, look], [book, search]):
            entries = talk(start, *calls)
            assert all("Error" not in text for _, text in entries)
            assert answers(rebuilt(world, entries), *calls) == answers(start, *calls)


def _seats(day: Json) -> int:
    assert isinstance(day, dict)
    seats = day.get("available_seats", {})
    assert isinstance(seats, dict)
    free = seats.get("economy", 0)
    assert isinstance(free, int)
    return free


def _price(day: Json) -> Json:
    assert isinstance(day, dict)
    prices = day["prices"]
    assert isinstance(prices, dict)
    return prices["economy"]


def test_a_cabin_that_only_a_change_shows() -> None:
    look = ToolCall("get_reservation_details", {"reservation_id": "AAA001"})
    upgrade = ToolCall(
        "update_reservation_flights",
        {
            "reservation_id": "AAA001",
            "cabin": "business",
            "flights": [{"flight_number": "ZZ1", "date": "2024-05-20"}],
            "payment_id": "gift_card_1",
        },
    )
    entries = [(look, trip("economy", [110])), (upgrade, trip("business", [110, 290]))]
    executor = rebuilt("airline-tau2", entries)
    assert answers(executor, look, upgrade) == [json.loads(text) for _, text in entries]
    basic = ToolCall(upgrade.name, {**upgrade.arguments, "cabin": "basic_economy"})
    _, result = executor.run(basic)  # what it costs was never shown
    assert result.problem is not None
    assert result.problem.kind is ProblemKind.UNRECORDED


LOOK = ToolCall("get_reservation_details", {"reservation_id": "AAA001"})
BAGS = ToolCall(
    "update_reservation_baggages",
    {
        "reservation_id": "AAA001",
        "total_baggages": 3,
        "nonfree_baggages": 2,
        "payment_id": "gift_card_1",
    },
)


def test_what_was_refused_in_a_state_is_refused_in_it_again() -> None:
    refusal = "Error: gift card balance is not enough"
    executor = rebuilt("airline", [(LOOK, trip("economy", [110])), (BAGS, refusal)])
    after, result = executor.run(BAGS)  # nobody has seen what the gift card holds
    assert result.content == refusal
    assert after is executor


def trip(cabin: str, payments: list[int]) -> str:
    """A reservation as it is shown, at one price in economy and at another in business."""
    leg: Json = {
        "origin": "BOS",
        "destination": "MIA",
        "flight_number": "ZZ1",
        "date": "2024-05-20",
        "price": 110 if cabin == "economy" else 400,
    }
    shown: Json = {
        "reservation_id": "AAA001",
        "user_id": "ada_oak_1",
        "origin": "BOS",
        "destination": "MIA",
        "flight_type": "one_way",
        "cabin": cabin,
        "flights": [leg],
        "passengers": [{"first_name": "Ada", "last_name": "Oak", "dob": "1980-01-02"}],
        "payment_history": [{"payment_id": "gift_card_1", "amount": a} for a in payments],
        "created_at": "2024-05-01T10:00:00",
        "total_baggages": 1,
        "nonfree_baggages": 0,
        "insurance": "no",
        "status": None,
    }
    return json.dumps(shown)


def test_a_failure_of_the_moment_refuses_nothing() -> None:
    fault = "Error: 503 Service Unavailable - please try again"
    executor = rebuilt("airline", [(LOOK, trip("economy", [110])), (BAGS, fault)])
    assert executor.run(BAGS)[1].ok


def test_a_goal_that_rests_on_a_guess_is_not_told() -> None:
    world, shown = WORLDS["airline"], trip("economy", [110])
    guessed = carried_out(world, world.rebuilt([(LOOK, shown)]), [BAGS])
    assert "depends on a price or a balance that the dialogue does not show" in guessed.missing
    assert guessed.writes == (BAGS,)
    paid = json.dumps({**json.loads(shown), "total_baggages": 3, "nonfree_baggages": 2})
    proven = carried_out(world, world.rebuilt([(LOOK, shown), (BAGS, paid)]), [BAGS])
    assert (proven.missing, proven.writes) == ("", (BAGS,))
    hidden = carried_out(world, world.rebuilt([(BAGS, paid), (LOOK, paid)]), [])
    assert "AAA001 of reservations is shown only after a write" in hidden.missing
