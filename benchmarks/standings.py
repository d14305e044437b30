"""What gold, gold in other words and the baselines earn in every setting.

    python -m benchmarks.standings --material FOLDER
    python -m benchmarks.standings --data FILE --tasks 50

FOLDER and FILE are what `benchmarks.reworded` takes, and so are the settings: the sidecar or none,
what stands behind the calls, the mode. A figure is the mean return, and the percentage that wins:
of dialogues those with success, of decisions those that earn all. `!` marks a baseline beyond the
bounds of `train.audit`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from agents.baselines import BASELINES
from agents.console import console, plain_table
from agents.contest import contest
from agents.gold import Gold, gold_words
from agents.validate import TOLERANCE
from benchmarks import reworded
from benchmarks.machine import machine
from benchmarks.reworded import Reworded, Setting
from reasonact_env.agent import Agent
from reasonact_env.config import EnvConfig
from reasonact_env.env import ReasonActEnv
from reasonact_env.episode import Episode, Mode
from tasks.types import Task
from tools.command import run
from tools.command_line import read_options
from tools.files import write_json
from tools.places import require_place
from tools.ranges import require_at_least
from train.audit import AuditLine, row


@dataclass(frozen=True, slots=True)
class Figure:
    """What an agent earns in a setting."""

    line: AuditLine
    """Its returns."""
    won: float
    """The share of dialogues with success, or of decisions that earn all."""
    breaches: tuple[str, ...] = ()
    """The strata in which it earns more than a baseline may."""

    @property
    def cell(self) -> str:
        """The table's words."""
        return f"{self.line.overall:.3f}{'!' if self.breaches else ''} {self.won:4.0%}"

    def as_json(self) -> dict[str, object]:
        """The figure, in full."""
        return {
            "return": self.line.overall,
            "won": self.won,
            "strata": dict(self.line.strata),
            "breaches": list(self.breaches),
        }


@dataclass(frozen=True, slots=True)
class Standing:
    """What all agents earn in a setting."""

    data: str
    """Sidecar or not, or the file."""
    mode: Mode
    """The mode."""
    database: str
    """What stands behind the calls."""
    tasks: int
    """How many tasks are played."""
    left_out: int
    """How many the mode cannot play there."""
    figures: Mapping[str, Figure]
    """Agent -> what it earns, gold first."""
    words: str
    """What has to be said next to gold's figure."""

    def as_json(self) -> dict[str, object]:
        """All of it."""
        return {
            "data": self.data,
            "mode": self.mode.value,
            "database": self.database,
            "tasks": self.tasks,
            "left out": self.left_out,
            "agents": {name: figure.as_json() for name, figure in self.figures.items()},
        }


def standing(setting: Setting, mode: Mode, most: int | None = None) -> Standing:
    """Lets everyone play a setting.

    Args:
        setting: Data and database.
        mode: The mode.
        most: At most so many tasks, evenly spread; None for all.
    """
    name, data, where, database = setting
    config = EnvConfig(mode=mode, split="all", data=data, database=database)
    env = ReasonActEnv.of(config)
    every = [task for task in env.tasks if task.turns]
    tasks = every[:: -(-len(every) // (most or len(every)))]
    gold = Gold(tasks, mode)
    agents: dict[str, Agent] = {"gold": gold, "gold reworded": Reworded(gold, tasks), **BASELINES}
    figures = _figures(config, tasks, agents)
    words = gold_words(tasks, mode)
    return Standing(name, mode, where, len(tasks), len(env.left_out), figures, words)


def _figures(
    config: EnvConfig, tasks: Sequence[Task], agents: Mapping[str, Agent]
) -> dict[str, Figure]:
    by_id = {task.id: task for task in tasks}
    figures: dict[str, Figure] = {}
    for name, episodes in contest(config, tasks, agents):
        played = list(episodes)
        line = row(name, by_id, played)
        breaches = line.breaches(figures["gold"].line) if name in BASELINES else ()
        won = [one for episode in played for one in _won(episode)]
        figures[name] = Figure(line, sum(won) / len(won), tuple(breaches))
    return figures


def _won(episode: Episode) -> list[bool]:
    if episode.mode is Mode.TURN:
        return [step.reward >= 1 - TOLERANCE for step in episode.steps]
    return [episode.outcome is not None and episode.outcome.success]


@dataclass(frozen=True, slots=True)
class Options(reworded.Options):
    """What is played."""

    tasks: int | None = None
    """At most this many tasks of each setting, evenly spread over the data."""
    out: Path = Path("runs/standings.json")
    """Where the figures are written."""

    def __post_init__(self) -> None:
        """Refuses what is out of range."""
        require_at_least(self, 1, "tasks")


def main(argv: Sequence[str] | None = None) -> list[Standing]:
    """Prints a table for each data and mode, writes all as JSON, and returns it."""
    args = read_options(Options, argv, prog="python -m benchmarks.standings", about=__doc__)
    require_place(args.out)
    reworded.require(args)
    found = list(_standings(args))
    write_json(args.out, {"settings": [one.as_json() for one in found], "machine": machine()})
    for (data, mode), same in groupby(found, lambda one: (one.data, one.mode)):
        _show(f"{data} · {mode} mode: mean return, and how much is won", list(same))
    return found


def _standings(args: Options) -> Iterator[Standing]:
    every = groupby(reworded.settings(args), lambda setting: setting[0])
    for settings in (list(same) for _, same in every):
        for mode in Mode:
            yield from (standing(setting, mode, args.tasks) for setting in settings)


def _show(title: str, columns: Sequence[Standing]) -> None:
    counts = (
        ("tasks", [str(one.tasks) for one in columns]),
        ("left out", [str(one.left_out) for one in columns]),
    )
    names = columns[0].figures
    rows = [*counts, *((name, [one.figures[name].cell for one in columns]) for name in names)]
    heads = ["", *(one.database for one in columns)]
    console().print(plain_table(title, heads, [[name, *cells] for name, cells in rows]))
    for one in columns:
        if one.words:
            console().print(f"{one.database}: {one.words}", markup=False)


if __name__ == "__main__":
    run(main)
