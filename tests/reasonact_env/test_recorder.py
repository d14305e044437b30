"""`RecordEpisodes`: a plain loop leaves a file that the replay opens and verifies."""

from __future__ import annotations

import copy
import functools
import json
import os
import pickle
import resource
import signal
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import gymnasium as gym
import pytest
from gymnasium.wrappers import TimeLimit

import reasonact_env
from examples.own_user import Curt
from reasonact_env.episodes.storage import EpisodeFile, StorageError, merge, read_episodes
from reasonact_env.replay.command import main as replay
from reasonact_env.wrappers import RecordEpisodes, RenameTools

ID = "ReasonAct-APIGen-v0"
TURNS = ("Could you tell me more?", "<tool_call>{", "")


def make(path: Path, wrap: Any = lambda env: env, **kwargs: Any) -> RecordEpisodes:
    kwargs = {"data": "desk:30", "split": "all"} | kwargs
    return RecordEpisodes(wrap(gym.make(ID, **kwargs)), path, agent="tester")


def loop(env: Any, steps: int, seed: int = 0) -> int:
    """The loop of Gymnasium's own documentation; returns how many episodes ended."""
    ended = 0
    env.reset(seed=seed)
    env.action_space.seed(seed)
    for number in range(steps):
        action = env.action_space.sample() if number % 4 else TURNS[number % 3]
        _, _, terminated, truncated, _ = env.step(action)
        if terminated or truncated:
            ended += 1
            env.reset()
    return ended


def verified(path: Path) -> EpisodeFile:
    assert replay([str(path), "--verify"]) == 0
    return read_episodes(path)[1]


@pytest.mark.parametrize(
    "kwargs",
    [
        {},
        {"mode": "turn"},
        {"data": "retail:20:1", "user": "agenda", "max_turns": 6},
        {"data": "kaleidoscope:10", "mode": "turn"},
        {"data": "procedures:20", "user": "own", "thinking": "required"},
        {"data": "retail:20:1", "wrap": RenameTools},
        {"wrap": lambda env: TimeLimit(env, 3)},
    ],
)
def test_a_plain_loop_leaves_a_file_that_verifies(tmp_path: Path, kwargs: dict[str, Any]) -> None:
    path = tmp_path / "runs" / "mine.jsonl"
    env = make(path, **kwargs)
    ended = loop(env, 60)
    env.close()
    episodes = verified(path)
    assert len(episodes) >= ended > 0
    assert episodes.header.agent == "tester"
    assert sum(len(episode.steps) for episode in episodes) == 60


def test_the_file_is_whole_after_every_episode(tmp_path: Path) -> None:
    path = tmp_path / "mine.jsonl"
    env = make(path, data="kaleidoscope:10", max_turns=1)  # rules and tools of each their own
    for number in range(5):
        env.reset(seed=number)
        assert not path.exists() or len(read_episodes(path)[1]) == number
        env.step("Hello.")
        assert len(read_episodes(path)[1]) == number + 1
    env.close()
    assert len(verified(path)) == 5


def test_episodes_without_an_end_are_kept_and_those_without_a_step_are_not(tmp_path: Path) -> None:
    path = tmp_path / "mine.jsonl"
    env = make(path)
    env.reset(seed=0)
    env.reset(seed=1)
    env.step("Could you tell me more?")
    with pytest.raises(ValueError, match="task_ids"):
        env.reset(options={"task_id": "nowhere"})  # refused: the episode goes on
    env.step("Could you tell me more?")
    env.reset(seed=2)
    env.step("Could you tell me more?")
    env.close()
    env.close()
    assert [(len(one.steps), one.stop) for one in verified(path)] == [(2, None), (1, None)]


CODE = """
    import os, signal
    from pathlib import Path
    from tests.reasonact_env.test_recorder import loop, make
    env = make(Path({path!r}), max_turns=2)
    loop(env, 7)
    {end}
"""


@pytest.mark.parametrize(
    ("end", "status", "count"),
    [("", 0, 4), ("1 / 0", 1, 4), ("os.kill(os.getpid(), signal.SIGKILL)", -signal.SIGKILL, 3)],
    ids=["left", "failed", "killed"],
)
def test_whatever_ends_a_run_its_file_is_whole(
    tmp_path: Path, end: str, status: int, count: int
) -> None:
    path = tmp_path / "mine.jsonl"
    code = textwrap.dedent(CODE).format(path=str(path), end=end)
    root = Path(reasonact_env.__file__).parents[1]
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, check=False)
    assert done.returncode == status, done.stderr
    assert len(verified(path)) == count


