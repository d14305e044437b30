"""Our own dialogues, written in other people's forms, are the same tasks again."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agents.gold import Gold
from agents.play import play
from reasonact_env.config import EnvConfig
from reasonact_env.env import ReasonActEnv
from reasonact_env.replay.export import sft_examples
from tasks.load import load_tasks
from tasks.types import Task, TaskSet
from tools.openai_form import to_openai
from tools.protocol import CALL, parse
from tools.types import Message, Role

EMBEDDED = ("desk:40:3", "kaleidoscope:20:3", "retail:12:3", "airline:12:3", "procedures:20:3")
REAL, EACH = "apigen_mt_like_real.json", 25
"""Real dialogues, and how many of each domain."""
HERMES = (
    "Function signatures stand within <tools> </tools> XML tags.\n"
    "<tools>\n{tools}\n</tools>\nFor each call return JSON within <tool_call> </tool_call> tags:\n"
    "<tool_call>\n{{'arguments': <args-dict>, 'name': <function-name>}}\n</tool_call>\n"
)
QWEN = (
    "# Tools\n\nYou may call functions.\n\nYou are provided with function signatures within "
    "<tools></tools> XML tags:\n<tools>\n{tools}\n</tools>\n\nReturn a json object within "
    '<tool_call></tool_call> XML tags:\n<tool_call>\n{{"name": <function-name>}}\n</tool_call>'
)


def tools_of(task: Task) -> list[Any]:
    return [spec.as_dict() for spec in task.tools]


def stripped(task: Task) -> Task:
    """The task without blanks around its rules and the assistant's messages."""
    messages = (
        Message(one.role, one.content.strip()) if one.role in (Role.SYSTEM, Role.ASSISTANT) else one
        for one in task.messages
    )
    return replace(task, messages=tuple(messages))


def plain(messages: Sequence[Message]) -> list[Any]:
    return [dict(message.as_dict()) for message in messages]


def ours(task: Task) -> dict[str, Any]:
    """A task as a record of APIGen-MT's, as far as its messages go."""
    task = stripped(task)
    said: list[Any] = []
    for message in task.messages[1:]:
        parsed = parse(message.content) if message.role is Role.ASSISTANT else None
        if parsed is not None and parsed.attempts:
            calls = [{"name": call.name, "arguments": call.arguments} for call in parsed.calls]
            said.append({"from": "function_call", "value": json.dumps(calls)})
        else:
            name = {Role.USER: "human", Role.ASSISTANT: "gpt", Role.TOOL: "observation"}
            said.append({"from": name[message.role], "value": message.content})
    return {"system": task.rules, "tools": json.dumps(tools_of(task)), "conversations": said}


def openai(task: Task) -> dict[str, Any]:
    return {"messages": to_openai(plain(stripped(task).messages)), "tools": tools_of(task)}


def raw_messages(task: Task) -> dict[str, Any]:
    """As the replay exports training data: calls stand in the text."""
    return {"messages": plain(stripped(task).messages), "tools": json.dumps(tools_of(task))}


def old_openai(task: Task) -> dict[str, Any]:
    """As OpenAI had one call a message, and functions in the tools' place."""
    messages = openai(task)["messages"]
    for message in messages:
        if calls := message.pop("tool_calls", None):
            (call,) = calls
            message["function_call"] = call["function"]
        if message["role"] == "tool":
            message["role"] = "function"
            del message["tool_call_id"]
    return {"messages": messages, "functions": [tool["function"] for tool in tools_of(task)]}


def hermes(task: Task) -> dict[str, Any]:
    system = HERMES.format(tools=tools_of(task)) + task.rules
    turns = [{"from": "system", "value": system}]
    for message in stripped(task).messages[1:]:
        name = {Role.USER: "human", Role.ASSISTANT: "gpt", Role.TOOL: "tool"}[message.role]
        value = message.content
        if message.role is Role.ASSISTANT and CALL in value:
            calls = [
                {"arguments": call.arguments, "name": call.name} for call in parse(value).calls
            ]
            value = "\n".join(f"<tool_call>\n{call}\n</tool_call>" for call in calls)
        elif message.role is Role.TOOL:
            value = f"<tool_response>\n{value}\n</tool_response>\n"
        turns.append({"from": name, "value": value})
    return {"conversations": turns}


def qwen(task: Task) -> dict[str, Any]:
    """As Qwen's template shows a chat: answers are a user's message."""
    tools = "\n".join(json.dumps(tool) for tool in tools_of(task))
    messages = [{"role": "system", "content": f"{task.rules}\n\n{QWEN.format(tools=tools)}"}]
    told: list[str] = []
    for message in [*stripped(task).messages[1:], None]:
        if message is not None and message.role is Role.TOOL:
            told.append(f"<tool_response>\n{message.content}\n</tool_response>")
            continue
        if told:
            messages.append({"role": "user", "content": "\n".join(told)})
            told = []
        if message is not None:
            messages.append(dict(message.as_dict()))
    return {"messages": messages}


