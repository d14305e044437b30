"""The library of procedures: one TOML file a support area, written as `GUIDE.md` says."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files

from tasks.procedures.form import read_area
from tasks.procedures.types import Procedure
from tools.jsontext import short

SEEN, UNSEEN, ALL = "seen", "unseen", "all"
"""The library's parts."""
HELD_OUT = ("devices", "insurance")
"""The areas of the part `unseen`: nothing is trained on them, so that transfer can be measured."""


@lru_cache(maxsize=1)
def library() -> tuple[Procedure, ...]:
    """All procedures, by area in alphabetical order, then as they stand in the file."""
    found = [entry for entry in files(__package__).iterdir() if entry.name.endswith(".toml")]
    found.sort(key=lambda entry: entry.name)
    return tuple(
        procedure
        for entry in found
        for procedure in read_area(entry.read_text(encoding="utf-8"), entry.name)
    )


def procedures(part: str = ALL) -> tuple[Procedure, ...]:
    """The procedures of a part.

    Args:
        part: `seen` (all areas that are not held out), `unseen`, `all`, or an area's name.

    Raises:
        ValueError: if there is no such part.
    """
    held_out = {SEEN: (False,), UNSEEN: (True,), ALL: (False, True)}.get(part, ())
    chosen = tuple(
        procedure
        for procedure in library()
        if procedure.area == part or (procedure.area in HELD_OUT) in held_out
    )
    if not chosen:
        areas = dict.fromkeys(procedure.area for procedure in library())
        raise ValueError(
            f"expected {SEEN}, {UNSEEN}, {ALL} or an area ({', '.join(areas)}), got {short(part)}"
        )
    return chosen
