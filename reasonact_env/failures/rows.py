"""Episodes as rows: one each, with what went wrong first; also as plain columns or a data frame.

run = read_run("runs/eval/episodes.jsonl")
frame(run.rows).groupby("cause").size()
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from reasonact_env.config import EnvConfig
from reasonact_env.episode import Episode, Mode
from reasonact_env.episodes.codec import from_line
from reasonact_env.episodes.storage import EpisodeFile, Header, StorageError, read_episodes
from reasonact_env.episodes.verify import tasks_alone
from reasonact_env.failures.cause import Cause
from reasonact_env.failures.first import all_wrong
from reasonact_env.playable import playable
from tasks.load import load_tasks
from tasks.procedures.setup import OnProcedure
from tasks.types import Task

NO_CALLS = "nothing to call"
"""The kind of a task whose goal has no call."""


@dataclass(frozen=True, slots=True)
class EpisodeRow:
    """One episode, and what went wrong in it."""

    number: int
    """Its number in the file, from 1."""
    task_id: str
    """Its task."""
    decision: int | None
    """The single decision that was played in turn mode, or None."""
    task_kind: str
    """The kind of its task, by `task_kind`."""
    mode: Mode
    """Turn or dialogue."""
    won: bool | None
    """Whether it succeeded; in turn mode, whether all decisions are right; None while it runs."""
    total: float
    """Its return."""
    steps: int
    """The number of the agent's messages."""
    stop: str
    """Why it ended; "running" while it does not."""
    causes: tuple[Cause, ...] = ()
    """What went wrong: in a dialogue the first thing alone, in turn mode one for each wrong
    decision."""

    @property
    def cause(self) -> Cause | None:
        """What went wrong first; None if nothing did."""
        return self.causes[0] if self.causes else None

    @property
    def units(self) -> int:
        """What can go wrong here: the dialogue, or its decisions."""
        return 1 if self.mode is Mode.DIALOGUE else self.steps


@dataclass(frozen=True, slots=True)
class Chosen:
    """Some episodes of a file, and what they have in common."""

    words: str
    """What holds for them."""
    numbers: frozenset[int]
    """Their numbers in the file, from 1."""


@dataclass(frozen=True, slots=True)
class Run:
    """A file of episodes with its tasks."""

    path: Path
    """The file."""
    header: Header
    """What its episodes share."""
    episodes: EpisodeFile
    """The episodes, each read on access."""
    tasks: Mapping[str, Task]
    """Task id -> task; empty if the data are not at hand."""
    lacks: str = ""
    """Why the data are not at hand; empty where they are."""
    chosen: Chosen | None = None
    """The episodes that are looked at; None for all."""
    places: Mapping[str, str | None] = field(default_factory=dict)
    """Where `data` and `database` lie now, if not where the file says."""

    @property
    def readable(self) -> Iterator[tuple[int, Episode]]:
        """The episodes that are looked at, with their numbers, from 1, without broken lines."""
        for number, episode in readable(self.episodes):
            if self.chosen is None or number in self.chosen.numbers:
                yield number, episode

    @property
    def size(self) -> int:
        """The number of lines that are looked at, broken ones among them."""
        return len(self.episodes) if self.chosen is None else len(self.chosen.numbers)

    @property
    def where(self) -> str:
        """Which episodes are looked at, to stand behind a title; empty for all."""
        if self.chosen is None:
            return ""
        return f" · where {self.chosen.words}: {self.size:,} of {len(self.episodes):,}"

    @property
    def rows(self) -> list[EpisodeRow]:
        """The episodes as rows; each is read anew. Broken lines are left out."""
        return [
            row_of(number, episode, played_task(self.tasks, episode))
            for number, episode in self.readable
        ]


def readable(file: EpisodeFile) -> Iterator[tuple[int, Episode]]:
    """The episodes of a file with their numbers, from 1; broken lines are passed over."""
    for number, line in enumerate(file.lines(), 1):
        try:
            episode = from_line(line, file.shared)
        except (KeyError, ValueError, RecursionError):
            continue
        yield number, episode


