"""Whether gold earns the same in other words: every free text is reworded, and nothing else.

    python -m benchmarks.reworded --material FOLDER
    python -m benchmarks.reworded --data FILE

FOLDER holds recorded dialogues with sidecars (`dialogues/apigen_mt_like_real.json`) and tau-bench's
databases (`tau/`), and both are played in all settings: with the sidecar and without, each task on
recorded answers, on what its dialogue shows of its world, on the better one of these (`auto`), and
on tau-bench's database of its domain, in both modes. FILE is any one data set, which has neither
another sidecar nor a database. Gold says "In short: " before each text that is in its own words;
where it earns less for it, the command prints the tasks and exits with status 1.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import Annotated, TypeAlias

from agents.console import console, plain_table
from agents.gold import Gold
from agents.play import play
from agents.validate import TOLERANCE
from benchmarks.fidelity_databases import require_material
from reasonact_env.agent import Session
from reasonact_env.config import EnvConfig
from reasonact_env.env import ReasonActEnv
from reasonact_env.episode import Episode, Mode
from tasks.apigen.jsonfiles import read_array
from tasks.apigen.reader import read_records
from tasks.databases import AUTO, REBUILT, DatabaseSource
from tasks.load import load_tasks, require_data
from tasks.setups import InWorld
from tasks.types import Setup, Task, TaskSet
from tools.command import run
from tools.command_line import read_options
from tools.free_text import reworded
from tools.option_types import only_one
from tools.protocol import change_calls
from tools.types import ToolCall
from tools.worlds import world_with

RECORDS = Path("dialogues/apigen_mt_like_real.json")
"""The recorded dialogues, in the folder of real material."""
ALWAYS = {"transfer_to_human_agents": {"summary"}, "think": {"thought"}}
"""What is reworded whether or not anybody takes it for free text."""
DOMAINS = ("retail", "airline")

Setting: TypeAlias = "tuple[str, Callable[[], TaskSet], str, DatabaseSource | None]"
"""The data's name, the data, the database's name, the database."""


@dataclass(frozen=True, slots=True)
class Row:
    """Gold in its own words and in others, in one setting."""

    setting: tuple[str, ...]
    """Sidecar or not, the database, the mode."""
    tasks: int
    """How many tasks there are."""
    changed: tuple[str, ...]
    """The ids of the tasks in which something was reworded."""
    gold: float
    """The recorded words' mean return, as a share of what gold should earn."""
    other: float
    """The other words' mean return."""
    full: tuple[int, int]
    """How many tasks earn all: in the recorded words, in others."""
    unlike: tuple[str, ...]
    """The ids of the tasks that earn another return in other words."""


class Reworded:
    """Gold in other words."""

    def __init__(self, gold: Gold, tasks: Iterable[Task]) -> None:
        """Takes gold and all tasks that it will meet."""
        self._gold = gold
        self._tasks = {task.id: task for task in tasks}
        self.changed: set[str] = set()
        """The ids of the tasks in which something was reworded."""

    def act(self, sessions: Sequence[Session]) -> list[str]:
        """Says what gold says, with other words for each free text."""
        said = self._gold.act(sessions)
        return [
            self._anew(one, str(s.info["task_id"])) for one, s in zip(said, sessions, strict=True)
        ]

    def _anew(self, message: str, task_id: str) -> str:
        other = change_calls(message, partial(in_other_words, self._tasks[task_id]))
        if other != message:
            self.changed.add(task_id)
        return other


def in_other_words(task: Task, call: ToolCall) -> ToolCall:
    """A call of a task with other words for each free text."""
    known = task.effects.get(call.name)
    free = ALWAYS.get(call.name, set()) | (known.free_text if known else frozenset())
    return ToolCall(call.name, reworded(call.arguments, sorted(free)))


