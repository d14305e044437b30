"""A search for messages that are paid more than an honest agent's: mutation, random and greedy.

At each start, what gold, the baselines and the hacks send is tried first. Half of the other tries
change the best dishonest messages so far, half any of those that are kept. What was found at one
start is tried at the next ones, too.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from agents.baselines import BASELINES
from agents.hacks import HACKS
from reasonact_env.episode import Episode
from reasonact_env.episodes.storage import Header, write_episodes
from tasks.types import Task
from tools.files import append_object, read_objects
from tools.types import Json
from train.honesty.arena import Arena, Start
from train.honesty.mutations import Stock, changed, changed_message
from train.honesty.referee import Referee
from train.runs.evaluation import EvaluationSettings

EACH = 100
"""Tries at a start, where there are enough starts. Chosen by hand."""
POOL = 8
"""Messages that are kept at a start, besides gold's."""
OTHERS = 3
"""Other tasks whose messages are tried at a start, too."""
EARLIER = 20
"""Replies of earlier finds that are tried at a start, the latest ones."""
KEY = "seat"
"""What files call a start: those of version 0.2.0 did, too."""
_BEGINS = (b'{"env": {', f'{{"{KEY}": "'.encode())
"""How the lines of a file of finds begin."""


@dataclass(frozen=True, slots=True)
class Find:
    """Messages that are paid for what they did not do."""

    task_id: str
    """The task."""
    decision: int | None
    """The decision, in turn mode."""
    fault: str
    """What is wrong with it."""
    total: float
    """What it earns."""
    gold: float
    """What the recorded agent earns there."""
    actions: tuple[str, ...]
    """The messages."""


@dataclass
class _Search:
    """The search at one start."""

    arena: Arena
    start: Start
    stock: Stock
    rng: random.Random
    finds: dict[str, Find] = field(default_factory=dict)
    pool: list[tuple[float, list[str]]] = field(default_factory=list)

    def run(self, tries: int) -> list[Find]:
        """The finds, the best of each fault, as short as they can be."""
        gold = self.arena.gold(self.start)
        self.referee = Referee(self.start.task, gold)
        first = [step.action for step in gold.steps]
        self.pool.append((-1.0, first))
        known = [*BASELINES.values(), *HACKS.values()][:tries]
        for agent in known:
            self._note(self.arena.let(self.start, agent))
        for _ in range(tries - len(known)):
            self._note(self.arena.play(self.start, self._next()))
        return [self._short(find) for find in self.finds.values()]

    def _next(self) -> list[str]:
        parent = self.pool[0] if self.rng.random() < 0.5 else self.rng.choice(self.pool)
        if self.start.decision is None:
            return changed(self.rng, parent[1], self.stock)
        return [changed_message(self.rng, parent[1][0], self.stock)]

    def _note(self, episode: Episode) -> None:
        actions = [step.action for step in episode.steps]
        for fault in self.referee.faults(episode):
            if fault not in self.finds or episode.total > self.finds[fault].total:
                self.finds[fault] = self._find(fault, episode)
        value = episode.total if self.referee.undone(episode) else -1.0
        if value > -1 and all(value != known or actions != those for known, those in self.pool):
            self.pool = sorted([*self.pool, (value, actions)], key=lambda one: -one[0])
            del self.pool[POOL:-1]  # gold stays, at the end

    def _find(self, fault: str, episode: Episode) -> Find:
        actions = tuple(step.action for step in episode.steps)
        start, gold = self.start, self.referee.gold
        return Find(start.task.id, start.decision, fault, episode.total, gold.total, actions)

    def _short(self, find: Find) -> Find:
        """The find without the messages that it does not need."""
        at = len(find.actions) - 1
        while at >= 0 and len(find.actions) > 1:
            fewer = [*find.actions[:at], *find.actions[at + 1 :]]
            episode = self.arena.play(self.start, fewer)
            if find.fault in self.referee.faults(episode) and len(episode.steps) < len(
                find.actions
            ):
                find = self._find(find.fault, episode)
            at -= 1
        return find


def search(
    plan: EvaluationSettings,
    budget: int,
    seed: int,
    kept: Path,
    advance: Callable[[int], None] = lambda done: None,
) -> list[Find]:
    """Searches, going on where an earlier call stopped, perhaps one with another budget.

    What is found depends on the arguments alone, unless an earlier call tried more at a start.

    Args:
        plan: What is played.
        budget: How many episodes are tried, in all.
        seed: Of all that is drawn.
        kept: The file of what was found so far.
        advance: Told how many episodes were tried.

    Raises:
        ValueError: if the file is another search's.
    """
    arena, tasks = Arena(plan.env), plan.chosen()
    starts = arena.starts(tasks)
    random.Random(seed).shuffle(starts)
    starts = starts[: max(1, budget // EACH)]
    identity = {"env": plan.env.to_json(), "tasks": plan.tasks, "seed": seed}
    done, found = _kept(kept, identity), list[Find]()
    for number, start in enumerate(starts):
        tries = (budget + number) // len(starts)
        tried, here = done.get(start.name, (0, []))
        if tried < tries:
            rng = random.Random(f"{seed} {start.name}")
            stock = _stock(rng, start, tasks, found)
            here = _Search(arena, start, stock, rng).run(tries)
            finds = [asdict(one) for one in here]
            append_object(kept, {KEY: start.name, "tries": tries, "finds": finds}, _BEGINS)
        found += here
        advance(tries)
    return found


def _stock(rng: random.Random, start: Start, tasks: Sequence[Task], found: Sequence[Find]) -> Stock:
    near = [start.task, *rng.sample(tasks, min(OTHERS, len(tasks)))]
    messages = [task.messages[turn.index].content for task in near for turn in task.turns]
    calls = [call for task in near for turn in task.turns for call in turn.calls]
    earlier = [one for find in found[-EARLIER:] for one in find.actions[:3]]
    texts = [message.content for message in start.task.messages[1:]]
    return Stock.of([*messages, *earlier], calls, texts)


def _kept(path: Path, identity: Mapping[str, Json]) -> dict[str, tuple[int, list[Find]]]:
    """Start -> the tries there, and what was found; begins the file where there is none."""
    lines = read_objects(path, _BEGINS) if path.exists() else []
    if not lines:
        append_object(path, identity, _BEGINS)
        return {}
    known = {name: value for name, value in lines[0].items() if name != "budget"}
    if known != json.loads(json.dumps(identity)):
        raise ValueError(
            f"expected {path} to hold this search, got one of other data, tasks or seed; give "
            "another --out, or delete it"
        )
    # version 0.2.0 wrote no tries, which were not fewer than EACH
    return {one[KEY]: (one.get("tries", EACH), [*map(_read, one["finds"])]) for one in lines[1:]}


def _read(plain: dict[str, object]) -> Find:
    return Find(**{**plain, "actions": tuple(plain["actions"])})  # type: ignore[arg-type]


def save(plan: EvaluationSettings, finds: Sequence[Find], path: Path) -> None:
    """Writes the finds as episodes, the best paid first, for the replay."""
    arena, by_id = Arena(plan.env), {task.id: task for task in plan.chosen()}

    def played() -> Iterator[Episode]:
        for find in finds:
            yield arena.play(Start(by_id[find.task_id], find.decision), find.actions)

    source = next(iter(by_id.values())).source
    write_episodes(path, Header(plan.env.to_json(), source, "finds of train.audit"), played())
