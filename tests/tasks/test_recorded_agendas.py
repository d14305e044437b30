"""Users who listen, of the generated sets that have records: the order desk and drawn domains."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from functools import cache
from types import ModuleType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.agenda.agenda import Agenda, Fact
from tasks.agenda.agenda_json import agenda_from_json, agenda_to_json
from tasks.agenda.mind import CustomerAct
from tasks.agenda.slots import Slot
from tasks.agenda.user import AgendaUser
from tasks.desk import generator as desk
from tasks.kaleidoscope import generator as kaleidoscope
from tasks.load import load_tasks
from tasks.types import Task
from tools.types import Message, Role

DATA = ("desk:300:3", "kaleidoscope:300:3")
BOTH = pytest.mark.parametrize("data", DATA)
CONVERSATIONS = {
    desk: "cbd890b35c9c2e7c239ad6d7c934f60b",
    kaleidoscope: "d98022f36bc661b7ea7b77e7c8cb9705",
}
"""Generator -> MD5 of its first conversations."""


@cache
def tasks(data: str) -> tuple[Task, ...]:
    return load_tasks(data).tasks


def user_of(task: Task) -> AgendaUser:
    user = task.setup.user
    assert isinstance(user, AgendaUser)
    return user


def find(data: str, **wanted: object) -> Agenda:
    """The first agenda whose first request, or which itself, has these attributes."""
    agendas = (user_of(task).agenda for task in tasks(data))
    return next(
        one
        for one in agendas
        if all(
            getattr(one if hasattr(one, name) else one.requests[0], name) == value
            for name, value in wanted.items()
        )
    )


def talk(agenda: Agenda, replies: Sequence[str]) -> list[str | None]:
    """What the user says first, and after each reply."""
    user = AgendaUser(agenda)
    messages, said = [Message(Role.SYSTEM, "Rules.")], list[str | None]([user.opening()])
    for reply in replies:
        messages += [Message(Role.USER, said[-1] or ""), Message(Role.ASSISTANT, reply)]
        said.append(user.answer(messages))
    return said


def acts(agenda: Agenda, *replies: str) -> list[CustomerAct]:
    return [turn.act for turn in AgendaUser(agenda).turns(replies)][1:]


def name(agenda: Agenda, slot: Slot) -> str:
    return next(words for own, words in agenda.names if own is slot).partition("|")[0]


def facts(agenda: Agenda) -> tuple[Fact, ...]:
    return (*agenda.identity, *agenda.requests[0].facts)


def unsaid(agenda: Agenda) -> list[Fact]:
    """What the user knows about itself and its first request, and has not told at first."""
    told = (*agenda.introduces, *agenda.requests[0].stated)
    return [
        fact for fact in facts(agenda) if fact.slot not in told and fact.slot is not Slot.REASON
    ]


@pytest.mark.parametrize("generator", CONVERSATIONS)
def test_an_agenda_changes_no_conversation(generator: ModuleType) -> None:
    said = [record["conversations"] for record, _ in generator.generate(50, 0)]
    assert hashlib.md5(json.dumps(said).encode()).hexdigest() == CONVERSATIONS[generator]


@BOTH
def test_the_recorded_agent_hears_the_record_word_for_word(data: str) -> None:
    for task in tasks(data):
        user, last = user_of(task), task.turns[-1].index
        for place, message in enumerate(task.messages[:last]):
            if message.role is Role.USER:
                assert user.answer(task.messages[:place]) == message.content, task.id
        end = last + (2 if task.ends_with_call else 1)
        assert user.answer(task.messages[:end]) is None, task.id


@BOTH
def test_what_the_recorded_agent_says_bothers_nobody(data: str) -> None:
    for task in tasks(data):
        mind = user_of(task).heard(task.messages)[-1].mind
        assert (mind.bothered, mind.misunderstood) == (0, 0), task.id


@BOTH
def test_an_agenda_comes_back_from_its_sidecar(data: str) -> None:
    for task in tasks(data):
        agenda = user_of(task).agenda
        assert agenda_from_json(json.loads(json.dumps(agenda_to_json(agenda)))) == agenda


@BOTH
def test_its_words_for_a_slot_are_heard(data: str) -> None:
    for task in tasks(data)[:100]:
        agenda = user_of(task).agenda
        for fact in unsaid(agenda) if not agenda.vague else ():
            said = talk(agenda, [f"What is the {name(agenda, fact.slot)}?"])[1]
            assert fact.slip in str(said) if fact.slip else fact.says.lower() in str(said).lower()


USELESS = ("Bananas are yellow.", "One moment, please.", "Anything else?", "The moon is far.")
NOTHING = st.sampled_from([*USELESS, "Is that right?", "How can I help you?", "Thank you!"])


@settings(deadline=None, max_examples=60)
@given(st.sampled_from(DATA), st.integers(0, 299), st.lists(NOTHING, max_size=8))
def test_nothing_is_told_that_was_not_asked_for(data: str, number: int, replies: list[str]) -> None:
    agenda = user_of(tasks(data)[number]).agenda
    secrets = [f.says for f in unsaid(agenda)] if len(agenda.requests) == 1 else []
    wish = agenda.requests[0].short.lower()
    for text in talk(agenda, replies):
        for secret in secrets:
            assert secret.lower() in wish or secret.lower() not in str(text).lower()


@settings(deadline=None, max_examples=60)
@given(st.sampled_from(DATA), st.integers(0, 299), st.lists(st.text(max_size=80), max_size=6))
def test_whatever_is_said_it_answers_and_leaves_in_the_end(
    data: str, number: int, replies: list[str]
) -> None:
    agenda = user_of(tasks(data)[number]).agenda
    said = talk(agenda, [*replies, *USELESS * 6])
    assert said[-1] is None
    assert all(text != "" for text in said)


@BOTH
def test_it_gives_up_an_agent_who_is_of_no_use(data: str) -> None:
    for task in tasks(data)[:50]:
        agenda = user_of(task).agenda
        done = acts(agenda, *["Bananas are yellow."] * 6)
        assert done[-1] is CustomerAct.GIVES_UP
        assert len(done) == agenda.patience + 1 + agenda.vague  # it comes to the point first


@BOTH
def test_two_things_asked_at_once_are_both_told(data: str) -> None:
    for task in tasks(data)[:80]:
        agenda = user_of(task).agenda
        hidden = [fact for fact in unsaid(agenda) if not fact.slip]
        if len(hidden) < 2 or agenda.vague:
            continue
        one, two = hidden[:2]
        asked = f"I need the {name(agenda, two.slot)} and the {name(agenda, one.slot)}, please."
        said = str(talk(agenda, [asked])[1]).lower()
        assert one.says.lower() in said
        assert two.says.lower() in said


CANCEL = {"intent": "cancel", "vague": False, "introduces": ()}


def test_a_vague_user_of_the_desk_names_its_wish_when_asked() -> None:
    vague = find(DATA[0], vague=True)
    said = talk(vague, ["What is your customer number?", "How can I help you?"])
    assert (vague.identity[0].slip or vague.identity[0].says) in str(said[1])
    assert vague.requests[0].short not in str(said[1])
    assert vague.requests[0].short == said[2]


@pytest.mark.parametrize(
    "question",
    [
        "Hello, welcome to the desk! May I have your customer number, please?",
        "To find your order, I need to know the customer number.",
        "Which customer number do you have?",
        "Before I look: what is your number as a customer?",
        "Could you give me your customer id?",
    ],
)
def test_the_customer_number_is_told_in_whatever_words_it_is_asked_for(question: str) -> None:
    agenda = find(DATA[0], **CANCEL)
    number = agenda.identity[0].slip or agenda.identity[0].says
    assert number in str(talk(agenda, [question])[1])


def test_a_closed_question_gets_a_yes() -> None:
    agenda = find(DATA[0], **CANCEL)
    item = next(fact.says for fact in agenda.requests[0].facts if fact.slot is Slot.ITEM)
    for question in (f"Shall I cancel the {item}?", "Do you want me to go ahead?"):
        assert acts(agenda, question) == [CustomerAct.AGREES]


def test_a_read_back_is_corrected_only_in_what_the_user_has_told() -> None:
    agenda = find(DATA[0], intent="change_city", vague=False, stated=(Slot.ITEM, Slot.ADDRESS))
    city = next(fact for fact in agenda.requests[0].facts if fact.slot is Slot.ADDRESS)
    wrong = f"I send it to {city.rivals[0]}. Is that right?"
    assert acts(agenda, wrong) == [CustomerAct.CORRECTS]
    assert city.says in str(talk(agenda, [wrong])[1])
    untold = find(DATA[0], intent="change_city", vague=False, stated=(Slot.ITEM,))
    city = next(fact for fact in untold.requests[0].facts if fact.slot is Slot.ADDRESS)
    assert acts(untold, f"I send it to {city.rivals[0]}. Is that right?") == [CustomerAct.AGREES]


def test_what_it_does_not_know_it_does_not_know() -> None:
    agenda = find(DATA[0], **CANCEL)
    said = str(talk(agenda, ["What is your email address?"])[1])
    assert not any(character.isdigit() for character in said)
    assert acts(agenda, "What is your email address?") == [CustomerAct.ANSWERS]


def test_a_request_is_not_forgotten_and_a_refusal_is_borne() -> None:
    agenda = find(DATA[0], **CANCEL)
    assert agenda.requests[0].short in str(talk(agenda, ["Anything else?"])[1])
    refused = acts(agenda, "Sorry, I cannot cancel it. Anything else?")
    assert refused in ([CustomerAct.LEAVES], [CustomerAct.GOES_ON])


@pytest.mark.parametrize("number", [0, 1])
def test_what_is_not_found_is_told_again_until_patience_ends(number: int) -> None:
    agenda = find(DATA[number], introduces=(Slot.USER_ID,))
    lost = "I find no customer with this number. What is the right one?"
    *again, end = acts(agenda, *[lost] * (agenda.patience + 1 + bool(agenda.identity[0].slip)))
    assert set(again) <= {CustomerAct.ANSWERS, CustomerAct.CORRECTS}
    assert end is CustomerAct.GIVES_UP
    assert agenda.identity[0].says in str(talk(agenda, [lost])[1])


def test_who_does_not_want_it_says_no_to_any_read_back() -> None:
    agenda = find(DATA[1], withdrawn=True)
    for question in ("Shall I?", "I will do it. Yes?", "Ready, yes or no?"):
        assert acts(agenda, question) == [CustomerAct.WITHDRAWS]
        assert str(talk(agenda, [question])[1]).lower().find("no") >= 0
    left = acts(agenda, "Shall I?", "Then nothing changes.")[-1]
    assert left in (CustomerAct.LEAVES, CustomerAct.GOES_ON)


def test_the_brief_for_a_model_uses_the_words_of_the_domain() -> None:
    agenda = find(DATA[1], vague=False)
    brief = AgendaUser(agenda).brief()
    assert f"- {name(agenda, Slot.USER_ID)}: {agenda.identity[0].says}" in brief
    assert agenda.requests[0].short in brief
