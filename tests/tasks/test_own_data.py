"""Data, worlds and databases that come from outside the house."""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import gymnasium
import pytest

import reasonact_env  # noqa: F401  (registers the environments)
from examples import own_reader, own_world
from reasonact_env.config import EnvConfig
from reasonact_env.env import ReasonActEnv
from tasks.databases import on_database
from tasks.desk.generator import generate
from tasks.load import load_tasks
from tasks.setups import InWorld, Recorded
from tasks.types import Setup, Task, TaskSet
from tools.protocol import render
from tools.types import Message, Role, ToolCall
from tools.worlds import WORLDS, world_named
from tools.worlds import world as world_module
from tools.worlds.database import Base, Database
from tools.worlds.functions import Change, tools_over
from tools.worlds.rules.conversation import Conversation
from tools.worlds.world import World

FOLDER = str(Path(own_world.__file__).parent)


def deposit(account: Account, amount: int) -> Change:
    """Pays in."""
    row = account.database.row("accounts", "7")
    assert row is not None
    return Change(account.database.put("accounts", "7", {"held": amount}), "done")


class Account:
    """A view of a database."""

    def __init__(self, database: Database) -> None:
        self.database = database


BANK = World("a bank", tools_over([deposit], Account))
"""A world whose name leads nowhere."""
HELD = InWorld(BANK, Base({"accounts": {"7": {"held": 1}}}))


def bank_task() -> Task:
    gold = {"name": "deposit", "arguments": {"amount": 5}}
    turns = [
        {"from": "human", "value": "Pay in 5, please."},
        {"from": "function_call", "value": gold},
        {"from": "observation", "value": "done"},
        {"from": "gpt", "value": "Done."},
    ]
    tools = [spec.as_dict() for spec in BANK.specs]
    record: dict[str, Any] = {"system": "Be kind.", "tools": tools, "conversations": turns}
    (task,) = load_tasks(lambda: [(record, {"gold": {"actions": [gold]}})]).tasks
    return task


def placed(task: Task) -> Setup | None:
    return HELD if task.tools == BANK.specs else None


def test_a_reader_by_name_or_as_an_object_is_called_once() -> None:
    named = load_tasks("examples.own_reader:load")
    assert named.source == "examples.own_reader:load"
    assert [task.id for task in named.tasks] == ["own_reader-load-00000", "own_reader-load-00001"]
    assert load_tasks("examples.own_reader:load") is named
    assert load_tasks(own_reader.load).tasks == named.tasks


def test_records_themselves_are_data_with_sidecars_or_without(tmp_path: Path) -> None:
    rows = list(generate(5, 0))
    named = load_tasks("desk:5").tasks
    for data in (rows, tuple(rows), [list(row) for row in rows]):
        found = load_tasks(data)
        assert [task.goal for task in found.tasks] == [task.goal for task in named]
        assert load_tasks(data) is found
    plain = load_tasks([record for record, _ in rows])
    assert {task.goal.label for task in plain.tasks} == {"recorded"}
    assert plain is load_tasks([(record, None) for record, _ in rows])
    file = tmp_path / "own.json"
    file.write_text(json.dumps([record for record, _ in rows]), "utf-8")
    assert [t.messages for t in load_tasks(file).tasks] == [t.messages for t in plain.tasks]


def test_records_that_change_later_change_no_task() -> None:
    rows: list[Any] = [list(row) for row in own_reader.load()]
    found = load_tasks(rows)
    before = found.tasks[0].messages
    rows[0][0]["conversations"].clear()
    assert load_tasks([list(row) for row in own_reader.load()]) is found
    assert found.tasks[0].messages == before
    assert load_tasks(rows).source != found.source


def test_an_environment_takes_a_path_or_records_as_data(tmp_path: Path) -> None:
    file = tmp_path / "own.json"
    file.write_text(json.dumps([row[0] for row in own_reader.load()]), "utf-8")
    config = EnvConfig(data=file)
    assert config == EnvConfig(data=str(file))
    for data in (file, list(own_reader.load())):
        env = gymnasium.make("ReasonAct-APIGen-v0", data=data, split="all")
        env.reset(seed=0)
        plain = json.dumps(env.unwrapped.config.to_json())  # type: ignore[attr-defined]
        again = ReasonActEnv.of(EnvConfig.from_json(json.loads(plain)))
        assert again.source == env.unwrapped.source  # type: ignore[attr-defined]


def test_a_reader_may_build_its_tasks_itself() -> None:
    own = TaskSet("mine", load_tasks("desk:3").tasks)
    assert load_tasks(lambda: own) is own


