"""What the replay gives away: pages, pictures, training data."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from rich.console import RenderableType

from reasonact_env.episodes.header import FORMAT
from reasonact_env.replay.cursor import Cursor
from reasonact_env.replay.export import Listed, export_sft, write_svg
from reasonact_env.replay.html_episode import episode_page
from reasonact_env.replay.shelf import Shelf
from reasonact_env.replay.why import Why
from reasonact_env.view.episode import episode_view
from reasonact_env.view.goal import goal_line
from reasonact_env.view.strip import Strip
from tools.counts import counted
from tools.files import write_text
from tools.inert import inline
from tools.option_types import one_of, shown_as
from tools.places import require_ending, require_place


@dataclass(frozen=True, slots=True)
class ShareOptions:
    """What is written for others instead of shown here."""

    html: Annotated[Path | None, shown_as("FILE.html")] = None
    """A page of one episode, the first listed unless --episode says another: light or dark as its
    reader likes, nothing loaded from elsewhere."""
    svg: Annotated[Path | None, shown_as("FILE.svg")] = None
    """A picture of the same episode as the console shows it."""
    export: Annotated[str | None, one_of(["sft"])] = None
    """The listed episodes, failed ones too, as training data in chat format, a JSON object a
    line, to --out; none unless given."""
    out: Annotated[Path, shown_as("FILE")] = Path("sft.jsonl")
    """Where --export goes."""

    @property
    def asked(self) -> bool:
        """Whether anything is to be written."""
        return not (self.html is None and self.svg is None and self.export is None)

    def require(self, inputs: Iterable[str | Path] = ()) -> None:
        """Refuses places to which nothing can be written.

        Args:
            inputs: What is read, and must not be written over.

        Raises:
            OSError: for such a place.
            ValueError: for one that is read, or a picture that is none by its name.
        """
        read = tuple(inputs)
        for path in (self.html, self.svg, self.out if self.export else None):
            if path is not None:
                require_place(path, read)
                _require_no_episodes(path)
        if self.svg is not None:
            require_ending(self.svg, "--svg", ".svg")
        if self.html is not None:
            require_ending(self.html, "--html", ".html", ".htm")


def _require_no_episodes(path: Path) -> None:
    """Refuses to write over episodes, which cannot be made again.

    Raises:
        ValueError: if the file holds some.
    """
    if not path.is_file():
        return
    with path.open("rb") as file:
        if FORMAT.encode() in file.read(200):
            raise ValueError(
                f"expected another file to write to than one of episodes, got {path}; give another "
                "path"
            )


def share_listed(
    options: ShareOptions, shelf: Shelf, cursor: Cursor, *, alone: bool
) -> tuple[list[str], int]:
    """Writes the listed episodes, of which a page and a picture show the first.

    Args:
        options: What is written, and where.
        shelf: The episodes.
        cursor: The list, and the chosen one.
        alone: Whether only the chosen one is written.

    Returns:
        A sentence for each file, and the number of broken lines that are not in the training data.
    """
    broken, failed = shelf.columns.broken, shelf.columns.won == 0

    def listed(number: int, row: int) -> Listed:
        return Listed(number, shelf.episode(row), failed=bool(failed[row]))

    every = [*enumerate(shelf.select(cursor.query).tolist(), 1)]
    every = [every[cursor.at]] if alone else every
    rows = [one for one in every if not broken[one[1]]] or every[:1]
    first = rows[0][1]
    agent, why = shelf.abouts[shelf.file_of(first)].model, shelf.why(first, wait=True)
    chosen = (listed(*one) for one in rows)
    told = share(options, listed(*rows[0]), agent, chosen, of=len(every), why=why)
    left_out = len(every) - len(rows) if options.export else 0
    if left_out:
        told.append(f"{counted(left_out, 'broken line')} left out; --verify names them")
    return told, left_out


def share(
    options: ShareOptions,
    one: Listed,
    agent: str,
    chosen: Iterable[Listed],
    *,
    of: int = 1,
    why: Why | None = None,
) -> list[str]:
    """Writes what the options ask for.

    Args:
        options: What is written, and where.
        one: The episode that is shown.
        agent: Who played it.
        chosen: The episodes to export.
        of: The number of listed episodes, of which a page and a picture show one alone.
        why: Its goal and what went wrong first, for them.

    Returns:
        A sentence for each file.
    """
    options.require()
    told = []
    episode = one.episode
    goal, cause = (why.goal, why.cause) if why else (None, None)
    which = inline(episode.task_id)
    if of > 1:
        which += f" ({one.number:,} of {of:,}; --episode chooses another)"
    if options.html is not None:
        made = write_text(options.html, episode_page(episode, agent, goal, cause))
        told.append(f"Page of {which}: {made}")
    if options.svg is not None:
        head: list[RenderableType] = [goal_line(goal)] if goal else []
        view = episode_view(episode, agent, head=[*head, Strip(episode, 0)])
        made = write_svg(view, options.svg, title=episode.task_id)
        told.append(f"Picture of {which}: {made}")
    if options.export is not None:
        found = export_sft(chosen, options.out)
        told.append(f"Training data: {options.out}, {found.words}")
    return told
