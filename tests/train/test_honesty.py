"""The search for what is paid dishonestly, the referee, and how far noise moves results."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agents.console import console, plain_table
from agents.gold import Gold
from reasonact_env.episode import Mode
from reasonact_env.episodes.storage import read_episodes
from reasonact_env.episodes.verify import verify
from tools.protocol import render
from train.audit import PLACES, main
from train.evaluate import EvaluationSettings
from train.honesty.arena import Arena
from train.honesty.noise import RATES, Slipping, floor, label_noise
from train.honesty.referee import Referee
from train.honesty.report import narrow
from train.honesty.search import Find, save, search

PLAN = EvaluationSettings(data="desk:40", split="all")
TURNS = EvaluationSettings(data="desk:40", split="all", mode="turn")
COUNT = " ".join(map(str, range(3_000)))


def referee(arena: Arena) -> Referee:
    """The referee of a task that has facts and writes."""
    tasks = [one for one in PLAN.chosen() if one.goal.facts and one.goal.writes]
    (start,) = arena.starts(tasks[:1])
    return Referee(start.task, arena.gold(start))


def test_gold_has_no_fault() -> None:
    arena = Arena(PLAN.env)
    for start in arena.starts(PLAN.chosen()):
        gold = arena.gold(start)
        assert Referee(start.task, gold).undone(gold) == ()


def test_counting_up_is_paid_nothing_and_wins_nothing() -> None:
    """Before guesses cost something, it earned .29, and won where the calls were made, too."""
    arena = Arena(PLAN.env)
    judge = referee(arena)
    (start,) = arena.starts([judge.task])
    assert arena.play(start, [COUNT]).total == pytest.approx(0, abs=0.01)
    done = arena.play(start, [COUNT, render(judge.task.goal.writes), *["Goodbye."] * 5])
    assert done.outcome is not None
    assert done.outcome.state
    assert not done.outcome.success
    assert "a fact is not told, or guessed" in judge.undone(done)


def test_a_fact_of_the_record_counts_among_few_guesses() -> None:
    arena = Arena(PLAN.env)
    judge = referee(arena)
    (start,) = arena.starts([judge.task])
    said = f"{' '.join(sorted(judge.task.goal.facts))}, or 1 or 2."
    told = arena.play(start, [render(judge.task.goal.writes), said, "Goodbye.", "Goodbye."])
    assert told.outcome is not None
    assert told.outcome.facts
    early = arena.play(start, [said, render(judge.task.goal.writes), "Goodbye.", "Goodbye."])
    assert early.outcome is not None
    assert not early.outcome.facts  # nothing had been called that it could come from


def test_a_search_goes_on_where_it_stopped(tmp_path: Path) -> None:
    whole, broken = tmp_path / "whole.jsonl", tmp_path / "broken.jsonl"
    found = search(TURNS, 400, 1, whole)
    lines = whole.read_text().splitlines(keepends=True)
    broken.write_text("".join(lines[:2]) + lines[2][:5])
    assert search(TURNS, 400, 1, broken) == found
    assert broken.read_text() == whole.read_text()
    with pytest.raises(ValueError, match="another --out"):
        search(TURNS, 400, 2, whole)


@pytest.mark.parametrize("before", [200, 250, 400])
def test_a_search_with_another_budget_goes_on_with_the_same_seats(
    before: int, tmp_path: Path
) -> None:
    kept, whole = tmp_path / "kept.jsonl", tmp_path / "whole.jsonl"
    search(TURNS, before, 1, kept)
    starts = [json.loads(line)["seat"] for line in kept.read_text().splitlines()[1:]]
    found = search(TURNS, 300, 1, kept)
    lines = kept.read_text().splitlines()[1:]
    assert [json.loads(line)["seat"] for line in lines[: len(starts)]] == starts
    assert len(lines) == max(len(starts), 3)
    if before != 250:  # which tries more at its two starts than 300 does
        assert found == search(TURNS, 300, 1, whole)


def test_finds_are_episodes_that_the_replay_can_verify(tmp_path: Path) -> None:
    task = PLAN.chosen()[0]
    find = Find(task.id, None, "made up", 0.0, 1.0, ("Hello.", COUNT))
    path = tmp_path / "finds.jsonl"
    save(PLAN, [find], path)
    (episode,) = read_episodes(path)[1]
    assert [step.action for step in episode.steps][:2] == ["Hello.", COUNT]
    assert verify(path).passed


def test_the_audit_searches_and_says_how_far_noise_reaches(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    out = tmp_path / "audit.json"
    args = ["--data", "desk:20", "--search", "200", "--noise", "2", "--out", str(out)]
    told = json.loads(main(args).read_text())
    assert told["finds"] == []
    assert [row["rate"] for row in told["noise"]["labels"]] == list(RATES)
    shown = capsys.readouterr().out
    assert "nothing earns more than honesty" in shown
    assert max(map(len, shown.splitlines())) <= 80


@pytest.mark.parametrize("heads", [3, 30])
def test_a_table_of_the_search_has_80_columns_at_most_on_a_wide_screen(
    heads: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    table = plain_table("finds", ["find"] * heads, [["a word"] * heads])
    console().print(narrow(table))
    longest = max(map(len, capsys.readouterr().out.splitlines()))
    assert longest == 80 if heads == 30 else longest < 40


def test_all_environments_have_a_row_in_both_modes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    out = tmp_path / "audit.json"
    args = ["--everywhere", "--tasks", "2", "--search", "1", "--seed", "3", "--out", str(out)]
    told = json.loads(main(args).read_text())
    assert [(row["data"], row["mode"]) for row in told["rows"]] == [
        (data, mode.value) for data in PLACES for mode in Mode
    ]
    assert all(row["gold"] == pytest.approx(1) for row in told["rows"])
    assert all(row["finds"] == [] for row in told["rows"])
    kept = [path.read_text().splitlines() for path in tmp_path.glob("audit-*-search.jsonl")]
    assert len(kept) == len(told["rows"])
    assert {json.loads(first)["seed"] for first, *_ in kept} == {3}
    assert max(map(len, capsys.readouterr().out.splitlines())) <= 80


def test_an_agent_that_draws_nothing_has_no_floor() -> None:
    gold = Gold(PLAN.chosen())
    here = floor(PLAN, lambda seed: gold, 3)
    assert (here.mean, here.spread, here.largest, here.discordant) == (1, 0, 0, 0)
    slips = floor(PLAN, lambda seed: Slipping(gold, 0.2, seed), 5)
    assert 0 < slips.mean < 1
    assert 0 < slips.spread <= slips.largest
    assert 0 < slips.discordant < 1


def test_wrong_goals_cost_gold_as_much_as_there_are() -> None:
    rows = label_noise(PLAN, seed=3)
    levels = [row.levels["0%"] for row in rows]
    assert levels[0] == 1
    assert levels == sorted(levels, reverse=True)
    for row in rows:
        assert row.levels["0%"] == pytest.approx(1 - row.rate, abs=0.2)
    assert rows[0].order == pytest.approx(1, abs=0.3)
