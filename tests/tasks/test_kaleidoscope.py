"""Dialogues in generated domains: their form, rules and sameness, and what they share."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import cast

import pytest
from jsonschema import Draft202012Validator

from agents.gold import Gold
from agents.play import play
from reasonact_env.config import EnvConfig
from reasonact_env.env import ReasonActEnv
from tasks.kaleidoscope.agent import Scene, allowed, converse
from tasks.kaleidoscope.domain import draw_domain
from tasks.kaleidoscope.generator import dialogue, generate
from tasks.kaleidoscope.plan import draw_plan
from tasks.load import load_tasks
from tasks.overlap import Overlap, main, overlap
from tools.dice import Dice
from tools.types import Effect, Json

ROOT = Path(__file__).parents[2]
SIZE = 400


@cache
def rows() -> list[tuple[dict[str, Json], dict[str, Json]]]:
    return list(generate(SIZE, 0))


def turns(record: dict[str, Json]) -> list[dict[str, str]]:
    return cast("list[dict[str, str]]", record["conversations"])


def offer(record: dict[str, Json]) -> dict[str, dict[str, Json]]:
    return {tool["name"]: tool["parameters"] for tool in json.loads(cast("str", record["tools"]))}


def scene(index: int) -> Scene:
    dice = Dice("kaleidoscope", 0, index)
    domain = draw_domain(dice)
    played = Scene(domain, draw_plan(dice, domain), dice)
    converse(played)
    return played


def test_every_record_is_a_task_without_a_blemish() -> None:
    tasks = load_tasks(f"kaleidoscope:{SIZE}")
    assert len(tasks.tasks) == SIZE
    assert (tasks.errors, tasks.mended) == ((), {})
    assert len({task.group for task in tasks.tasks}) == SIZE


def test_calls_are_schema_valid_and_name_offered_tools() -> None:
    for record, _ in rows():
        tools = offer(record)
        for turn in turns(record):
            if turn["from"] == "function_call":
                call = json.loads(turn["value"])
                Draft202012Validator(tools[call["name"]]).validate(call["arguments"])


def test_every_act_has_a_thought() -> None:
    for record, sidecar in rows():
        acts = [turn for turn in turns(record) if turn["from"] in ("gpt", "function_call")]
        traces = cast("list[str]", sidecar["traces"])
        assert len(traces) == len(acts)
        assert all(trace and "{" not in trace for trace in traces)


def test_arguments_come_from_what_was_said_or_seen() -> None:
    """The agent copies: no id, name or number falls from the sky."""
    for record, _ in rows():
        seen = cast("str", record["tools"])
        for turn in turns(record):
            if turn["from"] == "function_call":
                values = json.loads(turn["value"])["arguments"].values()
                assert all(str(value).lower() in seen.lower() for value in values)
            seen += turn["value"]


@pytest.mark.parametrize("mode", ["turn", "dialogue"])
def test_gold_earns_one(mode: str) -> None:
    config = EnvConfig(data=f"kaleidoscope:{SIZE}", split="all", mode=mode)
    env = ReasonActEnv.of(config)
    agent = Gold(env.tasks, mode, "optional")
    for one in play(config, agent, [(name, None) for name in env.task_ids]):
        total = sum(step.reward for step in one.episode.steps)
        expected = len(one.episode.steps) if mode == "turn" else 1.0
        assert total == pytest.approx(expected), one.episode.task_id


def test_rules_are_kept() -> None:
    """A bound deed is done only where the row allows it, and both cases are common."""
    done = refused = 0
    for index in range(SIZE):
        played = scene(index)
        called = [t["value"] for t in played.script.turns if t["from"] == "function_call"]
        for request in played.plan.requests:
            deed = request.deed
            if deed is None or not deed.is_bound or played.plan.requests[0].topic:
                continue
            own = json.dumps(played.domain.ids.value(request.thing.id))
            acted = any(f'"{deed.tool}"' in text and own in text for text in called)
            right = allowed(deed, played.domain, request.thing.values)
            assert not acted or right
            done, refused = done + acted, refused + (not right)
    assert min(done, refused) > SIZE / 20


def test_domains_differ() -> None:
    tasks = load_tasks(f"kaleidoscope:{SIZE}").tasks
    assert len({task.rules for task in tasks}) > 0.98 * SIZE
    assert len({spec.name for task in tasks for spec in task.tools}) > SIZE
    counts = [len(task.tools) for task in tasks]
    assert (min(counts), max(counts)) == (1, 6)


def test_most_domains_can_be_changed_and_effects_are_told_from_names() -> None:
    tasks = load_tasks(f"kaleidoscope:{SIZE}").tasks
    for index, task in enumerate(tasks):
        deeds = {deed.tool for deed in scene(index).domain.deeds}
        writes = {name for name, known in task.effects.items() if known.effect is Effect.WRITE}
        assert writes == deeds
    assert sum(bool(task.goal.writes) for task in tasks) > SIZE / 4


def test_a_record_depends_on_its_number_alone() -> None:
    assert dialogue(0, 7) == rows()[7]
    assert dialogue(1, 7) != rows()[7]


FINGERPRINT = """
import hashlib, json
from tasks.kaleidoscope.generator import generate
print(hashlib.sha256(json.dumps(list(generate(100, 3))).encode()).hexdigest())
"""


@pytest.mark.parametrize("hash_seed", ["0", "1"])
def test_every_process_generates_the_same(hash_seed: str) -> None:
    here = hashlib.sha256(json.dumps(list(generate(100, 3))).encode()).hexdigest()
    command = [sys.executable, "-c", FINGERPRINT]
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
    run = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == here


@pytest.mark.parametrize("judged", ["desk:300", "retail:30", "airline:30", "procedures:30"])
def test_nothing_that_is_judged_leaks_in(judged: str) -> None:
    learned = load_tasks(f"kaleidoscope:{SIZE}").tasks
    assert overlap(learned, load_tasks(judged).tasks) == Overlap(0, 0, 0, 0, 0)


def test_a_leak_is_seen() -> None:
    some = load_tasks("desk:60").tasks
    found = overlap(some[:40], some[30:])
    assert min(found.rules, found.tools, found.names) > 0
    assert found.near_copies >= 10
    assert found.openings >= 10


def test_the_overlap_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["kaleidoscope:20", "desk:20"]) == 0
    assert "desk:20" in capsys.readouterr().out
    assert main(["kaleidoscope:x", "desk:20"]) == 2
    assert "kaleidoscope:N" in capsys.readouterr().err
