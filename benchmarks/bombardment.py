"""Plays wild actions against one environment, and looks after each what has come of it."""

from __future__ import annotations

import heapq
import json
import random
import time
from collections import Counter
from dataclasses import dataclass, field

from jsonschema import Draft202012Validator

from benchmarks.siege import Siege
from benchmarks.wild import Wild
from reasonact_env.env import ReasonActEnv
from reasonact_env.episode import CallRecord, Episode, Mode, Step, StopReason
from reasonact_env.episodes.codec import Shared, from_line, to_line
from reasonact_env.episodes.verify import replay_episode
from tasks.types import Task
from tools.types import Effect

LIMIT_MS = 50.0
"""No step may take longer."""
SAVED_EVERY = 20
"""One of this many ended episodes is written and read again."""
PLAYED_EVERY = 200
"""One of this many is played again."""
KEPT = 20
"""At most this many examples of each failure are kept."""


@dataclass(slots=True)
class Tally:
    """What happened."""

    cpu_ms: list[float] = field(default_factory=list)
    """Thread CPU time of each step, in milliseconds."""
    seen: Counter[str] = field(default_factory=Counter)
    """What happened in a good way (ends, named problems, writes) -> how often."""
    failures: Counter[str] = field(default_factory=Counter)
    """What must not happen -> how often."""
    examples: list[str] = field(default_factory=list)
    """The first failures' actions, as printable text."""

    slowest: list[tuple[float, str]] = field(default_factory=list)
    """Milliseconds and action of the slowest steps, in a heap."""
    peak_mb: float = 0.0
    """How much more the process held at most than before the first action."""
    longest_line: int = 0
    """Bytes of the longest episode that was written."""

    def timed(self, cpu_ms: float, action: str) -> None:
        """Notes a step's time."""
        self.cpu_ms.append(cpu_ms)
        if len(self.slowest) < KEPT or cpu_ms > self.slowest[0][0]:
            heapq.heappush(self.slowest, (cpu_ms, _excerpt(action)))
            if len(self.slowest) > KEPT:
                heapq.heappop(self.slowest)
        if cpu_ms > LIMIT_MS:
            self.failed(f"over {LIMIT_MS:.0f} ms", action)

    def failed(self, what: str, action: str) -> None:
        """Counts a failure and keeps its action, if it is among the first."""
        self.failures[what] += 1
        if self.failures[what] <= KEPT:
            self.examples.append(f"{what}: {_excerpt(action)}")


def _excerpt(action: str) -> str:
    return f"{ascii(action[:1500])} ({len(action)} characters)"


class Bombardment:
    """Wild actions against one environment."""

    def __init__(self, env: ReasonActEnv, seed: int) -> None:
        """Resets the environment."""
        self.tally = Tally()
        self._env = env
        self._random = random.Random(seed)
        self._recorded_states: dict[tuple[str, int], str] = {}
        self._wild = Wild(seed, self._valid_call)
        placed = [task.id for task in env.tasks if task.setup.base is not None]
        self._task_ids = placed if env.config.database else env.task_ids
        self._ended = 0
        env.action_space.seed(seed)
        self._reset()

    def act(self) -> None:
        """Sends one action, and checks what it did."""
        action = self._siege.message() if self._siege else self._wild.action(self._recorded())
        start = time.thread_time()
        try:
            _, _, terminated, truncated, info = self._env.step(action)
        except Exception as error:  # whatever it is, it is what we look for
            self.tally.failed(f"raised {type(error).__name__}: {error}"[:200], action)
            self._reset()
            return
        self.tally.timed(1000 * (time.thread_time() - start), action)
        self._check(self._env.episode.steps[-1], action)
        self._count(info, action)
        if terminated or truncated:
            self._end(self._env.episode, action)

    def _end(self, episode: Episode, action: str) -> None:
        """Counts an ended episode; now and then it has to survive being saved and played again."""
        self.tally.seen[f"end: {episode.stop}"] += 1
        self._ended += 1
        if self._ended % SAVED_EVERY == 0 or episode.stop is StopReason.OVER_LIMIT:
            shared = Shared()
            line = to_line(episode, shared)
            self.tally.longest_line = max(self.tally.longest_line, len(line))
            if from_line(line, shared) != episode:
                self.tally.failed("another episode came back from a file", action)
        if self._ended % PLAYED_EVERY == 0 and replay_episode(self._env, episode) != episode:
            self.tally.failed("another episode came of the same actions", action)
        self._reset()

    def _reset(self) -> None:
        task_id = self._random.choice(self._task_ids)
        self._observation, info = self._env.reset(options={"task_id": task_id})
        self._state = str(info["state_hash"])
        self._validators = _validators(self._env.task)
        self._valid: dict[tuple[str, str], bool] = {}
        self._siege: Siege | None = None
        if self._random.random() < 0.5:
            self._siege = Siege(self._env.task, self._random.randrange(1 << 30))
            self.tally.seen[f"siege: {self._siege.name}"] += 1

    def _recorded(self) -> str:
        """A message out of the record."""
        task = self._env.task
        return task.messages[self._random.choice(task.turns).index].content

    def _valid_call(self) -> str:
        return self._env.action_space.sample(mask=self._observation["tools"])

    def _check(self, step: Step, action: str) -> None:
        """Looks whether the state changed by a chain of valid writes, and not otherwise."""
        for call in step.calls:
            if call.state_before != self._state:
                self.tally.failed("state changed between calls", action)
            if call.state_after != self._state and not self._may_write(call):
                self.tally.failed("state changed by an invalid call", action)
            self.tally.seen["writes"] += call.state_after != self._state
            self._state = call.state_after
        if step.state_hash != self._expected_state(step):
            self.tally.failed("state changed after the calls", action)
        self._state = step.state_hash

    def _expected_state(self, step: Step) -> str:
        """The state after the calls; in turn mode the record's, whatever the calls were."""
        episode = self._env.episode
        if episode.mode is Mode.DIALOGUE:
            return self._state
        place = (episode.task_id, step.turn)
        return self._recorded_states.setdefault(place, step.state_hash)

    def _may_write(self, call: CallRecord) -> bool:
        key = (call.name or "", call.normal or "")
        if key not in self._valid:
            schema = self._validators.get(key[0])
            self._valid[key] = schema is not None and bool(schema.is_valid(call.arguments))
        return self._valid[key] and call.ok and call.effect is Effect.WRITE

    def _count(self, info: dict[str, object], action: str) -> None:
        problems = info["call_problems"]
        assert isinstance(problems, list)
        for problem in problems:
            self.tally.seen[f"problem: {problem['kind']}"] += 1
        self.tally.seen["calls without problem"] += len(_results(info)) - len(problems)
        if len(action) < 10_000 and len(self.tally.cpu_ms) % 10 == 0 and not _is_json(info):
            self.tally.failed("info is no plain JSON", action)


def _results(info: dict[str, object]) -> list[object]:
    results = info["results"]
    assert isinstance(results, list)
    return results


def _is_json(info: dict[str, object]) -> bool:
    try:
        return bool(json.loads(json.dumps(info, allow_nan=False)) == info)
    except (TypeError, ValueError):
        return False


def _validators(task: Task) -> dict[str, Draft202012Validator]:
    return {tool.name: Draft202012Validator(dict(tool.parameters)) for tool in task.tools}
