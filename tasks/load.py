"""Loads a data set by name.

`python -m tasks.load [DATA]` shows a data set's contents.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TypeAlias

from tasks.almita.place import ENDINGS, Place, is_table
from tasks.apigen.jsonfiles import read_array
from tasks.apigen.reader import read_records
from tasks.joined import PLUS, joined
from tasks.types import TaskSet
from tools.command import run, sentence
from tools.jsontext import sha, short
from tools.lazy_table import LazyTable
from tools.load_object import described, is_object_name, load_object, name_of, takes
from tools.ranges import LARGEST
from tools.types import Json

EMBEDDED = "desk:1000:0"
"""The embedded data set."""
HUB_NAME = "Salesforce/APIGen-MT-5k"
"""The data set's name on the Hugging Face hub."""
FORMS = (
    "desk:N[:SEED], retail:N[:SEED], airline:N[:SEED], kaleidoscope:N[:SEED], "
    "procedures:N[:SEED[:PART]], hub, a table (.csv), a file in APIGen-MT's format "
    "(tasks/apigen/reader.py shows a row), a list of such records, MODULE:NAME of a reader of "
    "your own (examples/own_reader.py is one), or several of these with ' + ' between them"
)
"""The forms of a data set's name, for errors and help."""
HUB_TIMEOUT = 10.0
"""The seconds to wait for the hub's first answer."""

Rows: TypeAlias = "Iterable[tuple[dict[str, Json], dict[str, Json]]]"
"""Records in APIGen-MT's format, each with its sidecar, which may be empty."""
Records: TypeAlias = "Sequence[dict[str, Json] | Sequence[dict[str, Json] | None]]"
"""Records in APIGen-MT's format, each alone or in a pair with its sidecar."""
Generator: TypeAlias = "Callable[[int, int], Rows]"
"""Generates rows, given how many and the seed."""
Reader: TypeAlias = "Callable[[], Rows | TaskSet]"
"""Reads your own data: a function without arguments, which is called once per process."""

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
            Salesforce/APIGen-MT-5k; a table of ALMITA's form (path or URL of a `.csv` file, perhaps
            with `#turns=COLUMN&…`, see tasks/almita); else the path of a JSON array (or, named
            `.jsonl`, JSON lines) in APIGen-MT's format. A sidecar `X.meta.json` next to `X.json` is
            read, too. Several names, joined by ` + `, are one data set; see tasks/joined.py. A list
            of records in that format is data as well; each record may stand in a pair with its
            sidecar. Finally, `MODULE:NAME` of your own reader, or the `Reader` itself: a function
            that returns records in APIGen-MT's format with their sidecars, or a `TaskSet`.
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
        return _read_given(_given(data))
    if not isinstance(data, str | Path):
        return _own(data, name_of(data) or str(getattr(data, "__qualname__", short(data))))
    data = str(data)
    if PLUS in data and not Path(data).is_file():
        return joined(tuple(load_tasks(name) for name in data.split(PLUS)))
    return _named(data)


def require_data(data: str | None) -> None:
    """Refuses a data set's name of no known form, or a file that does not exist; loads nothing.

    Raises:
        ValueError: for a name.
        FileNotFoundError: for a file.
    """
    if data is None:
        return
    if PLUS in data and not Path(data).is_file():
        for name in data.split(PLUS):
            require_data(name)
        return
    match data.split(":"):
        case [name, size, *rest] if name in _GENERATORS and len(rest) <= 1:
            _size(size, data), _number(rest[0] if rest else "0", data)
        case ["procedures", size, *rest] if len(rest) <= 2:
            _size(size, data), _number(rest[0] if rest else "0", data)
        case ["hub"]:
            pass
        case _ if is_table(data):
            Place.of(data)
        case _ if is_object_name(data) and not Path(data).exists():
            load_object(data, "a reader of data")
        case _:
            _existing(Path(data))


def _named(data: str) -> TaskSet:
    """One data set, by the first form that its name fits."""
    match data.split(":"):
        case [name, size, *rest] if name in _GENERATORS and len(rest) <= 1:
            return _generated(name, _size(size, data), _number(rest[0] if rest else "0", data))
        case ["procedures", size, *rest] if len(rest) <= 2:
            seed, part = (*rest, *("0", _SEEN)[len(rest) :])
            return _procedures(_size(size, data), _number(seed, data), part)
        case ["hub"]:
            return _hub()
    if is_table(data):
        return _table(data, _version(Place.of(data).path))
    if is_object_name(data) and not Path(data).exists():
        return _own(load_object(data, "a reader of data"), data)
    path = _existing(Path(data))
    return _file(path, _version(path), _version(_sidecar(path)))


@lru_cache(maxsize=8)
def _generated(name: str, size: int, seed: int) -> TaskSet:
    source = f"embedded:{name}(n={size},seed={seed})"
    return _of_rows(_GENERATORS[name](size, seed), source, name, embedded=True)


@lru_cache(maxsize=8)
def _procedures(size: int, seed: int, part: str) -> TaskSet:
    from tasks.procedures.records import generate  # only these need the library of procedures

    source = f"embedded:procedures(n={size},seed={seed},part={part})"
    return _of_rows(generate(size, seed, part), source, f"procedures-{part}", embedded=True)


def _of_rows(rows: Rows, source: str, stem: str, *, embedded: bool = False) -> TaskSet:
    records: list[Json] = []
    sidecars: list[Json] = []
    for record, sidecar in rows:
        records.append(record)
        sidecars.append(sidecar)
    return read_records(records, sidecars, source=source, stem=stem, embedded=embedded)