EVALUATED = "episodes.jsonl"
"""What an evaluation calls its file of episodes."""


def read_run(path: str | Path, data: str | None = None, database: str | None = None) -> Run:
    """Opens a file of episodes, or an evaluation's folder, and loads the tasks that were played.

    Args:
        path: The file or the folder.
        data: Where the data lie now, if not where the file says.
        database: Where the database lies now, if not where the file says.

    Raises:
        OSError: if the file cannot be read.
        StorageError: if it is not a file of episodes, or none is in it.
    """
    path = _file_of(Path(path))
    header, episodes = read_episodes(path)
    if not len(episodes):
        raise StorageError(f"{path}: expected episodes, found none in it; give another file")
    places = {"data": data, "database": database}
    env = {**header.env, **{name: at for name, at in places.items() if at is not None}}
    try:
        tasks = tasks_alone(header, data) or _tasks(EnvConfig.from_json(env), header.source)
    except (OSError, TypeError, ValueError, ImportError, RuntimeError) as error:
        return Run(path, header, episodes, {}, " ".join(str(error).split()), places=places)
    return Run(path, header, episodes, tasks, places=places)


def _file_of(path: Path) -> Path:
    if not path.is_dir():
        return path
    if not (path / EVALUATED).exists():
        raise FileNotFoundError(
            f"expected an evaluation's folder with {EVALUATED}, got {path}, which has none; give "
            "the folder that `train.evaluate` printed, or a file of episodes"
        )
    return path / EVALUATED


def _tasks(config: EnvConfig, source: str) -> Mapping[str, Task]:
    found = load_tasks(config.data, config.columns)
    if found.source != source:
        raise ValueError(
            f"expected the data set {source}, on which the file was played, got {found.source}; "
            "say with data where the first one lies"
        )
    return playable(found, config.split, Mode(config.mode), config.database).by_id


def rows_of(
    episodes: Iterable[Episode], tasks: Mapping[str, Task] | None = None
) -> Iterator[EpisodeRow]:
    """Looks at episodes one by one.

    Args:
        episodes: The episodes, numbered from 1.
        tasks: Their tasks by id; without its task, less is known of an episode
            (`reasonact_env.failures.first_wrong`).
    """
    for number, episode in enumerate(episodes, 1):
        yield row_of(number, episode, played_task(tasks or {}, episode))


def played_task(tasks: Mapping[str, Task], episode: Episode) -> Task | None:
    """An episode's task; None if there is none of its name, or the data have changed since."""
    task = tasks.get(episode.task_id)
    if task is None or episode.mode is Mode.TURN or task.opening == episode.opening:
        return task
    return None


def row_of(number: int, episode: Episode, task: Task | None) -> EpisodeRow:
    """One episode as a row."""
    causes = all_wrong(task, episode)
    dialogue = episode.mode is Mode.DIALOGUE
    won = episode.outcome.success if episode.outcome else None
    if not dialogue:
        known = task is not None and episode.stop is not None
        won = not causes if known else None
    return EpisodeRow(
        number=number,
        task_id=episode.task_id,
        decision=episode.decision,
        task_kind=task_kind(task, episode),
        mode=episode.mode,
        won=won,
        total=episode.total,
        steps=len(episode.steps),
        stop=episode.stop.value if episode.stop else "running",
        causes=causes[:1] if dialogue else causes,
    )


def task_kind(task: Task | None, episode: Episode | None = None) -> str:
    """What kind of task it is: its procedure, or the tools that its goal calls.

    Args:
        task: The task.
        episode: An episode of it, for a task not at hand.
    """
    if task is not None and isinstance(task.setup, OnProcedure):
        return task.setup.case.procedure.name
    if task is not None:
        names = [call.name for call in task.goal.calls]
    elif episode is not None and episode.outcome is not None:
        names = [goal.call.name for goal in episode.outcome.goals]
    else:
        return "unknown"
    return " + ".join(sorted(set(names))) or NO_CALLS
