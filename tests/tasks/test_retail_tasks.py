import json
from collections import Counter

import pytest

from tasks.agenda.user import AgendaUser
from tasks.generation.domain import CUSTOMERS
from tasks.generation.rejection import Candidate, check, is_grounded
from tasks.generation.talk import Rejected
from tasks.load import load_tasks
from tasks.retail.generator import RETAIL
from tasks.retail.intents import Intent
from tasks.setups import InWorld
from tasks.types import GoalLabel
from tools.types import Json, Role
from tools.worlds.world import World

N = 120


@pytest.fixture(scope="module")
def made() -> list[Candidate]:
    return list(RETAIL.rejection_filter(3).tasks(N))


def test_a_shorter_run_is_the_beginning_of_a_longer_one(made: list[Candidate]) -> None:
    again = list(RETAIL.rejection_filter(3).tasks(10))
    assert [one.record() for one in again] == [one.record() for one in made[:10]]
    assert [one.sidecar() for one in again] == [one.sidecar() for one in made[:10]]


def test_other_seeds_make_other_tasks(made: list[Candidate]) -> None:
    other = next(RETAIL.rejection_filter(4).tasks(1))
    assert other.record() != made[0].record()


def test_all_are_read_with_world_goal_and_agenda() -> None:
    tasks = load_tasks(f"retail:{N}:3")
    assert not tasks.errors
    assert not tasks.mended
    for task in tasks.tasks:
        assert isinstance(task.setup, InWorld)
        assert isinstance(task.setup.user, AgendaUser)
        assert task.goal.label is GoalLabel.VERIFIED
        assert task.goal.writes or task.goal.facts, task.id


def test_both_variants_come_up_and_share_their_databases() -> None:
    bases = {world: world.generated(CUSTOMERS, 3) for world in RETAIL.worlds}
    found: set[World] = set()
    for task in load_tasks("retail:30:3").tasks:
        assert isinstance(task.setup, InWorld)
        found.add(task.setup.world)
        assert task.setup.base is bases[task.setup.world]
    assert found == set(RETAIL.worlds)


def test_no_message_is_both_call_and_words_and_every_call_has_its_answer(
    made: list[Candidate],
) -> None:
    for one in made:
        speakers = [turn["from"] for turn in one.talk.turns]
        assert speakers[0] == "human"
        for before, after in zip(speakers, speakers[1:], strict=False):
            assert (before == "function_call") == (after == "observation")
            assert (before, after) not in {("gpt", "gpt"), ("human", "human")}


def test_nothing_is_changed_without_a_yes_right_before(made: list[Candidate]) -> None:
    writes = {"cancel_", "modify", "return", "exchan"}
    seen = 0
    for one in made:
        spoken = [turn for turn in one.talk.turns if turn["from"] != "observation"]
        for before, turn in zip(spoken, spoken[1:], strict=False):
            if turn["from"] == "function_call" and turn["value"][10:16] in writes:
                seen += 1
                assert before["from"] == "human"
    assert seen > N / 4


def test_the_customer_is_known_before_anything_of_it_is_looked_up(made: list[Candidate]) -> None:
    for one in made:
        calls = [json.loads(t["value"]) for t in one.talk.turns if t["from"] == "function_call"]
        names = [call["name"] for call in calls]
        found = max(i for i, name in enumerate(names) if name.startswith("find_user_id"))
        assert all(name.startswith("find_user_id") for name in names[: found + 1])


def test_no_identical_call_is_made_again_in_vain(made: list[Candidate]) -> None:
    for one in made:
        counts = Counter[str]()
        for turn in one.talk.turns:
            if turn["from"] == "function_call":
                if json.loads(turn["value"])["name"].startswith(
                    ("cancel", "modify", "return", "ex")
                ):
                    counts.clear()
                counts[turn["value"]] += 1
                assert counts[turn["value"]] == 1, turn["value"]


def test_each_decision_has_its_reason(made: list[Candidate]) -> None:
    for one in made:
        said = [turn for turn in one.talk.turns if turn["from"] in ("gpt", "function_call")]
        assert len(one.talk.traces) == len(said)
        assert all(one.talk.traces)


def test_many_kinds_of_requests_come_up(made: list[Candidate]) -> None:
    found = Counter(str(name) for one in made for name in _list(one.notes["intents"]))
    assert set(found) >= set(Intent) - {Intent.HUMAN, Intent.BALANCE, Intent.OFFER, Intent.STOCK}
    assert found.most_common(1)[0][1] < 0.25 * found.total()


def test_levels_are_a_dial() -> None:
    easy = list(RETAIL.rejection_filter(5, level=1).tasks(15))
    hard = list(RETAIL.rejection_filter(5, level=5).tasks(15))
    turns = [sum(len(one.talk.turns) for one in tasks) for tasks in (easy, hard)]
    assert turns[1] > 1.5 * turns[0]
    tools = [len(json.loads(tasks[0].tools)) for tasks in (easy, hard)]
    assert tools[1] > tools[0]


def test_what_is_asked_to_be_told_is_told(made: list[Candidate]) -> None:
    one = next(one for one in made if one.outputs)
    check(one)
    one.talk.outputs.append("#W9999999")
    with pytest.raises(Rejected, match="untold"):
        check(one)
    one.talk.outputs.pop()


def test_an_argument_out_of_thin_air_is_noticed() -> None:
    call = json.dumps({"name": "get_order_details", "arguments": {"order_id": "#W1234567"}})
    turns = [{"from": "human", "value": "Hi."}, {"from": "function_call", "value": call}]
    assert not is_grounded(turns)
    assert is_grounded([{"from": "human", "value": "It is #W1234567."}, *turns[1:]])


@pytest.mark.parametrize("style", range(1, 4))
def test_in_other_words_the_same_comes_about(made: list[Candidate], style: int) -> None:
    for one in made[:40]:
        talk = RETAIL.told_again(one, one.talk.agenda, style)
        assert talk.world.digest == one.talk.world.digest


def test_the_goal_is_what_the_gold_agent_does() -> None:
    for task in load_tasks(f"retail:{N}:3").tasks[:30]:
        called = [call for turn in task.turns for call in turn.calls]
        assert all(write in called for write in task.goal.writes)
        assert all(read in called for read in task.goal.reads)


def test_customers_of_one_group_stay_together() -> None:
    sides: dict[str, set[str]] = {}
    for task in load_tasks(f"retail:{N}:3").tasks:
        first = next(m.content for m in task.messages if m.role is Role.TOOL)
        sides.setdefault(first, set()).add(task.split.value)
    assert all(len(found) == 1 for name, found in sides.items() if not name.startswith("Error"))


def _list(value: Json) -> list[Json]:
    assert isinstance(value, list)
    return value
