"""What became of a data set's records, as rows of its summary."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from tasks.types import Task, TaskSet
from tools.jsontext import short
from tools.protocol import parse
from tools.types import MessageKind

MAX_REASONS = 5
"""That many reasons why a tool cannot be used are shown."""
MOST_NAMES = 12
"""A line shows at most this many names."""


def records_read(tasks: TaskSet) -> Iterator[tuple[str, str]]:
    """How many records there are, and what was wrong with them, mended or not read."""
    yield "records", f"{len(tasks.tasks) + len(tasks.errors):,}"
    if tasks.forms:
        yield "put into our form", counts_line(tasks.forms)
    yield "tasks", f"{len(tasks.tasks):,}"
    yield "errors", counts_line(Counter(error.kind for error in tasks.errors))
    firsts = {error.kind: error for error in reversed(tasks.errors)}
    for kind, first in reversed(firsts.items()):
        yield f"first {kind}", f"record {first.index}: {first.text}"
    yield "mended records", counts_line(tasks.mended)
    if "invalid_call" in tasks.mended:
        yield "first invalid_call", next(_invalid_calls(tasks.tasks), "")
    if "unreadable_call" in tasks.mended:
        yield "first unreadable_call", next(_unreadable_calls(tasks.tasks), "")
    if tasks.inferred:
        yield "inferred", counts_line(tasks.inferred)
    yield from _other_keys(tasks)
    if tasks.unusable_tools:
        reasons = "\n".join(list(tasks.unusable_tools.values())[:MAX_REASONS])
        yield "unusable tools", f"{len(tasks.unusable_tools):,}, offered by no task:\n{reasons}"


def _invalid_calls(tasks: Iterable[Task]) -> Iterator[str]:
    """The recorded calls that do not fit the tools on offer, so that their turn is no decision."""
    for task in tasks:
        for turn in (one for one in task.turns if not one.is_decision):
            for call in turn.calls:
                if (problem := task.toolbox.check(call)) is not None:
                    yield f"{task.id}: {problem.text}"


def _other_keys(tasks: TaskSet) -> Iterator[tuple[str, str]]:
    """Keys of sidecars that only choose parts of the data, and those that do nothing."""
    labels = dict.fromkeys(label for task in tasks.tasks for label in task.labels)
    choosing = {label: label.partition(".")[0] for label in labels}
    parts = [f"#{label}=…" for label, key in choosing.items() if key in tasks.unread]
    if parts:
        yield "sidecar keys for parts", _first_names(parts)
    if names := [key for key in tasks.unread if key not in choosing.values()]:
        yield "sidecar keys not read", _first_names(names)


def _first_names(names: Sequence[str]) -> str:
    more = f", … ({len(names)} in all)" if len(names) > MOST_NAMES else ""
    return f"{', '.join(names[:MOST_NAMES])}{more}"


def _unreadable_calls(tasks: Iterable[Task]) -> Iterator[str]:
    """The recorded calls that cannot be read, as they stand."""
    for task in tasks:
        for turn in (one for one in task.turns if not one.is_decision):
            said = task.messages[turn.index].content
            if turn.kind is MessageKind.CALL and parse(said).problems:
                yield f"{task.id}: {short(said)}"


def counts_line(counts: Mapping[str, int]) -> str:
    """`a 2, b 1`, the most frequent first."""
    order = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{name} {count:,}" for name, count in order) or "none"
