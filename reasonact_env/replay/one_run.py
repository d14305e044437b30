"""Which file behind a path is looked at as a whole run, and which of its episodes."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from reasonact_env.episodes.storage import StorageError
from reasonact_env.failures.rows import EVALUATED, Chosen
from reasonact_env.replay.index import Told
from reasonact_env.replay.query import Query, bare, line_of, terms_of
from reasonact_env.replay.shelf import Shelf
from reasonact_env.replay.sources import Source, sources_of
from reasonact_env.replay.terms import meant, mistake
from tools.counts import counted

_NAMED = 12
"""The files that an error names."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked for of every path."""

    where: str | None = None
    """The terms of --where: `run=` and `stage=` choose the file, all others its episodes."""
    data: str | None = None
    """Where the data lie now, if not where the file says."""
    database: str | None = None
    """Where the database lies now."""
    told: Told | None = None
    """Is told of the progress where an index is made."""

    @property
    def of_files(self) -> tuple[str, ...]:
        """The terms that choose files."""
        return tuple(term for term in terms_of(self.where or "") if _chooses_files(term))

    @property
    def of_episodes(self) -> tuple[str, ...]:
        """The terms that choose episodes."""
        return tuple(term for term in terms_of(self.where or "") if not _chooses_files(term))


@dataclass(frozen=True, slots=True)
class Picked:
    """A file that is looked at as a run."""

    path: Path
    """The file."""
    chosen: Chosen | None
    """Its episodes that are looked at; None for all."""
    note: str
    """Why it is this one of several files; empty where there is no other."""


def picked(path: str | Path, asked: Asked, *, generation: bool = False) -> Picked:
    """The one run behind a path.

    Args:
        path: A file of episodes, or a folder with such files.
        asked: Which file and which episodes.
        generation: Whether the latest generation of GRPO is meant, and no evaluation.

    Raises:
        OSError: if there is no such path.
        StorageError: if there is no file of episodes, or several and none is meant.
        ValueError: if a term is no filter, or no episode is left.
    """
    sources = sources_of([path])
    if asked.of_files:
        shelf = _shelf([path], asked)
        rows = _found(shelf, asked.of_files, f"files of {path}")
        places = np.unique(np.searchsorted(shelf.first, rows, "right") - 1)
        sources = [shelf.sources[place] for place in places.tolist()]
    source, note = _one(path, sources, generation)
    if not asked.of_episodes:
        return Picked(source.path, None, note)
    rows = _found(_shelf([source.path], asked), asked.of_episodes, f"episodes of {source.path}")
    numbers = frozenset((rows + 1).tolist())
    return Picked(source.path, Chosen(line_of(asked.of_episodes), numbers), note)


def _chooses_files(term: str) -> bool:
    return bare(term).startswith(("run=", "stage="))


def _shelf(paths: Sequence[str | Path], asked: Asked) -> Shelf:
    return Shelf(paths, asked.told, data=asked.data, database=asked.database)


def _found(shelf: Shelf, terms: tuple[str, ...], what: str) -> np.ndarray:
    """The rows for which terms hold; there is at least one."""
    if words := mistake(shelf, terms):
        raise ValueError(words)
    rows = shelf.select(Query(terms))
    if not len(rows):
        near = meant(shelf, terms)
        raise ValueError(f"expected {what} for which {line_of(terms)} holds, found none{near}")
    return rows


def _one(path: str | Path, sources: Sequence[Source], generation: bool) -> tuple[Source, str]:
    """The file that is meant, and why."""
    if len(sources) == 1:
        return sources[0], ""
    generations = [one for one in sources if one.path.stem.isdecimal()]
    evaluations = [one for one in sources if one.path.name == EVALUATED]
    others = [one for one in sources if one not in (*generations, *evaluations)]
    if not generation and len(evaluations) == 1:
        note = f"{evaluations[0].label}, the only evaluation in {path}"
        return evaluations[0], f"{note}; another file: {_option(_other(sources, evaluations[0]))}"
    if generation and generations and len({one.path.parent for one in generations}) == 1:
        last = max(generations, key=lambda one: int(one.path.stem))
        note = f"{last.label}, the latest of {counted(len(generations), 'generation')} in {path}"
        return last, note + (
            f"; another one: {_option(_other(generations, last))}" * (len(generations) > 1)
        )
    generations.reverse()  # the latest ones first
    kinds = (generations, evaluations) if generation else (evaluations, generations)
    named = [*kinds[0], *others, *kinds[1]]
    names = ", ".join(one.label for one in named[:_NAMED]) + ", …" * (len(named) > _NAMED)
    raise StorageError(
        f"{path}: expected one file of episodes to look at as a run, found {len(sources)} "
        f"({names}); choose one, as {_option(named[0])}"
    )


def _other(sources: Sequence[Source], this: Source) -> Source:
    return next(one for one in sources if one is not this)


def _option(source: Source) -> str:
    """The option that chooses a file."""
    return f"--where {shlex.quote(f'run={source.label}')}"
