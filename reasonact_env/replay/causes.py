"""What went wrong in all episodes of a file, found out in the background."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

from reasonact_env.episodes.storage import EpisodeFile
from reasonact_env.failures.overview import Group, Overview, overview
from reasonact_env.failures.rows import EpisodeRow, row_of
from reasonact_env.replay.backstage import Backstage


@dataclass(slots=True)
class Causes:
    """The failures of one file, as far as they are known."""

    file: EpisodeFile
    """The file."""
    done: int = 0
    """How many of its episodes have been looked at."""
    words: list[str] = field(default_factory=list)
    """What went wrong first in each of its episodes, in a few words; empty where nothing did."""
    found: Overview | None = None
    """The overview, once all have been."""
    problem: str = ""
    """Why there will never be one; empty if nothing is wrong."""
    ready: threading.Event = field(default_factory=threading.Event)
    """Is set at the end."""

    def find(self, backstage: Backstage) -> None:
        """Looks at all episodes; meant for a thread of its own."""
        rows: list[EpisodeRow] = []
        try:
            for number, episode in enumerate(self.file, 1):
                task = backstage.task(self.file.header, episode.task_id, wait=True)
                rows.append(row_of(number, episode, task))
                self.done = number
            self.words = [_words(row) for row in rows]
            self.found = overview(rows)
        except Exception as error:  # a broken line, or data of the user's own
            self.problem = " ".join(str(error).split()) or type(error).__name__
        finally:
            self.ready.set()


def _words(row: EpisodeRow) -> str:
    cause = row.cause
    if cause is None:
        return ""
    return f"{cause.kind.value}: {cause.about}" if cause.about else cause.kind.value


def named_groups(found: Overview) -> Iterator[tuple[str, Group]]:
    """The groups of failures, each with the term that lists its episodes."""
    yield from ((f"cause={group.name}", group) for group in found.kinds)
    yield from ((f"about={group.name}", group) for group in found.tools)
    if len(found.task_kinds) > 1:
        yield from ((f"kind={group.name}", group) for group in found.task_kinds if group.count)