FORMS = {
    "openai": openai,
    "raw messages": raw_messages,
    "hermes": hermes,
    "qwen": qwen,
}
FORM = pytest.mark.parametrize("form", FORMS.values(), ids=FORMS.keys())


def in_file(path: Path, rows: Sequence[Any]) -> TaskSet:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return load_tasks(path)


def bare(tasks: TaskSet) -> list[Task]:
    """The tasks without what a file's name decides."""
    return [replace(task, id="", source="", group=task.group) for task in tasks.tasks]


def require_same(path: Path, tasks: Sequence[Task], form: Callable[[Task], Any]) -> TaskSet:
    before = in_file(path / "ours.json", [ours(task) for task in tasks])
    after = in_file(path / "theirs.json", [form(task) for task in tasks])
    assert (before.errors, after.errors) == ((), ())
    assert len(before.tasks) == len(tasks)
    for one, other in zip(bare(before), bare(after), strict=True):
        assert other == one
    assert sum(after.forms.values()) == len(tasks)
    return after


def gold_earns_one(tasks: TaskSet, path: Path, mode: str) -> None:
    config = EnvConfig(data=str(path), split="all", mode=mode)
    playable = [task for task in ReasonActEnv.of(config).tasks if task.turns]
    assert len(playable) >= 0.9 * len(tasks.tasks)
    for one in play(config, Gold(playable, mode), [(task.id, None) for task in playable]):
        expected = len(one.episode.steps) if mode == "turn" else 1.0
        assert one.episode.total == pytest.approx(expected), one.episode.task_id


@FORM
@pytest.mark.parametrize("data", EMBEDDED)
def test_generated_dialogues_come_back(
    tmp_path: Path, data: str, form: Callable[[Task], Any]
) -> None:
    require_same(tmp_path, load_tasks(data).tasks, form)


@FORM
def test_real_dialogues_come_back(
    shared_data: Path, tmp_path: Path, form: Callable[[Task], Any]
) -> None:
    path = shared_data / "dialogues" / REAL
    some = [
        task
        for domain in ("retail", "airline")
        for task in load_tasks(f"{path}#domain={domain}").tasks[:EACH]
    ]
    found = require_same(tmp_path, some, form)
    for mode in ("turn", "dialogue"):
        gold_earns_one(found, tmp_path / "theirs.json", mode)


@FORM
@pytest.mark.parametrize("mode", ["turn", "dialogue"])
def test_gold_earns_one_on_what_came_back(
    tmp_path: Path, form: Callable[[Task], Any], mode: str
) -> None:
    found = in_file(tmp_path / "a.jsonl", [form(task) for task in load_tasks("desk:40:3").tasks])
    gold_earns_one(found, tmp_path / "a.jsonl", mode)


def test_one_call_a_message_as_openai_had_it(tmp_path: Path) -> None:
    require_same(tmp_path, load_tasks("retail:12:3").tasks, old_openai)


def test_exported_episodes_are_tasks_with_the_thoughts_that_they_had(tmp_path: Path) -> None:
    config = EnvConfig(data="desk:30:5", split="all", mode="dialogue", thinking="required")
    tasks = ReasonActEnv.of(config).tasks
    agent = Gold(tasks, "dialogue", "required")
    played = list(play(config, agent, [(task.id, None) for task in tasks]))
    rows = [row for one in played for row in sft_examples(one.episode)]
    found = in_file(tmp_path / "sft.jsonl", rows)
    assert not found.errors
    assert len(found.tasks) == len(tasks)
    for task, before in zip(found.tasks, tasks, strict=True):
        assert [turn.calls for turn in task.turns] == [turn.calls for turn in before.turns]
        assert [message.content for message in task.messages if "<think>" in message.content] == []
        assert len(task.traces) == len(task.turns)
        assert all(task.traces)


@pytest.mark.parametrize("packing", ["lines", "array", "gzip", "parquet", "saved", "splits"])
def test_each_packing_holds_the_same(
    tmp_path: Path, packing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [openai(task) for task in load_tasks("desk:12:3").tasks]
    before = in_file(tmp_path / "plain.jsonl", rows)
    place = tmp_path / "rows"
    text = "\n".join(map(json.dumps, rows))
    if packing == "lines":  # whatever the name says
        place.write_text(text, "utf-8")
    elif packing == "array":
        place.write_text(json.dumps(rows, indent=1), "utf-8")
    elif packing == "gzip":
        place = tmp_path / "rows.jsonl.gz"
        place.write_bytes(gzip.compress(text.encode()))
    else:
        datasets = pytest.importorskip("datasets", reason="needs `pip install -e '.[train]'`")
        whole = datasets.Dataset.from_list(rows)
        if packing == "parquet":
            whole.to_parquet(place)
        elif packing == "saved":
            whole.save_to_disk(place)
        else:
            halves = {"train": whole.select(range(8)), "test": whole.select(range(8, 12))}
            datasets.DatasetDict(halves).save_to_disk(place)
            assert len(load_tasks(f"{place}#split=test").tasks) == 4
    after = load_tasks(place)
    assert after.errors == ()
    for one, other in zip(bare(before), bare(after), strict=True):
        assert other == one
    assert load_tasks(place) is after
