"""Databases from files, such as tau-bench's, which are not part of this project.

tau-bench keeps one file per table (`orders.json`, `products.json`, `users.json` in one folder),
tau2-bench one file per database (`db.json`, an object of the same tables). Both are read here.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import TypeAlias, cast

from tools.jsontext import short
from tools.types import Json
from tools.worlds.database import Base
from tools.worlds.world import World

_Versions: TypeAlias = "tuple[tuple[int, int], ...]"


def tables_in(path: str | Path, worlds: Iterable[World]) -> frozenset[str]:
    """The names of a database's tables.

    Args:
        path: A folder with one JSON file per table, or one JSON file with all tables.
        worlds: The worlds that may use the database; errors say what they expect.

    Raises:
        FileNotFoundError: if nothing lies there.
        ValueError: if the files are not a database.
    """
    place = _existing(path, worlds)
    return _tables_in(place, _versions(place))


def load_database(world: World, path: str | Path) -> Base:
    """The database of a world; a second call returns the same object, unless the files changed.

    Args:
        world: The world.
        path: tau-bench's folder, or tau2-bench's file.

    Raises:
        FileNotFoundError: if nothing lies there.
        ValueError: if the files are not a database of this world.
    """
    if not world.tables:
        raise ValueError(
            f"expected a world whose databases lie in files, got {world.name}; give the database "
            "itself, or the world the field `tables`"
        )
    require_tables(tables_in(path, [world]), [world], short(str(path)))
    place = _existing(path, [world])
    return _load(world, place, _versions(place))


def require_tables(found: frozenset[str], worlds: Iterable[World], where: str) -> World:
    """The first of some worlds whose tables are all there.

    Raises:
        ValueError: if no world has all its tables; the text names those that the likeliest lacks.
    """
    takers = [world for world in worlds if world.tables]
    for world in takers:
        if found.issuperset(world.tables):
            return world
    likely = max(takers, key=lambda world: len(found.intersection(world.tables)))
    missing = [table for table in likely.tables if table not in found]
    raise ValueError(
        f"expected the tables {', '.join(likely.tables)} of {likely.domain or likely.name} in "
        f"{where}, got {', '.join(sorted(found)) or 'none'}: {' and '.join(missing)} missing; "
        f"{_hint(takers)}"
    )


def _hint(worlds: Iterable[World]) -> str:
    """A hint at the files that a database consists of."""
    choices = dict.fromkeys(world.tables for world in worlds if world.tables)
    files = "; ".join(", ".join(f"{table}.json" for table in tables) for tables in choices)
    return (
        f"pass the folder with a file for each table of a domain ({files}), as tau-bench has them, "
        "or one JSON file with the same tables, as tau2-bench has it"
    )


@lru_cache(maxsize=8)
def _load(world: World, path: Path, versions: _Versions) -> Base:
    """Reads a database; the versions only tell the cache when its files have changed."""
    return world.fitted({name: _table(path, name, versions) for name in world.tables})


@lru_cache(maxsize=8)
def _tables_in(path: Path, versions: _Versions) -> frozenset[str]:
    if path.is_dir():
        return frozenset(file.stem for file in _files(path))
    return frozenset(_whole(path, versions))


def _table(path: Path, name: str, versions: _Versions) -> Json:
    return _read(path / f"{name}.json") if path.is_dir() else _whole(path, versions)[name]


@lru_cache(maxsize=2)
def _whole(path: Path, versions: _Versions) -> Mapping[str, Json]:
    """All tables of a database in one file."""
    del versions
    value = _read(path)
    if isinstance(value, dict):
        return value
    raise ValueError(
        f"expected an object of tables in {path.name}, got {short(value)}; write it as table -> "
        "key -> row"
    )


def _read(path: Path) -> Json:
    try:
        return cast("Json", json.loads(path.read_text(encoding="utf-8-sig")))
    except (json.JSONDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ValueError(
            f"expected JSON in {path.name}, got {type(error).__name__}: {short(str(error))}; "
            "mend the file, or fetch it again"
        ) from None


def _existing(path: str | Path, worlds: Iterable[World]) -> Path:
    place = Path(path)
    if place.exists():
        return place.resolve()
    raise FileNotFoundError(
        f"expected a database at {short(str(path))}, but nothing is there; {_hint(worlds)}"
    )


def _files(path: Path) -> list[Path]:
    return sorted(path.glob("*.json")) if path.is_dir() else [path]


def _versions(path: Path) -> _Versions:
    """Time and size of each file."""
    stats = [file.stat() for file in _files(path)]
    return tuple((stat.st_mtime_ns, stat.st_size) for stat in stats)
