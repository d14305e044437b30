"""Whether recorded answers say that their calls failed."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.failures import looks_like_error, write_failed
from tools.types import ToolCall

BOOK = ToolCall("book_room", {"room": "12"})


@pytest.mark.parametrize(
    "answer",
    [
        '{"status": "failed"}',
        '{"status": "FAILED", "order_id": "1"}',
        '{"ok": false}',
        '{"ok": "false"}',
        '{"success": false}',
        '{"success": false, "booking": {"id": 1, "status": "confirmed"}}',
        '{"error": "no such room"}',
        '{"errors": ["no such room"]}',
        '{"isError": true, "content": []}',
        '{"failed": true}',
        '{"result": "failure"}',
        '{"result": {"ok": false}}',
        '{"data": {"status": "rejected"}}',
        '[{"status": "failed"}]',
        '{"item": {"RequestStatus": "Request Failed", "room": "12"}}',
        '{"status_code": 404}',
        '{"statusCode": 500, "body": ""}',
        '{"status": 422}',
        '{"status": "404 Not Found"}',
        '{"code": 403, "message": "no"}',
        '{"message": "Could not book the room"}',
        '{"detail": "Not found."}',
        "{'status': 'failed'}",
        "{'ok': False, 'reason': None}",
        '"Error: no such room"',
        "Error: no such room",
        "Failed to book the room",
        "Booking failed: no rooms left",
        "Unable to book.",
        "Sorry, we could not do that",
        "Cannot book a room in the past",
        "HTTP 503",
        "404 Not Found",
        "Permission denied",
        "Invalid room",
        "false",
        "False",
        "[false]",
        '{"booked": false}',
        '{"done": false}',
        '{"accepted": "no"}',
        '{"ack": false}',
        '{"status": {"code": "failed"}}',
        '{"response": {"result": {"ok": false}}}',
        '{"results": [{"status": "failed"}, {"error": "no room"}]}',
        '[{"error": "no room"}, {"error": "no date"}]',
        '{"content": [{"type": "text", "text": "Error: no room"}], "isError": false}',
        '{"content": [{"type": "text", "text": "{\\"ok\\": false}"}]}',
        '"{\\"status\\": \\"failed\\"}"',
        '```json\n{"status": "failed"}\n```',
        '{"type": "error", "room": 3}',
        '{"status": "failed: no room"}',
        '{"status": "could not be booked"}',
        '{"status": "no_availability"}',
        '{"status": "error_no_room"}',
        '{"status": "4xx"}',
        '{"result": "error: no room"}',
        '{"output": "Unable to book"}',
        "status: failed",
        "success=False",
        "The request was rejected.",
        "That room is not available.",
        "No room available",
        "Operation not permitted",
        "The room cannot be booked",
        "I'm sorry, but that did not work",
    ],
)
def test_a_write_that_failed(answer: str) -> None:
    assert write_failed(BOOK, answer)


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "null",
        "true",
        "{}",
        "[]",
        "431",
        '"431"',
        "500-mile plan booked",
        "Booked. It cannot be changed later.",
        "0 failed, 3 booked",
        "No bookings failed",
        "Failover room booked",
        "Invalidated the old key",
        '{"status": "confirmed", "message": "Cannot be cancelled"}',
        '{"status": "pending", "error": null, "errors": []}',
        '{"status": "cancelled"}',
        '{"ok": true, "message": "Failed payments: none"}',
        '{"success": true, "status": "failed attempts reset"}',
        '{"code": 404}',
        '{"id": 500, "room": "denied"}',
        '{"history": [{"status": "failed"}], "status": "booked"}',
        '[{"status": "failed"}, {"status": "booked"}]',
        '{"room": "failed", "note": "error: see below"}',
        '{"status": "failed"' + " " * 5_000 + "}",
        '{"previous_status": "failed", "status": "confirmed"}',
        '{"refundable": false, "booking": 3}',
        '{"payment": {"status": "failed"}, "status": "confirmed"}',
        '{"data": [false, false]}',
        "status: pending",
        "The booking cannot be refunded",
    ],
)
def test_a_write_that_went_well(answer: str) -> None:
    assert not write_failed(BOOK, answer)


@pytest.mark.parametrize(
    ("name", "arguments", "answer"),
    [
        ("reject_offer", {}, '{"status": "rejected"}'),
        ("reject_offer", {}, "Rejected."),
        ("deny_claim", {}, '{"claim": {"id": 1}, "status": "denied"}'),
        ("decline", {}, '{"state": "declined"}'),
        ("set_status", {"value": "failed"}, '{"id": 1, "status": "failed"}'),
        ("update_order", {"status": "failed"}, '{"status": "failed"}'),
        ("markAsInvalid", {}, '{"outcome": "invalid"}'),
        ("reject_offer", {}, '{"rejected": true}'),
        ("reject_offer", {}, "The offer was rejected."),
        ("mark_incomplete", {}, '{"completed": false}'),
        ("disapprove_post", {}, '{"approved": false}'),
        ("cancel_room", {}, '{"booked": false}'),
        ("mark_task", {"done": False}, '{"done": false}'),
    ],
)
def test_a_status_of_which_the_call_speaks(name: str, arguments: Any, answer: str) -> None:
    assert not write_failed(ToolCall(name, arguments), answer)


def test_an_answer_to_a_question_may_be_that_something_failed() -> None:
    assert not looks_like_error('{"status": "failed", "payment": 1}')
    assert not looks_like_error("Invalid coupon")
    assert looks_like_error('{"ok": false}')
    assert looks_like_error('{"statusCode": 404}')


WILD = st.recursive(
    st.none() | st.booleans() | st.integers() | st.sampled_from(["failed", "ok", "404", ""]),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(
            st.sampled_from(["status", "ok", "error", "message", "data", "failed", "code"]), inner
        )
    ),
)


@given(st.text() | WILD.map(str))
def test_every_answer_is_judged(answer: str) -> None:
    assert write_failed(BOOK, answer) in (True, False)
    if looks_like_error(answer):
        assert write_failed(BOOK, answer)
