"""The files behind the names of data, which no command may write over."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tasks.joined import PLUS
from tasks.part import MARK


def data_files(*names: object) -> Iterator[Path]:
    """The files that names of data or databases may stand for, with their sidecars.

    >>> [path.name for path in data_files("a.json#domain=retail + desk:5", None)]
    ['a.json', 'a.meta.json', 'desk:5']

    Args:
        names: As `tasks.load.load_tasks` takes them; what is no text stands for no file.
    """
    for name in names:
        for part in name.split(PLUS) if isinstance(name, str) else ():
            for text in dict.fromkeys((part.rpartition(MARK)[0] or part, part)):
                path = Path(text)
                if MARK in text and text == part and not _exists(path):
                    continue
                yield path
                if path.suffix:
                    yield path.with_suffix(".meta.json")


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):  # no file can have such a name
        return False
