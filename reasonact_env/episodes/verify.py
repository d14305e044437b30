"""Plays saved episodes again and compares all results."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from msgspec import structs

from reasonact_env.config import EnvConfig
from reasonact_env.env import ReasonActEnv
from reasonact_env.episode import Episode, Step
from reasonact_env.episodes.apart import apart
from reasonact_env.episodes.header import RECORDED, StorageError
from reasonact_env.episodes.storage import EpisodeFile, Header, read_episodes
from reasonact_env.users.retold import Retold, is_retold
from tasks.load import EMBEDDED
from tasks.numbered import Numbered
from tasks.types import TaskSet
from tools.jsontext import short

BROKEN_LINE = "line"
"""The field of a difference that is a broken line: `got` says what is wrong with it."""


class VerifyError(ValueError):
    """Episodes that cannot be played again here; the text says what is missing, and what to do."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One value that differs between the saved and the replayed episode."""

    episode: int
    """The episode's number in the file, from 1."""
    task_id: str
    """The task's id."""
    step: int | None
    """The step's number, from 1, or None for the episode as a whole."""
    field: str
    """The field of `Step` or `Episode`."""
    expected: str
    """An excerpt of the saved value, as JSON."""
    got: str
    """An excerpt of the replayed value, as JSON."""
    place: str = ""
    """Where in the field that value stands, such as `[0].content`; empty for all of it."""


@dataclass(frozen=True, slots=True)
class Report:
    """The result of verifying a file."""

    total: int
    """The number of episodes that were played again."""
    equal: int
    """The number of episodes that are equal in everything."""
    differences: tuple[Difference, ...]
    """The first difference of each other episode."""
    unfinished: bool = False
    """Whether the file ends within a line, which is left out: it is being written, or was cut."""

    @property
    def passed(self) -> bool:
        """Whether every episode is equal."""
        return self.equal == self.total


def verify(
    path: str | Path,
    progress: Callable[[int, int], None] | None = None,
    data: str | None = None,
    database: str | None = None,
) -> Report:
    """Plays every episode of a file again: same task, decision, seed and actions.

    A line that is broken is a difference by itself, and the others are played all the same.

    The comparison covers, in order: the first observation's digest; for every step the calls with
    their answers, the messages that followed, reward, components, weights, scores, the state's
    digest and the observation's digest; at the end the reason for stopping, and the verdict.

    Args:
        path: A file of episodes.
        progress: Called after every episode with the number done and the total number.
        data: The data's present place, if the file names another.
        database: The database's present place, if the file names another.

    Raises:
        OSError: if the file cannot be read.
        StorageError: if it is not a file of episodes.
        VerifyError: if its environment cannot be made here, or its data are missing.
    """
    header, episodes = read_episodes(path)
    if not len(episodes):
        return Report(0, 0, (), episodes.unfinished)
    env = environment_of(header, data, database, ids_of(episodes))
    found: list[Difference] = []
    equal = 0
    for number in range(1, len(episodes) + 1):
        try:
            episode = episodes[number - 1]
            differences = list(_told_once(_compare(env, number, episode, episodes.version)))
        except StorageError as error:
            differences = [Difference(number, "", None, BROKEN_LINE, "", str(error))]
        equal += not differences
        found += differences
        if progress is not None:
            progress(number, len(episodes))
    return Report(len(episodes), equal, tuple(found), episodes.unfinished)


def replay_episode(env: ReasonActEnv, episode: Episode) -> Episode:
    """Plays an episode's actions again, as far as the environment lets it.

    Raises:
        ValueError: if the environment does not know the task or the decision.
    """
    options: dict[str, Any] = {"task_id": episode.task_id}
    if episode.decision is not None:
        options["decision"] = episode.decision
    follow(env, episode)
    env.reset(seed=episode.seed, options=options)
    for step in episode.steps:
        _, _, terminated, truncated, _ = env.step(step.action)
        if terminated or truncated:
            break
    return env.episode


