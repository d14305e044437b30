"""The branches of a file of episodes: kept in a file beside it, shown as a tree."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from rich.console import RenderableType
from rich.text import Text
from rich.tree import Tree

from reasonact_env.episode import Branch, Episode, message_of
from reasonact_env.episodes.storage import EpisodeFile, Header, StorageError, write_episodes
from tools.counts import counted
from tools.inert import inline
from tools.types import ToolCall

SUFFIX = ".branches.jsonl"
"""The end of the name of a file of branches."""
_SHOWN = 56
"""The characters of an action that a tree shows."""


def branches_path(path: str | Path) -> Path:
    """Where the branches of a file of episodes are kept.

    >>> branches_path("runs/eval/episodes.jsonl").as_posix()
    'runs/eval/episodes.branches.jsonl'
    """
    file = Path(path)
    return file.with_name(file.name.removesuffix(".jsonl") + SUFFIX)


class Branches:
    """The branches of a file of episodes.

    Their file is one of episodes itself: the replay opens it, and verifies it.
    """

    def __init__(self, original: EpisodeFile) -> None:
        """Reads the branches that there are.

        Raises:
            StorageError: if their file is none of branches, or of other episodes.
        """
        self.path = branches_path(original.path)
        first = original.header
        self._header = Header(first.env, first.source, f"what if: {first.agent}")
        self.episodes: list[Episode] = []
        if self.path.exists():
            self.episodes = self._read(first)

    def _read(self, original: Header) -> list[Episode]:
        file = EpisodeFile(self.path)
        if (file.header.env, file.header.source) != (original.env, original.source):
            raise StorageError(
                f"{self.path}: expected branches of these episodes, got some of others, played "
                f"on {file.header.source}; move that file away"
            )
        found = list(file)
        if any(one.branch is None for one in found):
            raise StorageError(
                f"{self.path}: expected branches alone, got an episode that leaves no other one; "
                "move that file away"
            )
        return found

    def of(self, episode: int) -> list[tuple[int, Episode]]:
        """The branches of an episode, given its number: number and episode."""
        return [
            (number, one)
            for number, one in enumerate(self.episodes, 1)
            if one.branch is not None and one.branch.episode == episode
        ]

    def add(self, episode: Episode) -> int:
        """Keeps a branch in the file; returns its number.

        One that goes on at the end of an unfinished branch takes that one's place.

        Raises:
            OSError: if the file cannot be written; the branches stay as they were.
        """
        branch, episodes = episode.branch, [*self.episodes]
        assert branch is not None
        number = branch.parent
        if number and self._is_end(number, branch.step):
            before = episodes[number - 1].branch
            assert before is not None
            episodes[number - 1] = replace(episode, branch=_longer(before, branch))
        else:
            episodes.append(episode)
            number = len(episodes)
        write_episodes(self.path, self._header, episodes)
        self.episodes = episodes  # what cannot be written is no branch
        return number

    def _is_end(self, number: int, step: int) -> bool:
        parent = self.episodes[number - 1]
        return parent.stop is None and step == len(parent.steps)


def _longer(before: Branch, later: Branch) -> Branch:
    """Where a branch begins that has gone on."""
    same = before.agent == later.agent
    return replace(before, agent=before.agent if same else f"{before.agent}, {later.agent}")


def branch_tree(
    original: Episode, branches: Sequence[tuple[int, Episode]], current: int = 0
) -> RenderableType:
    """An episode and its branches as a tree.

    Args:
        original: The episode.
        branches: The numbers of its branches, and these (`Branches.of`).
        current: The number of the one that is looked at; 0 for the original.
    """
    root = Tree(_label("the episode", original, None, marked=not current), guide_style="dim")
    nodes = {0: root}
    for number, episode in branches:
        assert episode.branch is not None
        above = nodes.get(episode.branch.parent, root)
        text = _label(str(number), episode, original, marked=number == current)
        nodes[number] = above.add(text)
    return root


def _label(name: str, episode: Episode, original: Episode | None, *, marked: bool) -> Text:
    """Who left where and with what, and how it ended."""
    text = Text(f"{'▸ ' if marked else ''}{name}", style="bold", overflow="fold")
    branch = episode.branch
    if branch is not None:
        text.append(f" · after step {branch.step} · {inline(branch.agent)}: ", style="not bold")
        text.append(first_words(episode, branch.step), style="not bold italic")
    text.append(
        f" · {counted(len(episode.steps), 'step')} · return {episode.total:+.2f}", style="not bold"
    )
    if original is not None and episode.total != original.total:
        text.append(f" ({episode.total - original.total:+.2f})", style="not bold")
    if episode.outcome is not None:
        won = episode.outcome.success
        text.append(" ✓ success" if won else " ✗ failure", style="green" if won else "red")
    return text.append(f" · {episode.stop or 'not ended'}", style="not bold dim")


def first_words(episode: Episode, step: int) -> str:
    """What an episode does after a number of steps, in some words."""
    if step >= len(episode.steps):
        return "nothing yet"
    made = episode.steps[step]
    parsed = message_of(made.action, made.calls)
    words = parsed.text or "(nothing)"
    for call in parsed.attempts:
        if isinstance(call, ToolCall):
            values = ", ".join(f"{key}={value}" for key, value in call.arguments.items())
            words = f"→ {call.name}({values})"
        else:
            words = "→ an unreadable call"
        break
    line = " ".join(inline(words).split())
    return line if len(line) <= _SHOWN else f"{line[: _SHOWN - 1]}…"
