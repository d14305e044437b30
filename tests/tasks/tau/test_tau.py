"""tau-bench's and tau2-bench's own tasks, played on their own databases."""

from __future__ import annotations

import json
import os
import pickle
from pathlib import Path
from typing import Any

import pytest

from agents.gold import Gold
from agents.play import play
from reasonact_env.config import EnvConfig
from reasonact_env.env import ReasonActEnv
from reasonact_env.episode import Episode
from reasonact_env.users.llm import LlmUser
from tasks.load import load_tasks, require_data
from tasks.summary import summary
from tasks.tau.user import OPENING, TauUser
from tasks.types import Split, Task
from tools.chat_endpoint import Endpoint
from tools.protocol import render
from tools.types import Json, ToolCall

RETURN = {"order_id": "#W2", "item_ids": ["M1"], "payment_method_id": "credit_card_1"}
PROGRAM = f"""\
from tau_bench.types import Action, Task

print("nothing here is run")
TASKS_TEST = [
    Task(
        annotator="0",
        user_id="ida_berg_1",
        instruction="You are Ida Berg in 1001. Return the mug of #W2" " and ask what it costs.",
        actions=[
            Action(name="get_order_details", kwargs={{"order_id": "#W2"}}),
            Action(name="return_delivered_order_items", kwargs={RETURN!r}),
        ],
        outputs=["8", "1,000"],
    ),
    Task(user_id="tom_vale_2", instruction="You want the moon.", actions=[], outputs=[]),
]
"""
TRAIN = """tasks = [{"user_id": "tom_vale_2", "instruction": "Cancel #W4.", "actions": [
    {"name": "cancel_pending_order",
     "arguments": {"order_id": "#W4", "reason": "no longer needed"}},
    {"name": "respond", "arguments": {"content": "Done."}},
]}]"""
SECOND: list[Json] = [
    {
        "id": "0",
        "user_scenario": {
            "instructions": {
                "domain": "retail",
                "reason_for_call": "Return the mug of #W2.",
                "known_info": "You are Ida Berg.",
                "unknown_info": None,
                "task_instructions": "Be brief.",
            }
        },
        "evaluation_criteria": {
            "actions": [{"name": "return_delivered_order_items", "arguments": RETURN}],
            "communicate_info": ["8"],
            "nl_assertions": ["The agent is kind."],
            "reward_basis": ["DB", "NL_ASSERTION"],
        },
    },
    {
        "id": "1",
        "user_scenario": {"instructions": "Ask for the price of a lamp."},
        "evaluation_criteria": {
            "actions": [],
            "communicate_info": ["40.5"],
            "reward_basis": ["DB", "COMMUNICATE"],
        },
    },
    {
        "id": "2",
        "initial_state": {"initialization_data": {}},
        "user_scenario": {"instructions": "?"},
        "evaluation_criteria": {"actions": [], "reward_basis": ["ENV_ASSERTION"]},
    },
]


@pytest.fixture
def first(tmp_path: Path, shop: dict[str, Json]) -> Path:
    """A checkout of tau-bench, as far as it is read."""
    folder = tmp_path / "one" / "tau_bench" / "envs" / "retail"
    (folder / "data").mkdir(parents=True)
    for name, table in shop.items():
        (folder / "data" / f"{name}.json").write_text(json.dumps(table), "utf-8")
    (folder / "wiki.md").write_text("# Rules\n", "utf-8")
    (folder / "tasks_test.py").write_text(PROGRAM, "utf-8")
    (folder / "tasks_train.py").write_text(TRAIN, "utf-8")
    return tmp_path / "one"


@pytest.fixture
def second(tmp_path: Path, shop: dict[str, Json]) -> Path:
    """A checkout of tau2-bench, as far as it is read."""
    folder = tmp_path / "two" / "data" / "tau2" / "domains" / "retail"
    folder.mkdir(parents=True)
    (folder / "db.json").write_text(json.dumps(shop), "utf-8")
    (folder / "policy.md").write_text("# Rules\n", "utf-8")
    (folder / "tasks.json").write_text(json.dumps(SECOND), "utf-8")
    parts = {"train": ["0"], "test": ["1"], "base": ["0", "1", "2"]}
    (folder / "split_tasks.json").write_text(json.dumps(parts), "utf-8")
    return tmp_path / "two"


