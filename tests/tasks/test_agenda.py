import json
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.agenda.agenda import Agenda, Fact, Request
from tasks.agenda.agenda_json import AgendaError, agenda_from_json, agenda_to_json
from tasks.agenda.mind import CustomerAct
from tasks.agenda.slots import Slot
from tasks.agenda.user import AgendaUser
from tools.protocol import render
from tools.types import Message, Role, ToolCall

NUMBER = Fact(Slot.ORDER_ID, "#W1234567")
LAMP = Fact(Slot.ITEM, "the lamp", "111", ("lamp",), ("mug",))
REASON = Fact(Slot.REASON, "I no longer need it", "no longer needed", rivals=("mistake",))
PAYPAL = Fact(Slot.PAYMENT, "my PayPal account", "paypal_1", ("paypal",), ("gift card",))
CARD = Fact(Slot.PAYMENT, "my gift card", "gift_card_1", ("gift card",), ("paypal",))
CANCEL = Request(
    "cancel",
    "Please cancel order #W1234567.",
    "I want to cancel the order.",
    (NUMBER, LAMP, REASON),
    (Slot.ORDER_ID,),
)
RETURN = Request(
    "return",
    "Please take back the lamp from order #W1234567.",
    "I want to return the lamp.",
    (NUMBER, LAMP, PAYPAL),
    (Slot.ORDER_ID, Slot.ITEM),
)
STATUS = Request("status", "How far is it?", "I asked how far it is.", (NUMBER,), signs=("sent",))
IDENTITY = (Fact(Slot.NAME, "Ida Berg"), Fact(Slot.EMAIL, "ida@example.com"))
READ_BACK = "I'll cancel order #W1234567. Shall I go ahead?"


def agenda(*requests: Request, **changes: object) -> Agenda:
    return replace(Agenda(IDENTITY, requests, patience=2), **changes)  # type: ignore[arg-type]


def talk(of: Agenda, replies: Sequence[str]) -> list[str | None]:
    """What the customer says first and after each reply."""
    user, messages = AgendaUser(of), [Message(Role.SYSTEM, "Rules.")]
    said: list[str | None] = [user.answer(messages)]
    for reply in replies:
        messages += [Message(Role.USER, said[-1] or ""), Message(Role.ASSISTANT, reply)]
        said.append(user.answer(messages))
    return said


def acts(of: Agenda, *replies: str) -> list[CustomerAct]:
    return [turn.act for turn in AgendaUser(of).turns(replies)]


def last(of: Agenda, *replies: str) -> str:
    said = talk(of, replies)[-1]
    assert said is not None
    return said


@pytest.mark.parametrize("seed", range(30))
def test_it_answers_what_it_is_asked_and_no_more(seed: int) -> None:
    said = last(agenda(CANCEL, seed=seed), "Could you tell me your email address?")
    assert "ida@example.com" in said
    assert "Ida" not in said
    said = last(agenda(CANCEL, seed=seed), "May I ask why you want to cancel it?")
    assert "no longer need it" in said


@pytest.mark.parametrize("seed", range(10))
def test_the_same_agenda_and_replies_give_the_same_words(seed: int) -> None:
    replies = ["What is your email?", READ_BACK, "Done, it has been cancelled. Anything else?"]
    assert talk(agenda(CANCEL, seed=seed), replies) == talk(agenda(CANCEL, seed=seed), replies)


def test_other_seeds_give_other_words() -> None:
    said = {last(agenda(CANCEL, seed=seed), "What is your email?") for seed in range(60)}
    assert len(said) > 20


def test_it_says_yes_to_a_right_read_back_and_leaves_when_all_is_settled() -> None:
    done = "Done, it has been cancelled. Is there anything else?"
    assert acts(agenda(CANCEL), READ_BACK, done, "Goodbye!") == [
        CustomerAct.OPENS,
        CustomerAct.AGREES,
        CustomerAct.LEAVES,
    ]
    assert talk(agenda(CANCEL), [READ_BACK, done, "Goodbye!"])[-1] is None


@pytest.mark.parametrize(
    "wrong",
    [
        "I'll cancel order #W7654321. Shall I go ahead?",
        "I'll cancel order #W1234567 with the mug in it. Is that right?",
        "I'll cancel order #W1234567, reason: ordered by mistake. Do you confirm?",
    ],
)
def test_it_corrects_a_wrong_read_back(wrong: str) -> None:
    assert acts(agenda(CANCEL), wrong)[-1] is CustomerAct.CORRECTS


def test_it_corrects_what_has_the_number_wrong_with_the_number() -> None:
    said = last(agenda(CANCEL), "I'll cancel order #W7654321. Shall I go ahead?")
    assert "#W1234567" in said
    assert "#W7654321" not in said


def test_a_slip_is_mended_when_nothing_is_found() -> None:
    slip = replace(CANCEL, stated=(), facts=(replace(NUMBER, slip="#W7654321"), LAMP, REASON))
    said = talk(agenda(slip), ["What is the order number?", "I can't find an order with that."])
    assert "#W7654321" in str(said[1])
    assert "#W1234567" in str(said[2])


def test_its_mind_changes_at_the_read_back_and_only_once() -> None:
    wanted = replace(RETURN, change=(CARD,))
    replies = ["The refund for the lamp goes to PayPal. Shall I go ahead?"]
    assert "gift card" in last(agenda(wanted), *replies)
    replies.append("The refund for the lamp goes to the gift card. Shall I go ahead?")
    assert acts(agenda(wanted), *replies) == [
        CustomerAct.OPENS,
        CustomerAct.CHANGES,
        CustomerAct.AGREES,
    ]


