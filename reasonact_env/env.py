"""The Gymnasium environment, which plays `Dialogue` or `TurnWalk`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any, Self, cast

import gymnasium

import reasonact_env.shared_memory  # noqa: F401  (registers our space with Gymnasium)
from reasonact_env.agent import Observation
from reasonact_env.config import EnvConfig
from reasonact_env.dialogue import Dialogue
from reasonact_env.episode import Episode, Mode, Step
from reasonact_env.game import Game
from reasonact_env.info import reset_info, step_info, user_info
from reasonact_env.playable import playable
from reasonact_env.prepared import PreparedTask
from reasonact_env.reward import OwnReward, load_rewards, with_own
from reasonact_env.spaces import ConversationSpace, MessageSpace
from reasonact_env.turn import TurnWalk
from reasonact_env.users.make import MakeUser, make_user
from tasks.databases import DatabaseSource
from tasks.load import Reader, load_tasks
from tasks.types import Task
from tools.nearest import did_you_mean

KEPT_TASKS = 1024
"""The number of prepared tasks that are kept."""


class ReasonActEnv(gymnasium.Env[Observation, str]):
    """Conversational tool use as an environment.

    An action is the assistant's raw message: an optional `<think>…</think>`, then tool calls or a
    reply. An observation is `{"messages": […], "tools": […]}` in the Hugging Face chat form; its
    tools are shared between observations and must not be changed.

    An info has these keys, all of them plain JSON values. `reset` returns the first four.

    task_id             str                   the task's id
    source              str                   the data set
    turn                int                   the number of the next decision or message
    state_hash          str                   the digest of the API's state
    reward_components   dict[str, float|None] component -> score that is weighted in this step; None
                                              if it does not apply, or is not due yet
    weights             dict[str, float]      component -> weight; 0 where the score is None
    step_scores         dict[str, float|None] component -> score of this message by itself
    call_problems       list[dict]            one per problem: tool (str|None), kind, text (str)
    results             list[dict]            one per call: tool (str|None), ok (bool),
                                              effect ("read" or "write"), content (str)
    changes             list[dict]            one per changed value: table, key, field (str),
                                              before, after (any JSON)
    stop                str                   at the end: the `StopReason`
    outcome             dict|None             at the end: `Outcome` of a dialogue; None in turn mode
    user                dict                  at the end, if the user listens: misunderstood
                                              (int), gave_up (bool), lost (bool)
    """

    metadata = {"render_modes": ["ansi"], "render_fps": 1}

    def __init__(
        self,
        mode: str = "dialogue",
        split: str = "train",
        data: str | Reader | None = None,
        max_turns: int | None = None,
        thinking: str = "optional",
        user: str | MakeUser = "scripted",
        weights: Mapping[str, float] | None = None,
        render_mode: str | None = None,
        database: DatabaseSource | None = None,
        columns: Mapping[str, str | None] | None = None,
        rewards: Sequence[str | OwnReward] = (),
    ) -> None:
        """Loads a split of a data set.

        Args:
            mode: Dialogue or turn; `EnvConfig` describes all arguments but `render_mode`.
            split: The part of the data.
            data: The data set.
            max_turns: The limit on assistant messages.
            thinking: Whether a message has to begin with a thought.
            user: The user who talks to the agent.
            weights: Component -> weight, for weights that differ from the default.
            render_mode: None or "ansi".
            database: The database that calls run on.
            columns: Role -> column, for a table.
            rewards: Your own components.

        Raises:
            FileNotFoundError: if the data or the database do not exist.
            ValueError: for an unknown name, a bad weight or limit, a split without tasks, or a
                database whose tools no task has.
        """
        self.config = EnvConfig(
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
        """The environment's configuration."""
        self._mode = Mode(mode)
        self._own_rewards = load_rewards(rewards)
        self.render_mode = render_mode
        self._playable = playable(load_tasks(data, columns), split, self._mode, database)
        make_user(user, self.tasks[0])
        self._prepared_tasks: dict[str, PreparedTask] = {}
        self._prepared: PreparedTask | None = None
        self._game: Game | None = None
        self._steps: list[Step] = []
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
    def task(self) -> Task:
        """The task that is being played.

        Raises:
            RuntimeError: before the first reset.
        """
        return self._playing().task

    @property
    def episode(self) -> Episode:
        """The episode since the last reset.

        Raises:
            RuntimeError: before the first reset.
        """
        game = self._running()
        return Episode(
            task_id=self.task.id,
            source=self.task.source,
            mode=self._mode,
            seed=self._seed,
            decision=self._decision,
            opening=self._opening,
            opening_hash=self._opening_hash,
            steps=tuple(self._steps),
            stop=game.stop,
            outcome=game.outcome,
            tools=self.task.tools,
        )

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Observation, dict[str, Any]]:
        """Begins an episode.

        Args:
            seed: Seeds the choice of the task.
            options: `task_id` chooses the task. In turn mode `decision` is the number of one
            recorded
                decision, which alone is then the episode.

        Returns:
            The observation, and an info with the first four keys that the class lists.

        Raises:
            ValueError: for an unknown option, task or decision.
        """
        super().reset(seed=seed)
        task_id, self._decision = self._read_options(options or {})
        task = self._choose(task_id)
        prepared = self._prepare(task)
        self._game = game = self._begin(prepared)
        self._prepared = prepared
        self._seed = seed
        self._steps = []
        self._opening = tuple(game.messages)
        self._opening_hash = game.observation_hash
        return self._observe(self._game, prepared), reset_info(
            task, self._game.turn, self._game.state_hash
        )

    def step(self, action: str) -> tuple[Observation, float, bool, bool, dict[str, Any]]:
        """Plays one assistant message.

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
        game, prepared = self._running(), self._playing()
        if game.stop is not None:
            raise RuntimeError(f"the episode has ended ({game.stop}); call reset() first")
        step = game.play(action)
        self._steps.append(step)
        if self._own_rewards:  # they read the step from the episode
            step = with_own(step, prepared.task, self.episode, self._own_rewards)
            self._steps[-1] = step
        ended = game.stop is not None
        truncated = game.stop is not None and game.stop.truncates
        info = step_info(prepared.task, step, game.turn, game.stop, game.outcome)
        if ended and (report := game.user_report) is not None:
            info["user"] = user_info(report, game.outcome)
        return self._observe(game, prepared), step.reward, ended and not truncated, truncated, info

    def render(self) -> str | None:
        """The conversation as text if `render_mode="ansi"`, else None."""
        if self.render_mode is None:
            return None
        return "\n".join(f"{m.role}: {m.content}" for m in self._running().messages)

    def _read_options(self, options: Mapping[str, object]) -> tuple[str | None, int | None]:
        unknown = sorted(set(options) - {"task_id", "decision"})
        if unknown:
            raise ValueError(f"expected the options task_id and decision, got {unknown[0]!r} too")
        decision = options.get("decision")
        if decision is not None and self._mode is not Mode.TURN:
            raise ValueError('the option decision needs mode="turn"')
        return cast("str | None", options.get("task_id")), cast("int | None", decision)

    def _choose(self, task_id: str | None) -> Task:
        if task_id is None:
            return self.tasks[int(self.np_random.integers(len(self.tasks)))]
        if task_id not in self._playable.by_id:
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

    def _begin(self, prepared: PreparedTask) -> Game:
        if self._mode is Mode.DIALOGUE:
            return Dialogue(prepared)
        count = len(prepared.task.decisions)
        if self._decision is None:
            return TurnWalk(prepared, range(count))
        if not 0 <= self._decision < count:
            raise ValueError(
                f"expected a decision from 0 to {count - 1} of task {prepared.task.id!r}, "
                f"got {self._decision!r}"
            )
        return TurnWalk(prepared, [self._decision])

    def _running(self) -> Game:
        if self._game is None:
            raise RuntimeError("no episode has begun; call reset() first")
        return self._game

    def _playing(self) -> PreparedTask:
        if self._prepared is None:
            raise RuntimeError("no episode has begun, so there is no task yet; call reset() first")
        return self._prepared

    @staticmethod
    def _observe(game: Game, prepared: PreparedTask) -> Observation:
        messages = [message.as_dict() for message in game.messages]
        return {"messages": messages, "tools": prepared.tools}