def user_of(task: Task) -> TauUser:
    user = task.setup.user
    assert isinstance(user, TauUser)
    return user


class Leaves:
    """A user who leaves after the first reply."""

    def __init__(self, task: Task) -> None:
        del task

    def answer(self, messages: object) -> None:
        return None


def verdict(data: str, task: Task, *moves: ToolCall | str) -> tuple[bool, bool]:
    env = ReasonActEnv(data=data, split="all", user=Leaves)
    env.reset(options={"task_id": task.id})
    for move in moves:
        _, _, ended, _, info = env.step(move if isinstance(move, str) else render([move]))
        if ended:
            break
    return info["outcome"]["success"], info["outcome"]["tau"]


def test_tasks_of_tau_bench(first: Path) -> None:
    found = load_tasks(f"tau:{first}")
    assert found.errors == ()
    assert found.source == "tau:one"
    assert [task.id for task in found.tasks] == [
        "tau1-retail-test-00000",
        "tau1-retail-test-00001",
        "tau1-retail-train-00000",
    ]
    assert [task.split for task in found.tasks] == [Split.TEST, Split.TEST, Split.TRAIN]
    task, empty, train = found.tasks
    assert task.rules == "# Rules\n"
    assert task.goal.writes == (ToolCall("return_delivered_order_items", RETURN),)
    assert task.goal.outputs == ("8", "1,000")
    assert (task.goal.reads, task.goal.facts) == ((), frozenset())
    assert user_of(task).instruction.endswith("Return the mug of #W2 and ask what it costs.")
    assert (empty.goal.is_empty, empty.has_goal) == (True, True)
    assert [call.name for turn in train.turns for call in turn.calls] == ["cancel_pending_order"]
    assert load_tasks(f"tau:{first}") is found
    assert all(not task.decisions for task in found.tasks)  # nobody learns from these


def test_a_part_a_domain_or_a_file(first: Path) -> None:
    folder = first / "tau_bench" / "envs" / "retail"
    ids = [task.id for task in load_tasks(f"tau:{first}#part=train").tasks]
    assert ids == ["tau1-retail-train-00000"]
    for place in (f"{folder / 'tasks_train.py'}", f"{folder}#part=train&domain=retail"):
        assert [task.id for task in load_tasks(f"tau:{place}").tasks] == ids
    require_data(f"tau:{first}#part=train")


def test_the_benchmarks_own_verdict(first: Path) -> None:
    data = f"tau:{first}"
    task, empty, _ = load_tasks(data).tasks
    (write,) = task.goal.writes
    told = "It is $8, and 1000 in all."
    other = ToolCall("cancel_pending_order", {"order_id": "#W4", "reason": "no longer needed"})
    assert verdict(data, task, write, told) == (True, True)
    assert verdict(data, task, write, "It is 8.") == (False, False)
    assert verdict(data, task, told) == (False, False)
    assert verdict(data, task, write, other, told) == (False, False)
    assert verdict(data, empty, "No moon here.") == (True, True)
    assert verdict(data, empty, other, "Done.") == (False, False)


def test_gold_wins_every_task(first: Path, second: Path) -> None:
    for place, count in ((first, 3), (second, 2)):
        assert len(gold_episodes(f"tau:{place}")) == count


def gold_episodes(data: str, limit: int | None = None) -> list[Episode]:
    config = EnvConfig(data=data, split="all", user="own")
    tasks = ReasonActEnv.of(config).tasks[:limit]
    played = play(config, Gold(tasks), [(task.id, None) for task in tasks])
    episodes = [one.episode for one in played]
    for episode in episodes:
        assert episode.outcome is not None
        assert (episode.outcome.success, episode.outcome.tau) == (True, True), episode.task_id
        assert episode.total == pytest.approx(1), episode.task_id
    return episodes


