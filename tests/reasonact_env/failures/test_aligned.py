"""Episodes side by side: alignment, matches by return, groups with advantages, and their views."""

from __future__ import annotations

import io
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs
from rich.cells import cell_len
from rich.console import Console

from reasonact_env.episode import Episode
from reasonact_env.episodes.storage import Header, write_episodes
from reasonact_env.failures import Kind, read_run
from reasonact_env.failures.aligned import advantages, align, groups, matches
from reasonact_env.replay.compare import compared, grouped
from reasonact_env.view.compare import SideBySide
from tests.reasonact_env.failures.spoils import (
    DATA,
    Spoiled,
    argument_changed,
    call_left_out,
    gold_episodes,
    own,
    played,
    tasks_of,
)

ENV = {"data": DATA["desk"], "split": "all", "user": "own"}


@cache
def gold() -> Episode:
    return next(one for one in gold_episodes("desk") if len(one.steps) >= 3)


def spoiled(episode: Episode, spoil=call_left_out) -> Episode:
    task = tasks_of("desk")[episode.task_id]
    return played("desk", task, next(spoil(task)))


def test_an_episode_is_like_itself_whatever_it_thinks() -> None:
    episode = gold()
    task = tasks_of("desk")[episode.task_id]
    thinking = tuple(f"<think>\n{n}\n</think>\n\n{one}" for n, one in enumerate(own(task)))
    other = played("desk", task, Spoiled("", thinking, Kind.OTHER, 0))
    found = align(episode, other)
    assert found.same
    assert found.rows == tuple((n, n) for n in range(1, len(episode.steps) + 1))


def test_the_first_difference_is_where_the_call_is_missing() -> None:
    episode = gold()
    task = tasks_of("desk")[episode.task_id]
    case = next(call_left_out(task))
    found = align(episode, played("desk", task, case))
    assert found.first == case.step - 1
    assert (case.step, None) in found.rows


def test_every_step_has_one_place() -> None:
    left, right = gold(), spoiled(gold(), argument_changed)
    rows = align(left, right).rows
    for side, episode in enumerate((left, right)):
        steps = [row[side] for row in rows if row[side] is not None]
        assert steps == list(range(1, len(episode.steps) + 1))


def test_matches_are_sorted_by_difference_of_return() -> None:
    tasks = tasks_of("desk")
    some = [one for one in gold_episodes("desk") if list(call_left_out(tasks[one.task_id]))]
    left = some[:4]
    right = [left[3], spoiled(left[1]), left[0]]
    found = matches(enumerate(left, 1), enumerate(right, 1))
    assert [(match.left, match.right) for match in found] == [(2, 2), (1, 3), (4, 1)]
    assert found[0].difference < 0 == found[1].difference
    assert found[0].won == (True, False)


@given(st.lists(st.floats(-1, 1), max_size=8))
def test_advantages_sum_to_zero(returns: list[float]) -> None:
    found = advantages(returns)
    assert sum(found) == pytest.approx(0, abs=1e-6)
    assert advantages([0.3] * 4) == [0.0] * 4


def test_advantages_are_those_of_training() -> None:
    numpy = pytest.importorskip("numpy")
    normalised = pytest.importorskip("train.rl.advantages").normalised
    returns = [0.0, 1.0, 0.25, 0.25, -0.2, 0.9, 1.0, 0.0]
    assert advantages(returns) == pytest.approx(normalised(numpy.array(returns), 8))


def test_groups_have_the_best_first_and_say_where_others_differ() -> None:
    one = gold()
    other = spoiled(one)
    [group] = groups(enumerate([other, one, one], 1))
    assert [member.number for member in group.members] == [2, 3, 1]
    assert [member.differs for member in group.members][:2] == [None, None]
    assert group.members[-1].differs == align(one, other).rows[align(one, other).first or 0][0]
    assert group.spread == pytest.approx(one.total - other.total)
    assert groups([(1, one)]) == []


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("pairs")
    one = gold()
    left, right = folder / "left.jsonl", folder / "right.jsonl"
    write_episodes(left, Header(ENV, one.source, "gold"), [one])
    write_episodes(right, Header(ENV, one.source, "clumsy"), [spoiled(one), one])
    return left, right


def shown(view: object, width: int) -> str:
    console = Console(file=io.StringIO(), width=width)
    with console.capture() as capture:
        console.print(view)
    text = capture.get()
    assert max(map(cell_len, text.split("\n"))) <= width
    return text


@pytest.mark.parametrize("width", [60, 80, 120])
def test_runs_and_groups_are_shown_at_any_width(files: tuple[Path, Path], width: int) -> None:
    left, right = map(read_run, files)
    text = " ".join(shown(compared(left, right).view(), width).split())
    assert "first difference: step" in text
    assert "goal call missing" in text
    assert "▶" in text
    assert "first difference" in shown(compared(left, right).view("1"), width)
    assert "advantage" in shown(grouped(right).view(), width)
    assert "advantage" in shown(grouped(right).view("2"), width)
    with pytest.raises(ValueError, match="expected the number"):
        compared(left, right).chosen("no such task")
    with pytest.raises(ValueError, match="each once"):
        grouped(left)


@given(st.text(max_size=80), st.sampled_from([40, 80, 120]))
def test_hostile_text_stays_text(said: str, width: int) -> None:
    one = gold()
    first = structs.replace(one.steps[0], action=said, calls=())
    hostile = replace(one, steps=(first, *one.steps[1:]))
    text = shown(SideBySide(one, hostile, (said, said)), width)
    assert "\x1b" not in text
    assert "\x07" not in text
