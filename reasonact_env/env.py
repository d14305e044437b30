"""The Gymnasium environment, which plays `Dialogue` or `TurnWalk`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any, Never, Self

import numpy as np
from gymnasium.utils import seeding

import reasonact_env.shared_memory  # noqa: F401  (registers our space with Gymnasium)
from reasonact_env.agent import Observation
from reasonact_env.config import EnvConfig
from reasonact_env.episode import Episode, Mode, Step
from reasonact_env.forkable import Forkable
from reasonact_env.info import reset_info, step_info, user_info
from reasonact_env.options import read_options, read_seed
from reasonact_env.playable import playable
from reasonact_env.prepared import PreparedTask
from reasonact_env.reward import OwnReward, load_rewards
from reasonact_env.running import Running
from reasonact_env.spaces import ConversationSpace, MessageSpace
from reasonact_env.users.make import MakeUser, make_user
from tasks.databases import AUTO, DatabaseSource
from tasks.given import Reader, Records
from tasks.load import load_tasks
from tasks.types import Task
from tools.nearest import did_you_mean, listed

KEPT_TASKS = 1024
"""The number of prepared tasks that are kept."""

_LACKS = {
    Mode.DIALOGUE: "no goal: nothing to do, look up or tell",
    Mode.TURN: "no decision that could be scored",
}
"""Why a mode leaves a task out."""


def _require_known(unknown: Mapping[str, object]) -> None:
    """Refuses arguments that do not exist, and names the one that may be meant."""
    if unknown:
        known = [*(one.name for one in fields(EnvConfig)), "render_mode"]
        name = next(iter(unknown))
        if name == "seed":
            raise TypeError("expected the seed in env.reset(seed=…), got it among the arguments")
        raise TypeError(
            f"expected arguments out of {listed(known)}; got {name!r}{did_you_mean(name, known)}"
        )


class ReasonActEnv(Forkable):
    """Conversational tool use as an environment.

    An action is the assistant's raw message: an optional `<think>…</think>`, then tool calls or a
    reply. An observation is `{"messages": […], "tools": […]}` in the Hugging Face chat form; its
    tools are shared between observations and must not be changed.

    An info has these keys, all of them plain JSON values. `reset` returns the first four.

        task_id            str         the task's id
        source             str         the data set
        turn               int         the number of the next decision or message
        state_hash         str         the digest of the API's state
        database           str         what stands behind the task: "recorded" answers, a world
                                       "rebuilt" from them, another world's name, "own"
        reward_components  dict        component -> score that is weighted in this step; None if it
                                       does not apply, or is not due yet
        weights            dict        component -> weight; 0 where the score is None
        step_scores        dict        component -> score of this message by itself, or None
        call_problems      list[dict]  one per problem: tool (str|None), kind, text (str)
        results            list[dict]  one per call: tool (str|None), ok (bool),
                                       effect ("read" or "write"), content (str)
        changes            list[dict]  one per changed value: table, key, field (str), before,
                                       after (any JSON)
        stop               str         at the end: the `StopReason`
        outcome            dict|None   at the end: `Outcome` of a dialogue; None in turn mode
        user               dict        at the end, if the user listens: misunderstood (int),
                                       gave_up (bool), lost (bool)
    """

    metadata = {"render_modes": ["ansi", "human"], "render_fps": 1}

    def __init__(
        self,
        mode: str = "dialogue",
        split: str = "train",
        data: str | Path | Records | Reader | None = None,
        max_turns: int | None = None,
        thinking: str = "optional",
        user: str | MakeUser = "scripted",
        weights: Mapping[str, float] | None = None,
        render_mode: str | None = None,
        database: DatabaseSource | None = AUTO,
        columns: Mapping[str, str | None] | None = None,
        rewards: Sequence[str | OwnReward] = (),
        **unknown: Never,
    ) -> None:
        """Loads a split of a data set; logs a warning if some of its records are no tasks.

        Args:
            mode: Dialogue or turn; `EnvConfig` describes all arguments but `render_mode`.
            split: The part of the data.
            data: The data set.
            max_turns: The limit on assistant messages.
            thinking: Whether a message has to begin with a thought.
            user: The user who talks to the agent.
            weights: Component -> weight, for weights that differ from the default.
            render_mode: None, "ansi" (`render` returns the text) or "human" (it is printed).
            database: The database that calls run on.
            columns: Role -> column, for a table.
            rewards: Your own components.
            **unknown: Nothing; the error for another argument names the nearest one.

        Raises:
            TypeError: for an argument that does not exist.
            FileNotFoundError: if the data or the database do not exist.
            ValueError: for a bad argument, a split without tasks, or tools that no task has.
        """
        _require_known(unknown)
        config = EnvConfig(
            mode=mode,
            split=split,
            data=data,
            thinking=thinking,
            weights=weights,
            max_turns=max_turns,
            user=user,
            database=database,
            columns=columns,
            rewards=rewards,
        )
        self._set_up(config, render_mode)

    def _set_up(self, config: EnvConfig, render_mode: str | None) -> None:
        """All that the constructor does, given the arguments as one value."""
        if render_mode not in (None, *self.metadata["render_modes"]):
            raise ValueError(f"expected render_mode to be None, ansi or human; got {render_mode!r}")
        self.config = config
        """The environment's configuration."""
        self.render_mode = render_mode
        self._mode = Mode(config.mode)
        self._own_rewards = load_rewards(config.rewards)
        data = load_tasks(config.data, config.columns)
        self._playable = playable(data, config.split, self._mode, config.database)
        make_user(config.user, self.tasks[0])
        self._prepared_tasks: dict[str, PreparedTask] = {}
        self._running: Running | None = None
        self.begun = 0
        """How many episodes have begun here, by which a conversation knows its own."""
        self.observation_space = ConversationSpace()
        self.action_space = MessageSpace(self._playable.tools)

    @classmethod
    def of(cls, config: EnvConfig) -> Self:
        """Makes an environment from a configuration.

        Raises:
            FileNotFoundError: as the constructor does.
            ValueError: as the constructor does.
        """
        return cls(**{one.name: getattr(config, one.name) for one in fields(config)})

    @property
    def source(self) -> str:
        """The name of the data set, as in infos and episodes."""
        return self.tasks[0].source

    @property
    def tasks(self) -> tuple[Task, ...]:
        """The split's tasks, in order."""
        return self._playable.tasks

    @property
    def task_ids(self) -> tuple[str, ...]:
        """The ids of the split's tasks, in order."""
        return tuple(self._playable.by_id)

    @property
    def left_out(self) -> tuple[str, ...]:
        """The ids of the split's tasks that this mode cannot play."""
        return self._playable.left_out

    @property
    def task(self) -> Task:
        """The task that is being played.

        Raises:
            RuntimeError: before the first reset.
        """
        return self._episode("so there is no task yet").prepared.task

    @property
    def episode(self) -> Episode:
        """The episode since the last reset.

        Raises:
            RuntimeError: before the first reset.
        """
        return self._episode().episode

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Observation, dict[str, Any]]:
        """Begins an episode. If it raises an error, the running episode stays as it was.

        Args:
            seed: Seeds the choice of the task.
            options: `task_id` chooses the task. In turn mode `decision` is the number of one
                recorded decision, which alone is then the episode.

        Returns:
            The observation, and an info with the first four keys that the class lists.

        Raises:
            ValueError: for a bad seed, an unknown option, task or decision.
        """
        seed, wanted = read_seed(seed), read_options(options, self._mode)
        known = self._np_random, self._np_random_seed
        if seed is not None:
            self._np_random, self._np_random_seed = None, seed
        state = self.np_random.bit_generator.state if wanted.task_id is None else None
        try:
            prepared = self._prepare(self._choose(wanted.task_id))
            self._running = Running.begin(prepared, self._mode, seed, wanted.decision)
        except BaseException:
            if state is not None:
                self.np_random.bit_generator.state = state
            self._np_random, self._np_random_seed = known
            raise
        running = self._running
        self.begun += 1
        self._show()
        game = running.game
        return self._observe(running), reset_info(prepared.task, game.turn, game.state_hash)

    def step(self, action: str) -> tuple[Observation, float, bool, bool, dict[str, Any]]:
        """Plays one assistant message.

        If your own user or reward raises an error, the episode stays as it was before.

        Args:
            action: The raw message. Any string is valid, however malformed.

        Returns:
            The observation; the reward, which is the sum of `info["weights"]` times
            `info["reward_components"]`; whether the episode was terminated; whether it was
            truncated,
            which happens only at the limit on messages; and the info, whose keys the class lists.

        Raises:
            TypeError: if the action is not a string.
            RuntimeError: if the episode has ended or never began.
        """
        if not isinstance(action, str):
            raise TypeError(
                f"expected the assistant's raw message as a str, got {type(action).__name__}; "
                "tools.protocol.render writes one from calls and text"
            )
        running = self._episode()
        if running.game.stop is not None:
            raise RuntimeError(f"the episode has ended ({running.game.stop}); call reset() first")
        undo, count = running.game.mark(), len(running.steps)
        try:
            step = running.play(str(action), self._own_rewards)
            info = self._info(running, step)
        except BaseException:
            running.take_back(undo, count)
            raise
        self._show()
        stop = running.game.stop
        truncated = stop is not None and stop.truncates
        terminated = stop is not None and not truncated
        return self._observe(running), step.reward, terminated, truncated, info

    def render(self) -> str | None:
        """The conversation as text, where `render_mode="ansi"`.

        With "human" it returns None: `reset` and `step` have printed already.
        """
        if self.render_mode is None:
            return None
        messages = self._episode().game.messages
        if self.render_mode == "human":
            return None
        return "\n".join(f"{m.role}: {m.content}" for m in messages)

    def _show(self) -> None:
        """Prints what is new, for a human."""
        if self.render_mode == "human":
            from reasonact_env.view.live import print_last  # nobody else needs it

            print_last(self.episode)

    @property
    def np_random(self) -> np.random.Generator:
        """The generator that chooses tasks, as in every Gymnasium environment.

        It is made from the last seed when it is first asked for: that takes half as long as all
        else in a reset, and who names the task needs none.
        """
        if self._np_random is None and self._np_random_seed is not None:
            self._np_random, _ = seeding.np_random(self._np_random_seed)
        return super().np_random

    @np_random.setter
    def np_random(self, value: np.random.Generator) -> None:
        self._np_random, self._np_random_seed = value, -1

    def _choose(self, task_id: str | None) -> Task:
        if task_id is None:
            return self.tasks[int(self.np_random.integers(len(self.tasks)))]
        if task_id not in self._playable.by_id:
            if task_id in self._playable.left_out:
                why = self._playable.whys.get(task_id)
                lacks = f"a goal that the database does not hold: {why}" if why else None
                raise ValueError(
                    f"expected a task that {self._mode} mode can play, got {task_id!r}, which has "
                    f"{lacks or _LACKS[self._mode]}; env.unwrapped.left_out lists all of them"
                )
            hint = did_you_mean(str(task_id), self.task_ids[:10_000])
            raise ValueError(f"expected one of the split's task_ids, got {task_id!r}{hint}")
        return self._playable.by_id[task_id]

    def _prepare(self, task: Task) -> PreparedTask:
        """The prepared task, kept for later episodes."""
        if task.id not in self._prepared_tasks:
            if len(self._prepared_tasks) == KEPT_TASKS:
                del self._prepared_tasks[next(iter(self._prepared_tasks))]
            self._prepared_tasks[task.id] = PreparedTask.of(task, self.config)
        return self._prepared_tasks[task.id]

    def _episode(self, more: str = "") -> Running:
        if self._running is None:
            then = f", {more}" if more else ""
            raise RuntimeError(f"no episode has begun{then}; call reset() first")
        return self._running

    @staticmethod
    def _info(running: Running, step: Step) -> dict[str, Any]:
        game = running.game
        task, place = running.prepared.task, running.prepared.place
        info = step_info(task, place, step, game.turn, game.stop, game.outcome)
        if game.stop is not None and (report := game.user_report) is not None:
            info["user"] = user_info(report, game.outcome)
        return info

    @staticmethod
    def _observe(running: Running) -> Observation:
        return {"messages": running.game.show(), "tools": running.prepared.tools}
