"""Files that nobody of ours wrote: the replay shows them, or says in one line what is wrong."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from reasonact_env.episode import Episode
from reasonact_env.failures.aligned import advantages
from reasonact_env.replay import main
from tests.reasonact_env.replay.replayed import Desk, four, saved


@pytest.fixture(scope="module")
def episodes() -> list[Episode]:
    return four()


def scored(episode: Episode, number: float) -> Episode:
    """The episode with all its scores changed to a number."""
    steps = tuple(
        msgspec.structs.replace(
            step,
            reward=number,
            components=dict.fromkeys(("outcome", "format"), number),
            weights={"outcome": 1.0, "format": 0.0},
            step_scores={"tool": number},
        )
        for step in episode.steps
    )
    return replace(episode, steps=steps)


@pytest.mark.parametrize("mode", ["dialogue", "turn"])
def test_scores_that_are_no_numbers_are_shown_everywhere(
    mode: str, episodes: list[Episode], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    numbers = (float("nan"), float("inf"), float("-inf"), 1e300)
    odd = [replace(scored(episodes[0], one), mode=type(episodes[0].mode)(mode)) for one in numbers]
    path = saved(tmp_path / "odd.jsonl", odd, mode=mode)
    ways = [
        *(["--list"], ["--plain"], ["--json"], ["--failures"], ["--failures", "--json"]),
        *(["--groups"], ["--groups", "--json"], ["--groups", "--html", str(tmp_path / "g.html")]),
        *(["--html", str(tmp_path / "a.html")], ["--svg", str(tmp_path / "a.svg")]),
        ["--compare", str(path)],
    ]
    for way in ways:
        assert main([str(path), *way]) == 0, way
        told = capsys.readouterr().out
        if "--json" in way:
            for line in told.splitlines():
                json.loads(line, parse_constant=pytest.fail)
    assert "nan%" not in (tmp_path / "a.html").read_text("utf-8")
    desk = Desk(path)
    for keys in (("enter", "n", "s"), ("]",), ("]", "n"), ("]", "n")):
        desk.press(*keys)
    assert "inf" in desk.press("[")


def test_advantages_of_huge_returns_are_no_error() -> None:
    assert advantages([1e300, 0.0]) == [0.0, 0.0]
