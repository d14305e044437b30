"""What wrong uses are told: commands, files, data, keyword arguments, agents.

    python -m benchmarks.wrong_uses
    python -m benchmarks.wrong_uses --kind data

Each command runs as `python -m` runs it; each piece of code runs as a user would write it. The
answer has to be one line that says what was expected, what came, or what to do.
"""

from __future__ import annotations

import json
import os
import runpy
import shlex
import sys
from collections.abc import Iterator, Sequence
from contextlib import chdir, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple
from unittest.mock import patch
from warnings import catch_warnings, simplefilter

from agents.console import console
from benchmarks.wrong_code import AGENTS, KWARGS
from tools.command import run
from tools.command_line import read_options

COMMANDS = (
    "reasonact_env evalute --agent gold",
    "reasonact_env doctor x",
    "train.evaluate",
    "train.evaluate gold",
    "train.evaluate --agent gld",
    "train.evaluate --agent own.py:Clerk",
    "train.evaluate --agent own.Clerk",
    "train.evaluate --agent own:Late",
    "train.evaluate --agent :Clerk",
    "train.evaluate --agent gold --database rebuild",
    "train.evaluate --agent gold --user llm:m",
    "train.evaluate --agent own:Eager",
    "train.evaluate --agent torn:Clerk",
    "tasks.load lacking:load",
    "train.evaluate --agent gold --split tset",
    "train.evaluate --agent gold --tasks 0",
    "train.evaluate --agent gold --tasks -5",
    "train.evaluate --agent gold --tasks many",
    "train.evaluate --agent gold --taks 5",
    "train.evaluate --agent gold --sampling greedy",
    "train.evaluate --agent m@localhost:8000",
    "train.evaluate --policy nowhere",
    "train.pipeline --policy nowhere --dry-run",
    "train.pipeline --stages SFT,GPRO --dry-run",
    "train.experiment ablation --factors 2 --dry-run",
    "train.pipeline --weights format=1,tol=1 --dry-run",
    "train.grpo --policy nowhere --weights tool",
    "train.grpo --policy nowhere --lr 1e-4",
    "train.grpo --policy nowhere --trl learning_rate=1",
    "train.sft --model nowhere",
    "train.compare --before nowhere --after nowhere",
    "train.watch nowhere --once",
    "train.export --policy nowhere --out exported",
    "agents.serve",
    "train.base --data desk:20",
    "train.experiment ablation --policy runs/sft-{sed} --dry-run",
    "train.pipeline --no-cold-start --stages cold-start --dry-run",
    "train.pipeline --longer 3 --stages SFT --dry-run",
    "train.pipeline --data desk:20 --also desk:020:0 --dry-run",
    "train.sft --model ''",
    "tasks.procedures --out drawn.svg",
    "tasks.procedures --table tests.json",
    "tasks.procedures --trace double_charge pats",
)
FILES = (
    "reasonact_env.replay nowhere.jsonl",
    "reasonact_env.replay ruins",
    "reasonact_env.failures nowhere/run",
    "reasonact_env.replay runs --list --where cause=goal call missing",
    "reasonact_env.replay broken.jsonl",
    "reasonact_env.replay runs --list --where caus=loop",
    "reasonact_env.replay runs --html runs/episodes.jsonl",
    "reasonact_env.failures empty.jsonl",
    "train.evaluate --agent polite --data desk:20 --split all --out runs",
    "train.evaluate --agent gold --data desk:20 --out broken.jsonl/runs",
    "train.audit --out broken.jsonl/audit.json",
    "train.evaluate --agent runs",
    "train.compare --before runs/episodes.jsonl --after runs",
    "tasks.generate --tasks 2 --out runs/run.json",
)
DATA = (
    "tasks.load desk:five",
    "tasks.load nowhere.json",
    "tasks.load broken.json",
    "tasks.load empty.json",
    "tasks.load runs",
    "tasks.load runs/episodes.jsonl",
    "train.evaluate --agent gold --data other.json",
    "tasks.load os:getcwd",
    "tasks.load no_such_module:load",
    "tasks.load dialogues.json#domain=moon",
    "tasks.load desk:50 --database nowhere",
)


