"""The airline's rules, in both variants, on a small database of our own."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.executor import Executor
from tools.schema.toolbox import Toolbox
from tools.types import Effect, Json, ProblemKind, ToolCall
from tools.worlds.airline.variants import TAU1, TAU2
from tools.worlds.database import Base
from tools.worlds.functions import WorldTool
from tools.worlds.world import WorldExecutor

BOTH = pytest.mark.parametrize("tools", [TAU1, TAU2], ids=["tau1", "tau2"])
ONE = [{"flight_number": "ZZ1", "date": "2024-05-20"}]
ADA = {"first_name": "Ada", "last_name": "Oak", "dob": "1980-01-02"}
BEN = {"first_name": "Ben", "last_name": "Oak", "dob": "1981-03-04"}


def day(economy: int, price: int) -> dict[str, Json]:
    return {
        "status": "available",
        "available_seats": {"basic_economy": 0, "economy": economy, "business": 9},
        "prices": {"basic_economy": 50, "economy": price, "business": 400},
    }


def flight(number: str, way: str, times: str, dates: dict[str, Json]) -> dict[str, Json]:
    origin, destination = way.split("-")
    departure, arrival = times.split("-")
    return {
        "flight_number": number,
        "origin": origin,
        "destination": destination,
        "scheduled_departure_time_est": departure,
        "scheduled_arrival_time_est": arrival,
        "dates": dates,
    }


def flights() -> dict[str, Json]:
    late: dict[str, Json] = {"status": "delayed"}
    return {
        "ZZ1": flight(
            "ZZ1",
            "BOS-MIA",
            "08:00:00-11:00:00",
            {"2024-05-20": day(2, 100), "2024-05-21": late, "2024-05-22": day(5, 130)},
        ),
        "ZZ2": flight("ZZ2", "MIA-SEA", "11:00:00-15:00:00", {"2024-05-20": day(4, 90)}),
        "ZZ3": flight("ZZ3", "MIA-SEA", "10:59:00-15:00:00", {"2024-05-20": day(4, 80)}),
        "ZZ4": flight("ZZ4", "BOS-DEN", "22:00:00-01:00:00+1", {"2024-05-20": day(3, 70)}),
        "ZZ5": flight(
            "ZZ5",
            "DEN-SEA",
            "06:00:00-08:00:00",
            {"2024-05-20": day(1, 60), "2024-05-21": day(7, 65)},
        ),
    }


def reservation(key: str, user: str, **fields: Json) -> dict[str, Json]:
    return {
        "reservation_id": key,
        "user_id": user,
        "origin": "BOS",
        "destination": "MIA",
        "flight_type": "one_way",
        "cabin": "economy",
        "flights": [
            {
                "origin": "BOS",
                "destination": "MIA",
                "flight_number": "ZZ1",
                "date": "2024-05-20",
                "price": 110,
            }
        ],
        "passengers": [dict(ADA)],
        "payment_history": [{"payment_id": "card_1", "amount": 110}],
        "created_at": "2024-05-01T10:00:00",
        "total_baggages": 1,
        "nonfree_baggages": 0,
        "insurance": "no",
        **fields,
    }


def state() -> dict[str, Json]:
    methods: dict[str, Json] = {
        "card_1": {"source": "credit_card", "brand": "visa", "last_four": "0001", "id": "card_1"},
        "gift_1": {"source": "gift_card", "amount": 120, "id": "gift_1"},
        "cert_1": {"source": "certificate", "amount": 100, "id": "cert_1"},
    }
    user: dict[str, Json] = {
        "name": {"first_name": "Ada", "last_name": "Oak"},
        "address": {"address1": "1 Elm Street", "city": "Boston", "country": "USA", "zip": "02139"},
        "email": "ada@example.com",
        "dob": "1980-01-02",
        "payment_methods": methods,
        "saved_passengers": [dict(BEN)],
        "membership": "gold",
        "reservations": ["AAA001", "AAA002"],
    }
    reservations: dict[str, Json] = {
        "AAA001": reservation("AAA001", "ada_oak_1"),
        "AAA002": reservation("AAA002", "ada_oak_1", passengers=[dict(ADA), dict(BEN)]),
    }
    return {"flights": flights(), "reservations": reservations, "users": {"ada_oak_1": user}}


def start(tools: Mapping[str, WorldTool]) -> Executor:
    return WorldExecutor.start(tools, Base.of(state()))


def do(executor: Executor, name: str, **arguments: Json) -> tuple[Executor, Json]:
    """Carries out a call that must succeed."""
    after, result = executor.run(ToolCall(name, arguments))
    assert result.ok, result
    try:
        read: Json = json.loads(result.content)
    except json.JSONDecodeError:
        return after, result.content
    return after, read


def shown(executor: Executor, name: str, **arguments: Json) -> dict[str, Json]:
    """What a call answers, which is an object; nulls are left out."""
    _, answer = do(executor, name, **arguments)
    assert isinstance(answer, dict)
    return {key: value for key, value in answer.items() if value is not None}


def methods(executor: Executor) -> dict[str, Json]:
    found = shown(executor, "get_user_details", user_id="ada_oak_1")["payment_methods"]
    assert isinstance(found, dict)
    return found


def seats(executor: Executor) -> Json:
    _, answer = do(
        executor, "search_direct_flight", origin="BOS", destination="MIA", date="2024-05-20"
    )
    assert isinstance(answer, list)
    assert isinstance(answer[0], dict)
    assert isinstance(answer[0]["available_seats"], dict)
    return answer[0]["available_seats"]["economy"]


def booking(**changed: Json) -> dict[str, Json]:
    """The arguments of a booking for two, insured, with one bag: 200 + 60 + 50 dollars."""
    payments: list[Json] = [
        {"payment_id": "cert_1", "amount": 90},
        {"payment_id": "gift_1", "amount": 120},
        {"payment_id": "card_1", "amount": 100},
    ]
    return {
        "user_id": "ada_oak_1",
        "origin": "BOS",
        "destination": "MIA",
        "flight_type": "one_way",
        "cabin": "economy",
        "flights": [dict(ONE[0])],
        "passengers": [dict(ADA), dict(BEN)],
        "payment_methods": payments,
        "total_baggages": 3,
        "nonfree_baggages": 1,
        "insurance": "yes",
        **changed,
    }


def test_tau1_shows_rows_as_they_are() -> None:
    users, reservations = state()["users"], state()["reservations"]
    assert isinstance(users, dict)
    assert isinstance(reservations, dict)
    _, user = do(start(TAU1), "get_user_details", user_id="ada_oak_1")
    _, booked = do(start(TAU1), "get_reservation_details", reservation_id="AAA001")
    assert user == users["ada_oak_1"]
    assert booked == reservations["AAA001"]


def test_tau2_shows_the_fields_of_its_data_model() -> None:
    _, user = do(start(TAU2), "get_user_details", user_id="ada_oak_1")
    assert isinstance(user, dict)
    assert list(user)[:2] == ["user_id", "name"]
    assert user["user_id"] == "ada_oak_1"
    _, result = start(TAU2).run(ToolCall("get_user_details", {"user_id": "ada_oak_1"}))
    assert '{"source": "gift_card", "id": "gift_1", "amount": 120.0}' in result.content
    _, booked = do(start(TAU2), "get_reservation_details", reservation_id="AAA001")
    assert isinstance(booked, dict)
    assert list(booked)[-2:] == ["insurance", "status"]
    assert booked["status"] is None


def test_airports() -> None:
    _, codes = do(start(TAU1), "list_all_airports")
    _, listed = do(start(TAU2), "list_all_airports")
    assert isinstance(codes, dict)
    assert isinstance(listed, list)
    assert len(codes) == len(listed) == 20
    assert listed[2] == {"iata": "LAX", "city": codes["LAX"]}


@BOTH
def test_direct_flights_are_those_that_can_be_booked(tools: Mapping[str, WorldTool]) -> None:
    way: dict[str, Json] = {"origin": "BOS", "destination": "MIA"}
    for date, found in [("2024-05-20", 1), ("2024-05-21", 0), ("2024-05-23", 0), ("soon", 0)]:
        _, answer = do(start(tools), "search_direct_flight", **way, date=date)
        assert isinstance(answer, list)
        assert len(answer) == found


def test_a_flight_is_found_with_seats_and_prices() -> None:
    way: dict[str, Json] = {"origin": "BOS", "destination": "MIA", "date": "2024-05-20"}
    row = flight("ZZ1", "BOS-MIA", "08:00:00-11:00:00", {}) | day(2, 100)
    row.pop("dates")
    assert do(start(TAU1), "search_direct_flight", **way)[1] == [row]
    assert do(start(TAU2), "search_direct_flight", **way)[1] == [row | {"date": None}]


@BOTH
def test_the_second_flight_waits_for_the_first(tools: Mapping[str, WorldTool]) -> None:
    _, pairs = do(
        start(tools), "search_onestop_flight", origin="BOS", destination="SEA", date="2024-05-20"
    )
    assert isinstance(pairs, list)
    numbers = [[leg["flight_number"] for leg in pair] for pair in pairs]
    assert numbers == [["ZZ1", "ZZ2"], ["ZZ4", "ZZ5"]]
    dates = [[leg["date"] for leg in pair] for pair in pairs]
    assert dates == [["2024-05-20", "2024-05-20"], ["2024-05-20", "2024-05-21"]]
    onward = pairs[1][1]["prices"]["economy"]
    assert onward == (60 if tools is TAU1 else 65)


def test_flight_status() -> None:
    number: dict[str, Json] = {"flight_number": "ZZ1"}
    assert do(start(TAU2), "get_flight_status", **number, date="2024-05-21")[1] == "delayed"
    assert do(start(TAU2), "get_flight_status", **number, date="2024-05-20")[1] == "available"


@BOTH
def test_sums_thoughts_and_handing_over(tools: Mapping[str, WorldTool]) -> None:
    before = start(tools)
    assert do(before, "calculate", expression="2 * (3 + 4) / 5")[1] == 2.8
    handed, text = do(before, "transfer_to_human_agents", summary="lost bag")
    assert text == "Transfer successful"
    assert handed is before


def test_only_tau1_thinks() -> None:
    assert do(start(TAU1), "think", thought="hm")[1] == ""
    assert "think" not in TAU2


@BOTH
def test_book_reservation(tools: Mapping[str, WorldTool]) -> None:
    after, answer = do(start(tools), "book_reservation", **booking())
    assert isinstance(answer, dict)
    expected = booking() | {
        "reservation_id": "HATHAT",
        "created_at": "2024-05-15T15:00:00",
        "payment_history": booking()["payment_methods"],
        "flights": [{**ONE[0], "price": 100, "origin": "BOS", "destination": "MIA"}],
    }
    expected.pop("payment_methods")
    assert {key: value for key, value in answer.items() if value is not None} == expected
    stored = shown(after, "get_reservation_details", reservation_id="HATHAT")
    assert stored == expected
    user = shown(after, "get_user_details", user_id="ada_oak_1")
    assert user["reservations"] == ["AAA001", "AAA002", "HATHAT"]


@BOTH
def test_a_booking_is_paid(tools: Mapping[str, WorldTool]) -> None:
    after, _ = do(start(tools), "book_reservation", **booking())
    left = methods(after)
    assert list(left) == ["card_1", "gift_1"]
    assert left["gift_1"] == {"source": "gift_card", "amount": 0, "id": "gift_1"}
    assert "cert_1" in methods(start(tools))


def test_a_booking_takes_seats_in_tau2_alone() -> None:
    for tools, left in [(TAU1, 2), (TAU2, 0)]:
        before = start(tools)
        after, _ = do(before, "book_reservation", **booking())
        assert seats(after) == left
        assert seats(before) == 2


def paid_by_card(amount: Json, **changed: Json) -> dict[str, Json]:
    """A booking for one on the second day."""
    info: dict[str, Json] = {"flight_number": "ZZ1", "date": "2024-05-22"}
    payment: dict[str, Json] = {"payment_id": "card_1", "amount": amount}
    return booking(
        flights=[info],
        passengers=[dict(ADA)],
        payment_methods=[payment],
        nonfree_baggages=0,
        insurance="no",
        **changed,
    )


@BOTH
def test_three_reservations_have_ids(tools: Mapping[str, WorldTool]) -> None:
    executor = start(tools)
    for key in ("HATHAT", "HATHAU", "HATHAV"):
        executor, answer = do(executor, "book_reservation", **paid_by_card(130))
        assert isinstance(answer, dict)
        assert answer["reservation_id"] == key
    after, result = executor.run(ToolCall("book_reservation", paid_by_card(400, cabin="business")))
    if tools is TAU2:
        assert result.content == "Error: Too many reservations"
        assert after is executor
    else:
        last = shown(after, "get_reservation_details", reservation_id="HATHAV")
        assert last["cabin"] == "business"
        user = shown(after, "get_user_details", user_id="ada_oak_1")
        assert user["reservations"] == ["AAA001", "AAA002", "HATHAT", "HATHAU", "HATHAV", "HATHAV"]


def test_tau1_keeps_what_it_does_not_know() -> None:
    people: list[Json] = [{**ADA, "meal": "none"}]
    change: dict[str, Json] = {"reservation_id": "AAA001", "passengers": people}
    for tools, kept in [(TAU1, people), (TAU2, [ADA])]:
        _, answer = do(start(tools), "update_reservation_passengers", **change)
        assert isinstance(answer, dict)
        assert answer["passengers"] == kept


@pytest.mark.parametrize("amount", [130.0, "130"])
def test_tau2_reads_amounts_as_whole_dollars(amount: Json) -> None:
    call = paid_by_card(amount)
    _, answer = do(start(TAU2), "book_reservation", **call)
    assert isinstance(answer, dict)
    assert answer["payment_history"] == [{"payment_id": "card_1", "amount": 130}]


@BOTH
def test_cancel_reservation(tools: Mapping[str, WorldTool]) -> None:
    after, answer = do(start(tools), "cancel_reservation", reservation_id="AAA001")
    assert isinstance(answer, dict)
    assert answer["status"] == "cancelled"
    paid: list[Json] = [{"payment_id": "card_1", "amount": amount} for amount in (110, -110)]
    assert answer["payment_history"] == paid
    assert shown(after, "get_reservation_details", reservation_id="AAA001") == answer
    again = shown(after, "cancel_reservation", reservation_id="AAA001")
    assert len(again["payment_history"]) == 4


def change(
    reservation_id: str, date: str, cabin: str = "economy", payment_id: str = "gift_1"
) -> dict[str, Json]:
    info: dict[str, Json] = {"flight_number": "ZZ1", "date": date}
    return {
        "reservation_id": reservation_id,
        "cabin": cabin,
        "flights": [info],
        "payment_id": payment_id,
    }


@BOTH
def test_other_flights_cost_the_difference(tools: Mapping[str, WorldTool]) -> None:
    arguments = change("AAA002", "2024-05-22")
    after, answer = do(start(tools), "update_reservation_flights", **arguments)
    assert isinstance(answer, dict)
    leg = {**ONE[0], "date": "2024-05-22", "price": 130, "origin": "BOS", "destination": "MIA"}
    assert answer["flights"] == [leg]
    assert answer["payment_history"] == [
        {"payment_id": "card_1", "amount": 110},
        {"payment_id": "gift_1", "amount": 40},
    ]
    assert methods(after)["gift_1"] == {"source": "gift_card", "amount": 80, "id": "gift_1"}


@BOTH
def test_a_flight_that_stays_keeps_its_price(tools: Mapping[str, WorldTool]) -> None:
    before = start(tools)
    after, answer = do(before, "update_reservation_flights", **change("AAA002", "2024-05-20"))
    assert isinstance(answer, dict)
    assert answer["payment_history"] == [{"payment_id": "card_1", "amount": 110}]
    assert after.digest == before.digest


@BOTH
def test_the_cabin_follows_in_tau2_alone(tools: Mapping[str, WorldTool]) -> None:
    arguments = change("AAA001", "2024-05-20", "business", "card_1")
    after, answer = do(start(tools), "update_reservation_flights", **arguments)
    assert isinstance(answer, dict)
    assert answer["cabin"] == ("economy" if tools is TAU1 else "business")
    assert answer["payment_history"][-1] == {"payment_id": "card_1", "amount": 290}
    back, _ = do(after, "update_reservation_flights", **change("AAA001", "2024-05-22"))
    assert methods(back)["gift_1"]["amount"] == 120 + 400 - 130


@BOTH
def test_bags(tools: Mapping[str, WorldTool]) -> None:
    bags: dict[str, Json] = {"reservation_id": "AAA001", "payment_id": "gift_1"}
    more: dict[str, Json] = {"total_baggages": 4, "nonfree_baggages": 2}
    fewer: dict[str, Json] = {"total_baggages": 0, "nonfree_baggages": 0}
    after, answer = do(start(tools), "update_reservation_baggages", **bags, **more)
    assert isinstance(answer, dict)
    assert (answer["total_baggages"], answer["nonfree_baggages"]) == (4, 2)
    assert answer["payment_history"][-1] == {"payment_id": "gift_1", "amount": 100}
    assert methods(after)["gift_1"]["amount"] == 20
    last, answer = do(after, "update_reservation_baggages", **bags, **fewer)
    assert isinstance(answer, dict)
    assert len(answer["payment_history"]) == 2
    assert methods(last) == methods(after)


@BOTH
def test_passengers(tools: Mapping[str, WorldTool]) -> None:
    arguments: dict[str, Json] = {"reservation_id": "AAA001", "passengers": [dict(BEN)]}
    after, _ = do(start(tools), "update_reservation_passengers", **arguments)
    assert shown(after, "get_reservation_details", reservation_id="AAA001")["passengers"] == [BEN]


@BOTH
def test_certificates(tools: Mapping[str, WorldTool]) -> None:
    executor = start(tools)
    for name in ("certificate_3221322", "certificate_3221323", "certificate_3221324"):
        executor, text = do(executor, "send_certificate", user_id="ada_oak_1", amount=150)
        assert text == f"Certificate {name} added to user ada_oak_1 with amount 150."
        expected = {"source": "certificate", "amount": 150, "id": name}
        assert methods(executor)[name] == expected
    call = ToolCall("send_certificate", {"user_id": "ada_oak_1", "amount": 150})
    after, result = executor.run(call)
    assert result.content.lower() == "error: too many certificates"
    assert after is executor


TWICE: list[Json] = [
    {"payment_id": "cert_1", "amount": 100},
    {"payment_id": "cert_1", "amount": 30},
]
THREE: list[Json] = [dict(ADA), dict(BEN), dict(ADA)]
TOO_MUCH: list[Json] = [{"payment_id": "gift_1", "amount": 121}]
STRANGE: list[Json] = [{"payment_id": "card_9", "amount": 130}]


def bags(nonfree: int, **changed: Json) -> dict[str, Json]:
    return {
        "reservation_id": "AAA001",
        "total_baggages": 5,
        "nonfree_baggages": nonfree,
        "payment_id": "gift_1",
        **changed,
    }


def on(number: str, date: str) -> list[Json]:
    return [{"flight_number": number, "date": date}]


REFUSALS: list[tuple[str, dict[str, Json], str, str | None]] = [
    ("get_user_details", {"user_id": "x"}, "user not found", "User x not found"),
    (
        "get_reservation_details",
        {"reservation_id": "X"},
        "user not found",
        "Reservation X not found",
    ),
    (
        "cancel_reservation",
        {"reservation_id": "X"},
        "reservation not found",
        "Reservation X not found",
    ),
    ("send_certificate", {"user_id": "x", "amount": 5}, "user not found", "User x not found"),
    ("calculate", {"expression": "1/0"}, "division by zero", "division by zero"),
    ("book_reservation", booking(user_id="x"), "user not found", "User x not found"),
    ("book_reservation", booking(flights=on("ZZ9", "2024-05-20")), "flight ZZ9 not found", None),
    (
        "book_reservation",
        booking(flights=on("ZZ1", "2024-05-30")),
        "flight ZZ1 not found on date 2024-05-30",
        None,
    ),
    (
        "book_reservation",
        booking(flights=on("ZZ1", "2024-05-21")),
        "flight ZZ1 not available on date 2024-05-21",
        None,
    ),
    ("book_reservation", booking(passengers=THREE), "not enough seats on flight ZZ1", None),
    (
        "book_reservation",
        paid_by_card(0) | {"payment_methods": STRANGE},
        "payment method card_9 not found",
        None,
    ),
    (
        "book_reservation",
        paid_by_card(0) | {"payment_methods": TOO_MUCH},
        "not enough balance in payment method gift_1",
        None,
    ),
    (
        "book_reservation",
        paid_by_card(100),
        "payment amount does not add up, total price is 130, but paid 100",
        None,
    ),
    ("book_reservation", paid_by_card(0) | {"payment_methods": TWICE}, "'cert_1'", None),
    (
        "update_reservation_flights",
        change("X", "2024-05-22"),
        "reservation not found",
        "Reservation X not found",
    ),
    (
        "update_reservation_flights",
        change("AAA001", "2024-05-30"),
        "flight ZZ1 not found on date 2024-05-30",
        None,
    ),
    (
        "update_reservation_flights",
        change("AAA001", "2024-05-21"),
        "flight ZZ1 not available on date 2024-05-21",
        None,
    ),
    (
        "update_reservation_flights",
        change("AAA001", "2024-05-22", "basic_economy"),
        "not enough seats on flight ZZ1",
        None,
    ),
    (
        "update_reservation_flights",
        change("AAA001", "2024-05-22", payment_id="card_9"),
        "payment method not found",
        None,
    ),
    (
        "update_reservation_flights",
        change("AAA001", "2024-05-22", payment_id="cert_1"),
        "certificate cannot be used to update reservation",
        None,
    ),
    (
        "update_reservation_flights",
        change("AAA001", "2024-05-20", "business"),
        "gift card balance is not enough",
        None,
    ),
    (
        "update_reservation_baggages",
        bags(1, reservation_id="X"),
        "reservation not found",
        "Reservation X not found",
    ),
    (
        "update_reservation_baggages",
        bags(1, payment_id="card_9"),
        "payment method not found",
        None,
    ),
    (
        "update_reservation_baggages",
        bags(1, payment_id="cert_1"),
        "certificate cannot be used to update reservation",
        None,
    ),
    ("update_reservation_baggages", bags(3), "gift card balance is not enough", None),
    (
        "update_reservation_passengers",
        {"reservation_id": "X", "passengers": [dict(ADA)]},
        "reservation not found",
        "Reservation X not found",
    ),
    (
        "update_reservation_passengers",
        {"reservation_id": "AAA002", "passengers": [dict(ADA)]},
        "number of passengers does not match",
        None,
    ),
]
"""Tool, arguments, tau1's words, and tau2's where they are not the same with a capital."""


@BOTH
@pytest.mark.parametrize(("name", "arguments", "one", "two"), REFUSALS)
def test_the_api_refuses(
    tools: Mapping[str, WorldTool],
    name: str,
    arguments: dict[str, Json],
    one: str,
    two: str | None,
) -> None:
    before = start(tools)
    call = ToolCall(name, arguments)
    assert Toolbox.of([tool.spec for tool in tools.values()]).check(call) is None
    after, result = before.run(call)
    assert after is before
    words = one if tools is TAU1 else two or one[0].upper() + one[1:]
    assert result.content == f"Error: {words}"
    assert result.problem is not None
    assert result.problem.kind is ProblemKind.REJECTED


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"flight_number": "ZZ9", "date": "2024-05-20"}, "Error: Flight ZZ9 not found"),
        (
            {"flight_number": "ZZ1", "date": "2024-06-01"},
            "Error: Flight ZZ1 not found on date 2024-06-01",
        ),
    ],
)
def test_a_status_needs_a_flight(arguments: dict[str, Json], text: str) -> None:
    _, result = start(TAU2).run(ToolCall("get_flight_status", arguments))
    assert result.content == text


@pytest.mark.parametrize(
    ("changed", "text"),
    [
        (
            {"payment_methods": [{"id": "card_1", "amount": 130}]},
            "Error: 1 validation error for Payment\npayment_id\n  Field required",
        ),
        (
            {"payment_methods": [{"id": "card_1", "amount": 130.5}]},
            "Error: 2 validation errors for Payment\npayment_id\n  Field required\n"
            "amount\n  Input should be a valid integer",
        ),
        (
            {"passengers": [{"first_name": 1, "last_name": "Oak", "dob": "1980-01-02"}]},
            "Error: 1 validation error for Passenger\nfirst_name\n  Input should be a valid string",
        ),
        (
            {"flights": [{"flight_number": "ZZ1"}]},
            "Error: 1 validation error for FlightInfo\ndate\n  Field required",
        ),
    ],
)
def test_tau2_checks_parts_when_it_is_called(changed: dict[str, Json], text: str) -> None:
    call = ToolCall("book_reservation", paid_by_card(130) | changed)
    assert Toolbox.of([tool.spec for tool in TAU2.values()]).check(call) is None
    assert Toolbox.of([tool.spec for tool in TAU1.values()]).check(call) is not None
    before = start(TAU2)
    after, result = before.run(call)
    assert after is before
    assert result.content == text
    assert not result.ok


WILD = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
NAMES = ["user_id", "reservation_id", "flights", "passengers", "payment_methods", "date", "amount"]


@given(
    st.sampled_from([TAU1, TAU2]),
    st.sampled_from(
        ["book_reservation", "update_reservation_flights", "update_reservation_passengers"]
    ),
    st.dictionaries(st.sampled_from(NAMES), WILD),
)
def test_no_arguments_raise(
    tools: Mapping[str, WorldTool], name: str, wild: dict[str, Json]
) -> None:
    arguments = {
        "book_reservation": booking(),
        "update_reservation_flights": change("AAA001", "2024-05-22"),
        "update_reservation_passengers": {"reservation_id": "AAA001", "passengers": []},
    }[name]
    before = start(tools)
    after, result = before.run(ToolCall(name, arguments | wild))
    assert isinstance(result.content, str)
    assert result.ok or after is before


@BOTH
def test_the_shared_rows_are_never_changed(tools: Mapping[str, WorldTool]) -> None:
    rows = state()
    executor: Executor = WorldExecutor.start(tools, Base.of(rows))
    digest = executor.digest
    for name, arguments in [
        ("book_reservation", booking()),
        ("send_certificate", {"user_id": "ada_oak_1", "amount": 5}),
        ("update_reservation_flights", change("AAA001", "2024-05-22", payment_id="card_1")),
        ("update_reservation_baggages", bags(1, payment_id="card_1")),
        ("update_reservation_passengers", {"reservation_id": "AAA001", "passengers": [dict(BEN)]}),
        ("cancel_reservation", {"reservation_id": "AAA001"}),
    ]:
        after, _ = do(executor, name, **arguments)
        assert after.digest != executor.digest
        executor = after
    assert rows == state()
    assert WorldExecutor.start(tools, Base.of(rows)).digest == digest


def test_effects_are_declared() -> None:
    writes = {name for name, tool in TAU2.items() if tool.effect.effect is Effect.WRITE}
    assert writes == {
        "book_reservation",
        "cancel_reservation",
        "send_certificate",
        "update_reservation_baggages",
        "update_reservation_flights",
        "update_reservation_passengers",
    }
    assert not any(tool.effect.inferred for tool in (*TAU1.values(), *TAU2.values()))
