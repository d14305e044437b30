"""The Gymnasium environment: the face of `Dialogue` and `TurnWalk`."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Any, TypeAlias, cast

import gymnasium

import reasonact_env.shared_memory  # noqa: F401  (registers our space with Gymnasium)
from reasonact_env.agent import Observation
from reasonact_env.dialogue import Dialogue
from reasonact_env.episode import Episode, Mode, Step, Thinking
from reasonact_env.info import reset_info, step_info, user_info
from reasonact_env.playable import playable
from reasonact_env.prepared import PreparedTask, Rules
from reasonact_env.reward import resolve
from reasonact_env.spaces import ConversationSpace, MessageSpace
from reasonact_env.turn import TurnWalk
from reasonact_env.users.make import USERS, make_user
from tasks.load import load_tasks
from tasks.types import Split, Task
from tools.types import Json

Game: TypeAlias = "Dialogue | TurnWalk"

KEPT_TASKS = 1024
"""So many tasks stay ready to be played again."""


class ReasonActEnv(gymnasium.Env[Observation, str]):
    """Conversational tool use as an environment.

    An action is the assistant's raw message: an optional `<think>…</think>`, then tool calls or a
    reply. An observation is `{"messages": […], "tools": […]}` in the Hugging Face chat form; its
    tools are shared between observations and are not to be changed.
    """

    metadata = {"render_modes": ["ansi"], "render_fps": 1}

    def __init__(
        self,
        mode: str = "dialogue",
        split: str = "train",
        data: str | None = None,
        max_turns: int | None = None,
        thinking: str = "optional",
        user: str = "scripted",
        weights: Mapping[str, float] | None = None,
        render_mode: str | None = None,
        database: str | None = None,
        columns: Mapping[str, str | None] | None = None,
    ) -> None:
        """Loads a split of a data set.

        Args:
            mode: "dialogue" (a conversation, judged at its end) or "turn" (the recorded
                decisions, each judged for itself).
            split: "train", "validation", "test", or "all".
            data: What `tasks.load.load_tasks` takes: None for the embedded set, a path, "hub".
            max_turns: Limit on assistant messages; None for no limit in turn mode and
                max(30, twice the record) in dialogue mode.
            thinking: "optional" or "required".
            user: Who talks to the agent: "scripted" (the recorded turns, whatever is said),
                "agenda" (answers what it is asked; needs generated tasks with an agenda),
                "procedure" (goes along with the task's procedure; needs tasks with a case), "own"
                (of these, the one that suits the task), or "llm" (see `chat_endpoint`).
            weights: Component -> weight, for those that shall differ from the default.
            render_mode: None or "ansi".
            database: Where tau-bench's database of a domain lies (a folder with `orders.json`,
                `products.json`, `users.json`, or tau2-bench's single file), for stateful worlds;
                "rebuilt" for worlds that know what each dialogue shows; None for recorded answers.
            columns: What `load_tasks` takes: which column of a table (`ALMITA.csv`) holds what.

        Raises:
            FileNotFoundError: if there are no such data, or no such database.
            ValueError: for an unknown name, a bad weight or limit, a split without tasks, or a
                database of which no task has the tools.
        """
        self._mode = Mode(_one_of("mode", mode, [m.value for m in Mode]))
        _one_of("split", split, [*(s.value for s in Split), "all"])
        self._rules = _rules(thinking, weights, max_turns, user)
        self.render_mode = render_mode
        self._playable = playable(load_tasks(data, columns), split, self._mode, database)
        make_user(user, self.tasks[0])
        self._prepared_tasks: dict[str, PreparedTask] = {}
        self._game: Game | None = None
        self._steps: list[Step] = []
        self.observation_space = ConversationSpace()
        self.action_space = MessageSpace(self._playable.tools)

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
        """The task that is being played."""
        return self._prepared.task

    @property
    def episode(self) -> Episode:
        """What happened since the last reset."""
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
            options: `task_id` to name the task; in turn mode also `decision`, the number of one
                recorded decision, which makes an episode of one step.

        Raises:
            ValueError: for an unknown option, task or decision.
        """
        super().reset(seed=seed)
        task_id, self._decision = self._read_options(options or {})
        task = self._choose(task_id)
        self._prepared = self._prepare(task)
        self._game = self._begin(self._prepared)
        self._seed = seed
        self._steps = []
        self._opening = tuple(self._game.messages)
        self._opening_hash = self._game.observation_hash
        return self._observe(), reset_info(task, self._game.turn, self._game.state_hash)

    def step(self, action: str) -> tuple[Observation, float, bool, bool, dict[str, Any]]:
        """Plays one assistant message.

        Args:
            action: The raw message. Any string is a move, however malformed.

        Raises:
            TypeError: if the action is no string.
            RuntimeError: if the episode has ended or never began.
        """
        if not isinstance(action, str):
            raise TypeError(
                f"expected the assistant's raw message as a str, got {type(action).__name__}; "
                "tools.protocol.render writes one from calls and text"
            )
        game = self._running()
        if game.stop is not None:
            raise RuntimeError(f"the episode has ended ({game.stop}); call reset() first")
        step = game.play(action)
        self._steps.append(step)
        ended = game.stop is not None
        truncated = game.stop is not None and game.stop.truncates
        info = step_info(self.task, step, game.turn, game.stop, game.outcome)
        if isinstance(game, Dialogue) and ended and (report := game.user_report) is not None:
            info["user"] = user_info(report, game.outcome)
        return self._observe(), step.reward, ended and not truncated, truncated, info

    def render(self) -> str | None:
        """The conversation as text, where `render_mode="ansi"`."""
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
            near = difflib.get_close_matches(str(task_id), self.task_ids[:10_000], n=1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            raise ValueError(f"expected one of the split's task_ids, got {task_id!r}{hint}")
        return self._playable.by_id[task_id]

    def _prepare(self, task: Task) -> PreparedTask:
        """The task's prepared, kept for the next time."""
        if task.id not in self._prepared_tasks:
            if len(self._prepared_tasks) == KEPT_TASKS:
                del self._prepared_tasks[next(iter(self._prepared_tasks))]
            self._prepared_tasks[task.id] = PreparedTask.of(task, self._rules)
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

    def _observe(self) -> Observation:
        messages = [message.as_dict() for message in self._running().messages]
        return {"messages": messages, "tools": self._prepared.tools}


def _rules(
    thinking: str, weights: Mapping[str, float] | None, max_turns: int | None, user: str
) -> Rules:
    """The rules that an environment's arguments ask for."""
    if max_turns is not None and max_turns < 1:
        raise ValueError(f"expected max_turns of 1 or more, or None; got {max_turns}")
    return Rules(
        thinking=Thinking(_one_of("thinking", thinking, [t.value for t in Thinking])),
        weights=resolve(weights),
        max_turns=max_turns,
        user=_one_of("user", user, USERS),
    )


def _one_of(what: str, name: str, known: Mapping[str, Json] | list[str] | tuple[str, ...]) -> str:
    if name not in known:
        raise ValueError(f"expected {what} to be one of {', '.join(known)}; got {name!r}")
    return name
