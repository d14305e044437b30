"""The rows of a file whose index is not made yet: listed at once, completed in a thread.

What stands in a line (task, outcome, return, steps, reason to stop) is read first; then each
episode is looked at beside its task, which says what went wrong. The number of rows never changes.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TypeAlias

from reasonact_env.episodes.storage import EpisodeFile
from reasonact_env.replay.columns import Columns
from reasonact_env.replay.index import Stopped
from reasonact_env.replay.rows import UNREAD, Row, row_of

AT_ONCE = 1.0
"""Seconds that a list waits for its index before it is shown without."""
_CHUNK = 1000
"""Rows that are shown together."""
_FIRST = 100
"""Rows that are read before the list is shown: more than a screen has."""
_PAUSE, _SHARE = 0.5, 0.25
"""Seconds between two states of the list, at least and as a share of the time since it began."""

Each: TypeAlias = Callable[[Row], None]
"""Is told each row as it is made."""
Make: TypeAlias = "Callable[[Each], tuple[EpisodeFile, Columns]]"
"""Makes the index of the file, as far as it is not made."""


class Behind:
    """A file's rows, as far as they are known."""

    def __init__(self, file: EpisodeFile, before: Columns | None, make: Make) -> None:
        """Begins to make the index, in a thread of its own.

        Args:
            file: The file.
            before: The rows of an index that was left unfinished.
            make: Makes the index.
        """
        self._file, self._make = file, make
        self._first = 0 if before is None else len(before)
        self._parts = [before] if before is not None and self._first else []
        self._cuts = [*range(self._first, len(file), _CHUNK), len(file)]
        size = min(_FIRST, len(file) - self._first)
        rows = [row_of(line) for line in file.lines(range(self._first, self._first + size))]
        for start, end in zip(self._cuts, self._cuts[1:], strict=False):
            known = rows if start == self._first else []
            self._parts.append(self._columns(start, [*known, *[UNREAD] * (end - start)], end))
        self.made: tuple[EpisodeFile, Columns] | None = None
        """The file with its whole index, once that is made."""
        self.looked = self._first
        """How many episodes have been looked at beside their task."""
        self.problem = ""
        """Why the index will never be made."""
        self._waiting: list[Row] = []
        self._version, self._taken = 0, -1
        self._begun = self._shown = time.monotonic()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def __len__(self) -> int:
        return len(self._file)

    def wait(self, seconds: float) -> None:
        """Waits until all is done, or as long."""
        self._thread.join(seconds)

    def stop(self) -> None:
        """Ends the work; what is done is kept for the next time."""
        self._stop.set()
        self._thread.join(10.0)

    def news(self) -> Columns | None:
        """The rows, if more is known of them than the last time, and that is not just now."""
        now = time.monotonic()
        pause = max(_PAUSE, _SHARE * (now - self._begun))
        if self._version == self._taken or (self._thread.is_alive() and now - self._shown < pause):
            return None
        self._taken, self._shown = self._version, now
        return self.made[1] if self.made else self.rows()

    def rows(self) -> Columns:
        """All rows, as far as they are known."""
        return Columns.joined(list(self._parts)) if self._parts else Columns.of([], [])

    def words(self) -> str:
        """How far it is, in words, or why it ended."""
        if self.problem:
            return self.problem
        return f"{self.looked:,} of {len(self):,} looked at for what went wrong"

    def _columns(self, start: int, rows: list[Row], end: int) -> Columns:
        return Columns.of(rows[: end - start], self._file.starts[start:end])

    def _run(self) -> None:
        try:
            self._read()
            self.made = self._make(self._each)
        except Stopped:
            pass
        except Exception as error:  # the list goes on with what it has
            self.problem = " ".join(str(error).split()) or type(error).__name__
        finally:
            self._version += 1

    def _read(self) -> None:
        """What stands in the lines themselves."""
        for place, (start, end) in enumerate(zip(self._cuts, self._cuts[1:], strict=False)):
            rows = []
            for line in self._file.lines(range(start, end)):
                self._go_on()
                rows.append(row_of(line))
            self._put(place, self._columns(start, rows, end))

    def _each(self, row: Row) -> None:
        self._go_on()
        self._waiting.append(row)
        self.looked += 1
        place = (self.looked - self._first - 1) // _CHUNK
        if self.looked == self._cuts[place + 1]:
            self._put(place, self._columns(self._cuts[place], self._waiting, self.looked))
            self._waiting = []

    def _put(self, place: int, columns: Columns) -> None:
        self._parts[place + (self._first > 0)] = columns
        self._version += 1

    def _go_on(self) -> None:
        if self._stop.is_set():
            raise Stopped
