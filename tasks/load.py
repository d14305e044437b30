"""Loads a data set by name.

`python -m tasks.load [DATA]` shows a data set's contents.
"""

from __future__ import annotations

import tools.interrupts  # noqa: F401 (first: Ctrl-C during the others)

# isort: split

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TypeAlias

from tasks.almita.place import ENDINGS, Place, is_table
from tasks.apigen.jsonfiles import read_array
from tasks.apigen.reader import read_records
from tasks.foreign.files import files_in, read_files, stem_of
from tasks.given import Reader, Records, Rows, of_rows, read_given, read_own
from tasks.hub import read_hub
from tasks.joined import PLUS, joined
from tasks.part import MARK, Part, part_of
from tasks.tau.places import PREFIX, places_in
from tasks.types import TaskSet
from tools.command import complain, run
from tools.jsontext import short
from tools.lazy_table import LazyTable
from tools.load_object import is_object_name, load_object, name_of
from tools.nearest import nearest
from tools.ranges import LARGEST

EMBEDDED = "desk:1000:0"
"""The embedded data set."""
Generator: TypeAlias = "Callable[[int, int], Rows]"
"""Generates rows, given how many and the seed."""
_GENERATORS: Mapping[str, Generator] = LazyTable(
    {
        "desk": "tasks.desk.generator:generate",
        "retail": "tasks.retail.generator:RETAIL.generate",
        "airline": "tasks.airline.generator:AIRLINE.generate",
        "kaleidoscope": "tasks.kaleidoscope.generator:generate",
    }
)
"""The first part of a data set's name -> its generator, imported on first use."""
_DIGITS = 20
"""The most digits of a number in a name."""
_SEEN = "seen"
"""The default part of the procedures."""


def load_tasks(
    data: str | Path | Records | Reader | None = None,
    columns: Mapping[str, str | None] | None = None,
) -> TaskSet:
    """Loads a data set; a second call returns the same object, unless the file has changed.

    Args:
        data: None for the embedded generated set (1,000 tasks, seed 0); `desk:N` or `desk:N:SEED`
            for N generated tasks, `retail:N[:SEED]` or `airline:N[:SEED]` for tasks at a larger
                shop or an airline, `kaleidoscope:N[:SEED]` for tasks with a new domain each;
            `procedures:N[:SEED[:PART]]` for N conversations that follow support procedures (PART is
            `seen`, `unseen`, `all`, an area or a file; by default `seen`); `hub` for
            Salesforce/APIGen-MT-5k; `tau:PATH` for the tasks of a checkout of tau-bench or
            tau2-bench, on their databases; a table of ALMITA's form (path or URL of a `.csv` file,
            perhaps with `#turns=COLUMN&…`, see tasks/almita); else the path of a file of records,
            or of a folder of `datasets`, in any form and packing that `tasks.foreign` reads. A
            sidecar `X.meta.json` next to `X.json` is read, too. `DATA#KEY=VALUE` is a part of a
            set, by what sidecars say of its records; see tasks/part.py. Several names, joined by
            ` + `, are one data set; see tasks/joined.py. A list of records in such a form is data
            as well; each may stand in a pair with its sidecar. Finally, `MODULE:NAME` of your own
            reader, or the `Reader` itself: a function that returns such records with their
            sidecars, or a `TaskSet`.
        columns: For a table: field (`turns`, `expected`, `procedure`, `tools`, `id`) -> column, or
            None for a field without a column; the same as the part after `#` in `data`.

    Raises:
        ValueError: if the name or the file has another form, `columns` is given for data other than
            a table, or your own reader returns something else.
        FileNotFoundError: if there is no such file.
        RuntimeError: if the hub does not deliver the data set.
    """
    if columns:
        data = _with_columns(data, columns)
    if data is None:
        data = EMBEDDED
    if isinstance(data, list | tuple):
        return read_given(data)
    if not isinstance(data, str | Path):
        return read_own(data, name_of(data) or str(getattr(data, "__qualname__", short(data))))
    data = str(data)
    if PLUS in data and not Path(data).is_file():
        return joined(tuple(load_tasks(name) for name in data.split(PLUS)))
    return _named(data)


def require_data(*names: str | None) -> None:
    """Refuses a data set's name of no known form, or a file that does not exist; loads nothing.

    Args:
        names: What `load_tasks` takes; None is passed over.

    Raises:
        ValueError: for a name.
        FileNotFoundError: for a file.
    """
    for name in names:
        if name is None:
            continue
        if PLUS in name and not Path(name).is_file():
            require_data(*name.split(PLUS))
        elif (part := Part.of(name)).conditions:
            require_data(part.whole)
        else:
            _require_named(name)


def _require_named(data: str) -> None:
    """The same, for the name of one whole data set."""
    match data.split(":"):
        case [name, size, *rest] if name in _GENERATORS and len(rest) <= 1:
            _size(size, data), _number(rest[0] if rest else "0", data)
        case ["procedures", size, *rest] if len(rest) <= 2:
            _size(size, data), _number(rest[0] if rest else "0", data)
        case ["hub"]:
            pass
        case ["tau", _, *_]:
            places_in(Path(data.removeprefix(PREFIX)))
        case _ if is_table(data):
            Place.of(data)
        case _ if is_object_name(data) and not Path(data).exists():
            load_object(data, "a reader of data")
        case _:
            files_in(_existing(data))


