"""What lies behind saved episodes: their tasks, and what gold does there, made in the background.

Making an environment takes seconds where its data are large, and a key has to answer at once. So
the environment is made in a thread of its own, and until it is there the views do without. Where
tasks can be made one by one (`tasks.numbered`), there is one for each task, and nobody waits.
"""

from __future__ import annotations

import gc
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from reasonact_env.env import ReasonActEnv
from reasonact_env.episode import Episode, Mode, Thinking
from reasonact_env.episodes.header import Header
from reasonact_env.episodes.verify import VerifyError, environment_of, follow, tasks_alone
from tasks.numbered import Numbered
from tasks.types import Task
from tools.protocol import ThinkForm, parse, with_thought

_KEPT = 64
"""Episodes of gold that stay in memory."""
_LIVE = ("llm", "human")
"""Users who are asked anew, so that gold's conversation with them would be another one."""


@dataclass(slots=True)
class _Scene:
    """An environment that is being made."""

    ready: threading.Event = field(default_factory=threading.Event)
    env: ReasonActEnv | None = None
    tasks: Mapping[str, Task] = field(default_factory=dict)
    problem: str = ""


class Backstage:
    """The environments of files of episodes."""

    def __init__(self, data: str | None = None, database: str | None = None) -> None:
        """Notes where data and database lie now, if not where the files say."""
        self._places = (data, database)
        self._scenes: dict[str, _Scene] = {}
        self._alone: dict[str, Numbered | None] = {}
        self._gold: dict[tuple[str, str, int | None, int | None], Episode | None] = {}

    def task(self, header: Header, task_id: str, *, wait: bool = False) -> Task | None:
        """The task of an episode; None while its data are being read, and if they are missing."""
        if (alone := self._tasks_alone(header)) is not None:
            return alone.get(task_id)
        scene = self._scene(header)
        if wait:
            scene.ready.wait()
        return scene.tasks.get(task_id) if scene.ready.is_set() else None

    def gold(self, header: Header, episode: Episode) -> Episode | None:
        """What the recorded agent does in an episode's place; None as for `task`."""
        if not self.is_ready(header) or self.waiting(header):
            return None
        key = (_key(header), episode.task_id, episode.seed, episode.decision)
        if key not in self._gold:
            if len(self._gold) >= _KEPT:
                self._gold.clear()
            task = self.task(header, episode.task_id)
            self._gold[key] = _gold_of(self._env(header, task), task, episode)
        return self._gold[key]

    def _env(self, header: Header, task: Task | None) -> ReasonActEnv | None:
        if self._tasks_alone(header) is None:
            return self._scene(header).env
        return None if task is None else environment_of(header, *self._places, only=[task.id])

    def _tasks_alone(self, header: Header) -> Numbered | None:
        if (key := _key(header)) not in self._alone:
            self._alone[key] = tasks_alone(header, self._places[0])
        return self._alone[key]

    def waiting(self, header: Header) -> str:
        """Why there is no task: what is missing, or that the data are being read; '' if it is."""
        if self._tasks_alone(header) is not None:
            return ""
        scene = self._scene(header)
        if not scene.ready.is_set():
            return "the data are being read; try again in a moment"
        return scene.problem

    def is_ready(self, header: Header) -> bool:
        """Whether the environment is made, or will never be."""
        return self._tasks_alone(header) is not None or self._scene(header).ready.is_set()

    def _scene(self, header: Header) -> _Scene:
        key = _key(header)
        if key not in self._scenes:
            self._scenes[key] = scene = _Scene()
            threading.Thread(target=self._make, args=(scene, header), daemon=True).start()
        return self._scenes[key]

    def _make(self, scene: _Scene, header: Header) -> None:
        try:
            scene.env = environment_of(header, *self._places)
            scene.tasks = {task.id: task for task in scene.env.tasks}
        except VerifyError as error:
            scene.problem = str(error)
        except Exception as error:  # a reader of the user's own: the replay goes on without it
            scene.problem = f"the data cannot be read: {error}"
        finally:
            gc.freeze()  # else a key waits .1 s now and then while all of this is looked through
            scene.ready.set()


def gold_actions(task: Task, episode: Episode, thinking: Thinking) -> Sequence[str]:
    """What the recorded agent says, message by message."""
    turns = task.decisions if episode.mode is Mode.TURN else task.turns
    if episode.decision is not None:
        turns = turns[episode.decision : episode.decision + 1]
    said = [task.messages[turn.index].content for turn in turns]
    return [_with_thought(one) if thinking is Thinking.REQUIRED else one for one in said]


def _with_thought(message: str) -> str:
    if parse(message).thinking is not ThinkForm.ABSENT:
        return message
    return with_thought(message, "I do what the record of this conversation did at this point.")


def _gold_of(env: ReasonActEnv | None, task: Task | None, episode: Episode) -> Episode | None:
    """Plays the record in the place of an episode."""
    if env is None or task is None or env.config.user in _LIVE:
        return None
    options: dict[str, object] = {"task_id": episode.task_id}
    if episode.decision is not None:
        options["decision"] = episode.decision
    try:
        follow(env, episode)
        env.reset(seed=episode.seed, options=options)
        for action in gold_actions(task, episode, Thinking(env.config.thinking)):
            _, _, terminated, truncated, _ = env.step(action)
            if terminated or truncated:
                break
    except ValueError:  # the task or the decision is not there any more
        return None
    return env.episode


def _key(header: Header) -> str:
    return repr((header.source, sorted(header.env.items(), key=lambda item: item[0])))
