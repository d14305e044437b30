"""The library of procedures: one TOML file per support area, in the form of `GUIDE.md`."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files
from pathlib import Path

from tasks.procedures.form import read_area
from tasks.procedures.lint import lint_all
from tasks.procedures.star import import_star, read_star
from tasks.procedures.types import Procedure
from tools.jsontext import short
from tools.nearest import did_you_mean, listed

SEEN, UNSEEN, ALL = "seen", "unseen", "all"
"""The library's parts."""
HELD_OUT = ("devices", "insurance")
"""The areas of the part `unseen`: nothing is trained on them, so that transfer can be measured."""


def is_file(part: str) -> bool:
    """Whether a part is a file's path."""
    return part.endswith((".toml", ".json"))


@lru_cache(maxsize=1)
def library() -> tuple[Procedure, ...]:
    """All procedures: areas in alphabetical order, procedures in the order of their file."""
    found = [entry for entry in files(__package__).iterdir() if entry.name.endswith(".toml")]
    found.sort(key=lambda entry: entry.name)
    return tuple(
        procedure
        for entry in found
        for procedure in read_area(entry.read_text(encoding="utf-8"), entry.name)
    )


@lru_cache(maxsize=16)
def read_file(file: str) -> tuple[Procedure, ...]:
    """The procedures of your own file: an area in TOML, or STAR's in JSON.

    Raises:
        OSError: if the file cannot be read.
        ValueError: if it has another form, or the linter finds something.
    """
    found = parse_file(Path(file))
    if findings := lint_all(found):
        came = f"{findings[0]} ({len(findings)} in all)"
        name = Path(file).name
        raise ValueError(f"expected nothing for the linter to find in {name}, got {came}")
    return found


def parse_file(path: Path) -> tuple[Procedure, ...]:
    """The procedures of a file, without the linter's check: TOML, or STAR's JSON.

    Raises:
        OSError: if the file cannot be read.
        ValueError: if it has another form.
    """
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".json":
        return tuple(imported.procedure for imported in import_star(read_star(text, path.name)))
    return read_area(text, path.name)


def named(name: str, file: str | None = None) -> Procedure:
    """A procedure by its name.

    Args:
        name: The name.
        file: The procedure's file, or None for the library.

    Raises:
        OSError: if the file cannot be read.
        ValueError: if no procedure has that name.
    """
    known = read_file(file) if file else library()
    for procedure in known:
        if procedure.name == name:
            return procedure
    names = [procedure.name for procedure in known]
    raise ValueError(
        f"expected the name of a procedure ({listed(names)}), got {short(name)}"
        f"{did_you_mean(name, names)}"
    )


def procedures(part: str = ALL) -> tuple[Procedure, ...]:
    """The procedures of a part.

    Args:
        part: `seen` (all areas that are not held out), `unseen`, `all`, an area's name, or the path
            of your own file (`.toml` in the form of `GUIDE.md`, `.json` in STAR's form).

    Raises:
        OSError: if there is no such file.
        ValueError: if there is no such part.
    """
    if is_file(part):
        return read_file(part)
    held_out = {SEEN: (False,), UNSEEN: (True,), ALL: (False, True)}.get(part, ())
    chosen = tuple(
        procedure
        for procedure in library()
        if procedure.area == part or (procedure.area in HELD_OUT) in held_out
    )
    if not chosen:
        areas = dict.fromkeys(procedure.area for procedure in library())
        raise ValueError(
            f"expected {SEEN}, {UNSEEN}, {ALL}, an area ({listed(areas)}) or a file (.toml, "
            f".json), got {short(part)}{did_you_mean(part, [SEEN, UNSEEN, ALL, *areas])}"
        )
    return chosen
