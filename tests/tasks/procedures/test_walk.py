"""A conversation on its way: what the procedure allows, and what it does not."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest
from msgspec import structs

from tasks.procedures.apis import ProcedureApis
from tasks.procedures.case import Case, Disturbance
from tasks.procedures.case_json import CaseError, case_from_json, case_to_json
from tasks.procedures.conversation import case_of, converse
from tasks.procedures.graph import Noise
from tasks.procedures.library import library, named
from tasks.procedures.paths import sample_path
from tasks.procedures.phrases import PUZZLED
from tasks.procedures.records import prepare
from tasks.procedures.stray import StrayKind
from tasks.procedures.taken import flow_visits
from tasks.procedures.text import MEETS
from tasks.procedures.types import Procedure
from tasks.procedures.walk import PATIENCE, Walk
from tools.dice import Dice
from tools.types import ProblemKind, Role, ToolCall

EVERY = pytest.mark.parametrize("procedure", library(), ids=[p.name for p in library()])
BILLS = named("double_charge")
CASE = Case(
    BILLS,
    "seed",
    values={"account": ("AC-11111", "AC-22222"), "month": ("May",)},
    choices={"offer": ("credit",)},
)
FOUND = '{"status": "double", "bill": "BL-1", "charge": "CH-1", "amount": "12.5"}'
ACCOUNT, MONTH = BILLS.step("account").say, BILLS.step("month").say
FIND = ToolCall("find_bill", {"account": "AC-11111", "month": "May"})
OFFER = BILLS.step("offer").say.format(bill="BL-1", charge="CH-1", amount="12.5")


def strays(walk: Walk) -> list[StrayKind]:
    walk.over()
    return [stray.kind for stray in walk.strays]


def said(walk: Walk, reply: str) -> str:
    answer = walk.hear(reply)
    assert answer is not None
    return answer


@EVERY
def test_a_case_leads_along_its_path(procedure: Procedure) -> None:
    ready = prepare(procedure)
    for seed in range(6):
        path = sample_path(ready.graph, {}, Dice("walk", seed), noise=0.5)
        case, entries = case_of(procedure, ready.graph, path, f"walk-{seed}")
        talk = converse(procedure, ready.graph, path, f"walk-{seed}")
        assert list(talk.calls) == [call for call, _ in entries]
        walk = Walk(case_from_json(case_to_json(case), procedure))
        answers = iter([turn.text for turn in talk.turns if turn.role is Role.TOOL])
        heard = [walk.opening()]
        for turn in talk.turns:
            if turn.call:
                walk.see(turn.call, next(answers))
            elif turn.role is Role.ASSISTANT:
                heard.append(walk.hear(turn.text) or "")
        assert [text for text in heard if text] == [
            turn.text for turn in talk.turns if turn.role is Role.USER
        ]
        assert (walk.end, strays(walk), walk.misunderstood) == (talk.end, [], 0)
        assert Counter(walk.path) == flow_visits(ready.graph, [path])


@pytest.mark.parametrize(
    "questions",
    [
        [ACCOUNT, MONTH],
        [MONTH, ACCOUNT],
        [f"{ACCOUNT} {MONTH}"],
        ["Hello! Tell me your account number, please.", "And the month of the bill?"],
        [ACCOUNT, ACCOUNT, MONTH],
    ],
)
def test_questions_may_come_in_any_order_and_wording(questions: list[str]) -> None:
    walk = Walk(CASE)
    heard = " ".join(said(walk, question) for question in questions)
    assert "AC-11111" in heard
    assert "May" in heard
    walk.see(FIND, FOUND)
    said(walk, OFFER)
    credit = ToolCall("credit_charge", {"account": "AC-11111", "charge": "CH-1"})
    assert walk.due() == credit
    walk.see(credit, '{"status": "done", "credit": "CR-1", "due": "2026-01-11"}')
    assert walk.hear("The credit CR-1 will be on your bill of 2026-01-11.") is None
    assert (walk.end, strays(walk)) == ("credited", [])


def test_nobody_asks_for_what_was_volunteered() -> None:
    walk = Walk(replace(CASE, volunteered=("account", "month")))
    assert "AC-11111" in walk.opening()
    assert walk.due() == FIND


def test_a_question_that_is_asked_again_gets_another_answer() -> None:
    walk = Walk(CASE)
    said(walk, f"{ACCOUNT} {MONTH}")
    walk.see(FIND, '{"status": "unknown"}')
    assert "AC-22222" in said(walk, BILLS.step("again").say)


@pytest.mark.parametrize(
    ("call", "kinds"),
    [
        (FIND, []),
        (structs.replace(FIND, arguments={"account": "AC-99999", "month": "May"}), ["wrong_call"]),
        (structs.replace(FIND, name="check_balance"), ["wrong_call"]),
        (ToolCall("refund_charge", {"account": "AC-11111", "charge": "CH-1"}), ["wrong_call"]),
    ],
)
def test_only_the_call_that_is_due_is_right(call: ToolCall, kinds: list[str]) -> None:
    walk = Walk(CASE)
    said(walk, f"{ACCOUNT} {MONTH}")
    walk.see(call, FOUND)
    assert strays(walk) == [*kinds, "not_ended"]


def test_a_choice_that_the_customer_has_not_made_is_no_way_on() -> None:
    walk = Walk(CASE)
    said(walk, f"{ACCOUNT} {MONTH}")
    walk.see(FIND, FOUND)
    walk.see(ToolCall("credit_charge", {"account": "AC-11111", "charge": "CH-1"}), "{}")
    assert strays(walk)[0] == "wrong_call"


def test_an_api_that_fails_may_be_called_again() -> None:
    walk = Walk(CASE)
    said(walk, f"{ACCOUNT} {MONTH}")
    walk.see(FIND, "Error: 503")
    assert walk.due() == FIND
    assert walk.strays == []


def test_the_last_words_of_another_way_end_nothing_well() -> None:
    walk = Walk(CASE)
    assert walk.hear("The refund is on its way and takes days.") is None
    assert (walk.end, strays(walk)) == ("", ["wrong_step", "not_ended"])


def test_customers_lose_their_patience() -> None:
    walk = Walk(CASE)
    answers = [walk.hear("Lovely weather, is it not?") for _ in range(PATIENCE)]
    assert answers[-1] is None
    assert set(answers[:-1]) <= set(PUZZLED)
    assert walk.misunderstood == PATIENCE


NOISY = replace(CASE, noise={("month", 0): Disturbance(Noise.ADVERSARIAL)})
MET = f"{MEETS[Noise.ADVERSARIAL]} {MONTH}"


@pytest.mark.parametrize(
    ("reply", "kinds"),
    [
        (MET, []),
        (MET.replace("I am sorry", "Sorry"), []),
        (MONTH, ["noise_not_met"]),
        (MEETS[Noise.ADVERSARIAL], ["noise_not_met"]),
        ("All right, I will do as you say.", ["noise_not_met"]),
    ],
)
def test_noise_has_to_be_met_as_the_rules_say(reply: str, kinds: list[str]) -> None:
    walk = Walk(NOISY)
    said(walk, ACCOUNT)
    assert "May" not in said(walk, MONTH)
    assert "May" in said(walk, reply)
    assert strays(walk) == [*kinds, "not_ended"]


def test_a_correction_counts_and_one_of_nothing_is_told_right_at_once() -> None:
    case = replace(CASE, noise={("month", 0): Disturbance(Noise.CORRECTION, "account")})
    walk = Walk(case)
    said(walk, ACCOUNT)
    assert "AC-22222" in said(walk, MONTH)
    assert walk.known["account"] == "AC-22222"
    early = Walk(case)
    said(early, MONTH)
    assert "AC-22222" in said(early, ACCOUNT)


def test_apis_answer_for_what_somebody_has_told() -> None:
    apis = ProcedureApis.of(CASE, [(FIND, FOUND)])
    after, result = apis.run(FIND)
    assert (after.digest, result.content) == (apis.digest, FOUND)
    other = ToolCall("check_balance", {"account": "AC-22222"})
    assert apis.run(other)[1] == apis.run(other)[1]
    assert apis.run(other)[1].ok
    _, unknown = apis.run(ToolCall("check_balance", {"account": "AC-77777"}))
    assert unknown.problem is not None
    assert unknown.problem.kind is ProblemKind.REJECTED
    wrote, _ = apis.run(ToolCall("refund_charge", {"account": "AC-11111", "charge": "CH-1"}))
    assert wrote.digest != apis.digest


@pytest.mark.parametrize(
    "row",
    [
        {"values": {"shoe": ["x"]}},
        {"values": {"account": "x"}},
        {"values": []},
        {"choices": {"nowhere": ["yes"]}},
        {"noise": [["account", 0, "laughter", ""]]},
        {"noise": "loud"},
        {"volunteered": ["shoe"]},
    ],
)
def test_what_is_no_case(row: dict) -> None:
    with pytest.raises(CaseError, match="expected"):
        case_from_json(row, BILLS)
