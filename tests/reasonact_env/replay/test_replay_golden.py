"""A few screens, word for word, through rich's recording console.

After a wanted change, run this file with `REGENERATE=1`, and look at what has changed.
"""

import io
import os
from collections.abc import Sequence
from pathlib import Path

import pytest
from rich.console import Console

from tests.reasonact_env.replay.replayed import Desk, four, saved

GOLDEN = Path(__file__).parents[2] / "data" / "replay"
SCREENS = [
    ("list", 80, 24, []),
    ("opening", 80, 24, ["enter"]),
    ("problem", 80, 24, ["j", "j", "enter", "n"]),
    ("lost", 80, 24, ["j", "enter", "end"]),
    ("lost", 120, 30, ["j", "enter", "end"]),
    ("goal", 80, 24, ["j", "enter", "end", "g"]),
    ("help", 80, 24, ["?"]),
]


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return saved(tmp_path_factory.mktemp("golden") / "run.jsonl", four())


@pytest.mark.parametrize(("name", "width", "height", "keys"), SCREENS)
def test_screens_are_as_they_were_looked_at(
    path: Path, name: str, width: int, height: int, keys: Sequence[str]
) -> None:
    desk = Desk(path, width=width, height=height)
    for row in range(4):
        desk.shelf.why(row, wait=True)
    desk.press(*keys)
    console = Console(file=io.StringIO(), width=width, height=height, record=True)
    console.print(desk.screen, end="")
    shown = "\n".join(line.rstrip() for line in console.export_text().split("\n")) + "\n"
    file = GOLDEN / f"{name}-{width}.txt"
    if os.environ.get("REGENERATE"):
        file.write_text(shown, "utf-8")
    assert shown == file.read_text("utf-8")