def test_a_line_that_is_being_written_is_not_read_yet(tmp_path: Path) -> None:
    path = tmp_path / "mine.jsonl"
    env = make(path, max_turns=1)
    for number in range(2):
        env.reset(seed=number)
        env.step("Hello.")
    env.close()
    path.write_bytes(path.read_bytes()[:-50])
    assert len(verified(path)) == 1


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_the_environments_of_a_vector_write_one_file(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "mine.jsonl"
    wrap = functools.partial(RecordEpisodes, path=path)
    envs = gym.make_vec(ID, 3, kind, wrappers=[wrap], data="desk:30", split="all", max_turns=2)
    envs.reset(seed=5)
    for _ in range(6):
        envs.step(["Could you tell me more?"] * 3)
    envs.close()
    assert {episode.seed for episode in verified(path)} >= {5, 6, 7}
    assert sum(len(episode.steps) for episode in read_episodes(path)[1]) >= 12


def test_a_new_run_takes_the_place_of_an_older_file(tmp_path: Path) -> None:
    path = tmp_path / "mine.jsonl"
    for _ in range(2):
        env = make(path, max_turns=1)
        env.reset(seed=0)
        env.step("Hello.")
        env.close()
        env.reset(seed=1)  # closed, but not forgotten: it goes on with its own file
        env.step("Hello.")
        env.close()
    assert len(verified(path)) == 2
    assert os.listdir(tmp_path) == ["mine.jsonl"]


def test_environments_made_otherwise_do_not_share_a_file(tmp_path: Path) -> None:
    one, other = (make(tmp_path / "mine.jsonl", max_turns=turns) for turns in (1, 2))
    for env in (one, other):
        env.reset(seed=0)
        env.step("Hello.")
    with pytest.raises(StorageError, match="made otherwise; give each its own file"):
        other.step("Hello.")
    one.close()


def test_copies_write_what_they_play_to_an_end(tmp_path: Path) -> None:
    path = tmp_path / "mine.jsonl"
    env = make(path, max_turns=2)
    env.reset(seed=0)
    env.step("Hello.")
    left, ended, sent = copy.deepcopy(env), copy.deepcopy(env), pickle.loads(pickle.dumps(env))
    for one, message in ((env, "1"), (ended, "2"), (sent, "3")):
        one.step(message)
    for one in (env, left, ended, sent):
        one.close()
    assert sorted(episode.steps[-1].action for episode in verified(path)) == ["1", "2", "3"]


def test_recorded_files_can_be_merged(tmp_path: Path) -> None:
    paths = [tmp_path / f"{number}.jsonl" for number in range(2)]
    for number, path in enumerate(paths):
        env = make(path, data="kaleidoscope:10", max_turns=1)
        env.reset(seed=number)
        env.step("Hello.")
        env.close()
    assert merge(paths, tmp_path / "all.jsonl") == 2
    assert merge([tmp_path / "all.jsonl", paths[0]], tmp_path / "more.jsonl") == 3
    assert len(verified(tmp_path / "more.jsonl")) == 3


def test_records_that_were_given_are_in_the_file(tmp_path: Path) -> None:
    said = [{"from": "human", "value": "Hi"}, {"from": "gpt", "value": "Your order is 5."}]
    record = {"system": "Be kind.", "tools": "[]", "conversations": said}
    env = make(tmp_path / "mine.jsonl", data=[(record, {})], mode="turn")
    env.reset(seed=0)
    env.step("Hello.")
    env.close()
    assert len(verified(tmp_path / "mine.jsonl")) == 1
    assert replay([str(tmp_path / "mine.jsonl"), "--list"]) == 0


def test_what_cannot_be_recorded_is_refused(tmp_path: Path) -> None:
    envs = gym.make_vec(ID, 2, "sync", data="desk:30")
    for env in (envs, gym.make("CartPole-v1")):
        with pytest.raises(TypeError, match="expected one of ReasonAct's environments"):
            RecordEpisodes(env, tmp_path / "mine.jsonl")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="expected a user that a file can name"):
        make(tmp_path / "mine.jsonl", user=lambda task: Curt(task))
    envs.close()


def test_a_broken_line_of_rules_is_named(tmp_path: Path) -> None:
    path = tmp_path / "mine.jsonl"
    env = make(path, max_turns=1)
    env.reset(seed=0)
    env.step("Hello.")
    env.close()
    first, shared, *rest = path.read_text("utf-8").splitlines(keepends=True)
    assert list(json.loads(shared)) == ["shared"]
    path.write_text("".join([first, shared[:-20] + "\n", *rest]), "utf-8")
    _, episodes = read_episodes(path)
    with pytest.raises(StorageError, match=r"line 2: expected an episode, got '\{.shared"):
        episodes[0]
    with pytest.raises(StorageError, match="line 3: expected an episode"):
        episodes[1]
    path.write_text("".join([first, shared[:-20] + "\n", shared, *rest]), "utf-8")
    assert len(read_episodes(path)[1][1].steps) == 1  # whoever has written it on wrote it again


def test_a_line_that_a_full_disk_cuts_takes_no_other_with_it(tmp_path: Path) -> None:
    path = tmp_path / "mine.jsonl"
    env = make(path, max_turns=1)

    def play(seed: int) -> None:
        env.reset(seed=seed)
        env.step("Hello.")

    play(0)
    whole, before = path.read_bytes(), resource.getrlimit(resource.RLIMIT_FSIZE)
    env.reset(seed=1)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (len(whole) + 40, before[1]))
        with pytest.raises(OSError, match="full"):
            env.step("Hello.")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert path.read_bytes().startswith(whole)
    play(2)
    env.close()
    _, episodes = read_episodes(path)
    assert [episodes[0].seed, episodes[len(episodes) - 1].seed] == [0, 2]
