"""The command line of the replay."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from rich.console import Console, Group
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from reasonact_env.episodes.storage import EpisodeFile, StorageError
from reasonact_env.episodes.verify import Report, VerifyError, verify
from reasonact_env.replay.cursor import KEYS, Cursor
from reasonact_env.replay.keys import terminal_keys
from reasonact_env.replay.play import by_lines, on_screen
from reasonact_env.view.episode import episode_view
from reasonact_env.view.text import safe
from tools.command_line import read_options
from tools.option_types import Positional, only_one, shown_as

SHOWN_DIFFERENCES = 20

_HOW = only_one("what is done, unless one walks through the episodes")
_KEYS = "\n".join(f"    {keys:<16}{what}" for keys, what in KEYS)
_ABOUT = f"""\
Walks through saved episodes step by step, or plays them again to verify. The keys are:

{_KEYS}

Without a terminal the same keys are read as lines.
"""


@dataclass(frozen=True, slots=True)
class ReplayOptions:
    """What is replayed."""

    file: Positional[Annotated[str, shown_as("FILE")]]
    """A file of episodes (.jsonl)."""
    episode: Annotated[str | None, shown_as("N|ID")] = None
    """Begin with this number or task id."""
    list: Annotated[bool, _HOW] = False
    """List the episodes."""
    plain: Annotated[bool, _HOW] = False
    """Print whole episodes, for pipes."""
    verify: Annotated[bool, _HOW] = False
    """Play every episode again and compare all observations, rewards and state hashes."""
    data: str | None = None
    """With --verify: where the data lie now."""
    database: str | None = None
    """With --verify: where the database lies now."""


def main(argv: Sequence[str] | None = None) -> int:
    """Replays, lists or verifies a file of episodes.

    Returns:
        0 if all went well, 1 if a replayed episode differs from the saved one, 2 if the file or
        its data cannot be read.
    """
    args = read_options(ReplayOptions, argv, prog="python -m reasonact_env.replay", about=_ABOUT)
    try:
        return _run(args)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # the reader of the pipe has stopped reading
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except (StorageError, VerifyError) as error:
        return _complain(str(error))
    except IsADirectoryError:
        return _complain(
            f"{args.file}: expected a file of episodes, got a folder; give a .jsonl in it"
        )
    except OSError as error:
        return _complain(f"{args.file}: cannot be read ({error.strerror or error})")


def _run(args: ReplayOptions) -> int:
    console = Console(highlight=False)
    if args.verify:
        return _verify(args, console)
    file = EpisodeFile(args.file)
    if not len(file):
        return _complain(f"{args.file} holds no episodes")
    cursor = Cursor(file, Path(args.file).name, file.header.agent)
    if args.episode is not None and (problem := _go(cursor, args.episode)):
        return _complain(problem)
    if args.list:
        _list(file, console)
    elif args.plain or (sys.stdin.isatty() and not sys.stdout.isatty()):
        chosen = file if args.episode is None else [cursor.episode]
        for episode in chosen:
            console.print(episode_view(episode, file.header.agent))
    elif sys.stdin.isatty() and not console.is_dumb_terminal:
        _check(cursor)
        with terminal_keys() as keys:
            on_screen(cursor, keys, console)
    else:
        by_lines(cursor, sys.stdin, console)
    return 0


def _check(cursor: Cursor) -> None:
    """Reads the first episode before the screen changes, so that an error stays visible."""
    assert cursor.episode


def _go(cursor: Cursor, wanted: str) -> str:
    """Goes to the wanted episode; returns what is wrong, or ''."""
    if not wanted.isdecimal() and wanted in cursor.episode.task_id:
        return ""
    cursor.jump(wanted)
    return cursor.note


def _list(file: EpisodeFile, console: Console) -> None:
    table = Table(box=None, header_style="bold", pad_edge=False)
    for name in ("episode", "steps", "return"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("stop", no_wrap=True)
    table.add_column("success", no_wrap=True)
    table.add_column("task", overflow="fold")
    for number, episode in enumerate(file, 1):
        won = "" if episode.outcome is None else "✓" if episode.outcome.success else "✗"
        table.add_row(
            str(number),
            str(len(episode.steps)),
            f"{episode.total:+.2f}",
            episode.stop.value if episode.stop else "running",
            Text(won, style="green" if won == "✓" else "red"),
            Text(safe(episode.task_id)),
        )
    console.print(table)


def _verify(args: ReplayOptions, console: Console) -> int:
    path: str = args.file
    columns = (TextColumn("verifying"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None)
        report = verify(
            path,
            lambda done, of: bar.update(task, completed=done, total=of),
            args.data,
            args.database,
        )
    console.print(_report_view(path, report))
    return 0 if report.passed else 1


def _report_view(path: str, report: Report) -> Group:
    style = "bold green" if report.passed else "bold red"
    share = 100 * report.equal / report.total if report.total else 100
    verdict = Text(f"{'✓' if report.passed else '✗'} {safe(path)}: ", style=style)
    verdict.append(f"{report.equal:,} of {report.total:,} episodes came back equal ({share:g} %)")
    if report.passed:
        return Group(verdict)
    table = Table(box=None, header_style="bold", pad_edge=False)
    for name in ("episode", "task", "step", "field", "saved", "played again"):
        table.add_column(name, overflow="fold")
    for found in report.differences[:SHOWN_DIFFERENCES]:
        step = "" if found.step is None else str(found.step)
        cells = (str(found.episode), found.task_id, step, found.field, found.expected, found.got)
        table.add_row(*(Text(safe(cell)) for cell in cells))
    more = len(report.differences) - SHOWN_DIFFERENCES
    return Group(verdict, table, Text(f"… and {more:,} more" if more > 0 else ""))


def _complain(sentence: str) -> int:
    Console(stderr=True, highlight=False, soft_wrap=True).print(Text(safe(sentence)))
    return 2