@dataclass(frozen=True, slots=True)
class _Given:
    """Records as they were given, told apart by their content."""

    digest: str
    text: str = field(compare=False, repr=False)


def _given(records: Records) -> _Given:
    """Notes the records, so that whoever changes them later changes no task."""
    rows = [_record_and_sidecar(place, row) for place, row in enumerate(records)]
    try:
        text = json.dumps(rows)
    except (TypeError, ValueError, RecursionError) as error:
        raise ValueError(
            f"expected records of plain JSON values as data, but {error}; pass what json.load gives"
        ) from None
    return _Given(sha(text), text)


def _record_and_sidecar(place: int, row: object) -> tuple[object, object]:
    match row:
        case dict():
            return row, {}
        case [dict() as record, (dict() | None) as sidecar]:
            return record, sidecar or {}
    raise ValueError(
        f"expected a list of records in APIGen-MT's format, or of pairs of a record and its "
        f"sidecar, as data; got {short(row)} at place {place}; data sets' names are joined by "
        f"{PLUS!r} in one text"
    )


@lru_cache(maxsize=8)
def _read_given(given: _Given) -> TaskSet:
    rows = json.loads(given.text)
    return _of_rows(rows, f"records:{len(rows)}:{given.digest}", "records")


def _own(reader: object, name: str) -> TaskSet:
    """The data set of your own reader."""
    if not takes(reader):
        raise _no_reader(name, described(reader))
    return _read_by(reader, name)


@lru_cache(maxsize=8)
def _read_by(reader: Reader, name: str) -> TaskSet:
    found = reader()
    if isinstance(found, TaskSet):
        return found
    rows = list(found) if isinstance(found, Iterable) else [found]
    for row in rows:
        if not isinstance(row, tuple | list) or len(row) != 2:
            raise _no_reader(name, f"one that returns {short(row)}")
    return _of_rows(rows, name, name.rpartition(".")[2].replace(":", "-"))


def _no_reader(name: str, came: str) -> ValueError:
    return ValueError(
        f"expected {name} to be a function without arguments that returns pairs of a record and a "
        f"sidecar, or a tasks.types.TaskSet, got {came}; examples/own_reader.py is such a function"
    )


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


@lru_cache(maxsize=1)
def _hub() -> TaskSet:
    return read_records(_from_hub(), None, source=f"hub:{HUB_NAME}", stem="apigen-mt_5k")


@lru_cache(maxsize=8)
def _file(path: Path, version: object, sidecar_version: object) -> TaskSet:
    """Reads a file; the versions only tell the cache when it has changed."""
    del version
    sidecars = None if sidecar_version is None else read_array(_sidecar(path))
    source = f"file:{path.name}"
    return read_records(read_array(path), sidecars, source=source, stem=path.stem)


def _existing(path: Path) -> Path:
    if path.is_file():
        return path.resolve()
    came = "a folder" if path.is_dir() else "no file there"
    raise FileNotFoundError(f"expected data as one of {FORMS}, got {short(str(path))}: {came}")


def _sidecar(path: Path) -> Path:
    return path.with_suffix(".meta.json")


def _version(path: Path) -> tuple[int, int] | None:
    """Time and size of a file; None if it does not exist."""
    if not path.is_file():
        return None
    stat = path.stat()
    return stat.st_mtime_ns, stat.st_size


def _from_hub() -> list[Json]:
    """The hub's rows; gives up at once if the hub does not answer."""
    try:
        import datasets
        from huggingface_hub import HfApi

        if not datasets.config.HF_HUB_OFFLINE:  # offline, only earlier downloads can be read
            HfApi().dataset_info(HUB_NAME, timeout=HUB_TIMEOUT)
        return list(datasets.load_dataset(HUB_NAME, split="train"))
    except Exception as error:  # any error of the network, the hub or the licence gate
        raise RuntimeError(
            f"expected {HUB_NAME} from the Hugging Face hub, got {type(error).__name__}: "
            f"{short(str(error))}; run `pip install 'reasonact[train]'`, accept the licence "
            f"(CC-BY-NC-4.0) at https://huggingface.co/datasets/{HUB_NAME} and log in with "
            "`hf auth login`, or download apigen-mt_5k.json and pass its path as data"
        ) from error


def _size(text: str, data: str) -> int:
    size = _number(text, data)
    if not 1 <= size <= LARGEST:
        raise ValueError(
            f"expected '{_family(data)}:N' with at least one task and at most {LARGEST:,}, got "
            f"{short(data)}"
        )
    return size


def _number(text: str, data: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= _DIGITS):
        name = _family(data)
        raise ValueError(f"expected '{name}:N' or '{name}:N:SEED' with numbers, got {short(data)}")
    return int(text)


def _family(data: str) -> str:
    """The generator's name."""
    return data.split(":")[0]


def main(argv: Sequence[str] | None = None) -> int:
    """Shows a data set's contents; returns the process's exit status."""
    from rich.console import Console

    from tasks.summary import SummaryOptions, summary_table
    from tools.command_line import read_options

    prog, about = "python -m tasks.load", f"Shows a data set's contents. DATA is one of {FORMS}."
    options = read_options(SummaryOptions, argv, prog=prog, about=about)
    try:
        table = summary_table(load_tasks(options.data), options.database)
    except (OSError, RuntimeError, ValueError) as error:
        print(f"{prog}: error: {sentence(error)}", file=sys.stderr)
        return 1
    Console().print(table)
    return 0


if __name__ == "__main__":
    run(main)
