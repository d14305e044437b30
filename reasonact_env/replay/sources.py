"""The files of episodes behind a path, and in a few words what each of them is."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from reasonact_env.episodes.header import FORMAT, Header, StorageError
from tools.places import RUN, require_regular

_CHOSEN = "scripted"
"""What a run says of an agent by name, whose way of choosing words nobody knows."""
_STAGES = (
    (r"^(\S+) \(", r"\1"),
    (r"^agent (\S+)", r"\1"),
    (r"^generation (\d+)", r"GRPO, generation \1"),
    (r", then GRPO on ", "GRPO"),
    (r", cold start on ", "cold start"),
    (r" \+ (SFT|[A-Z]+) on ", r"\1"),
    (r"nothing learned here", "base"),
)
"""How the words of an agent tell the last stage that it went through."""
_BRANCHES = ".branches.jsonl"
"""Other ways on from the episodes of a file, which are shown with these."""


@dataclass(frozen=True, slots=True)
class Source:
    """A file of episodes."""

    path: Path
    """Where it lies."""
    label: str
    """What tells it from the others of its run: its folder's or its own name."""
    named: bool = True
    """Whether a user has named it; else it was found in a folder."""


@dataclass(frozen=True, slots=True)
class About:
    """What a file's episodes are, in words."""

    stage: str
    """The stage, or the agent: `SFT`, `GRPO`, `gold`."""
    sampling: str
    """How messages were drawn: `sampled`, `greedy`; empty if nobody says."""
    model: str
    """The agent's words in full."""
    data: str
    """The data, with split and mode."""

    @property
    def short(self) -> str:
        """Stage, sampling and data, with what tells two runs apart first."""
        return " · ".join(part for part in (self.stage, self.sampling, self.data) if part)


def sources_of(paths: Sequence[str | Path]) -> list[Source]:
    """The files of episodes behind paths: files, folders of runs, folders of folders.

    Raises:
        OSError: if there is no such path.
        StorageError: if a path is empty, or a folder holds no file of episodes.
    """
    if any(not str(path) for path in paths):  # Path("") is the present folder
        raise StorageError(
            "expected a file of episodes or a folder with such files, got an empty name; give . "
            "for the present folder"
        )
    found = [source for path in paths for source in _behind(Path(path))]
    unique = list({source.path.resolve(): source for source in found}.values())
    labels = _labels([source.path for source in unique])
    return [replace(one, label=label) for one, label in zip(unique, labels, strict=True)]


def about(path: Path, header: Header) -> About:
    """What the episodes of a file are, by its header and by the `run.json` beside it."""
    env = header.env
    data = header.source.removeprefix("embedded:")
    split, mode = env.get("split", "test"), env.get("mode", "dialogue")
    return About(
        stage=stage_of(header.agent),
        sampling=_sampling(path.parent / RUN),
        model=header.agent,
        data=f"{mode}s on {data}, {split}" if split != "all" else f"{mode}s on {data}",
    )


def stage_of(agent: str) -> str:
    """The last stage that an agent went through, by its words.

    >>> stage_of("demo-tiny + SFT on 1200 of desk, then GRPO on desk")
    'GRPO'
    >>> stage_of("SFT (demo + SFT on 64 of desk)")
    'SFT'
    """
    for pattern, words in _STAGES:
        if match := re.search(pattern, agent):
            return match.expand(words)
    return agent


def _sampling(run: Path) -> str:
    try:
        value: Any = json.loads(require_regular(run).read_text("utf-8"))
        words = str(value["configuration"]["subject"]["sampling"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""
    return words if words != _CHOSEN else ""


def _behind(path: Path) -> Iterator[Source]:
    if not path.is_dir():
        path.stat()  # says that it is missing
        yield Source(path, path.name)
        return
    files = [one for one in sorted(path.rglob("*.jsonl"), key=_natural) if _is_episodes(one)]
    if not files:
        raise StorageError(
            f"{path}: expected a folder with files of episodes (.jsonl), found none; "
            "`python -m train.evaluate` writes such files"
        )
    yield from (Source(one, one.name, named=False) for one in files)


def _is_episodes(path: Path) -> bool:
    if path.name.startswith(".") or path.name.endswith(_BRANCHES) or not path.is_file():
        return False
    try:
        with path.open("rb") as file:
            return FORMAT.encode() in file.read(64)
    except OSError:
        return False


def _natural(path: Path) -> list[tuple[int, str]]:
    """Numbers in names count as numbers."""
    return [
        (int(part), "") if part.isdecimal() else (-1, part)
        for part in re.split(r"(\d+)", str(path))
        if part
    ]


def _labels(paths: Sequence[Path]) -> list[str]:
    """The shortest ends of paths that tell them apart, without `episodes.jsonl`."""
    parts = [_telling(path) for path in paths]
    for length in range(1, 1 + max(map(len, parts), default=1)):
        labels = ["/".join(part[-length:]) for part in parts]
        if len(set(labels)) == len(labels):
            return labels
    return [str(path) for path in paths]


def _telling(path: Path) -> Sequence[str]:
    whole = path.absolute()
    if whole.name == "episodes.jsonl":
        return whole.parent.parts[1:] or ("episodes",)
    names = (*whole.parent.parts[1:], whole.stem)
    if names[-1].isdecimal():  # generations of GRPO: a number alone says little
        *above, folder, number = (name for name in names if name != "episodes")
        return (*above, f"{folder}/{number}")
    return names
