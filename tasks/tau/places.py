"""Where the tasks of tau-bench and tau2-bench lie, with their databases and policies.

    tau_bench/envs/DOMAIN/tasks_SPLIT.py, data/, wiki.md       tau-bench's repository
    data/tau2/domains/DOMAIN/tasks.json, db.json, policy.md    tau2-bench's repository
    tau_tasks.json, tau1/DOMAIN_db/, tau1/DOMAIN_policy.md, …  a collection of both

Named may be a repository, the folder of one domain, or one file of tasks.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tools.jsontext import short

PREFIX = "tau:"
"""The beginning of such a data set's name."""
TAU1, TAU2 = "tau1", "tau2"
DOMAINS = ("retail", "airline")
"""The domains for which there are worlds."""
COLLECTION = "tau_tasks.json"
PARTS = ("train", "dev", "test")
"""The parts of a benchmark; tasks of no named part are for tests."""
_BELOW = ("tau_bench/envs", "envs", "data/tau2/domains", "tau2/domains", "domains", ".")
_FILES = ("tasks_*.py", "tasks.json", COLLECTION)


@dataclass(frozen=True, slots=True)
class Place:
    """A list of tasks, and what they are played on."""

    file: Path
    """The file of tasks."""
    benchmark: str
    """tau1 or tau2."""
    domain: str
    """retail or airline."""
    part: str
    """Which tasks these are: test, train or dev; empty where `parts` tells it of each."""
    database: Path
    """A folder of tables, or one file."""
    policy: Path
    """The domain's rules."""
    parts: Path | None = None
    """The file that tells which tasks are for training, which for tests."""
    key: str = ""
    """Of a collection: the key of this list."""

    @property
    def name(self) -> str:
        """The beginning of the tasks' ids, such as tau1-retail-test."""
        return "-".join(filter(None, (self.benchmark, self.domain, self.part)))

    @property
    def files(self) -> tuple[Path, ...]:
        """All files that are read."""
        tables = sorted(self.database.glob("*.json")) if self.database.is_dir() else [self.database]
        parts = [self.parts] if self.parts is not None and self.parts.is_file() else []
        return (self.file, self.policy, *tables, *parts)


def places_in(path: Path) -> tuple[Place, ...]:
    """The lists of tasks in a repository, a domain's folder or a file, in a fixed order.

    Raises:
        FileNotFoundError: if there is none, or its database or policy is missing.
        ValueError: if a program's name tells a part that there is not.
    """
    if path.is_file():
        found = tuple(_of_file(path.resolve()))
    else:
        found = tuple(place for file in _task_files(path.resolve()) for place in _of_file(file))
    if not found:
        raise FileNotFoundError(
            "expected tau:PATH with a checkout of tau-bench or tau2-bench, the folder of one of "
            f"its domains ({', '.join(DOMAINS)}), or a file of tasks in it, got {short(str(path))}"
        )
    return found


def _task_files(folder: Path) -> Iterator[Path]:
    folders = dict.fromkeys(
        [folder, *(folder / below / one for below in _BELOW for one in DOMAINS)]
    )
    for one in folders:
        for pattern in _FILES:
            yield from sorted(one.glob(pattern))


def _of_file(file: Path) -> Iterator[Place]:
    folder = file.parent
    if file.name == COLLECTION:
        yield from _of_collection(file)
    elif file.suffix == ".py":
        part, domain = _part(file), _domain(folder)
        yield _complete(Place(file, TAU1, domain, part, folder / "data", folder / "wiki.md"))
    else:
        yield _complete(
            Place(
                file,
                TAU2,
                _domain(folder),
                "",
                folder / "db.json",
                folder / "policy.md",
                folder / "split_tasks.json",
            )
        )


def _of_collection(file: Path) -> Iterator[Place]:
    """The lists of a collection whose databases are there."""
    for benchmark, domain, part in (
        (TAU1, "retail", "test"),
        (TAU1, "retail", "train"),
        (TAU1, "retail", "dev"),
        (TAU1, "airline", "test"),
        (TAU2, "retail", ""),
        (TAU2, "airline", ""),
    ):
        folder = file.parent / benchmark
        ending = ".json" if benchmark == TAU2 else ""
        key = "_".join(filter(None, (benchmark, domain, part)))
        database, policy = folder / f"{domain}_db{ending}", folder / f"{domain}_policy.md"
        if database.exists() and policy.exists():
            parts = folder / f"{domain}_split_tasks.json"
            yield Place(file, benchmark, domain, part, database, policy, parts, key)


def _part(file: Path) -> str:
    """The part that a program's name tells; empty for one without, such as tasks.py."""
    part = file.stem.partition("_")[2]
    if part and part not in PARTS:
        known = ", ".join(f"tasks_{one}.py" for one in PARTS)
        raise ValueError(
            f"expected {known} or tasks.py, got {short(file.name)}; rename it: tasks of one's own "
            "are tasks_test.py"
        )
    return part


def _domain(folder: Path) -> str:
    if folder.name in DOMAINS:
        return folder.name
    raise FileNotFoundError(
        f"expected tasks of {' or '.join(DOMAINS)}, whose worlds are here, in a folder of that "
        f"name, got {short(str(folder))}"
    )


def _complete(place: Place) -> Place:
    for needed, what in ((place.database, "database"), (place.policy, "policy")):
        if not needed.exists():
            raise FileNotFoundError(
                f"expected the {what} of {place.domain} at {short(str(needed))}, beside "
                f"{place.file.name}; check the whole repository out"
            )
    return place