def compare(
    config: EnvConfig, setting: tuple[str, ...] = (), of: Callable[[Task], bool] | None = None
) -> Row:
    """Lets gold play a data set twice.

    Args:
        config: What is played, and how.
        setting: What the row says of it.
        of: Which tasks; None for all.
    """
    tasks = [task for task in ReasonActEnv.of(config).tasks if task.turns and (not of or of(task))]
    gold = Gold(tasks, config.mode)
    other = Reworded(gold, tasks)
    wanted = [(task.id, None) for task in tasks]
    first = {one.episode.task_id: share(one.episode) for one in play(config, gold, wanted)}
    second = {one.episode.task_id: share(one.episode) for one in play(config, other, wanted)}
    return Row(
        setting=setting,
        tasks=len(tasks),
        changed=tuple(sorted(other.changed)),
        gold=sum(first.values()) / len(first),
        other=sum(second.values()) / len(second),
        full=(_full(first.values()), _full(second.values())),
        unlike=tuple(one for one in first if abs(first[one] - second[one]) > TOLERANCE),
    )


def rows(chosen: Iterable[Setting]) -> Iterator[Row]:
    """A row a setting and mode."""
    for name, data, where, database in chosen:
        for mode in Mode:
            config = EnvConfig(mode=mode, split="all", data=data, database=database)
            yield compare(config, (name, where, mode))


def share(episode: Episode) -> float:
    """The return as a share of what gold should earn: 1 a dialogue, or 1 a decision."""
    return episode.total / (len(episode.steps) if episode.mode is Mode.TURN else 1)


def _full(shares: Iterable[float]) -> int:
    return sum(share >= 1 - TOLERANCE for share in shares)


_WHAT = only_one("what is played", required=True)


@dataclass(frozen=True, slots=True)
class Options:
    """What is played."""

    material: Annotated[Path | None, _WHAT] = None
    """The folder of real material."""
    data: Annotated[str | None, _WHAT] = None
    """One data set, as for `python -m tasks.load`."""


def require(args: Options) -> None:
    """Refuses what is missing, before anything is read.

    Raises:
        FileNotFoundError: for data or material that do not exist.
        ValueError: for a data set's name of no known form.
    """
    require_data(args.data)
    if args.material is not None:
        require_material(args.material)


def settings(args: Options) -> Iterator[Setting]:
    """Everything that is played, in both modes each."""
    if args.data:
        yield from _on_all(args.data, partial(load_tasks, args.data), None)
        return
    assert args.material is not None  # one of the two is required
    path, tau = args.material / RECORDS, args.material / "tau" / "tau1"
    for name, with_sidecar in (("sidecar", True), ("no sidecar", False)):
        yield from _on_all(name, partial(records, path, with_sidecar), tau)


def _on_all(name: str, data: Callable[[], TaskSet], tau: Path | None) -> Iterator[Setting]:
    yield name, data, "recorded", None
    yield name, data, REBUILT, REBUILT
    yield name, data, AUTO, AUTO
    if tau is not None:
        yield name, data, "tau-bench's", partial(on_tau, tau)


@lru_cache(maxsize=2)
def records(path: Path, with_sidecar: bool) -> TaskSet:
    """The records of a file, with what stands beside them or as if nothing did."""
    if with_sidecar:
        return load_tasks(str(path))
    return read_records(read_array(path), None, source=path.name, stem=path.stem)


def on_tau(folder: Path, task: Task) -> Setup | None:
    """tau-bench's database of a task's domain."""
    world = world_with(spec.name for spec in task.tools)
    if world is None or world.domain not in DOMAINS:
        return None
    return InWorld(world, world.read(folder / f"{world.domain}_db"))


def main(argv: Sequence[str] | None = None) -> int:
    """Prints the table; returns the exit status."""
    args = read_options(Options, argv, prog="python -m benchmarks.reworded", about=__doc__)
    require(args)
    found = list(rows(settings(args)))
    heads = [
        "data",
        "database",
        "mode",
        "tasks",
        "reworded",
        "gold",
        "in other words",
        "all",
        "all",
    ]
    console().print(plain_table("gold in other words", heads, [_cells(row) for row in found]))
    for row in found:
        if row.unlike:
            console().print(f"{', '.join(row.setting)}: {', '.join(row.unlike[:20])}", markup=False)
    return int(any(row.unlike for row in found))


def _cells(row: Row) -> list[str]:
    numbers = [str(row.tasks), str(len(row.changed)), f"{row.gold:.4f}", f"{row.other:.4f}"]
    return [*row.setting, *numbers, *map(str, row.full)]


if __name__ == "__main__":
    run(main)
