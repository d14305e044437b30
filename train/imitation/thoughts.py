"""Thoughts for recorded decisions, and where they come from.

A thought belongs to one recorded decision of one task. A file of them, which a cold start both
writes and reads, has one JSON object a line:

    {"task": "desk-00012", "decision": 1, "thought": "Order 296 is pending, and the city …"}

`learned` (true unless it says false) tells whether the decision carries loss or, where a sample is
a dialogue, only lends its thought to the history of later ones.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tasks.types import Task, Turn
from tools.jsontext import short
from tools.nearest import did_you_mean
from tools.protocol import END_THINK, THINK
from tools.types import Json

THINK_TOOL = "think"
"""tau-bench's tool that takes a thought and does nothing else."""


@dataclass(frozen=True, slots=True)
class Thought:
    """Why one recorded decision is right."""

    task: str
    """The task's id."""
    decision: int
    """Its number among the task's decisions."""
    text: str
    """The thought."""
    learned: bool = True
    """Whether the decision carries loss."""

    def as_dict(self) -> dict[str, Json]:
        """A line of a file."""
        line: dict[str, Json] = {"task": self.task, "decision": self.decision}
        return {**line, "thought": self.text, "learned": self.learned}


def thought_of(turn: Turn) -> str | None:
    """What a call of the think tool says; None for anything else."""
    if len(turn.calls) != 1 or turn.calls[0].name != THINK_TOOL:
        return None
    said = turn.calls[0].arguments.get("thought")
    return said if isinstance(said, str) else None


def from_traces(task: Task) -> list[Thought]:
    """The task's traces, one a turn, as thoughts; none where their number is another."""
    if len(task.traces) != len(task.turns):
        return []
    told = zip(task.turns, task.traces, strict=True)
    return _of_decisions(task, {turn.index: trace for turn, trace in told if trace is not None})


def from_think_calls(task: Task) -> list[Thought]:
    """What the record's agent told its think tool just before a decision."""
    told: dict[int, str] = {}
    waiting: list[str] = []
    for turn in task.turns:
        if (thought := thought_of(turn)) is not None:
            waiting.append(thought)
            continue
        if waiting:
            told[turn.index] = "\n".join(waiting)
        waiting = []
    return _of_decisions(task, told)


def _of_decisions(task: Task, told: Mapping[int, str]) -> list[Thought]:
    return [
        Thought(task.id, number, told[turn.index].strip())
        for number, turn in enumerate(task.decisions)
        if _is_thought(told.get(turn.index, ""))
    ]


def _is_thought(text: str) -> bool:
    # A tag inside a thought would end it early: the parser takes the first one that closes.
    return bool(text.strip()) and THINK not in text and END_THINK not in text


def read_thoughts(path: Path, tasks: Sequence[Task]) -> list[Thought]:
    """Reads a file of thoughts.

    Args:
        path: JSON lines, see above.
        tasks: Those that it may be about.

    Raises:
        FileNotFoundError: if there is no such file.
        ValueError: for the first line of another form, or about another task or decision.
    """
    require_file(path)
    by_id = {task.id: task for task in tasks}
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"expected JSON lines in UTF-8 in {path}, but {error}") from None
    lines = enumerate(text.splitlines(), start=1)
    return [_read_line(line, f"{path}:{n}", by_id) for n, line in lines if line.strip()]


def require_file(path: Path) -> None:
    """Refuses a file of thoughts that does not exist.

    Raises:
        FileNotFoundError: if so.
    """
    if not path.is_file():
        raise FileNotFoundError(
            f"expected thoughts as traces, calls, endpoint or the path of a JSONL file, got "
            f"{str(path)!r}: no file there"
            f"{did_you_mean(str(path), ('traces', 'calls', 'endpoint'))}"
        )


def _read_line(line: str, where: str, tasks: Mapping[str, Task]) -> Thought:
    match _json(line, where):
        case {"task": str(task_id), "decision": int(number), "thought": str(text), **rest}:
            learned = rest.get("learned", True) is not False
        case other:
            raise ValueError(
                f'{where}: expected {{"task": "…", "decision": 0, "thought": "…"}}, got '
                f"{short(json.dumps(other))}; mend or delete the line"
            )
    if (task := tasks.get(task_id)) is None:
        raise ValueError(
            f"{where}: expected a task of the training split, got {task_id!r}; check --data, or "
            "delete the line: thoughts about held-out tasks would spoil their evaluation"
        )
    if not 0 <= number < len(task.decisions):
        raise ValueError(
            f"{where}: expected a decision from 0 to {len(task.decisions) - 1} of {task_id}, got "
            f"{number}; decisions are counted as `train.evaluate --mode turn` plays them"
        )
    if not _is_thought(text):
        raise ValueError(
            f"{where}: expected a thought without {THINK} and {END_THINK}, got {short(text)}; "
            "write what is to stand between them"
        )
    return Thought(task_id, number, text.strip(), learned)


def _json(line: str, where: str) -> Json:
    try:
        value: Json = json.loads(line)
    except ValueError as error:
        raise ValueError(f"{where}: expected a JSON object, but {error}; mend the line") from None
    return value
