"""Says what a table is understood as: `python -m tasks.almita --describe FILE`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from tasks.almita.columns import Field, describe, find_columns
from tasks.almita.reader import read_almita, read_sheet
from tools.types import Kind


def main(argv: Sequence[str] | None = None) -> int:
    """Prints columns, fields and counts; returns the process's exit status."""
    parser = argparse.ArgumentParser(prog="python -m tasks.almita", description=__doc__)
    parser.add_argument("--describe", type=Path, required=True, metavar="FILE")
    parser.add_argument(
        "--columns", nargs="*", default=[], metavar="FIELD=COLUMN", help="which column holds what"
    )
    args = parser.parse_args(argv)
    try:
        for line in _lines(args.describe, read_map(args.columns)):
            print(line)
    except (OSError, ValueError) as error:
        print(f"{parser.prog}: {error}", file=sys.stderr)
        return 1
    return 0


def read_map(pairs: Sequence[str]) -> dict[str, str | None]:
    """`FIELD=COLUMN` pairs as a map; an empty column says that there is none.

    Raises:
        ValueError: if one has no "=".
    """
    if bad := [pair for pair in pairs if "=" not in pair]:
        raise ValueError(f"expected FIELD=COLUMN, got {bad[0]!r}; fields: {', '.join(Field)}")
    return {field: name or None for field, _, name in (pair.partition("=") for pair in pairs)}


def _lines(path: Path, given: dict[str, str | None]) -> Iterator[str]:
    sheet = read_sheet(path)
    yield f"{path.name}: {len(sheet.rows):,} rows, {len(sheet.header)} columns"
    yield describe(sheet.columns)
    found = find_columns(sheet.columns, given)
    unit = "a test" if Field.EXPECTED in found else "a conversation"
    yield f"A row is {unit}: " + ", ".join(f"{field} = {name!r}" for field, name in found.items())
    tasks = read_almita(path, given)
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
