import json
from collections import Counter
from dataclasses import replace

import pytest

from tasks.agenda.hearing import heard
from tasks.agenda.slots import Slot
from tasks.agenda.tone import Tone, tone_of
from tasks.agenda.user import AgendaUser
from tasks.airline import replies, rules
from tasks.airline.agent import SERVICES
from tasks.airline.generator import AIRLINE
from tasks.airline.intents import Intent
from tasks.generation.domain import CUSTOMERS
from tasks.generation.rejection import Candidate
from tasks.load import load_tasks
from tasks.setups import InWorld
from tasks.types import GoalLabel
from tools.types import Effect, Json
from tools.worlds.world import World

N = 100
WORDS = {
    "places": "from Boston to Miami",
    "day": "May 20",
    "flights": "HAT001 at 10:00 for $120; HAT002 at 12:30 for $99",
    "method": "gift card ending in 1234",
    "state": "delayed",
}


@pytest.fixture(scope="module")
def made() -> list[Candidate]:
    return list(AIRLINE.rejection_filter(3).tasks(N))


def calls(one: Candidate) -> list[tuple[str, dict[str, Json]]]:
    texts = [turn["value"] for turn in one.talk.turns if turn["from"] == "function_call"]
    return [(call["name"], call["arguments"]) for call in map(json.loads, texts)]


def intents(one: Candidate) -> list[str]:
    found = one.notes["intents"]
    assert isinstance(found, list)
    return [str(name) for name in found]


def test_a_shorter_run_is_the_beginning_of_a_longer_one(made: list[Candidate]) -> None:
    again = list(AIRLINE.rejection_filter(3).tasks(10))
    assert [one.record() for one in again] == [one.record() for one in made[:10]]
    assert [one.sidecar() for one in again] == [one.sidecar() for one in made[:10]]


def test_other_seeds_make_other_tasks(made: list[Candidate]) -> None:
    assert next(AIRLINE.rejection_filter(4).tasks(1)).record() != made[0].record()


def test_all_are_read_with_world_goal_and_agenda() -> None:
    tasks = load_tasks(f"airline:{N}:3")
    assert not tasks.errors
    assert not tasks.mended
    for task in tasks.tasks:
        assert isinstance(task.setup, InWorld)
        assert isinstance(task.setup.user, AgendaUser)
        assert task.goal.label is GoalLabel.VERIFIED
        assert task.goal.writes or task.goal.facts, task.id


def test_both_variants_share_their_databases() -> None:
    bases = {world: world.generated(CUSTOMERS, 3) for world in AIRLINE.worlds}
    found: set[World] = set()
    for task in load_tasks("airline:40:3").tasks:
        assert isinstance(task.setup, InWorld)
        found.add(task.setup.world)
        assert task.setup.base is bases[task.setup.world]
    assert found == set(AIRLINE.worlds)


def test_nothing_is_changed_without_a_yes_right_before(made: list[Candidate]) -> None:
    seen = 0
    for one in made:
        effects = one.world.effects
        spoken = [turn for turn in one.talk.turns if turn["from"] != "observation"]
        for before, turn in zip(spoken, spoken[1:], strict=False):
            if turn["from"] == "function_call":
                name = json.loads(turn["value"])["name"]
                if effects[name].effect is Effect.WRITE and name != "transfer_to_human_agents":
                    seen += 1
                    assert before["from"] == "human", name
    assert seen > N / 4


def test_the_profile_is_looked_up_before_all_else(made: list[Candidate]) -> None:
    assert {calls(one)[0][0] for one in made} == {"get_user_details"}


def test_no_look_up_is_made_twice_while_nothing_changes(made: list[Candidate]) -> None:
    for one in made:
        effects, seen = one.world.effects, set[str]()
        for name, arguments in calls(one):
            if effects[name].effect is Effect.WRITE:
                seen.clear()
            text = json.dumps([name, arguments])
            assert text not in seen, text
            seen.add(text)


def test_each_decision_has_its_reason(made: list[Candidate]) -> None:
    for one in made:
        said = [turn for turn in one.talk.turns if turn["from"] in ("gpt", "function_call")]
        assert len(one.talk.traces) == len(said)
        assert all(one.talk.traces)


def test_many_kinds_of_requests_come_up(made: list[Candidate]) -> None:
    found = Counter(name for one in made for name in intents(one))
    assert len(found) >= len(Intent) - 2
    assert found.most_common(1)[0][1] < 0.25 * found.total()


