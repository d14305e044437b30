"""The airline against tau-bench's own schemas, gold actions and recorded dialogues."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tools.executor import Executor
from tools.jsontext import canonical
from tools.schema.load import load_schema
from tools.schema.toolbox import Toolbox
from tools.types import Json, ToolCall, ToolSpec
from tools.worlds.airline.variants import TAU1, TAU2
from tools.worlds.database import Base
from tools.worlds.functions import WorldTool
from tools.worlds.world import WorldExecutor

VARIANTS = {"tau1": TAU1, "tau2": TAU2}
EACH = pytest.mark.parametrize("version", list(VARIANTS))


def read(path: Path) -> Json:
    loaded: Json = json.loads(path.read_text("utf-8"))
    return loaded


@pytest.fixture(scope="module")
def base(shared_data: Path) -> Base:
    folder = shared_data / "tau" / "tau1" / "airline_db"
    tables = ("flights", "reservations", "users")
    return Base.of({name: read(folder / f"{name}.json") for name in tables})


def bare(schema: Json) -> Json:
    """A schema without its words, and without an empty `required`."""
    if isinstance(schema, list):
        return [bare(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    words = {name for name in ("title", "description") if isinstance(schema.get(name), str)}
    if schema.get("required") == []:
        words.add("required")
    return {name: bare(part) for name, part in schema.items() if name not in words}


@EACH
def test_the_schemas_are_tau_benchs(shared_data: Path, version: str) -> None:
    theirs = [
        ToolSpec(tool["function"]["name"], "", tool["function"]["parameters"])
        for tool in read(shared_data / "tau" / version / "airline_tools.json")
    ]
    ours = [tool.spec for tool in VARIANTS[version].values()]
    assert [spec.name for spec in ours] == [spec.name for spec in theirs]
    for own, their in zip(ours, theirs, strict=True):
        assert bare(load_schema(own)) == bare(load_schema(their)), own.name
        assert own.description != their.description


def gold(shared_data: Path, version: str) -> Iterator[tuple[str, list[ToolCall]]]:
    """(task id, gold actions) of the airline's tasks."""
    tasks = read(shared_data / "tau" / "tau_tasks.json")
    for task in tasks["tau1_airline_test" if version == "tau1" else "tau2_airline"]:
        actions = task["actions"] if version == "tau1" else task["evaluation_criteria"]["actions"]
        calls = [ToolCall(action["name"], action["arguments"]) for action in actions or []]
        yield task.get("task_id") or task["id"], calls


@EACH
def test_gold_actions_succeed(shared_data: Path, base: Base, version: str) -> None:
    tools = VARIANTS[version]
    start, toolbox = WorldExecutor.start(tools, base), toolbox_of(tools)
    count = 0
    for task_id, calls in gold(shared_data, version):
        executor: Executor = start
        for call in calls:
            assert toolbox.check(call) is None, (task_id, call)
            executor, result = executor.run(call)
            assert result.ok, (task_id, call, result)
            count += 1
    assert count > 50


def toolbox_of(tools: Mapping[str, WorldTool]) -> Toolbox:
    return Toolbox.of([tool.spec for tool in tools.values()])


def test_recorded_dialogues_saw_the_same(shared_data: Path, base: Base) -> None:
    """All answers are equal but for a reservation and a flight that differ in tau2's database,
    and users' addresses, which said `province` in an older one of tau1.
    """
    counts: Counter[str] = Counter()
    for version, call, recorded, ok, content in answers(shared_data, base):
        if recorded.startswith("Error") or not ok:
            same = recorded.startswith("Error") and not ok
        else:
            same = plain(recorded) == plain(content)
        known = {"Z7GOZK", "HAT018"}.intersection(map(str, call.arguments.values()))
        old = version == "tau1" and '"province"' in recorded
        kind = "same" if same else "known" if known or old else "different"
        counts[kind] += 1
    assert counts["different"] == 0
    assert counts["known"] < 100
    assert counts["same"] > 2800


def answers(shared_data: Path, base: Base) -> Iterator[tuple[str, ToolCall, str, bool, str]]:
    """(variant, call, recorded observation, success, our answer) of all airline dialogues."""
    folder = shared_data / "dialogues"
    entries = read(folder / "apigen_mt_like_real.meta.json")
    for row, entry in zip(read(folder / "apigen_mt_like_real.json"), entries, strict=True):
        if entry.get("domain") != "airline":
            continue
        version = entry["benchmark"] if entry["benchmark"] in VARIANTS else "tau2"
        executor: Executor = WorldExecutor.start(VARIANTS[version], base)
        turns = row["conversations"]
        for turn, after in zip(turns, turns[1:], strict=False):
            if turn["from"] == "function_call" and after["from"] == "observation":
                call = ToolCall(**json.loads(turn["value"]))
                executor, result = executor.run(call)
                yield version, call, after["value"], result.ok, result.content


def plain(text: str) -> str:
    """An answer without nulls, and with whole numbers as integers."""
    try:
        return canonical(without_nulls(json.loads(text)))
    except json.JSONDecodeError:
        return text


def without_nulls(value: Json) -> Json:
    if isinstance(value, list):
        return [without_nulls(part) for part in value]
    if not isinstance(value, dict):
        return value
    return {name: without_nulls(part) for name, part in value.items() if part is not None}