def test_tasks_of_tau2_bench(second: Path) -> None:
    found = load_tasks(f"tau:{second}")
    assert [task.id for task in found.tasks] == ["tau2-retail-00000", "tau2-retail-00001"]
    assert [task.split for task in found.tasks] == [Split.TRAIN, Split.TEST]
    assert [(error.index, error.kind) for error in found.errors] == [(2, "bad_task")]
    assert "play it with the benchmark itself" in found.errors[0].text
    judged, asked = found.tasks
    assert judged.goal.outputs == ()  # its verdict does not rest on what was told
    assert asked.goal.outputs == ("40.5",)
    assert found.unread["nl_assertions"] == 1
    assert "nl_assertions" in dict(summary(found))["sidecar keys not read"]
    assert user_of(judged).instruction.split("\n\n") == [
        "Why you write: Return the mug of #W2.",
        "What you know: You are Ida Berg.",
        "How you act: Be brief.",
    ]
    assert any("user_id" in str(row) for row in judged.setup.base.tables["users"].values())  # type: ignore[union-attr]


def test_the_scripted_user_tells_all_it_knows_and_leaves(first: Path) -> None:
    env = ReasonActEnv(data=f"tau:{first}", split="test", user="own")
    seen, info = env.reset(seed=0)
    assert seen["messages"][-1] == {"role": "user", "content": OPENING}
    said: list[str] = []
    ended = False
    while not ended:
        seen, _, ended, _, info = env.step("What can I do for you?")
        said.append(seen["messages"][-1]["content"])
    assert user_of(env.task).instruction in said[0]
    assert len(said) == 5 + len(env.task.goal.writes)
    assert info["user"] == {"misunderstood": 0, "gave_up": False, "lost": False}


def test_a_model_is_told_the_instruction_and_not_the_goal(first: Path) -> None:
    task = load_tasks(f"tau:{first}").tasks[0]
    user = LlmUser.of(task, Endpoint.of("m@http://127.0.0.1:1/v1"))
    assert user.goal == user_of(task).instruction
    assert "return_delivered" not in user.goal


def test_a_task_goes_to_other_processes(first: Path) -> None:
    task = load_tasks(f"tau:{first}").tasks[0]
    again = pickle.loads(pickle.dumps(task))
    assert (again.goal, again.setup.strict, again.setup.user) == (
        task.goal,
        True,
        task.setup.user,
    )


def test_a_changed_database_is_read_again(first: Path, shop: dict[str, Any]) -> None:
    before = load_tasks(f"tau:{first}")
    shop["orders"]["#W2"]["status"] = "pending"
    file = first / "tau_bench" / "envs" / "retail" / "data" / "orders.json"
    file.write_text(json.dumps(shop["orders"]), "utf-8")
    os.utime(file, (1, 1))
    after = load_tasks(f"tau:{first}")
    assert before.tasks[0].goal.refused == ()
    assert [call.name for call in after.tasks[0].goal.refused] == ["return_delivered_order_items"]
    assert after.tasks[0].goal.writes == ()


def test_changed_splits_are_read_again(second: Path) -> None:
    parts = second / "data" / "tau2" / "domains" / "retail" / "split_tasks.json"
    assert [task.split for task in load_tasks(f"tau:{second}").tasks] == [Split.TRAIN, Split.TEST]
    parts.write_text('{"train": ["1"], "test": ["0"]}', "utf-8")
    assert [task.split for task in load_tasks(f"tau:{second}").tasks] == [Split.TEST, Split.TRAIN]
    parts.unlink()
    assert [task.split for task in load_tasks(f"tau:{second}").tasks] == [Split.TEST, Split.TEST]


@pytest.mark.parametrize("name", ["split_tasks.json", "tasks.json"])
@pytest.mark.parametrize("text", ["{", "[" * 100_000, '{"train": 3, "test": "01"}'])
def test_a_broken_file_of_tau2_bench_is_named(second: Path, name: str, text: str) -> None:
    (second / "data" / "tau2" / "domains" / "retail" / name).write_text(text, "utf-8")
    with pytest.raises(ValueError, match=rf"^expected .* in .*\b{name}\b"):
        load_tasks(f"tau:{second}")


