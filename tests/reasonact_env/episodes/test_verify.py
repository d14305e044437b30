"""Playing saved episodes again finds every change, and only changes."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from msgspec import structs

from reasonact_env.env import ReasonActEnv
from reasonact_env.episode import Episode, Step, StopReason
from reasonact_env.episodes.storage import Header, read_episodes, write_episodes
from reasonact_env.episodes.verify import VerifyError, verify
from reasonact_env.wrappers import RecordEpisodes
from tools.types import Message, Role

ENV = {"data": "desk:20", "split": "all", "mode": "dialogue"}


def played(mode: str = "dialogue", count: int = 6, wild: bool = True) -> list[Episode]:
    """Episodes in which recorded and broken messages take turns."""
    env = ReasonActEnv(data="desk:20", split="all", mode=mode)
    episodes = []
    for number, task in enumerate(env.tasks[:count]):
        env.reset(seed=number, options={"task_id": task.id})
        turns = list(task.decisions)
        if wild and number % 2:
            env.step('<tool_call>\n{"name": "nope", "arguments": {}}\n</tool_call>\ud800')
            turns = turns[1:]
        for turn in turns:
            if env.episode.stop is None:
                env.step(task.messages[turn.index].content)
        episodes.append(env.episode)
    return episodes


def saved(tmp_path: Path, episodes: list[Episode], mode: str = "dialogue") -> Path:
    """A file of episodes."""
    header = Header({**ENV, "mode": mode}, episodes[0].source, "a mixture")
    write_episodes(tmp_path / "run.jsonl", header, episodes)
    return tmp_path / "run.jsonl"


@pytest.mark.parametrize("mode", ["dialogue", "turn"])
def test_untouched_episodes_come_back_equal(mode: str, tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    report = verify(saved(tmp_path, played(mode), mode), lambda *done: seen.append(done))
    assert (report.total, report.equal, report.differences) == (6, 6, ())
    assert report.passed
    assert seen == [(i, 6) for i in range(1, 7)]


def test_single_decisions_come_back_equal(tmp_path: Path) -> None:
    env = ReasonActEnv(data="desk:20", split="all", mode="turn")
    env.reset(seed=3, options={"task_id": env.task_ids[2], "decision": 1})
    env.step("No idea.")
    assert verify(saved(tmp_path, [env.episode], "turn")).passed


def test_running_episodes_come_back_equal(tmp_path: Path) -> None:
    env = ReasonActEnv(data="desk:20", split="all")
    env.reset(seed=3)
    env.step("Who are you?")
    task = env.task.id
    env.reset(seed=3, options={"task_id": task})
    env.step("Who are you?")
    assert verify(saved(tmp_path, [env.episode])).passed


def test_another_process_with_another_hash_seed_agrees(tmp_path: Path) -> None:
    path = saved(tmp_path, played())
    code = f"from reasonact_env.episodes.verify import verify; print(verify({str(path)!r}).equal)"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONHASHSEED": "77"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "6"


CHANGES: dict[str, Callable[[Step], Step]] = {
    "reward": lambda s: structs.replace(s, reward=s.reward + 1e-12),
    "components": lambda s: structs.replace(s, components={**s.components, "tool": 0.25}),
    "weights": lambda s: structs.replace(s, weights={**s.weights, "tool": 0.25}),
    "step_scores": lambda s: structs.replace(s, step_scores={**s.step_scores, "format": 0.5}),
    "answers": lambda s: structs.replace(s, answers=(*s.answers, Message(Role.USER, "More."))),
    "calls": lambda s: structs.replace(s, calls=s.calls[1:]),
    "state_hash": lambda s: structs.replace(s, state_hash="f" * 16),
    "observation_hash": lambda s: structs.replace(s, observation_hash="f" * 16),
}


@pytest.mark.parametrize("name", CHANGES)
def test_any_change_of_a_step_is_found(name: str, tmp_path: Path) -> None:
    episodes = played(wild=False)
    victim = episodes[3]
    place = next(i for i, step in enumerate(victim.steps) if step.calls)
    steps = list(victim.steps)
    steps[place] = CHANGES[name](steps[place])
    episodes[3] = replace(victim, steps=tuple(steps))
    report = verify(saved(tmp_path, episodes))
    assert (report.total, report.equal) == (6, 5)
    (found,) = report.differences
    assert (found.episode, found.step, found.field) == (4, place + 1, name)
    assert found.task_id == victim.task_id
    assert found.expected != found.got


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"stop": StopReason.HANDOVER}, "stop"),
        ({"outcome": None}, "outcome"),
        ({"opening_hash": "f" * 16}, "opening_hash"),
        ({"opening": (Message(Role.USER, "Hi."),)}, "opening"),
        ({"task_id": "gone"}, "task"),
    ],
)
def test_any_change_of_an_episode_is_found(
    change: dict[str, object], field: str, tmp_path: Path
) -> None:
    episodes = played(wild=False)
    episodes[0] = replace(episodes[0], **change)  # type: ignore[arg-type]
    report = verify(saved(tmp_path, episodes))
    assert [(d.episode, d.step, d.field) for d in report.differences] == [(1, None, field)]


def test_a_difference_is_told_once_as_json_with_its_place(tmp_path: Path) -> None:
    episodes = played(wild=False)
    victim = episodes[3]
    place = next(i for i, step in enumerate(victim.steps) if step.calls)
    steps = list(victim.steps)
    call = steps[place].calls[0]
    changed = (structs.replace(call, content="None", arguments={}), *steps[place].calls[1:])
    answer = structs.replace(steps[place].answers[0], content="None")
    answers = (answer, *steps[place].answers[1:])
    steps[place] = structs.replace(steps[place], calls=changed, answers=answers)
    assert victim.outcome is not None
    outcome = replace(victim.outcome, success=not victim.outcome.success)
    episodes[3] = replace(victim, steps=tuple(steps), outcome=outcome)
    found = verify(saved(tmp_path, episodes)).differences
    assert len(found) == 3
    assert [f"{one.field}{one.place}" for one in found][1:] == [
        "answers[0].content",
        "outcome.success",
    ]
    assert (found[1].expected, found[1].got[0]) == ('"None"', '"')
    assert (found[2].expected, found[2].got) == tuple(
        json.dumps(one.success) for one in (outcome, victim.outcome)
    )


def test_a_text_that_stands_twice_is_told_once(tmp_path: Path) -> None:
    episodes = played(wild=False)
    place = next(i for i, step in enumerate(episodes[3].steps) if step.calls)
    steps = list(episodes[3].steps)
    call = structs.replace(steps[place].calls[0], content="Nothing.")
    answer = structs.replace(steps[place].answers[0], content="Nothing.")
    steps[place] = structs.replace(
        steps[place],
        calls=(call, *steps[place].calls[1:]),
        answers=(answer, *steps[place].answers[1:]),
    )
    episodes[3] = replace(episodes[3], steps=tuple(steps))
    (found,) = verify(saved(tmp_path, episodes)).differences
    assert f"{found.field}{found.place}" == "calls[0].content"
    assert found.expected == '"Nothing."'


def test_messages_after_the_end_are_found(tmp_path: Path) -> None:
    (episode,) = played(count=1, wild=False)
    longer = replace(episode, steps=(*episode.steps, episode.steps[-1]))
    (found,) = verify(saved(tmp_path, [longer])).differences
    assert found.field == "steps"


def test_other_data_are_named(tmp_path: Path) -> None:
    path = saved(tmp_path, played())
    with pytest.raises(VerifyError, match=r"the data set .*n=20.*got .*n=21"):
        verify(path, data="desk:21")


def test_missing_data_are_named(tmp_path: Path) -> None:
    episodes = played()
    header = Header({**ENV, "data": "nowhere.json"}, episodes[0].source, "a mixture")
    write_episodes(tmp_path / "run.jsonl", header, episodes)
    with pytest.raises(VerifyError, match=r"nowhere\.json.*--data"):
        verify(tmp_path / "run.jsonl")
    assert verify(tmp_path / "run.jsonl", data="desk:20").passed


def test_an_empty_file_passes(tmp_path: Path) -> None:
    write_episodes(tmp_path / "run.jsonl", Header(ENV, "nothing", "nobody"), [])
    assert verify(tmp_path / "run.jsonl").total == 0


def test_saved_episodes_are_what_was_played(tmp_path: Path) -> None:
    episodes = played()
    assert list(read_episodes(saved(tmp_path, episodes))[1]) == episodes


def test_a_broken_line_is_found_and_the_others_are_played(tmp_path: Path) -> None:
    path = saved(tmp_path, played("dialogue"))
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([*lines[:3], lines[3][:200] + b"\n", *lines[4:-1], lines[-1][:-300]]))
    report = verify(path)
    assert (report.total, report.equal, report.passed) == (6, 4, False)
    assert [(one.episode, one.field) for one in report.differences] == [(3, "line"), (6, "line")]
    assert "line 4: expected an episode" in report.differences[0].got


def test_a_growing_file_that_ends_within_a_line_says_so(tmp_path: Path) -> None:
    path = tmp_path / "growing.jsonl"
    env = RecordEpisodes(ReasonActEnv(data="desk:20", split="all"), path)
    for seed in (1, 2):
        env.reset(seed=seed)
        while env.unwrapped.episode.stop is None:
            env.step("I cannot help.")
    env.close()
    assert (verify(path).total, verify(path).unfinished) == (2, False)
    path.write_bytes(path.read_bytes()[:-20])
    report = verify(path)
    assert (report.total, report.passed, report.unfinished) == (1, True, True)
