from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks import hearing as benchmark
from tasks.agenda.hearing import heard
from tasks.agenda.slots import Slot

WORDS = (
    "which what please provide your order id zip code email , ? . : - 1. and or if once so i would "
    "you like me to cancel proceed #W12 QX7RTB confirm when the flight refund card \n"
)


def test_the_slots_of_real_questions_are_found() -> None:
    rows = benchmark.sample()
    assert len(rows) >= 240
    assert benchmark.hits(rows).all_found > 0.94
    assert benchmark.hits(rows).extra < len(rows) / 20


def test_they_are_found_where_no_misses_were_read_too() -> None:
    assert benchmark.main([]).all_found > 0.92


def test_the_sample_asks_for_every_slot_at_least_eight_times() -> None:
    rows = benchmark.sample()
    rare = {slot for slot in Slot if sum(slot.value in wanted for _, wanted in rows) < 8}
    assert not rare


@pytest.mark.parametrize(
    ("message", "slots"),
    [
        ("Please give me your zip code and your name.", (Slot.ZIP, Slot.NAME)),
        ("Your name and your zip code, please?", (Slot.NAME, Slot.ZIP)),
        ("What is your email? And which order is it?", (Slot.EMAIL, Slot.ORDER_ID)),
        ("Is that correct? Which card should I charge?", (Slot.CONFIRM, Slot.PAYMENT)),
    ],
)
def test_slots_stand_in_the_order_asked(message: str, slots: tuple[Slot, ...]) -> None:
    assert heard(message) == slots


@pytest.mark.parametrize(
    "message",
    [
        "",
        "   \n ",
        "Your order id is #W4071852.",
        "I found your email address and your zip code.",
        "I need to check order number #W4071852 first.",
        "Once I have your order id, I can cancel it.",
        "- Order ID: #W4071852\n- Payment method: PayPal",
    ],
)
def test_what_is_told_asks_nothing(message: str) -> None:
    assert heard(message) == ()


def test_a_list_asks_only_where_its_head_does() -> None:
    lines = "\n- The order ID\n- The reason"
    assert heard(f"Please send me:{lines}") == (Slot.ORDER_ID, Slot.REASON)
    assert heard(f"You will find in the email:{lines}") == ()


def test_parts_of_an_address_are_no_questions_of_their_own() -> None:
    assert heard("What are the new street, city and zip code?") == (Slot.ADDRESS,)


def test_which_one_asks_for_what_was_offered() -> None:
    assert heard("I see two gift cards. Which one do you mean?") == (Slot.PAYMENT,)
    assert heard("There are two flights. Which one do you prefer?") == (Slot.FLIGHT,)
    assert heard("Option A or option B. Which one do you prefer?") == (Slot.CHOICE,)


@given(st.text() | st.lists(st.sampled_from(WORDS.split(" "))).map(" ".join))
def test_anything_can_be_heard(message: str) -> None:
    slots = heard(message)
    assert len(set(slots)) == len(slots)
    assert heard(message) == slots


LONG = pytest.mark.parametrize(
    "word", ["which? ", "so i ", "order id, ", "zip ", "1. \n", "((", "é’"]
)


@LONG
def test_a_very_long_message_is_heard_to_its_end(word: str) -> None:
    assert Slot.EMAIL in heard(word * 30_000 + "\n\nWhat is your email?")


@LONG
def test_a_very_long_message_is_heard_in_linear_time(
    word: str, growth: Callable[..., float]
) -> None:
    assert growth(heard, word * 8_000) < 24
