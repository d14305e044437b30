"""Generated conversations: their form, their truth, and their sameness everywhere."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
from functools import cache
from itertools import chain
from pathlib import Path
from typing import cast

import pytest
from jsonschema import Draft202012Validator

from tasks.facts import fact_tokens
from tasks.load import load_tasks
from tasks.procedures import phrases
from tasks.procedures.conversation import Conversation, converse
from tasks.procedures.library import library
from tasks.procedures.paths import sample_path
from tasks.procedures.records import generate, prepare
from tasks.procedures.tests import cut
from tasks.procedures.text import MEETS
from tools.dice import Dice
from tools.effects import is_handover
from tools.types import Effect, Json, MessageKind, Role

ROOT = Path(__file__).parents[3]
SIZE = 300

Row = tuple[dict[str, Json], dict[str, Json]]


@cache
def rows() -> list[Row]:
    return list(generate(SIZE, 0, "all"))


@cache
def talks() -> list[Conversation]:
    found = []
    for procedure in library():
        ready = prepare(procedure)
        for seed in range(8):
            path = sample_path(ready.graph, {}, Dice("talks", seed), noise=0.4)
            found.append(converse(procedure, ready.graph, path, f"talks-{seed}"))
    return found


def turns(record: dict[str, Json]) -> list[dict[str, str]]:
    return cast("list[dict[str, str]]", record["conversations"])


def test_speakers_take_turns_as_in_apigen() -> None:
    follows = {
        "human": {"gpt", "function_call"},
        "gpt": {"human"},
        "function_call": {"observation"},
        "observation": {"gpt", "function_call"},
    }
    for record, _ in rows():
        speakers = [turn["from"] for turn in turns(record)]
        assert speakers[0] == "human"
        assert all(b in follows[a] for a, b in zip(speakers, speakers[1:], strict=False))
        assert speakers[-1] in {"gpt", "observation"}


def test_every_act_has_its_thought() -> None:
    for record, sidecar in rows():
        traces = cast("list[str]", sidecar["traces"])
        acts = [turn for turn in turns(record) if turn["from"] in {"gpt", "function_call"}]
        assert len(traces) == len(acts)
        for trace, act in zip(traces, acts, strict=True):
            called = re.search(r"due: call (\w+) with", trace)
            assert bool(called) == (act["from"] == "function_call")
            assert not called or called[1] == json.loads(act["value"])["name"]


def test_calls_are_schema_valid() -> None:
    for record, _ in rows():
        tools = json.loads(cast("str", record["tools"]))
        schemas = {tool["name"]: Draft202012Validator(tool["parameters"]) for tool in tools}
        for turn in turns(record):
            if turn["from"] == "function_call":
                call = json.loads(turn["value"])
                schemas[call["name"]].validate(call["arguments"])


def test_only_a_handover_ends_a_conversation_without_a_reply() -> None:
    for talk in talks():
        last = talk.turns[-1]
        assert (last.role is Role.TOOL) == is_handover(talk.calls[-1].name)


def test_no_placeholder_is_left() -> None:
    for talk in talks():
        assert not any({"{", "}"} & set(said.text) for said in talk.turns if said.role != Role.TOOL)


def test_no_call_is_made_twice_with_nothing_changed() -> None:
    for talk in talks():
        seen: set[str] = set()
        for call in talk.calls:
            if talk.procedure.apis[call.name].write:
                seen.clear()
            key = json.dumps([call.name, dict(call.arguments)])
            assert key not in seen
            seen.add(key)


def test_a_corrected_value_is_the_one_that_counts() -> None:
    corrected = 0
    for talk in talks():
        for place, said in enumerate(talk.turns):
            if said.text.startswith(MEETS_CORRECTION):
                wrong, right = talk.turns[place - 3].text, talk.turns[place - 1].text
                calls = [turn.call for turn in talk.turns[place:] if turn.call]
                values = [str(value) for call in calls[:1] for value in call.arguments.values()]
                told = [value for value in values if is_in(value, right)]
                corrected += 1
                assert not any(is_in(value, wrong) for value in told)
    assert corrected


def is_in(value: str, text: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(value)}(?!\w)", text) is not None


MEETS_CORRECTION = next(text for kind, text in MEETS.items() if kind == "correction")


def test_what_customers_say_by_themselves_holds_no_fact() -> None:
    own = [*phrases.GREETINGS, *phrases.UNDERSTOOD, *phrases.IMPATIENT]
    own += [*phrases.YES_WORDS, *phrases.NO_WORDS, *chain(*phrases.NOISE.values())]
    slots = [*phrases.TOLD, *phrases.VOLUNTEERED, *phrases.CORRECTIONS]
    own += [words.format(words="name", value="x") for words in slots]
    for procedure in library():
        own += [*procedure.intents, *chain(*procedure.answers.values())]
    assert [words for words in own if fact_tokens(words)] == []


def test_most_replies_tell_a_fact() -> None:
    """Otherwise a constant polite reply would be half right."""
    told = sum(
        bool(fact_tokens(said.text))
        for talk in talks()
        for said in talk.turns
        if said.role is Role.ASSISTANT and not said.call
    )
    replies = sum(
        said.role is Role.ASSISTANT and not said.call for talk in talks() for said in talk.turns
    )
    assert told > 0.45 * replies


def test_every_conversation_is_a_task_with_a_goal() -> None:
    data = load_tasks(f"procedures:{SIZE}:0:all")
    assert (data.errors, data.mended) == ((), {})
    for task, (_, beside) in zip(data.tasks, rows(), strict=True):
        assert task.goal.writes or task.goal.reads
        assert all(not effect.inferred for effect in task.effects.values())
        assert len(task.decisions) == len(task.turns)
        assert task.traces == tuple(cast("list[str | None]", beside["traces"]))


def test_effects_are_as_declared() -> None:
    for task in load_tasks(f"procedures:{SIZE}:0:all").tasks:
        for call in task.goal.writes:
            assert task.effects[call.name].effect is Effect.WRITE


def test_tests_are_all_that_the_agent_does() -> None:
    for talk in talks()[:20]:
        tests = list(cut(talk, "x"))
        own = [said for said in talk.turns if said.role is Role.ASSISTANT]
        assert [test.expected for test in tests] == own
        assert all(test.context[-1].role is not Role.ASSISTANT for test in tests)
        assert [test.number for test in tests] == list(range(len(tests)))


def test_turn_mode_has_calls_and_replies() -> None:
    kinds = [turn.kind for task in load_tasks("procedures:60").tasks for turn in task.decisions]
    assert 0.25 < kinds.count(MessageKind.CALL) / len(kinds) < 0.6


def test_a_record_does_not_depend_on_how_many_follow() -> None:
    assert list(generate(20, 0, "all")) == rows()[:20]


def test_another_seed_gives_other_conversations() -> None:
    pairs = zip(generate(20, 0), generate(20, 1), strict=True)
    assert not any(a["conversations"] == b["conversations"] for (a, _), (b, _) in pairs)


@pytest.mark.parametrize("data", ["procedures:5:0:nowhere", "procedures:0", "procedures:x"])
def test_a_bad_name_is_explained(data: str) -> None:
    with pytest.raises(ValueError, match="expected"):
        load_tasks(data)


FINGERPRINT = """
import hashlib, json
from tasks.procedures.records import generate
print(hashlib.sha256(json.dumps(list(generate(60, 3))).encode()).hexdigest())
"""


@pytest.mark.parametrize("hash_seed", ["0", "1"])
def test_every_process_generates_the_same(hash_seed: str) -> None:
    here = hashlib.sha256(json.dumps(list(generate(60, 3))).encode()).hexdigest()
    run = subprocess.run(
        [sys.executable, "-c", FINGERPRINT],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": hash_seed},
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout.strip() == here
