"""An index that nobody of ours wrote is looked at before it is used."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from reasonact_env.replay.columns import Columns
from reasonact_env.replay.index import index_path, indexed
from tests.reasonact_env.replay.replayed import Desk

WRONG = {
    "starts": [0, -1, 10**9],
    "steps": [-1, 2**62],
    "won": [2, -2],
    "stop": [-1, 99],
    "wrong": [-1, 99],
    "tag_rows": [-1, 4],
    "tags": [-1, 99],
}


@pytest.mark.parametrize(("name", "number"), [(a, b) for a, some in WRONG.items() for b in some])
def test_an_index_with_numbers_out_of_range_is_made_anew(
    name: str, number: int, path: Path
) -> None:
    _, right = indexed(path)
    with np.load(index_path(path)) as found:
        arrays = dict(found)
    arrays[name][-1] = number
    write(path, arrays)
    require_list(path, right)


@pytest.mark.parametrize("unfinished", [False, True])
@pytest.mark.parametrize(
    "change",
    [
        {"starts": np.zeros((4, 1), np.int64)},
        {"total": np.zeros(3)},
        {"won": np.zeros(4)},
        {"components": np.zeros((4, 99))},
        {"causes": np.frombuffer(b'["",[null]]', np.uint8)},
        {"causes": np.frombuffer(b"[", np.uint8)},
        {"causes": np.frombuffer(b'["",[1,2,3,4]]', np.uint8)},
        {"more": np.zeros(1 << 26)},
        {"texts": np.frombuffer(b'[["a"],[],[]]', np.uint8)},
    ],
    ids=lambda change: "-".join(change),
)
def test_an_index_of_another_form_is_made_anew(
    change: dict[str, np.ndarray], unfinished: bool, path: Path
) -> None:
    _, right = indexed(path)
    with np.load(index_path(path)) as found:
        arrays = dict(found)
    if unfinished:
        arrays["stamp"] = np.array([*arrays["stamp"], -1])
    write(path, {**arrays, **change})
    require_list(path, right)


def test_a_part_of_an_index_has_to_be_of_these_lines(path: Path) -> None:
    _, right = indexed(path)
    with np.load(index_path(path)) as found:
        arrays = dict(found)
    arrays["starts"], arrays["stamp"] = np.array([1, 2, 3, 4]), np.array([*arrays["stamp"], -1])
    write(path, arrays)
    require_list(path, right)


def write(path: Path, arrays: dict[str, np.ndarray]) -> None:
    """Puts an index of other arrays beside a file of episodes."""
    with index_path(path).open("wb") as file:
        np.savez_compressed(file, allow_pickle=False, **arrays)


def require_list(path: Path, right: Columns) -> None:
    """The list is that of the file, whatever its index says, and so is the index afterwards."""
    desk = Desk(path)
    desk.press("a", "escape", "m", "escape", "enter", "]")
    for columns in (desk.shelf.columns, indexed(path)[1]):
        assert columns.tasks == right.tasks
        for name in ("starts", "total", "steps", "won"):
            assert getattr(columns, name).tolist() == getattr(right, name).tolist()
        assert [columns.words[n] for n in columns.stop] == [right.words[n] for n in right.stop]


@pytest.mark.parametrize("kind", ["pipe", "device", "folder"])
def test_an_index_that_is_no_file_is_neither_read_nor_written(kind: str, path: Path) -> None:
    _, right = indexed(path)
    index_path(path).unlink()
    match kind:
        case "pipe":
            os.mkfifo(index_path(path))
        case "device":
            index_path(path).symlink_to("/dev/zero")
        case "folder":
            index_path(path).mkdir()
    before = index_path(path).lstat()
    require_list(path, right)
    assert index_path(path).lstat().st_ino == before.st_ino
