"""What raters see: messages with a thought, and pairs of them from the same place."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

from reasonact_env.episode import CallRecord, Episode, Mode, message_of
from reasonact_env.episodes.storage import Header, read_episodes
from reasonact_env.failures.rows import readable
from tools.jsontext import sha
from tools.types import Message, Role


@dataclass(frozen=True, slots=True)
class Item:
    """A message with a thought, and all that its author knew."""

    stage: str
    """Who wrote it; raters never see it."""
    task: str
    """The id of the task."""
    before: tuple[Message, ...]
    """The conversation up to it, rules included."""
    action: str
    """The raw message."""
    calls: tuple[CallRecord, ...]
    """Its calls."""

    @property
    def place(self) -> str:
        """Equal for messages that answer the same conversation of the same task."""
        said = "\x00".join(f"{one.role}:{one.content}" for one in self.before)
        return sha(f"{self.task}\x00{said}")

    @property
    def key(self) -> str:
        """Tells it from all others; the same in every process."""
        return sha(f"{self.place}\x00{self.stage}\x00{self.action}")[:16]


@dataclass(frozen=True, slots=True)
class Card:
    """What is judged at a time: one item, or two in the order in which they are shown."""

    items: tuple[Item, ...]
    """One or two."""

    @property
    def key(self) -> str:
        """Tells it from all others, in whatever order the two are shown."""
        return "-".join(sorted(item.key for item in self.items))


def read_thoughts(paths: Sequence[Path]) -> dict[Path, list[Item]]:
    """The messages with a thought of each file of episodes; none of one whose agent never thinks.

    Raises:
        OSError: if a file cannot be read.
        StorageError: if one is not a file of episodes.
        ValueError: if nobody thinks in them.
    """
    found: dict[Path, list[Item]] = {}
    for path in paths:
        header, episodes = read_episodes(path)
        stage = stage_of(header)
        found[path] = [one for _, ep in readable(episodes) for one in _thoughts(ep, stage)]
    if not any(found.values()):
        raise ValueError(
            f"expected messages with a thought in {', '.join(map(str, paths))}, found none; give "
            "episodes of an agent that thinks"
        )
    return found


def items_of(found: Mapping[Path, Sequence[Item]]) -> list[Item]:
    """The messages of all files, equal ones once."""
    return list({item.key: item for items in found.values() for item in items}.values())


def stage_of(header: Header) -> str:
    """Whose reasoning a file holds, in the agent's own words."""
    return header.agent.removeprefix("agent ")


def _thoughts(episode: Episode, stage: str) -> Iterator[Item]:
    said = list(episode.opening)
    for step in episode.steps:
        if message_of(step.action, step.calls).thought:
            yield Item(stage, episode.task_id, tuple(said), step.action, step.calls)
        if episode.mode is Mode.DIALOGUE:
            said.append(Message(Role.ASSISTANT, step.action))
        said += step.answers


def drawn(items: Sequence[Item], count: int, seed: int) -> list[Card]:
    """Single items, as many of each stage as there are; the same ones for every rater.

    Args:
        items: All of them.
        count: How many at most.
        seed: Chooses them.
    """
    by_stage: dict[str, list[Item]] = {}
    for item in sorted(items, key=lambda item: sha(f"{seed}{item.key}")):
        by_stage.setdefault(item.stage, []).append(item)
    rounds = max(map(len, by_stage.values()), default=0)
    turns = [own[i] for i in range(rounds) for own in by_stage.values() if i < len(own)]
    return [Card((item,)) for item in turns[:count]]


def drawn_pairs(items: Sequence[Item], count: int, seed: int) -> list[Card]:
    """Pairs of stages that answered the same conversation; the same ones for every rater.

    Raises:
        ValueError: if there are no two stages, or none that did.
    """
    stages = sorted({item.stage for item in items})
    if len(stages) < 2:
        raise ValueError(
            f"expected thoughts of two stages to compare, found those of {', '.join(stages)} "
            "alone; give episodes of another agent that thinks, or leave out --pairs"
        )
    by_place: dict[str, list[Item]] = {}
    for item in items:
        by_place.setdefault(item.place, []).append(item)
    pairs = [
        Card(pair)
        for own in by_place.values()
        for pair in combinations(own, 2)
        if pair[0].stage != pair[1].stage
    ]
    if not pairs:
        raise ValueError(
            f"expected two stages that answer the same conversation, found none among "
            f"{', '.join(stages)}; give episodes of the same tasks, best of turn mode, or leave "
            "out --pairs"
        )
    return sorted(pairs, key=lambda card: sha(f"{seed}{card.key}"))[:count]


def shuffled(cards: Iterable[Card], rater: str, seed: int) -> list[Card]:
    """The cards in a rater's own order, the two of a pair in an order of their own."""
    chance = random.Random(f"{seed} {rater}")
    order = sorted(cards, key=lambda card: card.key)
    chance.shuffle(order)
    return [Card(tuple(chance.sample(card.items, len(card.items)))) for card in order]