def environment_of(
    header: Header,
    data: str | None = None,
    database: str | None = None,
    only: Iterable[str] | None = None,
) -> ReasonActEnv:
    """The environment in which a file was played.

    Where a model or a person was the user, the user says what each episode has (`follow`): neither
    has to be there.

    Args:
        header: The file's.
        data: The data's present place, if the file names another.
        database: The database's present place, if the file names another.
        only: The ids of the tasks that are needed; where tasks can be made one by one, the
            environment has no other.

    Raises:
        VerifyError: if it cannot be made here, or its data are missing.
    """
    if header.source == RECORDED:
        raise VerifyError(
            "expected episodes that an environment has played, got what was heard between an agent "
            "and its model: nobody can play it again, or say what it earns"
        )
    places = {"data": data, "database": database}
    plain = {**header.env, **{name: at for name, at in places.items() if at is not None}}
    try:
        config = EnvConfig.from_json(plain)
        if is_retold(config.user):
            config = replace(config, user=Retold())
        if (alone := tasks_alone(header, data)) is not None and only is not None:
            few = tuple(alone[name] for name in dict.fromkeys(only) if name in alone)
            if few:
                config = replace(config, data=_Only(TaskSet(alone.source, few)), split="all")
        env = ReasonActEnv.of(config)
    except (OSError, TypeError, ValueError, ImportError) as error:
        raise VerifyError(
            f"expected to make the environment as the file says ({short(str(plain))}), but "
            f"{error}; if the data or the database lie elsewhere now, say where with --data and "
            "--database"
        ) from error
    if env.source != header.source:
        raise VerifyError(
            f"expected the data set {header.source}, on which the file was played, got "
            f"{env.source}; say with --data where the first one lies"
        )
    return env


def tasks_alone(header: Header, data: str | None = None) -> Numbered | None:
    """The tasks on which a file was played, if they can be made one by one; no database changes
    these.
    """
    named = header.env.get("data") if data is None else data
    alone = Numbered.of(str(EMBEDDED if named is None else named))
    return alone if alone is not None and alone.source == header.source else None


@dataclass(frozen=True, slots=True)
class _Only:
    """A reader of tasks that are there already."""

    tasks: TaskSet

    def __call__(self) -> TaskSet:
        return self.tasks


def ids_of(episodes: EpisodeFile) -> Iterator[str]:
    """The ids of the tasks of a file; broken lines have none."""
    for number in range(len(episodes)):
        with suppress(StorageError):
            yield episodes[number].task_id


def follow(env: ReasonActEnv, episode: Episode) -> None:
    """Lets the user of an environment say what a saved episode has, where it cannot be asked."""
    if isinstance(env.config.user, Retold):
        env.config.user.follow(episode)


def _compare(env: ReasonActEnv, number: int, saved: Episode, version: int) -> Iterator[Difference]:
    """The first difference between an episode and its replay, if there is one."""
    try:
        played = as_version(replay_episode(env, saved), version)
    except ValueError as error:
        named = json.dumps(saved.task_id, ensure_ascii=False)
        yield Difference(number, saved.task_id, None, "task", named, str(error))
        return
    if _all_equal(played, saved):
        return
    for name in ("task_id", "source", "mode", "opening", "opening_hash"):
        yield from _field(number, saved, None, name, saved, played)
    pairs = zip(saved.steps, played.steps, strict=False)
    unequal = next(((i, a, b) for i, (a, b) in enumerate(pairs, 1) if a != b), None)
    if unequal is not None:
        step, expected, got = unequal
        for item in structs.fields(Step):
            yield from _field(number, saved, step, item.name, expected, got)
    elif len(saved.steps) != len(played.steps):
        counts = [str(len(e.steps)) for e in (saved, played)]
        yield Difference(number, saved.task_id, len(played.steps), "steps", *counts)
    for name in ("stop", "outcome"):
        yield from _field(number, saved, None, name, saved, played)


def as_version(episode: Episode, version: int) -> Episode:
    """The episode as a file of that version keeps it: version 1 has no changes of the state, and
    only the deciding fields of verdicts.
    """
    if version > 1:
        return episode
    steps = tuple(
        structs.replace(step, calls=tuple(structs.replace(call, changes=()) for call in step.calls))
        for step in episode.steps
    )
    outcome = episode.outcome and replace(episode.outcome, goals=(), harm=(), violations=())
    return replace(episode, steps=steps, outcome=outcome)


def _all_equal(played: Episode, saved: Episode) -> bool:
    """Whether two episodes are equal; the observations' digests cover the tools, and no environment
    knows what an agent tells of its own messages.
    """
    return all(
        getattr(played, item.name) == getattr(saved, item.name)
        for item in fields(Episode)
        if item.name not in ("tools", "cut", "branch")
    )


def _field(
    number: int, episode: Episode, step: int | None, name: str, saved: object, played: object
) -> Iterator[Difference]:
    expected, got = getattr(saved, name), getattr(played, name)
    if expected != got:
        place, one, other = apart(expected, got)
        yield Difference(number, episode.task_id, step, name, one, other, place)


def _told_once(found: Iterable[Difference]) -> Iterator[Difference]:
    """Differences without those of a text that stands in two places, as a tool's answer does."""
    told = set[tuple[str, str]]()
    for one in found:
        texts = (one.expected, one.got)
        if not (texts in told and any(text.startswith(('"', "…")) for text in texts)):
            yield one
        told.add(texts)