def test_readers_are_joined_with_other_data() -> None:
    both = load_tasks("desk:4 + examples.own_reader:load")
    assert len(both.tasks) == 6


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ("nowhere:load", "expected a reader of data as MODULE:NAME, .* no module 'nowhere'"),
        ("examples.own_reader:lod", r"no 'lod'; did you mean examples\.own_reader:load\?"),
        ("examples.own_reader:TOOL", "without arguments .* got a dict"),
        (7, "got a int"),
        ({"rows": []}, "got a dict"),
        (lambda path: [], r"got one that takes \(path\)"),
        (lambda: None, "got one that returns 'None'"),
        (lambda: [{"conversations": []}], "got one that returns"),
    ],
)
def test_what_is_no_reader_is_told(data: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        load_tasks(data)


def test_an_environment_says_why_no_record_is_a_task() -> None:
    with pytest.raises(ValueError, match="no record of 1 is one; the first one says: expected an"):
        gymnasium.make("ReasonAct-APIGen-v0", data=lambda: [({}, {})])


def test_a_world_of_ones_own_is_played(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(FOLDER)
    env = gymnasium.make("ReasonAct-APIGen-v0", data="own_world:load", split="all")
    env.reset(options={"task_id": "own_world-load-00003"})
    arguments = {"title": "volume 3", "card": "C7"}
    *_, info = env.step(render([ToolCall("lend_book", arguments)]))
    (change,) = info["changes"]
    assert (change["key"], change["field"], change["after"]) == ("volume 3", "card", "C7")
    *_, info = env.step(render([ToolCall("lend_book", arguments)]))
    assert info["call_problems"][0]["text"] == "volume 3 is not in"
    *_, info = env.step("Here it is.")
    assert info["outcome"]["state"]


def test_the_guides_world_lends_and_keeps_its_rule() -> None:
    guide = Path(world_module.__file__).with_name("README.md").read_text("utf-8")
    said: dict[str, Any] = {"__name__": "my_library"}
    for block in guide.split("```python\n")[1:]:
        exec(block.split("```")[0], said)
    world = replace(said["LIBRARY"], rules=(said["one_book"],))
    books = {title: {"card": ""} for title in ("Emma", "Dubliners")}
    executor, messages = world.start({"books": books}), [Message(Role.USER, "Both, please. C7.")]
    for title in books:
        call = ToolCall("lend_book", {"title": title, "card": "C7"})
        executor, result = executor.run(call)
        messages.append(Message(Role.ASSISTANT, render([call])))
        messages.append(Message(Role.TOOL, result.content))
    (broken,) = world.violations(Conversation.of(messages, world.effects))
    assert (broken.rule, broken.message) == ("second_book", 2)
    assert said["sidecar"]["world"]["name"] == world.name


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("moon", r"expected the name of a world \(desk, .*, or MODULE:NAME of your own\), got"),
        ("math:pi", r"expected math:pi to be a tools\.worlds\.world\.World, got a float"),
        ("tools.worlds.desk:DESKS", r"did you mean tools\.worlds\.desk:DESK\?"),
    ],
)
def test_a_sidecar_with_another_world_is_an_error_of_its_row(name: str, words: str) -> None:
    (record, _), *_ = own_reader.load()
    sidecar: dict[str, Any] = {"world": {"name": name, "made": {"customers": 3, "seed": 0}}}
    (error,) = load_tasks(lambda: [(record, sidecar)]).errors  # type: ignore[arg-type, list-item]
    assert error.kind == "bad_sidecar"
    with pytest.raises(ValueError, match=words):
        raise ValueError(error.text)


@pytest.mark.parametrize("database", [HELD, placed, "test_own_data:HELD", "test_own_data:placed"])
def test_recorded_tasks_are_put_on_a_database(
    database: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(Path(__file__).parent))
    plain = bank_task()
    other = load_tasks("examples.own_reader:load").tasks[1]
    task, left = on_database([plain, other], database)
    assert left is other
    assert isinstance(plain.setup, Recorded)
    assert isinstance(task.setup, InWorld)
    assert not task.effects["deposit"].inferred
    executor, result = task.setup.start(task).run(ToolCall("deposit", {"amount": 5}))
    assert result.content == "done"
    (change,) = executor.changes_since(task.setup.start(task))
    assert (change.before, change.after) == (1, 5)


@pytest.mark.parametrize(
    ("database", "words"),
    [
        (7, "got a int"),
        ({"users": {}}, "got a dict"),
        ("examples.own_reader:TOOL", r"got a dict as examples\.own_reader:TOOL"),
        (lambda: None, r"one that takes \(\)"),
        (HELD, "expected tasks with the tools of the world a bank, got none"),
        (lambda task: None, "expected tasks with the tools of the database .*, got none"),
    ],
)
def test_what_is_no_database_is_told(database: Any, words: str) -> None:
    data = "examples.own_reader:load"
    with pytest.raises(ValueError, match=words):
        gymnasium.make("ReasonAct-APIGen-v0", data=data, split="all", database=database)


def copy_of(value: Any) -> Any:
    return pickle.loads(pickle.dumps(value))


@pytest.mark.parametrize("name", [*WORLDS, "examples.own_world:LIBRARY"])
def test_a_pickled_world_is_the_world_of_its_name(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(FOLDER)
    world = world_named(world_named(name).name)
    assert copy_of(world) is world


def test_a_pickled_world_whose_name_leads_nowhere_still_works() -> None:
    setup = copy_of(HELD)
    _, result = setup.world.start(setup.base).run(ToolCall("deposit", {"amount": 2}))
    assert result.ok
    assert setup.world.specs == BANK.specs


def test_pickled_tasks_share_what_they_shared() -> None:
    one, other = copy_of(load_tasks("retail:2:3").tasks)
    assert {one.setup.world, other.setup.world} <= set(WORLDS.values())


def test_a_world_says_what_it_cannot_do() -> None:
    calls: list[tuple[Callable[[], object], str]] = [
        (lambda: BANK.read("."), "got a bank; give the database itself, or the world the field"),
        (lambda: BANK.generated(3, 0), "can be generated, got a bank"),
        (lambda: BANK.rebuilt([]), "can be rebuilt from a dialogue, got a bank"),
    ]
    for call, words in calls:
        with pytest.raises(ValueError, match=words):
            call()