def test_it_calls_off_what_it_does_not_want_any_more() -> None:
    wanted = replace(CANCEL, withdrawn=True)
    given_up = acts(agenda(wanted, STATUS), READ_BACK, "All right. Anything else?")
    assert given_up == [CustomerAct.OPENS, CustomerAct.WITHDRAWS, CustomerAct.GOES_ON]


def test_a_refusal_leads_to_the_other_wish() -> None:
    wanted = replace(CANCEL, otherwise=RETURN)
    refusal = "I'm sorry, the order is delivered, so I cannot cancel it."
    said = talk(agenda(wanted), [refusal, "Where should the refund go?"])
    assert "take back the lamp" in str(said[1])
    assert "PayPal" in str(said[2])


def test_what_is_not_found_is_told_again_once() -> None:
    lost = "I cannot find that order."
    assert "#W1234567" in last(agenda(CANCEL), lost)
    assert acts(agenda(CANCEL), lost, lost) == [
        CustomerAct.OPENS,
        CustomerAct.ANSWERS,
        CustomerAct.LEAVES,
    ]


def test_a_limit_mentioned_in_a_report_is_no_refusal() -> None:
    wanted = replace(CANCEL, otherwise=RETURN)
    done = "It has been cancelled. I cannot say when the money will arrive."
    assert acts(agenda(wanted), READ_BACK, done)[-1] is CustomerAct.LEAVES


def test_a_refusal_is_borne_after_insisting() -> None:
    wanted, refusal = replace(CANCEL, insists=1), "I'm sorry, I cannot cancel it."
    assert acts(agenda(wanted), refusal, refusal) == [
        CustomerAct.OPENS,
        CustomerAct.INSISTS,
        CustomerAct.LEAVES,
    ]


def test_that_something_cannot_be_undone_is_no_refusal() -> None:
    assert acts(agenda(CANCEL), f"This cannot be undone. {READ_BACK}")[-1] is CustomerAct.AGREES


def test_it_does_not_let_a_request_be_forgotten() -> None:
    said = last(agenda(CANCEL), "Thank you! Is there anything else I can do?")
    assert CANCEL.short in said


def test_a_question_wants_an_answer() -> None:
    assert acts(agenda(STATUS), "It was sent on Monday.")[-1] is CustomerAct.LEAVES
    assert acts(agenda(STATUS), "What a nice day.")[-1] is CustomerAct.LOST


def test_what_it_does_not_understand_is_said_and_counted() -> None:
    replies = ["Bananas are yellow.", "The moon is far."]
    messages = [Message(Role.USER, "Hi.")] + [Message(Role.ASSISTANT, text) for text in replies]
    assert AgendaUser(agenda(CANCEL)).heard(messages)[-1].mind.misunderstood == 2
    assert CANCEL.short in last(agenda(CANCEL), *replies)


def test_its_patience_ends() -> None:
    replies = ["Bananas are yellow."] * 3
    assert acts(agenda(CANCEL), *replies)[-1] is CustomerAct.GIVES_UP
    assert talk(agenda(CANCEL), [*replies, "Wait!"])[-1] is None


def test_calls_and_their_results_are_not_heard() -> None:
    call = render([ToolCall("find", {"order_id": "#W7654321"})])
    messages = [
        Message(Role.USER, "Hi."),
        Message(Role.ASSISTANT, call),
        Message(Role.TOOL, "Error: order not found. What is your email?"),
        Message(Role.ASSISTANT, "Why do you want to cancel it?"),
    ]
    assert "no longer need it" in str(AgendaUser(agenda(CANCEL)).answer(messages))


def test_it_says_that_it_lacks_the_number_and_names_the_thing() -> None:
    wanted = replace(CANCEL, facts=(LAMP, REASON), stated=())
    assert "the lamp" in last(agenda(wanted), "What is the order number?")


@pytest.mark.parametrize("requests", [(CANCEL,), (replace(CANCEL, otherwise=RETURN), STATUS)])
def test_an_agenda_comes_back_from_json(requests: tuple[Request, ...]) -> None:
    one = agenda(*requests, introduces=(Slot.NAME,), vague=True, seed=9, patience=0)
    assert agenda_from_json(json.loads(json.dumps(agenda_to_json(one)))) == one


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ([], "an agenda as an object"),
        ({"requests": []}, "at least one request"),
        ({"requests": [{"intent": 3}]}, "`intent` of a request to be a string"),
        ({"requests": [{}], "identity": [{"slot": "shoe", "says": "x"}]}, "`intent`"),
    ],
)
def test_what_is_no_agenda_is_explained(value: object, words: str) -> None:
    with pytest.raises(AgendaError, match=words):
        agenda_from_json(value)  # type: ignore[arg-type]


FACTS = ("#W1234567", "ida@example.com", "Ida Berg", "lamp", "PayPal", "gift card")


@settings(deadline=None)  # the first message compiles what is listened for
@given(st.lists(st.text(max_size=200), max_size=6))
def test_whatever_is_said_it_answers_or_leaves_and_invents_no_number(replies: list[str]) -> None:
    said = talk(agenda(replace(CANCEL, otherwise=RETURN), STATUS), replies)
    for text in said:
        plain = text or ""
        for fact in FACTS:
            plain = plain.replace(fact, "")
        assert not any(character.isdigit() for character in plain)
