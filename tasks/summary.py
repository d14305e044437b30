"""A data set's contents, at a glance."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Annotated

from rich.markup import escape
from rich.table import Table

from tasks.carried_out import is_beyond_its_record
from tasks.databases import AUTO, can_be_rebuilt, on_database, place_counts
from tasks.records_read import MAX_REASONS, MOST_NAMES, counts_line, records_read
from tasks.setups import InWorld
from tasks.types import GoalLabel, Split, Task, TaskSet
from tools.counts import counted
from tools.option_types import Positional, shown_as
from tools.types import Effect

ABOUT = """\
Shows a data set's contents.

    python -m tasks.load desk:200
    python -m tasks.load 'dialogues.json#domain=retail'

DATA is one of:

    desk:N[:SEED]                tasks at an order desk, generated from a seed
    retail:N[:SEED]              at a larger shop
    airline:N[:SEED]             at an airline
    kaleidoscope:N[:SEED]        of a new domain each
    procedures:N[:SEED[:PART]]   that follow support procedures
    hub                          Salesforce/APIGen-MT-5k
    tau:PATH                     a checkout of tau-bench or tau2-bench
    FILE.csv                     a table of ALMITA's form
    FILE                         dialogues as JSON, JSON lines or Parquet, also
                                 packed by gzip; their forms: docs/data.md
    FOLDER                       one of `datasets`
    MODULE:NAME                  your own reader, as examples/own_reader.py
    DATA#KEY=VALUE               a part, by what sidecars say
    'DATA + DATA'                several as one

In Python a list of records is data, too.
"""
"""What `--help` says of them, and of the forms of a data set's name."""


@dataclass(frozen=True, slots=True)
class SummaryOptions:
    """What `python -m tasks.load` shows."""

    data: Positional[Annotated[str | None, shown_as("[DATA]")]] = None
    """The data set; the embedded one unless given."""
    database: Annotated[str, shown_as("DATABASE")] = AUTO
    """What stands behind recorded dialogues: auto, recorded, rebuilt, the place of tau-bench's
    database, or MODULE:NAME."""


def summary_table(tasks: TaskSet, database: str = AUTO) -> Table:
    """A table of two columns, for the console."""
    table = Table(show_header=False)
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in summary(tasks, database):
        table.add_row(name, escape(value))
    return table


def summary(tasks: TaskSet, database: str = AUTO) -> Iterator[tuple[str, str]]:
    """The rows of the table, as (name, value).

    Args:
        tasks: The data set.
        database: What `tasks.databases.on_database` takes.
    """
    yield "source", tasks.source
    yield from records_read(tasks)
    if tasks.tasks:
        yield from _contents(tasks.tasks)
        yield from _database(tasks.tasks, database)


def _contents(tasks: tuple[Task, ...]) -> Iterator[tuple[str, str]]:
    sides = Counter(task.split for task in tasks)
    yield "splits", ", ".join(f"{side.value} {sides[side]:,}" for side in Split)
    sizes = Counter(task.group for task in tasks)
    yield "groups", f"{len(sizes):,} (largest {max(sizes.values()):,})"
    turns = [len(task.turns) for task in tasks]
    yield "assistant turns", f"{sum(turns):,} (median {median(turns):g} a task)"
    yield "decisions", f"{sum(len(task.decisions) for task in tasks):,}"
    offered = {spec.name for task in tasks for spec in task.tools}
    guessed = {name for task in tasks for name, effect in task.effects.items() if effect.inferred}
    yield "tools", f"{len(offered):,}"
    if strange := _strange(tasks):
        yield "not in the world", strange
    some = counted(len(offered & guessed), "tool")
    yield "guessed effects", f"{some}, read or write by their names" if guessed else "none"
    yield "writes", _names(_writing(tasks))
    yield "free text", _names(_free_text(tasks))
    yield "hand-overs", _names(_handovers(tasks))
    calls = [(task, call.name) for task in tasks for turn in task.turns for call in turn.calls]
    writes = sum(_writes(task, name) for task, name in calls)
    yield "calls", f"{len(calls):,} ({_share(writes, len(calls))} writes)"
    yield "no dialogue tasks", _without_goal(tasks)
    yield "goals", counts_line(Counter(task.goal.label.value for task in tasks))
    if misfits := list(misfit_calls(tasks)):
        first = "\n".join(misfits[:MAX_REASONS])
        yield "goals out of reach", f"{len(misfits):,} calls that no agent can make:\n{first}"
    yield "goals filled up", _failed(tasks)
    yield "goals with writes", _share_of(bool(task.goal.writes) for task in tasks)
    yield "goals with facts", _share_of(bool(task.goal.facts) for task in tasks)
    if any(task.goal.outputs for task in tasks):  # what tau-bench's own verdict asks for
        yield "goals with outputs", _share_of(bool(task.goal.outputs) for task in tasks)


