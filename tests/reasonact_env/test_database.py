"""Recorded dialogues that are played on a stateful world instead of their recorded answers."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from reasonact_env.config import EnvConfig
from reasonact_env.env import ReasonActEnv
from reasonact_env.episode import Mode
from reasonact_env.episodes.storage import Header, write_episodes
from reasonact_env.episodes.verify import verify
from reasonact_env.playable import database_words
from tasks.databases import on_database, place_name
from tasks.load import load_tasks
from tasks.setups import InWorld
from tasks.summary import summary
from tools.protocol import render
from tools.types import Json, ToolCall
from tools.worlds import WORLDS

Shop = dict[str, Json]
LOOK: Json = {"name": "get_order_details", "arguments": {"order_id": "#W1"}}
CANCEL: Json = {
    "name": "cancel_pending_order",
    "arguments": {"order_id": "#W1", "reason": "no longer needed"},
}
REFUSED: Json = {
    "name": "cancel_pending_order",
    "arguments": {"order_id": "#W2", "reason": "no longer needed"},
}


def said(who: str, value: Json) -> Json:
    return {"from": who, "value": value if isinstance(value, str) else json.dumps(value)}


def files(tmp_path: Path, shop: Shop, world: str = "retail") -> dict[str, str]:
    """Two dialogues and a database, as keyword arguments."""
    conversation: Json = [
        said("human", "Please cancel #W1, I do not need it."),
        said("function_call", CANCEL),
        said("observation", {"order_id": "#W1", "status": "cancelled"}),
        said("gpt", "Order #W1 is cancelled."),
    ]
    tools: list[Json] = [
        {"name": s.name, "description": s.description, "parameters": dict(s.parameters)}
        for s in WORLDS[world].specs
    ]
    record: Json = {
        "system": "Help the customers.",
        "tools": json.dumps(tools),
        "conversations": conversation,
    }
    gold: Json = {"gold": {"actions": [REFUSED, CANCEL], "outputs": []}}
    (tmp_path / "talks.json").write_text(json.dumps([record, record]))
    (tmp_path / "talks.meta.json").write_text(json.dumps([{}, gold]))
    (tmp_path / "db.json").write_text(json.dumps(shop))
    return {"data": str(tmp_path / "talks.json"), "database": str(tmp_path / "db.json")}


def call(what: Json) -> str:
    assert isinstance(what, dict)
    arguments = what["arguments"]
    assert isinstance(arguments, dict)
    return render([ToolCall(str(what["name"]), arguments)])


@pytest.mark.parametrize(("world", "extra"), [("retail", False), ("retail-tau2", True)])
def test_calls_run_on_the_world(tmp_path: Path, shop: Shop, world: str, extra: bool) -> None:
    env = ReasonActEnv(split="all", **files(tmp_path, shop, world))
    _, info = env.reset(options={"task_id": env.task_ids[0]})
    before = info["state_hash"]
    _, _, _, _, info = env.step(call(LOOK))
    (result,) = info["results"]
    assert json.loads(result["content"])["status"] == "pending"  # no record has this answer
    assert ("return_items" in json.loads(result["content"])) is extra
    assert info["state_hash"] == before
    _, _, _, _, info = env.step(call(CANCEL))
    assert info["state_hash"] != before
    _, reward, terminated, _, info = env.step("Order #W1 is cancelled.")
    assert terminated
    assert info["outcome"]["success"]
    assert info["reward_components"]["tool"] == 0.75, "the record does not look"
    assert reward == pytest.approx(0.875)


def test_without_a_database_the_record_answers(tmp_path: Path, shop: Shop) -> None:
    env = ReasonActEnv(split="all", data=files(tmp_path, shop)["data"])
    env.reset(options={"task_id": env.task_ids[0]})
    _, _, _, _, info = env.step(call(LOOK))
    assert info["call_problems"] != []


def test_gold_that_the_api_refuses_is_no_goal(tmp_path: Path, shop: Shop) -> None:
    where = files(tmp_path, shop)
    (_, plain) = load_tasks(where["data"]).tasks
    (_, placed) = on_database([plain, plain], where["database"])
    assert len(plain.goal.writes) == 2
    assert [write.arguments["order_id"] for write in placed.goal.writes] == ["#W1"]


def test_tasks_share_their_database(tmp_path: Path, shop: Shop) -> None:
    one, other = ReasonActEnv(split="all", **files(tmp_path, shop)).tasks
    assert one.setup.base is not None
    assert one.setup.base is other.setup.base


@pytest.mark.parametrize("mode", ["dialogue", "turn"])
def test_saved_episodes_come_back_equal(tmp_path: Path, shop: Shop, mode: str) -> None:
    config = EnvConfig(split="all", mode=mode, **files(tmp_path, shop))
    env = ReasonActEnv.of(config)
    episodes = []
    for task_id in env.task_ids:
        env.reset(seed=1, options={"task_id": task_id})
        for action in (call(CANCEL), "Order #W1 is cancelled."):
            env.step(action)
        episodes.append(env.episode)
    path = tmp_path / "run.jsonl"
    write_episodes(path, Header(config.to_json(), episodes[0].source, "gold"), episodes)
    assert verify(path).passed
    moved = (tmp_path / "db.json").rename(tmp_path / "moved.json")
    assert verify(path, database=str(moved)).passed


def test_a_database_of_another_domain(tmp_path: Path, shop: Shop) -> None:
    database = files(tmp_path, shop)["database"]
    with pytest.raises(ValueError, match="expected tasks with the tools of retail"):
        ReasonActEnv(data="desk:5", database=database)


def test_real_dialogues_end_as_gold_does(shared_data: Path) -> None:
    data = shared_data / "dialogues" / "apigen_mt_like_real.json"
    tasks = on_database(load_tasks(str(data)).tasks, str(shared_data / "tau/tau1/retail_db"))
    placed = [(task, task.setup) for task in tasks if isinstance(task.setup, InWorld)]
    assert {setup.world for _, setup in placed} == {WORLDS["retail"], WORLDS["retail-tau2"]}
    for task, setup in placed:
        executor = setup.start(task)
        for write in task.goal.writes:
            executor, result = executor.run(write)
            assert result.ok


def shown(tmp_path: Path, shop: Shop, *order_ids: str) -> str:
    """The two dialogues, of which the second one looks at some orders first, as the shop shows
    them, and cancels one as the shop does."""
    path = Path(files(tmp_path, shop)["data"])
    talks, orders = json.loads(path.read_text("utf-8")), shop["orders"]
    assert isinstance(orders, dict)
    cancel = ToolCall("cancel_pending_order", {"order_id": "#W1", "reason": "no longer needed"})
    _, result = WORLDS["retail"].start(shop).run(cancel)
    talks[1]["conversations"][2] = said("observation", result.content)
    for order_id in order_ids:
        look: Json = {"name": "get_order_details", "arguments": {"order_id": order_id}}
        talks[1]["conversations"][1:1] = [
            said("function_call", look),
            said("observation", orders[order_id]),
        ]
    path.write_text(json.dumps(talks))
    return str(path)


def test_a_goal_that_a_rebuilt_world_does_not_hold_is_not_played_there(
    tmp_path: Path, shop: Shop, caplog: pytest.LogCaptureFixture
) -> None:
    data = shown(tmp_path, shop, "#W1")  # the goal is about #W2, too
    with pytest.raises(ValueError, match="2 dialogues left out, whose goal it does not hold"):
        ReasonActEnv(split="all", data=data, database="rebuilt")
    assert len(ReasonActEnv("turn", "all", data, database="rebuilt").tasks) == 2
    data = shown(tmp_path, shop, "#W1", "#W2")
    env = ReasonActEnv(split="all", data=data, database="rebuilt")
    assert (env.task_ids, env.left_out) == (("talks-00001",), ("talks-00000",))
    assert "1 dialogue left out, whose goal it does not hold" in caplog.text
    with pytest.raises(ValueError, match="cancel_pending_order .* is about what it does not hold"):
        env.reset(options={"task_id": "talks-00000"})
    auto = ReasonActEnv(split="all", data=data)
    assert auto.left_out == ()
    assert [place_name(task) for task in auto.tasks] == ["recorded", "rebuilt"]


def test_rebuilt_from_a_dialogue_that_shows_its_orders(tmp_path: Path, shop: Shop) -> None:
    env = ReasonActEnv(split="all", data=shown(tmp_path, shop, "#W1", "#W2"), database="rebuilt")
    (task,) = env.tasks
    assert [call.arguments["order_id"] for call in task.goal.writes] == ["#W1"]
    assert [call.arguments["order_id"] for call in task.goal.refused] == ["#W2"]
    env.reset(options={"task_id": task.id})
    *_, info = env.step(call({"name": "get_user_details", "arguments": {"user_id": "ida_berg_1"}}))
    assert [problem["kind"] for problem in info["call_problems"]] == ["unrecorded"]
    env.step(call(LOOK))
    env.step(call(CANCEL))
    *_, info = env.step("Order #W1 is cancelled.")
    assert info["outcome"]["success"]
    assert info["database"] == "rebuilt"


def test_a_database_without_the_goals_rows_makes_no_goal_easier(tmp_path: Path, shop: Shop) -> None:
    orders = shop["orders"]
    assert isinstance(orders, dict)
    lacking: Shop = {**shop, "orders": {key: row for key, row in orders.items() if key != "#W1"}}
    with pytest.raises(ValueError, match="2 dialogues left out, whose goal it does not hold"):
        ReasonActEnv(split="all", **files(tmp_path, lacking))


def test_real_goals_survive_or_are_not_played(shared_data: Path) -> None:
    data = load_tasks(str(shared_data / "dialogues" / "apigen_mt_like_real.json"))
    rebuilt, auto = on_database(data.tasks, "rebuilt"), on_database(data.tasks, "auto")
    for task, placed, chosen in zip(data.tasks, rebuilt, auto, strict=True):
        kept = (*placed.goal.writes, *placed.goal.refused)
        assert sorted(map(str, kept)) == sorted(map(str, task.goal.writes))
        assert chosen is task or not chosen.out_of_reach
    assert sum(bool(task.out_of_reach) for task in rebuilt) == 164
    assert Counter(map(place_name, auto)) == {"rebuilt": 457, "recorded": 169}


@pytest.mark.parametrize("database", ["auto", "recorded", "rebuilt"])
def test_tables_say_what_was_played_on(tmp_path: Path, shop: Shop, database: str) -> None:
    data = load_tasks(shown(tmp_path, shop, "#W1", "#W2"))
    words = {
        "auto": " · database auto: 1 recorded, 1 rebuilt",
        "recorded": " · database recorded: 2 recorded (1 with a goal that these cannot reach)",
        "rebuilt": " · database rebuilt: 1 rebuilt · 1 dialogue left out, whose goal it does not "
        "hold",
    }
    assert database_words(data, "all", Mode.DIALOGUE, database) == words[database]
    assert dict(summary(data, database))["database"].startswith(f"{database}: ")
    assert database_words(load_tasks("desk:5"), "all", Mode.DIALOGUE, database) == ""


def test_a_default_changes_nothing_where_the_data_bring_their_apis_along() -> None:
    for data in ("desk:20", "retail:20", "airline:20"):
        tasks = load_tasks(data).tasks
        for database in ("auto", "rebuilt", "recorded", None):
            assert all(
                placed is task
                for placed, task in zip(on_database(tasks, database), tasks, strict=True)
            )


def test_goals_that_the_record_fills_up_say_so(shared_data: Path) -> None:
    tasks = load_tasks(str(shared_data / "dialogues" / "apigen_mt_like_real.json"))
    labels = Counter(task.goal.label.value for task in tasks.tasks)
    assert labels == {"verified": 475, "partly verified": 122, "recorded": 29}
    assert "26 of them from runs that failed" in dict(summary(tasks))["goals filled up"]
