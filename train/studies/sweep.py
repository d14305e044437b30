"""Runs cells in the order of their dependencies, one or several at a time."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from contextlib import contextmanager, redirect_stdout
from multiprocessing import active_children, get_context, parent_process
from statistics import fmean
from threading import Thread
from time import monotonic

from rich.table import Table

from agents.console import console, plain_table, progress
from train.studies.cells import Cell

GUESSES = {
    "base_policy": 200.0,
    "given": 200.0,
    "cold_start": 400.0,
    "sft": 1_100.0,
    "sft_as_long": 2_000.0,
}
"""Kind of a cell -> seconds with the demo's own settings on two cores, before one is done."""
GUESS = 1_000.0
"""The same for any other kind."""
GUESSED_BY = "the demo's tiny model on two cores; a larger one takes longer"
"""What a timetable says of these."""


def run(cells: Sequence[Cell], jobs: int = 1) -> None:
    """Runs the cells that are not done.

    Args:
        cells: Each of them after the one that it starts from.
        jobs: How many are run at a time; from two on, each in a process of its own.

    Raises:
        ValueError: if a folder holds something else.
    """
    for cell in cells:
        cell.require_same()
    missing = [cell for cell in cells if not cell.is_done]
    if done := [cell for cell in cells if cell not in missing]:
        console().print(
            f"Read, and neither trained nor played: {'; '.join(cell.name for cell in done)}. To do "
            f"one again, delete its folder and {done[0].note.parent}.",
            style="yellow",
        )
    if jobs > 1 and missing:
        _side_by_side(missing, jobs)
        return
    for number, cell in enumerate(missing, 1):
        with heading(f"{number}/{len(missing)}  {cell.words}"):
            cell.run()


@contextmanager
def heading(text: str) -> Iterator[None]:
    """A cell's title before it, and its time after it, if that is worth a line."""
    started = monotonic()
    console().rule(text, align="left")
    yield
    took = monotonic() - started
    told = f"{took:.0f} s" if took < 60 else f"{took / 60:.1f} minutes"
    console().print(f"{told}\n" if took >= 1 else "")


def _side_by_side(cells: Sequence[Cell], jobs: int) -> None:
    """Each as soon as the one that it starts from is done, in a fresh process."""
    waiting, running = list(cells), dict[Future[None], str]()
    pool = ProcessPoolExecutor(
        jobs, get_context("spawn"), initializer=_end_with_the_sweep, max_tasks_per_child=1
    )
    with pool, _ended_together(), progress("cells", len(cells)) as advance:
        while waiting or running:
            unfinished = {*running.values(), *(cell.name for cell in waiting)}
            ready = [one for one in waiting if not (one.start and one.start.name in unfinished)]
            running |= {pool.submit(_logged, cell, jobs): cell.name for cell in ready}
            waiting = [cell for cell in waiting if cell not in ready]
            for done in wait(running, return_when=FIRST_COMPLETED).done:
                done.result()
                del running[done]
                advance(1)


@contextmanager
def _ended_together() -> Iterator[None]:
    """Ends the processes of all cells on Ctrl-C; the sweep says how to go on, once."""
    try:
        yield
    except KeyboardInterrupt:
        for process in active_children():
            process.terminate()
        raise


def _end_with_the_sweep() -> None:
    """Ends this process when the sweep is killed: begun again, it would write the same files."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the sweep ends it, without a traceback

    def watch() -> None:
        if sweep := parent_process():
            sweep.join()
            os._exit(1)

    Thread(target=watch, daemon=True).start()


def _logged(cell: Cell, jobs: int) -> None:
    """Runs a cell, which writes to a log of its own."""
    import torch  # in the fresh process, which shares the cores with the others

    torch.set_num_threads(max(1, (os.cpu_count() or 1) // jobs))
    cell.note.parent.mkdir(parents=True, exist_ok=True)
    with cell.log.open("a", encoding="utf-8") as file, redirect_stdout(file):
        cell.run()


def timetable(title: str, cells: Sequence[Cell], jobs: int) -> Table:
    """The cells, whether they are done, and how long the others will take."""
    done = [cell for cell in cells if cell.is_done]
    expected = {cell.name: _expected(cell, done) for cell in cells if cell not in done}
    rows = [
        [cell.name, cell.words, f"about {_minutes(expected[cell.name])}"]
        if cell.name in expected
        else [cell.name, "done", _minutes(_took(cell))]
        for cell in cells
    ]
    known = {cell.kind for cell in done}
    guessed = any(cell.kind not in known for cell in cells if cell.name in expected)
    basis = f"guessed by {GUESSED_BY}" if guessed else "by the cells that are done"
    title = f"{title}\n{len(cells)} cells, {len(done)} done"
    table = plain_table(title, ("cell", "what", "minutes"), rows)
    left = _minutes(sum(expected.values()) / jobs)
    table.caption = f"about {left} minutes left with --jobs {jobs}, {basis}"
    return table


def _expected(cell: Cell, done: Sequence[Cell]) -> float:
    """The mean of those of its kind, else a guess."""
    alike = [_took(one) for one in done if one.kind == cell.kind]
    return fmean(alike) if alike else GUESSES.get(cell.kind, GUESS)


def _took(cell: Cell) -> float:
    return sum(cell.seconds.values())


def _minutes(seconds: float) -> str:
    if 0 < seconds < 3:
        return "<0.1"
    return f"{seconds / 60:,.0f}" if seconds >= 600 else f"{seconds / 60:.1f}"