def misfit_calls(tasks: Iterable[Task]) -> Iterator[str]:
    """The calls of goals that do not fit the tools on offer, and why: mostly a sidecar's slips."""
    for task in tasks:
        for call in (*task.goal.writes, *task.goal.reads):
            if (problem := task.toolbox.check(call)) is not None:
                yield f"{task.id}, {call.name}: {problem.text}"


def _strange(tasks: Iterable[Task]) -> str:
    """The tools on offer that the tasks' world does not have: they only distract."""
    names = {
        spec.name
        for task in tasks
        if isinstance(task.setup, InWorld)
        for spec in task.tools
        if spec.name not in task.setup.world.tools
    }
    return (
        f"{counted(len(names), 'tool')}, whose calls fail: {_names(dict.fromkeys(names, False))}"
        if names
        else ""
    )


def inferred_line(tasks: Iterable[Task]) -> str:
    """What verdicts on some tasks rest on that nobody has declared, in a sentence; "" if nothing.

    Whatever it names, a sidecar's `effects` declares.
    """
    tasks = tuple(tasks)
    mappings = {id(task.effects): task.effects for task in tasks}
    known = [one for effects in mappings.values() for one in effects.items()]
    parts = (
        ("effects of", {name for name, one in known if one.inferred}, "tools"),
        ("hand-over by", {name for name, one in known if one.hands_over_inferred}, ""),
        ("free text in", {path for path, said in _free_text(tasks).items() if said}, ""),
    )
    told = [_few(words, names, unit) for words, names, unit in parts if names]
    return f"inferred, not declared: {'; '.join(told)}" if told else ""


def _few(words: str, names: Collection[str], unit: str) -> str:
    if unit or len(names) > 4:
        return f"{words} {len(names):,} {unit or 'places'}"
    return f"{words} {', '.join(sorted(names))}"


def _writing(tasks: Iterable[Task]) -> dict[str, bool]:
    """The tools that change something -> whether that was inferred."""
    return {
        name: known.inferred
        for task in tasks
        for name, known in task.effects.items()
        if known.effect is Effect.WRITE
    }


def _free_text(tasks: Iterable[Task]) -> dict[str, bool]:
    """The arguments that are never compared -> whether that was inferred."""
    return {
        f"{name}.{path}": known.free_text_inferred
        for task in tasks
        for name, known in task.effects.items()
        for path in known.free_text
    }


def _handovers(tasks: Iterable[Task]) -> dict[str, bool]:
    """The tools that end a dialogue -> whether that was inferred."""
    return {
        name: known.hands_over_inferred
        for task in tasks
        for name, known in task.effects.items()
        if known.hands_over
    }


def _names(found: Mapping[str, bool]) -> str:
    """Names in order, those that were inferred marked."""
    said = [f"{name} (inferred)" if found[name] else name for name in sorted(found)]
    more = f", … ({len(said)} in all)" if len(said) > MOST_NAMES else ""
    return ", ".join(said[:MOST_NAMES]) + more if said else "none"


def _database(tasks: tuple[Task, ...], database: str) -> Iterator[tuple[str, str]]:
    """What stands behind recorded dialogues, and which goals cannot be reached there."""
    placed = on_database(tasks, database)
    if placed == tasks and not any(map(can_be_rebuilt, tasks)):
        return  # the data bring their APIs along
    yield "database", f"{database}: {place_counts(placed)}"
    lost = [task for task in placed if task.has_goal and task.out_of_reach]
    yield "not playable there", _listed(lost, "with a goal that the database does not hold")
    beyond = [task for task in placed if is_beyond_its_record(task)]
    yield "out of reach", _listed(beyond, "with writes that the recorded answers cannot carry out")


def _listed(tasks: Sequence[Task], why: str) -> str:
    """How many these are, and which."""
    return f"{len(tasks):,} {why}: {', '.join(task.id for task in tasks)}" if tasks else "none"


def _failed(tasks: Iterable[Task]) -> str:
    """What is said of goals of which a part is the recorded agent's own."""
    partly = [task for task in tasks if task.goal.label is GoalLabel.PARTLY]
    failed = sum(task.succeeded is False for task in partly)
    count = f"{len(partly):,} with reads or facts from the record"
    return f"{count}, {failed:,} of them from runs that failed officially" if partly else "none"


def _without_goal(tasks: Iterable[Task]) -> str:
    """How many dialogues have no goal, and which."""
    return _listed([task for task in tasks if not task.has_goal], "without writes, reads or facts")


def _writes(task: Task, name: str) -> bool:
    known = task.effects.get(name)
    return known is not None and known.effect is Effect.WRITE


def _share_of(flags: Iterable[bool]) -> str:
    known = list(flags)
    return _share(sum(known), len(known))


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.0%}" if whole else "none"
