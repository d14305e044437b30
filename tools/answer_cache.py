"""The answers of a model so far, by what was asked: a file that several processes may share."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from tools.places import require_regular


@lru_cache(maxsize=8)
def answers_in(path: str) -> dict[str, str]:
    """Key -> answer; a line that a killed run left unfinished is passed over."""
    found: dict[str, str] = {}
    file = Path(path)
    for line in require_regular(file).read_text("utf-8").splitlines() if file.exists() else []:
        try:
            row = json.loads(line)
            found[row["key"]] = row["content"]
        except (ValueError, KeyError, TypeError):  # asked again, if ever needed
            continue
    return found


def append_to(path: Path, row: Mapping[str, str]) -> None:
    """Adds a line, in one write, so that several processes may share the file.

    The line also begins with a line end: it stays readable after an unfinished one.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab") as file:
        file.write(f"\n{json.dumps(row, ensure_ascii=True)}\n".encode("ascii"))
