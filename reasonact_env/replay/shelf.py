"""All episodes that a replay shows, of one file or of many: their rows now, the rest on demand."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from reasonact_env.episode import Episode
from reasonact_env.episodes.storage import EpisodeFile, Header, StorageError
from reasonact_env.failures import Cause, EpisodeRow, first_wrong, goal_of, played_task
from reasonact_env.replay.backstage import Backstage
from reasonact_env.replay.behind import AT_ONCE, Behind, Each
from reasonact_env.replay.causes import Causes
from reasonact_env.replay.columns import Columns, Ints
from reasonact_env.replay.index import Told, begun, indexed
from reasonact_env.replay.query import Query, matching, ordered
from reasonact_env.replay.sources import About, Source, about, sources_of
from reasonact_env.replay.whatif import WhatIf
from reasonact_env.replay.why import Why, alone
from tasks.types import Task

_KEPT = 8
"""Episodes that stay in memory: those that keys go back and forth between."""
_SELECTIONS = 8
"""Selections that stay in memory."""


class Shelf:
    """The episodes behind some paths, in the order of their files."""

    def __init__(
        self,
        paths: Sequence[str | Path],
        told: Told | None = None,
        *,
        data: str | None = None,
        database: str | None = None,
        behind: bool = False,
    ) -> None:
        """Opens all files, with their indices.

        Args:
            paths: Files of episodes, and folders with such files.
            told: Is told of the progress where an index is made.
            data: The data's present place, if the files name another.
            database: The database's present place, if the files name another.
            behind: Whether indices that take long are made in the background (`news`).

        Raises:
            OSError: if a file cannot be read.
            StorageError: if one is not a file of episodes. In a folder such files are left out
                (`left_out`), as long as there is another.
        """
        self.sources: list[Source] = []
        """The files."""
        self.left_out: list[str] = []
        """What is wrong with files of a folder that cannot be read."""
        self.places = (data, database)
        """Where data and database lie now, if not where the files say."""
        self._backstage = Backstage(data, database)
        self._behind: dict[int, Behind] = {}
        opened = list(self._readable(sources_of(paths), told, behind))
        self.files: list[EpisodeFile] = [file for file, _ in opened]
        """The files, open."""
        self.columns = Columns.joined([columns for _, columns in opened])
        """The rows of all files."""
        self.first: Ints = np.cumsum([0, *(len(columns) for _, columns in opened)])
        """(F + 1,) the row with which each file begins."""
        self.abouts: list[About] = [
            about(source.path, file.header)
            for source, file in zip(self.sources, self.files, strict=True)
        ]
        """What each file's episodes are."""
        self._episodes: OrderedDict[int, Episode] = OrderedDict()
        self._selections: OrderedDict[Query, Ints] = OrderedDict()
        self._kept = [columns for _, columns in opened]
        self._causes: dict[int, Causes] = {}
        self._what_ifs: dict[int, WhatIf] = {}
        self._whys: OrderedDict[tuple[int, int, bool], Why] = OrderedDict()

    def _readable(
        self, sources: Sequence[Source], told: Told | None, behind: bool
    ) -> Iterator[tuple[EpisodeFile, Columns]]:
        """The files; of a folder those that can be read, if any can."""
        for source in sources:
            try:
                made = (
                    self._begun(len(self.sources), source.path)
                    if behind
                    else self._opened(source.path, told)
                )
            except (OSError, StorageError) as error:
                last = source is sources[-1] and not self.sources
                if source.named or last:
                    raise
                self.left_out.append(str(error))
                continue
            self.sources.append(source)
            yield made

    def _opened(
        self, path: Path, told: Told | None, each: Each = lambda row: None
    ) -> tuple[EpisodeFile, Columns]:
        def task_of(header: Header, name: str) -> Task | None:
            return self._backstage.task(header, name, wait=True)

        lacks, places = self._backstage.waiting, self.places
        return indexed(path, told, task_of=task_of, lacks=lacks, places=places, each=each)

    def _begun(self, number: int, path: Path) -> tuple[EpisodeFile, Columns]:
        """A file with what is known of it now."""
        file, columns, whole = begun(path, self.places)
        if columns is not None and whole:
            return file, columns
        behind = Behind(file, columns, lambda each: self._opened(path, None, each))
        behind.wait(AT_ONCE)
        if behind.made is not None:
            return behind.made
        self._behind[number] = behind
        return file, behind.rows()

    def news(self) -> bool:
        """Takes over what has become known in the background; whether there was anything."""
        found = {number: rows for number, one in self._behind.items() if (rows := one.news())}
        for number, rows in found.items():
            self._kept[number] = rows
            self._causes.pop(number, None)
            made = self._behind[number].made
            if made is not None and made[1] is rows:
                del self._behind[number]
        if found:
            self.columns = Columns.joined(self._kept)
            self._selections.clear()
            self._whys.clear()
        return bool(found)

    @property
    def unknown(self) -> str:
        """How far the work in the background is, in words; empty if there is none."""
        return next(filter(None, (one.words() for one in self._behind.values())), "")

    def close(self) -> None:
        """Ends the work in the background; what is done is kept for the next time."""
        for one in self._behind.values():
            one.stop()

    def __len__(self) -> int:
        return len(self.columns)

    @property
    def episodes(self) -> int:
        """The number of lines that are episodes."""
        return len(self) - int(self.columns.broken.sum())

    def file_of(self, row: int) -> int:
        """The number of the file that has a row, from 0."""
        return int(np.searchsorted(self.first, row, "right")) - 1

    def number_of(self, row: int) -> int:
        """A row's number in its file, from 1."""
        return row - int(self.first[self.file_of(row)]) + 1

    def episode(self, row: int, branch: int = 0) -> Episode:
        """The episode of a row, or one of its branches.

        Raises:
            StorageError: if its line in the file is broken.
        """
        if branch:
            return dict(self.branches(row))[branch]
        if row not in self._episodes:
            self._episodes[row] = self.files[self.file_of(row)][self.number_of(row) - 1]
            if len(self._episodes) > _KEPT:
                self._episodes.popitem(last=False)
        self._episodes.move_to_end(row)
        return self._episodes[row]

    def select(self, query: Query) -> Ints:
        """The rows that a query asks for, in its order."""
        if query not in self._selections:
            self._selections[query] = ordered(self, matching(self, query.terms), query)
            if len(self._selections) > _SELECTIONS:
                self._selections.popitem(last=False)
        self._selections.move_to_end(query)
        return self._selections[query]

    def header(self, row: int) -> Header:
        """What a row's file says of all its episodes."""
        return self.files[self.file_of(row)].header

    def why(self, row: int, branch: int = 0, *, wait: bool = False) -> Why:
        """An episode beside its goal and gold, as far as its data are read.

        Without them the cause is the index's: an episode alone, without its task, may look as if
        something else had gone wrong first.

        Args:
            row: The episode.
            branch: One of its branches; 0 for itself.
            wait: Whether to wait until the data are read.

        Raises:
            StorageError: if its line in the file is broken.
        """
        episode, header = self.episode(row, branch), self.header(row)
        if wait:
            self._backstage.task(header, episode.task_id, wait=True)
        key = (row, branch, ready := self._backstage.is_ready(header))
        if key not in self._whys:
            task = self._backstage.task(header, episode.task_id) if ready else None
            gold = self._backstage.gold(header, episode) if ready else None
            goal, missing = goal_of(task, episode), self._backstage.waiting(header)
            if task is not None:
                cause, looking = first_wrong(played_task({task.id: task}, episode), episode), False
            else:
                cause, looking = alone(episode, self._kept_cause(row, branch), ready=ready)
            self._whys[key] = Why(goal, cause, gold, missing, looking)
            if len(self._whys) > _KEPT:
                self._whys.popitem(last=False)
        return self._whys[key]

    def _kept_cause(self, row: int, branch: int) -> tuple[Cause | None, bool]:
        """What the index says went wrong first, and whether it says anything of this episode."""
        number = self.file_of(row)
        if branch or number in self._behind:
            return None, False
        columns = self._kept[number]
        return Causes(columns.causes, columns).first(self.number_of(row) - 1), True

    def gold(self, row: int) -> Episode | None:
        """What the recorded agent did in an episode's place; None without its data."""
        return self.why(row).gold

    def waiting(self, row: int) -> str:
        """Why there is no gold for a row, in a sentence."""
        missing = self._backstage.waiting(self.header(row))
        return missing or "gold cannot play here: the task or its user is not there any more"

    def is_ready(self, row: int) -> bool:
        """Whether a row's data are read, or never will be."""
        return self._backstage.is_ready(self.header(row))

    def causes(self, row: int) -> Causes:
        """What went wrong in a row's file; it is counted in the background."""
        number = self.file_of(row)
        if number in self._behind:
            words = f"{self._behind[number].words()}; what fails most often is counted at the end"
            return Causes(b"", self._kept[number], problem=words)
        if number not in self._causes:
            columns = self._kept[number]
            self._causes[number] = made = Causes(columns.causes, columns)
            threading.Thread(target=made.find, daemon=True).start()
        return self._causes[number]

    def rows_of(self, file: int) -> list[EpisodeRow]:
        """The episodes of a file with what went wrong in them, as its index knows them."""
        columns = self._kept[file]
        return list(Causes(columns.causes, columns).rows()[1])

    def what_if(self, row: int) -> WhatIf:
        """The other ways on from the episodes of a row's file.

        Raises:
            StorageError: if the file of branches cannot be used.
        """
        number = self.file_of(row)
        if number not in self._what_ifs:
            self._what_ifs[number] = WhatIf(self.files[number], *self.places)
        return self._what_ifs[number]

    def branches(self, row: int) -> list[tuple[int, Episode]]:
        """The numbers and episodes of a row's branches."""
        return self.what_if(row).branches.of(self.number_of(row))

    def wrong(self, row: int) -> str:
        """What went wrong first in an episode, in a few words; empty if nothing did."""
        return self.columns.words[int(self.columns.wrong[row])]
