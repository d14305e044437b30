"""What an agent and its model say to each other, as episodes.

No environment stands behind such a conversation, so nobody can say what it earns: its episode has
no reward, and its reason to stop is "recorded". What can be said is said: which calls are broken,
or are not what the request's own schemas ask for.

There is one exception. A conversation that begins word for word as one with a task that is known
here is played again on that task; where the environment answers everything as the agent was told,
its verdict and its rewards are those of what the agent has played.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import count
from pathlib import Path
from threading import Lock
from typing import Any

from agents.heard import Exchange, Heard
from reasonact_env.config import EnvConfig
from reasonact_env.conversation import Conversation
from reasonact_env.env import ReasonActEnv
from reasonact_env.episode import CallRecord, Episode, Mode, Step, StopReason
from reasonact_env.episodes.growing import GrowingFile
from reasonact_env.episodes.header import RECORDED, Header
from tools.effects import effect_of
from tools.protocol import parse
from tools.schema.load import SchemaRefused
from tools.schema.toolbox import Toolbox
from tools.types import CallProblem, Effect, Message, Role


class Recorder:
    """Writes conversations to files: all of them to one, those that can be judged to another."""

    def __init__(
        self, path: Path, agent: str, *, most: int = 64, judge: Judge | None = None
    ) -> None:
        """Notes where; nothing is written yet.

        Args:
            path: The file of what nobody could judge; what was judged goes beside it, with
                `.judged` before its ending.
            agent: Who plays, as the files shall say.
            most: How many conversations are kept in mind.
            judge: Knows the tasks; None for none.
        """
        self._heard, self._judge, self._lock = Heard(most), judge, Lock()
        self._number = count(1)
        self._file = GrowingFile(path, Header({"split": "all"}, RECORDED, agent))
        self._judged: GrowingFile | None = None
        if judge is not None:
            self._judged = GrowingFile(judged_path(path), judge.header(agent))

    def add(self, body: Any, message: Any, *, cut: bool) -> None:
        """Adds a request and the message that answered it, the first of several choices."""
        with self._lock:
            self._heard.add(body, message, cut=cut)
            for path in self._heard.ended(math.inf):  # those that are too many
                self._write(path)

    def write(self, idle_seconds: float = 0.0) -> int:
        """Writes the conversations to which nothing was added for so long; returns how many."""
        with self._lock:
            written = 0
            for path in self._heard.ended(idle_seconds):
                self._write(path)
                written += 1
            return written

    def close(self) -> None:
        """Writes all, and lets go of the files."""
        self.write()
        for file in (self._file, self._judged):
            if file is not None:
                file.close()

    def _write(self, path: Sequence[Exchange]) -> None:
        episode = episode_of(path, f"recorded-{next(self._number)}")
        judged = None if self._judge is None else self._judge.judged(episode)
        if judged is not None and self._judged is not None:
            self._judged.add(judged)
        else:
            self._file.add(episode)


def judged_path(path: Path) -> Path:
    """Where what could be judged goes."""
    return path.with_name(f"{path.stem}.judged{path.suffix}")


def episode_of(path: Sequence[Exchange], task_id: str) -> Episode:
    """A conversation as an episode that nobody has judged."""
    tools = path[-1].tools
    after = [one.told for one in path[1:]]
    return Episode(
        task_id=task_id,
        source=RECORDED,
        mode=Mode.DIALOGUE,
        seed=None,
        decision=None,
        opening=path[0].told,
        opening_hash="",
        steps=tuple(
            _step(number, one, after[number : number + 1]) for number, one in enumerate(path)
        ),
        stop=StopReason.RECORDED,
        outcome=None,
        tools=tools,
        cut=tuple(number for number, one in enumerate(path) if one.cut),
    )


def _step(number: int, exchange: Exchange, after: Sequence[tuple[Message, ...]]) -> Step:
    answers = after[0] if after else ()
    return Step(
        turn=number,
        action=exchange.raw,
        calls=tuple(_records(exchange, answers)),
        answers=answers,
        reward=0.0,
        components={},
        weights={},
        step_scores={},
        state_hash="",
        observation_hash="",
    )


def _records(exchange: Exchange, answers: Sequence[Message]) -> Iterator[CallRecord]:
    """The calls of a message, each with the answer in its place."""
    told = [one.content for one in answers if one.role is Role.TOOL]
    try:
        toolbox = Toolbox.of(exchange.tools)
    except SchemaRefused:  # then nobody can say which calls are right
        toolbox = None
    names = {spec.name for spec in exchange.tools}
    for at, attempt in enumerate(parse(exchange.raw, names).attempts):
        content = told[at] if at < len(told) else ""
        if isinstance(attempt, CallProblem):
            yield CallRecord(None, None, None, Effect.READ, content, attempt, "", "")
        else:
            effect = effect_of(attempt.name).effect
            problem = None if toolbox is None else toolbox.check(attempt)
            call = attempt.name, attempt.arguments
            yield CallRecord(*call, None, effect, content, problem, "", "")


class Judge:
    """Plays conversations again on the tasks with which they begin alike."""

    def __init__(self, config: EnvConfig, seed: int = 0) -> None:
        """Reads how each task begins.

        Args:
            config: The environment; dialogue mode.
            seed: The seed of every episode.
        """
        self._config, self._seed = config, seed
        self._env = ReasonActEnv.of(config)
        self._by_opening: dict[tuple[str, ...], list[str]] = {}
        for task_id in self._env.task_ids:
            messages = Conversation(self._env, task_id=task_id, seed=seed).messages
            opening = tuple(one["content"].strip() for one in messages)
            self._by_opening.setdefault(opening, []).append(task_id)

    def header(self, agent: str) -> Header:
        """What a file of judged episodes begins with."""
        return Header(self._config.to_json(), self._env.source, agent)

    def judged(self, episode: Episode) -> Episode | None:
        """The episode as the environment has it, with its rewards; None where it answers anything
        otherwise, or no task begins so.
        """
        opening = tuple(one.content.strip() for one in episode.opening)
        for task_id in self._by_opening.get(opening, ()):
            talk = Conversation(self._env, task_id=task_id, seed=self._seed)
            if _plays_alike(talk, episode):
                return talk.episode
        return None


def _plays_alike(talk: Conversation, episode: Episode) -> bool:
    """Plays an episode's messages; whether the answers are those that the agent was told."""
    last = len(episode.steps) - 1
    for number, step in enumerate(episode.steps):
        if talk.done:
            return True  # what was said after the end counts nothing
        heard = talk.play(step.action)
        answered = "\n".join([*heard.tools, *([] if heard.user is None else [heard.user])])
        told = "\n".join(one.content for one in step.answers)
        if number < last and not talk.done and answered.strip() != told.strip():
            return False
    return True