def _named(data: str) -> TaskSet:
    """One data set, by the first form that its name fits."""
    part = Part.of(data)
    if part.conditions:
        return part_of(_named(part.whole), part, data.rpartition(MARK)[2])
    match data.split(":"):
        case [name, size, *rest] if name in _GENERATORS and len(rest) <= 1:
            return _generated(name, _size(size, data), _number(rest[0] if rest else "0", data))
        case ["procedures", size, *rest] if len(rest) <= 2:
            seed, area = (*rest, *("0", _SEEN)[len(rest) :])
            return _procedures(_size(size, data), _number(seed, data), area)
        case ["hub"]:
            return read_hub()
        case ["tau", _, *_]:
            from tasks.tau.reader import read_tau  # only these need worlds

            return read_tau(Path(data.removeprefix(PREFIX)))
    if is_table(data):
        return _table(data, _version(Place.of(data).path))
    if is_object_name(data) and not Path(data).exists():
        return read_own(load_object(data, "a reader of data"), data)
    path = _existing(data)
    files = tuple((file, split, _version(file)) for file, split in files_in(path).items())
    return _file(path, files, _version(_sidecar(path)))


@lru_cache(maxsize=8)
def _generated(name: str, size: int, seed: int) -> TaskSet:
    source = f"embedded:{name}(n={size},seed={seed})"
    return of_rows(_GENERATORS[name](size, seed), source, name, embedded=True)


@lru_cache(maxsize=8)
def _procedures(size: int, seed: int, part: str) -> TaskSet:
    from tasks.procedures.records import generate  # only these need the library of procedures

    source = f"embedded:procedures(n={size},seed={seed},part={part})"
    return of_rows(generate(size, seed, part), source, f"procedures-{part}", embedded=True)


def _with_columns(
    data: str | Path | Records | Reader | None, columns: Mapping[str, str | None]
) -> str:
    data = str(data) if isinstance(data, Path) else data
    if not isinstance(data, str) or not is_table(data):
        raise ValueError(
            f"expected a table ({', '.join(ENDINGS)}) as data for `columns`, got {short(data)}"
        )
    return str(Place.of(data).naming(columns))


@lru_cache(maxsize=8)
def _table(data: str, version: object) -> TaskSet:
    from tasks.almita.reader import read_almita  # only tables need it

    del version  # only a key of the cache: a changed table is read again
    return read_almita(data)


@lru_cache(maxsize=8)
def _file(
    path: Path, files: tuple[tuple[Path, str | None, object], ...], sidecar_version: object
) -> TaskSet:
    """Reads a file or a folder's files; the versions only tell the cache when one has changed."""
    found = read_files({file: split for file, split, _ in files})
    sidecars = found.labels if sidecar_version is None else read_array(_sidecar(path))
    source = f"{'folder' if path.is_dir() else 'file'}:{path.name}"
    return read_records(found.records, sidecars, source=source, stem=stem_of(path))


def _existing(data: str) -> Path:
    path = Path(data)
    if data and path.exists():
        return path.resolve()
    if "." in path.name or path.parent != Path():
        raise FileNotFoundError(
            f"expected a file of dialogues, got {short(data)}: no file there; give another path or "
            "one of the names that `python -m tasks.load --help` lists, such as desk:200"
        )
    raise FileNotFoundError(
        f"expected a data set such as desk:200, or a file of dialogues, got {short(data)}: no file "
        f"there{_meant(data)}; `python -m tasks.load --help` lists all names"
    )


def _meant(data: str) -> str:
    """What a name without a file may have been meant as; empty for what looks like a path."""
    name, known = data.split(":")[0], (*_GENERATORS, "procedures", "hub", "tau")
    if name == "tau":
        return "; write tau:PATH, with the path of a checkout"
    if name in known:
        return f"; write {name}:N, with a number" if ":" not in data else ""
    if "." in data or "/" in data or (near := nearest(name, known)) is None:
        return ""
    return f"; did you mean {near + data.removeprefix(name)!r}"


def _sidecar(path: Path) -> Path:
    return path.with_name(f"{stem_of(path)}.meta.json")


def _version(path: Path) -> tuple[int, int] | None:
    """Time and size of a file; None if it does not exist."""
    if not path.is_file():
        return None
    stat = path.stat()
    return stat.st_mtime_ns, stat.st_size


def _size(text: str, data: str) -> int:
    size = _number(text, data, 1)
    if not 1 <= size <= LARGEST:
        raise ValueError(
            f"expected '{_family(data)}:N' with a whole number from 1 to {LARGEST:,}, got "
            f"{short(data)}"
        )
    return size


def _number(text: str, data: str, least: int = 0) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= _DIGITS):
        name = _family(data)
        what = f"'{name}:N:SEED' with a seed" if least == 0 else f"'{name}:N' with N"
        raise ValueError(f"expected {what} that is a whole number from {least}, got {short(data)}")
    return int(text)


def _family(data: str) -> str:
    """The generator's name."""
    return data.split(":")[0]


def main(argv: Sequence[str] | None = None) -> int:
    """Shows a data set's contents; returns the process's exit status."""
    from rich.console import Console

    from tasks.summary import ABOUT, SummaryOptions, summary_table
    from tools.command_line import read_options

    prog = "python -m tasks.load"
    options = read_options(SummaryOptions, argv, prog=prog, about=ABOUT)
    try:
        tasks = load_tasks(options.data)
        table = summary_table(tasks, options.database)
    except (OSError, RuntimeError, ValueError) as error:
        return complain(prog, error)
    Console().print(table)
    if tasks.emptiness:
        complain(prog, tasks.emptiness)
    return int(not tasks.tasks)


if __name__ == "__main__":
    run(main)
