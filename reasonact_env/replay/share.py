"""What the replay gives away: pages, pictures, training data."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from rich.console import RenderableType

from reasonact_env.episode import Episode
from reasonact_env.episodes.header import FORMAT
from reasonact_env.failures.cause import Cause
from reasonact_env.failures.wanted import GoalRows
from reasonact_env.replay.export import export_sft, require_svg, write_svg
from reasonact_env.replay.html_episode import episode_page
from reasonact_env.view.episode import episode_view
from reasonact_env.view.goal import goal_line
from reasonact_env.view.strip import Strip
from tools.counts import counted
from tools.files import require_place, write_text
from tools.option_types import one_of, shown_as


@dataclass(frozen=True, slots=True)
class ShareOptions:
    """What is written for others instead of shown here."""

    html: Annotated[Path | None, shown_as("FILE.html")] = None
    """A page of the episode: one file, light or dark as its reader likes, nothing loaded from
    elsewhere."""
    svg: Annotated[Path | None, shown_as("FILE.svg")] = None
    """A picture of the episode as the console shows it."""
    export: Annotated[str | None, one_of(["sft"])] = None
    """The episodes as training data in chat format, a JSON object a line, to --out; none
    unless given."""
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
            require_svg(self.svg)


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


def share(
    options: ShareOptions,
    episode: Episode,
    agent: str,
    chosen: Iterable[Episode],
    *,
    goal: GoalRows | None = None,
    cause: Cause | None = None,
    page: str | None = None,
    shown: RenderableType | None = None,
) -> list[str]:
    """Writes what the options ask for.

    Args:
        options: What is written, and where.
        episode: The episode that is shown.
        agent: Who played it.
        chosen: The episodes to export.
        goal: The goal beside it (`failures.goal_of`), for its page.
        cause: What went wrong first (`failures.first_wrong`), for its page.
        page: The page, if it is not that of the episode: of a comparison, or of failures.
        shown: The screen, if it is not that of the episode.

    Returns:
        A sentence for each file.
    """
    options.require()
    told = []
    if options.html is not None:
        made = write_text(options.html, page or episode_page(episode, agent, goal, cause))
        told.append(f"Page: {made}")
    if options.svg is not None:
        head: list[RenderableType] = [goal_line(goal)] if goal else []
        head.append(Strip(episode, 0))
        view = shown or episode_view(episode, agent, head=head)
        told.append(f"Picture: {write_svg(view, options.svg, title=episode.task_id)}")
    if options.export is not None:
        found = export_sft(chosen, options.out)
        lacks = "of their messages has a problem", "of their messages have a problem"
        problems = f"; {counted(found.problems, *lacks)}" * bool(found.problems)
        told.append(f"Training data: {options.out}, {counted(found.examples, 'example')}{problems}")
    return told
