"""The benchmarks are run by hand; here a small part of each, without looking at the clock."""

import json
import re
from pathlib import Path

import pytest

from agents.play import play
from agents.scripted import Scripted
from benchmarks import (
    agenda,
    asking,
    forks,
    hearing,
    imports,
    misreadings,
    procedures,
    replay,
    replay_speed,
    speed,
    trying,
    validation,
    wild_actions,
)
from reasonact_env.config import EnvConfig
from reasonact_env.env import ReasonActEnv
from reasonact_env.reward.progress import Progress
from tasks.load import load_tasks
from tasks.procedures.library import procedures as area
from tasks.procedures.records import prepare
from train import pipeline


@pytest.mark.parametrize("mode", ["dialogue", "turn"])
@pytest.mark.parametrize(
    "what",
    [
        ["--data", "desk:50"],
        ["--data", "retail:10"],
        ["--data", "airline:10"],
        ["--data", "procedures:10"],
    ],
    ids=" ".join,
)
def test_wild_actions_neither_raise_nor_change_the_state(
    tmp_path: Path, what: list[str], mode: str
) -> None:
    out = tmp_path / "wild.json"
    tally = wild_actions.main([*what, "--actions", "800", "--mode", mode, "--out", str(out)])
    tally.failures.pop("over 50 ms", None)  # the clock is for the benchmark
    assert not tally.failures, tally.examples
    assert tally.seen["writes"] > 0
    (row,) = json.loads(out.read_text("utf-8"))["environments"]
    assert (row["actions"], row["mode"]) == (800, mode)
    assert row["peak MB"] < wild_actions.LIMIT_MB


@pytest.mark.parametrize("database", [None, "rebuilt", "tau/tau1/airline_db"])
def test_wild_actions_against_real_dialogues(database: str | None, shared_data: Path) -> None:
    at = database and (database if database == "rebuilt" else str(shared_data / database))
    data = str(shared_data / "dialogues" / "apigen_mt_like_real.json")
    tally = wild_actions.bombard(500, wild_actions.Place("real", data, at), "dialogue", seed=0)
    tally.failures.pop("over 50 ms", None)
    assert not tally.failures, tally.examples


def test_wild_actions_know_their_environments() -> None:
    def named(*env: str, data: str | None = None, database: tuple[str, ...] = ()) -> list[str]:
        options = wild_actions.Options(env=env, data=data, database=database)
        return [place.name for place in wild_actions.places(options)]

    assert named() == ["desk"]
    assert named(data="retail:5") == ["retail:5"]
    assert named("all") == ["desk", "retail", "airline", "kaleidoscope", "procedures"]
    on_file = named("all", data="a.json", database=("tau1/retail_db", "tau2/db.json"))[5:]
    assert on_file == ["recorded", "rebuilt", "loaded tau1/retail_db", "loaded tau2/db.json"]
    with pytest.raises(ValueError, match="airline"):
        named("airlien")
    with pytest.raises(ValueError, match="--data"):
        named("recorded")


def test_wild_actions_meet_all_problems_that_an_embedded_task_can_have(tmp_path: Path) -> None:
    tally = wild_actions.bombard(6000, "desk:50", "dialogue", seed=1)
    kinds = {name.removeprefix("problem: ") for name in tally.seen if name.startswith("problem")}
    assert kinds >= {
        "not_json",
        "double_encoded",
        "not_an_object",
        "unknown_tool",
        "missing_argument",
        "unexpected_argument",
        "wrong_type",
        "not_in_enum",
        "rejected",
        "too_large",
    }


def test_speed_prints_a_row_for_each_mode(tmp_path: Path) -> None:
    rows = speed.main(["--tasks", "5", "--rounds", "1", "--out", str(tmp_path / "speed.json")])
    assert [row["mode"] for row in rows] == ["dialogue", "turn"]
    assert all(float(row["steps_per_s"]) > 0 for row in rows)


def test_copies_are_timed_and_go_on_alike(tmp_path: Path) -> None:
    argv = ["--data", "retail:5", "--tasks", "3", "--out", str(tmp_path / "forks.json")]
    rows = forks.main(argv)
    assert [row[2:5] for row in rows] == [["dialogue", 3, 3], ["turn", 3, 3]]