def test_there_is_a_service_for_every_intent() -> None:
    assert set(SERVICES) == set(Intent)


def test_the_gold_agent_cancels_only_what_may_be_cancelled(made: list[Candidate]) -> None:
    seen = 0
    for one in made:
        for name, arguments in calls(one):
            if name == "cancel_reservation":
                row = one.base.row("reservations", str(arguments["reservation_id"]))
                assert row is not None
                seen += 1
                statuses = [n for n, _ in calls(one) if n == "get_flight_status"]
                recent = str(row["created_at"]) >= rules.DAY_AGO
                assert recent or row["cabin"] == "business" or row["insurance"] == "yes" or statuses
    assert seen


def test_flights_of_basic_economy_stay_as_they_are(made: list[Candidate]) -> None:
    for one in made:
        for name, arguments in calls(one):
            if name == "update_reservation_flights":
                row = one.base.row("reservations", str(arguments["reservation_id"]))
                assert row is not None
                assert isinstance(row["flights"], list)
                old = [[leg["flight_number"], leg["date"]] for leg in _rows(row["flights"])]
                new = [[leg["flight_number"], leg["date"]] for leg in _rows(arguments["flights"])]
                assert row["cabin"] != "basic_economy" or old == new


def test_levels_are_a_dial() -> None:
    easy = list(AIRLINE.rejection_filter(5, level=1).tasks(15))
    hard = list(AIRLINE.rejection_filter(5, level=5).tasks(15))
    turns = [sum(len(one.talk.turns) for one in tasks) for tasks in (easy, hard)]
    assert turns[1] > 1.4 * turns[0]
    tools = [len(json.loads(tasks[0].tools)) for tasks in (easy, hard)]
    assert tools[1] > tools[0]


@pytest.mark.parametrize("style", range(1, 4))
def test_in_other_words_the_same_comes_about(made: list[Candidate], style: int) -> None:
    for one in made[:40]:
        agenda = one.talk.agenda
        talk = AIRLINE.told_again(one, replace(agenda, seed=agenda.seed + style), style)
        assert talk.world.digest == one.talk.world.digest


@pytest.mark.parametrize(
    ("name", "slot"),
    [
        ("ASK_USER", Slot.USER_ID),
        ("ASK_USER_AGAIN", Slot.USER_ID),
        ("ASK_RESERVATION", Slot.RESERVATION_ID),
        ("ASK_REASON", Slot.REASON),
        ("ASK_NEW_DATE", Slot.DATE),
        ("ASK_DATE", Slot.DATE),
        ("ASK_FLIGHT", Slot.FLIGHT),
        ("ASK_DIFFERENCE", Slot.PAYMENT),
        ("ASK_PAYMENT", Slot.PAYMENT),
        ("ASK_PAY", Slot.PAYMENT),
        ("ASK_NEW_CABIN", Slot.CABIN),
        ("ASK_CABIN", Slot.CABIN),
        ("ASK_PASSENGER", Slot.PASSENGERS),
        ("ASK_PEOPLE", Slot.PASSENGERS),
        ("ASK_MORE_BAGS", Slot.BAGGAGE),
        ("ASK_BAGS", Slot.BAGGAGE),
        ("ASK_ROUTE", Slot.ROUTE),
        ("ASK_INSURANCE", Slot.INSURANCE),
    ],
)
def test_each_question_is_heard_as_it_is_meant(name: str, slot: Slot) -> None:
    for text in getattr(replies, name):
        assert heard(text.format(**WORDS)) == (slot,), text


def test_each_refusal_is_taken_for_one() -> None:
    names = [name for name in vars(replies) if name.endswith("_REFUSED")]
    assert len(names) > 10
    for name in names:
        for text in getattr(replies, name):
            assert Tone.REFUSED in tone_of(text.format(**WORDS)), text
            assert not heard(text.format(**WORDS)), text


@pytest.mark.parametrize("name", ["CANCELLED", "CHANGED", "SENT", "BOOKED"])
def test_each_report_is_taken_for_one(name: str) -> None:
    for text in getattr(replies, name):
        assert Tone.DONE in tone_of(text.format(number="HATHAT")), text


def _rows(value: Json) -> list[dict[str, Json]]:
    assert isinstance(value, list)
    return [row for row in value if isinstance(row, dict)]