OWN = """
class Clerk:
    def act(self, sessions):
        return ["One moment." for session in sessions]


class Late:
    async def act(self, sessions):
        return ["One moment." for session in sessions]


class Eager(Clerk):
    def __init__(self):
        self.first = [][0]
"""
"""A module of agents beside the files."""


class Answer(NamedTuple):
    """What a wrong use was told."""

    kind: str
    """commands, files, data, kwargs or agents."""
    use: str
    """What was typed."""
    status: str
    """The exit status, or the exception's name."""
    words: str
    """What it said."""

    @property
    def is_one_line(self) -> bool:
        """Whether it is a line for its reader, and no traceback."""
        right = self.status in ("2", "ValueError", "TypeError", "WrongAnswers", "ResetNeeded")
        return right and "\n" not in self.words and "Traceback" not in self.words


def lay_out(folder: Path) -> None:
    """Writes the files that the uses name, and plays a run."""
    (folder / "broken.jsonl").write_text('{"format": "reasonact-episo', "utf-8")
    (folder / "empty.jsonl").write_text("", "utf-8")
    (folder / "empty.json").write_text("", "utf-8")
    (folder / "broken.json").write_text('[{"system": "You', "utf-8")
    (folder / "other.json").write_text(json.dumps([{"question": "?", "answer": "!"}]), "utf-8")
    (folder / "own.py").write_text(OWN, "utf-8")
    (folder / "torn.py").write_text("class Clerk:\n    def act(self, sessions:\n", "utf-8")
    (folder / "lacking.py").write_text("import no_such_package\n", "utf-8")
    told("tasks.generate --world retail --tasks 2 --out dialogues.json")
    told("train.evaluate --agent gold --data desk:20 --split all --out runs")


def told(command: str) -> tuple[int, str]:
    """Runs a command in this process, as `python -m` would; its status and what it complains of."""
    module, *argv = shlex.split(command)
    out, err, status = StringIO(), StringIO(), 0
    with (
        patch.object(sys, "argv", [module, *argv]),
        redirect_stdout(out),
        redirect_stderr(err),
        catch_warnings(),
    ):
        simplefilter("ignore", RuntimeWarning)  # runpy's, of a module that is imported already
        try:
            runpy.run_module(module, run_name="__main__", alter_sys=True)
        except SystemExit as end:
            status = int(end.code or 0)
    return status, err.getvalue().strip()


def raised(code: str) -> tuple[str, str]:
    """Runs code; the name of the exception and what it says."""
    try:
        exec(compile(code, "user", "exec"), {"__name__": "user"})
    except Exception as error:
        return type(error).__name__, str(error)
    return "none", ""


def answers(kind: str | None = None) -> Iterator[Answer]:
    """Tries the wrong uses in a folder of their own.

    Args:
        kind: Only this one; all unless given.
    """
    with TemporaryDirectory() as folder, chdir(folder), patch.dict(os.environ, COLUMNS="80"):
        sys.path.insert(0, folder)
        lay_out(Path(folder))
        for name, commands in {"commands": COMMANDS, "files": FILES, "data": DATA}.items():
            for command in commands if kind in (None, name) else ():
                status, words = told(command)
                yield Answer(name, f"python -m {command}", str(status), words)
        for name, pieces in {"kwargs": KWARGS, "agents": AGENTS}.items():
            for use, code in pieces.items() if kind in (None, name) else ():
                yield Answer(name, use, *raised(code))
        sys.path.remove(folder)


@dataclass(frozen=True, slots=True)
class Options:
    """What is tried."""

    kind: str | None = None
    """Only commands, files, data, kwargs or agents; all unless given."""


def main(argv: Sequence[str] | None = None) -> int:
    """Prints the table; 1 if a wrong use is not told in one line."""
    args = read_options(Options, argv, prog="python -m benchmarks.wrong_uses", about=__doc__)
    screen, bad = console(), 0
    for number, one in enumerate(answers(args.kind), 1):
        mark = "" if one.is_one_line else "! "
        bad += not one.is_one_line
        screen.print(f"{number:2} {mark}{one.use}", style="bold", markup=False)
        screen.print(f"   {one.status}  {one.words}\n", markup=False, soft_wrap=True)
    return int(bad > 0)


if __name__ == "__main__":
    run(main)
