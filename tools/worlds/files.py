"""Databases from tau-bench's files, which are not part of this project.

tau-bench keeps a table a file (`orders.json`, `products.json`, `users.json` in one folder),
tau2-bench a database a file (`db.json`, an object of the same tables). Both are read here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import TypeAlias, cast

from tools.jsontext import short
from tools.types import Json
from tools.worlds.database import Base

TABLES: Mapping[str, tuple[str, ...]] = {
    "retail": ("orders", "products", "users"),
    "airline": ("flights", "reservations", "users"),
}
"""Domain -> its tables."""

_Versions: TypeAlias = "tuple[tuple[int, int], ...]"
_HINT = (
    "pass the folder with tau-bench's files of a domain "
    f"({'; '.join(', '.join(f'{t}.json' for t in tables) for tables in TABLES.values())}) "
    "or tau2-bench's one JSON file with the same tables"
)


def domain_of(path: str | Path) -> str:
    """Which domain's database lies there.

    Raises:
        FileNotFoundError: if nothing lies there.
        ValueError: if it is no database, or lacks a table.
    """
    place = _existing(path)
    found = _tables_in(place, _versions(place))
    for domain, tables in TABLES.items():
        if found.issuperset(tables):
            return domain
    likely = max(TABLES, key=lambda domain: len(found.intersection(TABLES[domain])))
    missing = [table for table in TABLES[likely] if table not in found]
    raise ValueError(
        f"expected the tables {', '.join(TABLES[likely])} in {short(str(path))}, got "
        f"{', '.join(sorted(found)) or 'none'}: {' and '.join(missing)} missing; {_HINT}"
    )


def load_database(world: str, path: str | Path) -> Base:
    """The database of a world; asking again gives the same object, unless the files have changed.

    Args:
        world: A world's name; its database must be that of the same domain.
        path: tau-bench's folder, or tau2-bench's file.

    Raises:
        FileNotFoundError: if nothing lies there.
        ValueError: if it is no database, or that of another domain.
    """
    domain = domain_of(path)
    if world.split("-")[0] != domain:
        raise ValueError(
            f"expected a database for the world {world}, got that of {domain} in "
            f"{short(str(path))}; {_HINT}"
        )
    place = _existing(path)
    return _load(world, place, _versions(place))


@lru_cache(maxsize=8)
def _load(world: str, path: Path, versions: _Versions) -> Base:
    """Reads a database; the versions only tell the cache when its files have changed."""
    tables = {name: _table(path, name, versions) for name in TABLES[world.split("-")[0]]}
    if world.startswith("retail"):
        tables["users"] = _with_ids(tables["users"], inside=world == "retail-tau2")
    return Base.of(tables)


def _with_ids(users: Json, *, inside: bool) -> Json:
    """The users as the variant has them: tau2 repeats their ids in their rows, tau1 does not."""
    if not isinstance(users, dict):
        return users
    return {key: _with_id(key, user, inside) for key, user in users.items()}


def _with_id(key: str, user: Json, inside: bool) -> Json:
    if not isinstance(user, dict):
        return user
    without = {name: value for name, value in user.items() if name != "user_id"}
    return {"user_id": key, **without} if inside else without


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
    raise ValueError(f"expected an object of tables in {path.name}, got {short(value)}; {_HINT}")


def _read(path: Path) -> Json:
    try:
        return cast("Json", json.loads(path.read_text(encoding="utf-8-sig")))
    except (json.JSONDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ValueError(
            f"expected JSON in {path.name}, got {type(error).__name__}: {short(str(error))}; "
            "mend the file, or fetch it again"
        ) from None


def _existing(path: str | Path) -> Path:
    place = Path(path)
    if place.exists():
        return place.resolve()
    raise FileNotFoundError(
        f"expected a database at {short(str(path))}, but nothing is there; {_HINT}"
    )


def _files(path: Path) -> list[Path]:
    return sorted(path.glob("*.json")) if path.is_dir() else [path]


def _versions(path: Path) -> _Versions:
    """Time and size of each file."""
    stats = [file.stat() for file in _files(path)]
    return tuple((stat.st_mtime_ns, stat.st_size) for stat in stats)
