"""Keeping what is played, in any loop."""

from __future__ import annotations

import weakref
from copy import deepcopy
from pathlib import Path
from typing import Any, Self

import gymnasium

from reasonact_env.agent import Observation
from reasonact_env.env import ReasonActEnv
from reasonact_env.episode import Episode
from reasonact_env.episodes.growing import GrowingFile
from reasonact_env.episodes.header import Header
from reasonact_env.wrappers.perturbation import Env

AGENT = "unnamed"
"""What a file says of an agent that nobody names."""


class RecordEpisodes(
    gymnasium.Wrapper[Observation, str, Observation, str], gymnasium.utils.RecordConstructorArgs
):
    """Writes every episode to a file that `python -m reasonact_env.replay FILE` opens and verifies.

        env = RecordEpisodes(gym.make("ReasonAct-APIGen-v0"), "runs/mine.jsonl")

    An episode is written when it ends, and one that has not ended when the environment is reset or
    closed, or the process leaves; one without a step never is. A copy of an environment writes to
    the same file what it plays to the end. The file is whole at any time. The
    first episode of a new environment takes an older file's place; environments that live at the
    same time write one file together, as those of a vector environment do:

        gym.make_vec(…, wrappers=[functools.partial(RecordEpisodes, path="runs/mine.jsonl")])

    What is written is what the unwrapped environment saw: the messages that reached it after
    perturbations, and its own rewards.
    """

    def __init__(self, env: Env, path: str | Path, agent: str = AGENT) -> None:
        """Wraps an environment.

        Args:
            env: One of ReasonAct's, perhaps wrapped already.
            path: The file; missing folders are created.
            agent: Who plays, as the file shall say.

        Raises:
            TypeError: for another environment, or a vector of them.
            ValueError: if it was made with something that no file can name, such as a lambda.
        """
        if not isinstance(env, gymnasium.Env) or not isinstance(env.unwrapped, ReasonActEnv):
            raise TypeError(
                f"expected one of ReasonAct's environments to record, got {env!r}; wrap those of a "
                "vector environment one by one: make_vec(…, wrappers=[functools.partial("
                "RecordEpisodes, path=…)])"
            )
        gymnasium.utils.RecordConstructorArgs.__init__(self, path=str(path), agent=agent)
        gymnasium.Wrapper.__init__(self, env)
        below = env.unwrapped
        header = Header(below.config.to_json(), below.source, agent)
        self._tape = _Tape(below, GrowingFile(path, header))
        weakref.finalize(self, self._tape.end)

    @property
    def path(self) -> Path:
        """The file."""
        return self._tape.file.path

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Observation, dict[str, Any]]:
        """Begins an episode; the one before is written, if it has not ended."""
        left = self._tape.unwritten()
        begun = super().reset(seed=seed, options=options)
        if left is not None:
            self._tape.write(left)
        self._tape.is_written, self._tape.is_copy = False, False
        return begun

    def step(self, action: str) -> tuple[Observation, float, bool, bool, dict[str, Any]]:
        """Plays one message; an episode that has ended is written."""
        observation, reward, terminated, truncated, info = super().step(action)
        if "stop" in info:
            self._tape.end_episode()
        return observation, float(reward), terminated, truncated, info

    def close(self) -> None:
        """Writes an episode that has not ended, and closes."""
        self._tape.end()
        super().close()

    def __deepcopy__(self, memo: dict[int, object]) -> Self:
        """A copy that writes what it plays to the same file."""
        same = object.__new__(type(self))
        memo[id(self)] = same
        same.__dict__.update(deepcopy(self.__dict__, memo))
        same._tape.is_copy = True
        weakref.finalize(same, same._tape.end)
        return same

    def __setstate__(self, state: dict[str, Any]) -> None:
        """A pickled copy, too, writes to the same file."""
        self.__dict__.update(state)
        self._tape.is_copy = True
        weakref.finalize(self, self._tape.end)


class _Tape:
    """An environment and its file; outlives the wrapper, to write what it leaves."""

    def __init__(self, env: ReasonActEnv, file: GrowingFile) -> None:
        self.env = env
        self.file = file
        self.is_written = True
        self.is_copy = False
        """Whether the present episode is a copy of another's, which is written if it ends alone:
        most branches of a search are never played to an end."""

    def unwritten(self) -> Episode | None:
        """The present episode, if there is something in it that no file has."""
        if self.is_written:
            return None
        episode = self.env.episode
        is_kept = bool(episode.steps) and not (self.is_copy and episode.stop is None)
        return episode if is_kept else None

    def write(self, episode: Episode) -> None:
        self.file.add(episode)

    def end_episode(self) -> None:
        """Writes the present episode, unless it was written."""
        if (episode := self.unwritten()) is not None:
            self.write(episode)
        self.is_written = True

    def end(self) -> None:
        """Writes what there is, and lets go of the file."""
        self.end_episode()
        self.file.close()
