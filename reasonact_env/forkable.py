"""An environment that can be copied and pickled in the middle of an episode."""

from __future__ import annotations

from abc import abstractmethod
from copy import deepcopy
from typing import Any, Self, cast

import gymnasium

from reasonact_env.agent import Observation
from reasonact_env.config import EnvConfig
from reasonact_env.copies import (
    copied_generator,
    copied_space,
    fingerprint,
    from_bytes,
    portable,
    portable_spec,
    to_bytes,
)
from reasonact_env.playable import Playable
from reasonact_env.prepared import PreparedTask
from reasonact_env.running import Running
from tasks.types import Task


class Forkable(gymnasium.Env[Observation, str]):
    """What `ReasonActEnv` knows of copies; it sets all that is only declared here."""

    config: EnvConfig
    """The environment's configuration."""
    _playable: Playable
    _prepared_tasks: dict[str, PreparedTask]
    _running: Running | None

    @property
    @abstractmethod
    def source(self) -> str:
        """The name of the data set."""

    @abstractmethod
    def _set_up(self, config: EnvConfig, render_mode: str | None) -> None:
        """All that a constructor does."""

    @abstractmethod
    def _prepare(self, task: Task) -> PreparedTask:
        """The prepared task."""

    def fork(self) -> Self:
        """An environment that goes on from here on its own: for tree search, or a what-if.

        Both play on alike, given the same messages. They share the data, the databases and the
        past, none of which ever changes; so does `copy.deepcopy`, also of wrapped environments.
        """
        return self.__deepcopy__({})

    def __copy__(self) -> Self:
        """As a fork: no two environments share a running episode."""
        return self.fork()

    def __deepcopy__(self, memo: dict[int, object]) -> Self:
        """As a fork; of what a subclass has added a deep copy."""
        same = object.__new__(type(self))
        memo[id(self)] = same
        state = dict(self.__dict__)
        for name in state.keys() - _OWN:
            state[name] = deepcopy(state[name], memo)
        state |= {
            "_running": self._running and self._running.fork(),
            "_prepared_tasks": dict(self._prepared_tasks),
            "_np_random": self._np_random and copied_generator(self._np_random),
            "observation_space": copied_space(self.observation_space),
            "action_space": copied_space(self.action_space),
        }
        same.__dict__.update(state)
        return same

    def __reduce__(self) -> tuple[object, ...]:
        """Pickles what it was made with, and how far its episode has come.

        Raises:
            pickle.PicklingError: if it was made with something that no other process can find.
        """
        config, running = portable(self.config), self._running
        state = {name: self.__dict__[name] for name in self.__dict__.keys() - _MADE_AGAIN}
        spaces = (self.observation_space, self.action_space)
        state["_spaces"] = [space._np_random for space in spaces]
        if "spec" in state:
            state["spec"] = portable_spec(self.spec, config)
        prepared = None if running is None else running.prepared
        playing = prepared and (prepared.task.id, fingerprint(prepared))
        data = to_bytes(state, prepared)
        return _again, (type(self), config, self.render_mode, playing, data)

    def _resume(self, playing: tuple[str, tuple[str, str, str]] | None, data: bytes) -> None:
        """Goes on where a pickled environment was."""
        prepared = None
        if playing is not None:
            task_id, expected = playing
            task = self._playable.by_id.get(task_id)
            prepared = None if task is None else self._prepare(task)
            if prepared is None or fingerprint(prepared) != expected:
                raise ValueError(
                    f"expected the data with which the environment was pickled, got {self.source} "
                    f"in which {task_id!r} is another task; put the data back where they were"
                )
        state = from_bytes(data, prepared)
        generators = cast("list[Any]", state.pop("_spaces"))
        self.observation_space._np_random, self.action_space._np_random = generators
        self.__dict__.update(state)


_MADE_AGAIN = frozenset(
    {
        "config",
        "render_mode",
        "observation_space",
        "action_space",
        "_mode",
        "_own_rewards",
        "_playable",
        "_prepared_tasks",
    }
)
"""What follows from the configuration, so that no pickle holds it."""
_OWN = _MADE_AGAIN | {"spec", "_running", "_np_random", "_np_random_seed", "begun"}
"""What `ReasonActEnv` itself holds; a subclass may hold more."""


def _again(
    kind: type[Forkable],
    config: EnvConfig,
    render_mode: str | None,
    playing: tuple[str, tuple[str, str, str]] | None,
    data: bytes,
) -> Forkable:
    """Reads a pickled environment; the constructor of a subclass is not asked again."""
    env = object.__new__(kind)
    env._set_up(config, render_mode)
    env._resume(playing, data)
    return env