def test_validation_is_timed_with_each_validator(capsys: pytest.CaptureFixture[str]) -> None:
    rows = validation.main(["--data", "desk:5", "--rounds", "1"])
    assert {row[2] for row in rows} >= {"tools.schema.fast", "jsonschema"}
    assert "What validation costs" in capsys.readouterr().out


def test_a_core_install_brings_at_most_nineteen_packages(tmp_path: Path) -> None:
    found = imports.main(["--rounds", "1", "--out", str(tmp_path / "imports.json")])
    packages = found["packages"]
    assert isinstance(packages, list)
    assert len(packages) <= 19


def test_a_mixture_of_episodes_replays_in_other_processes(tmp_path: Path) -> None:
    assert replay.main(["--episodes", "30", "--out", str(tmp_path / "replay.json")])


def test_the_replay_is_timed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "speed.json"
    replay_speed.main(["--episodes", "3", "--sizes", "9", "--out", str(out)])
    assert "9 episodes, with it" in capsys.readouterr().out


def test_what_is_heard_in_a_data_set_is_counted(capsys: pytest.CaptureFixture[str]) -> None:
    assert hearing.main(["--data", "desk:20", "--misses", "2"]).questions > 80
    assert "nothing heard in" in capsys.readouterr().out


def test_no_customer_is_lost_when_gold_uses_other_words() -> None:
    for figures in agenda.main(["--tasks", "25", "--styles", "2"]):
        assert figures.played == 50
        assert not figures.lost


@pytest.mark.parametrize("data", ["desk:40:5", "kaleidoscope:40:5"])
def test_users_tell_what_they_are_asked_for_and_nothing_else(data: str) -> None:
    figures = asking.main(["--data", data, "--rounds", "1"])
    assert figures.asked > 80
    assert not figures.missed
    assert not figures.unasked


TASKS = load_tasks("desk:50").tasks


def test_a_number_that_nobody_said_is_a_misreading() -> None:
    def told(number: str) -> Scripted:
        message = '<tool_call>{"name": "get_order", "arguments": {"order_id": "%s"}}</tool_call>'
        return Scripted([message % number, "Bye."])

    said = (re.search(r"order (?:number )?(\d+)", t.opening[-1].content) for t in TASKS)
    task, asked = next((t, m[1]) for t, m in zip(TASKS, said, strict=True) if m)
    config = EnvConfig(data="desk:50", split="all", max_turns=2)
    for number, misread in ((asked, 0), ("000", 1)):
        played = list(play(config, told(number), [(task.id, None)]))
        found = misreadings.tally(one.episode for one in played)
        assert (found.episodes, found.misread, found.won) == (1, misread, 0)


def test_weighted_paths_cover_more() -> None:
    ready = [prepare(procedure) for procedure in area("billing")]
    shares = [
        sum(procedures.covered(one, 40, 0, weighted=weighted) for one in ready)
        for weighted in (True, False)
    ]
    assert shares[0] > shares[1]


def test_the_space_is_measured(capsys: pytest.CaptureFixture[str]) -> None:
    procedures.main(["space", "--tasks", "40"])
    assert "seen: 40 of 40 conversations distinct" in capsys.readouterr().out


def failing() -> float:
    """`tool` of an episode that calls in vain before it does what the record does."""
    env = ReasonActEnv(data="desk:20", split="all")
    env.reset(options={"task_id": "desk-00002"})
    for _ in range(2):
        env.step('<tool_call>\n{"name": "get_order", "arguments": {"order_id": "0"}}\n</tool_call>')
    task = env.task
    for turn in task.turns:
        *_, info = env.step(task.messages[turn.index].content)
    return float(info["reward_components"]["tool"])


def test_trying_is_free_in_one_of_two_runs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(Progress, "waste", Progress.waste)  # is put back afterwards
    assert failing() < 0.8
    trying.make_free()
    assert failing() == pytest.approx(1.0)
    options = trying.TryingOptions(policy=tmp_path, out=tmp_path)
    (tmp_path / "policy.json").write_text("{}")
    plan = pipeline.planned(options.arguments(trying.FREE, 3))
    assert (plan.seed, plan.out, plan.learning.user) == (3, tmp_path / "free-3", "scripted")
