"""Says what a table is understood as: `python -m tasks.almita --describe FILE`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence

from tasks.almita.columns import Field, describe, find_columns
from tasks.almita.place import Place, read_map
from tasks.almita.reader import read_almita, read_sheet
from tools.types import Kind


def main(argv: Sequence[str] | None = None) -> int:
    """Prints columns, fields and counts; returns the process's exit status."""
    parser = argparse.ArgumentParser(prog="python -m tasks.almita", description=__doc__)
    parser.add_argument("--describe", required=True, metavar="FILE", help="a path or URL")
    parser.add_argument(
        "--columns", nargs="*", default=[], metavar="FIELD=COLUMN", help="which column holds what"
    )
    args = parser.parse_args(argv)
    try:
        place = Place.of(args.describe)
        named = {**place.columns, **read_map(args.columns)}
        for line in _lines(Place(place.where, named)):
            print(line)
    except (OSError, ValueError) as error:
        print(f"{parser.prog}: {error}", file=sys.stderr)
        return 1
    return 0


def _lines(place: Place) -> Iterator[str]:
    sheet = read_sheet(place)
    yield f"{place.name}: {len(sheet.rows):,} rows, {len(sheet.header)} columns"
    yield describe(sheet.columns)
    found = find_columns(sheet.columns, place.columns)
    unit = "a test" if Field.EXPECTED in found else "a conversation"
    yield f"A row is {unit}: " + ", ".join(f"{field} = {name!r}" for field, name in found.items())
    tasks = read_almita(place)
    decisions = [turn for task in tasks.tasks for turn in task.decisions]
    calls = sum(turn.kind is Kind.CALL for turn in decisions)
    yield (
        f"{len(tasks.tasks):,} conversations, {len(decisions):,} decisions: {calls:,} calls and "
        f"{len(decisions) - calls:,} replies"
    )
    for error in tasks.errors[:10]:
        yield f"row {error.index}: {error.kind}: {error.text}"
    if len(tasks.errors) > 10:
        yield f"… and {len(tasks.errors) - 10:,} more rows that could not be read"


if __name__ == "__main__":
    sys.exit(main())