def test_a_part_that_there_is_not_is_refused(first: Path) -> None:
    file = first / "tau_bench" / "envs" / "retail" / "tasks_mine.py"
    file.write_text(TRAIN, "utf-8")
    for place in (first, file):
        for refused in (load_tasks, require_data):
            with pytest.raises(ValueError, match=r"tasks_test\.py or tasks\.py, got 'tasks_mine"):
                refused(f"tau:{place}")
    own = file.rename(file.with_name("tasks.py"))
    assert [task.split for task in load_tasks(f"tau:{own}").tasks] == [Split.TEST]


def test_what_is_missing_is_named(first: Path, tmp_path: Path) -> None:
    folder = first / "tau_bench" / "envs" / "retail"
    for place in (tmp_path / "nowhere", tmp_path, folder / "data"):
        with pytest.raises(FileNotFoundError, match="a checkout of tau-bench or tau2-bench"):
            load_tasks(f"tau:{place}")
    (folder / "wiki.md").rename(folder / "rules.md")
    with pytest.raises(FileNotFoundError, match=r"the policy of retail at .*whole repository"):
        require_data(f"tau:{first}")
    telecom = tmp_path / "telecom"
    telecom.mkdir()
    (telecom / "tasks.json").write_text("[]", "utf-8")
    with pytest.raises(FileNotFoundError, match="tasks of retail or airline"):
        load_tasks(f"tau:{telecom}")
    with pytest.raises(FileNotFoundError, match="write tau:PATH"):
        load_tasks("tau")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("TASKS = [Task(instruction=open('x').read())]", "plain values of tasks"),
        ("TASKS = [Task(", "plain values of tasks"),
        ("TASKS = 3", "found none; name another file"),
    ],
)
def test_a_program_is_read_and_never_run(first: Path, text: str, words: str) -> None:
    (first / "tau_bench" / "envs" / "retail" / "tasks_test.py").write_text(text, "utf-8")
    with pytest.raises(ValueError, match=words):
        load_tasks(f"tau:{first}")


def test_tasks_that_are_none_are_counted(first: Path) -> None:
    text = "TASKS = [3, Task(user_id='a'), Task(instruction='b', actions=[Action(name=1)])]"
    (first / "tau_bench" / "envs" / "retail" / "tasks_test.py").write_text(text, "utf-8")
    found = load_tasks(f"tau:{first}#part=train")
    assert [error.kind for error in found.errors] == ["bad_task"] * 3


def test_pass_k_of_a_model_with_a_model_as_user(first: Path, tmp_path: Path) -> None:
    pytest.importorskip("openai")
    from benchmarks.stub_endpoint import Body, serving
    from train.evaluate import main

    def agent(body: Body) -> Body:
        said = [one for one in body["messages"] if one["role"] != "system"]
        if "moon" in str(body) or len(said) > 5:
            return {"content": "That is 8, and 1000 in all."}
        if len(said) < 3:
            return {"content": "How can I help you?"}
        call = {"name": "return_delivered_order_items", "arguments": json.dumps(RETURN)}
        return {"content": None, "tool_calls": [{"id": "1", "type": "function", "function": call}]}

    def user(body: Body) -> Body:
        settled = "8" in body["messages"][-1]["content"]
        return {"content": "[END]" if settled else body["messages"][0]["content"][-20:]}

    with serving(agent) as one, serving(user) as other:
        main(
            [
                *("--data", f"tau:{first}", "--split", "test", "--trials", "2"),
                *("--agent", f"m@{one.url},tools=native", "--user", f"llm:u@{other.url}"),
                *("--out", str(tmp_path / "run")),
            ]
        )
    told = json.loads((tmp_path / "run" / "summary.json").read_text("utf-8"))
    assert told["metrics"]["success"]["value"] == told["metrics"]["tau"]["value"] == 1
    assert told["pass^2"]["value"] == 1


def test_gold_wins_the_public_tasks(shared_data: Path) -> None:
    data = f"tau:{shared_data / 'tau'}"
    found = load_tasks(data)
    assert found.errors == ()
    assert not [task.id for task in found.tasks if task.out_of_reach]
    assert len(found.tasks) == 467
    assert len(gold_episodes(f"{data}#part=test")) == 124
