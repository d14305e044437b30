"""Files are written whole or not at all."""

import json
import os
import signal
import stat
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from tools.files import append_object, read_objects, replacing, write_json, write_text
from tools.places import require_place


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_full_disk_is_found_out_before_there_is_work_to_lose() -> None:
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("this system has no /dev/full")
    with pytest.raises(OSError, match="No space left"):
        require_place(full)
    require_place(Path("/dev/null"))


def test_the_older_file_stays_until_the_block_ends(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("old")
    with replacing(path) as file:
        file.write(b"new")
        file.flush()
        assert path.read_text() == "old"
        assert {one.parent for one in tmp_path.iterdir()} == {path.parent}
    assert path.read_text() == "new"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("old", ["old", None], ids=["older file", "no file"])
def test_an_error_leaves_all_as_it_was(old: str | None, tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    if old is not None:
        path.write_text(old)
    with pytest.raises(TypeError), replacing(path) as file:
        file.writelines([b"new", "no bytes"])  # type: ignore[list-item]
    assert [one.read_text() for one in tmp_path.iterdir()] == ([] if old is None else [old])


def test_a_killed_write_leaves_the_older_file(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("old")
    script = """
        import os, signal, sys
        from pathlib import Path
        from tools.files import replacing
        with replacing(Path(sys.argv[1])) as file:
            file.write(b"new")
            file.flush()
            os.kill(os.getpid(), signal.SIGKILL)
    """
    command = [sys.executable, "-c", textwrap.dedent(script), str(path)]
    root = Path(__file__).parents[2]
    done = subprocess.run(command, cwd=root, env={**os.environ, "PYTHONPATH": str(root)})
    assert done.returncode == -signal.SIGKILL
    assert path.read_text() == "old"
    (partial,) = set(tmp_path.iterdir()) - {path}
    assert partial.name.startswith(".a.txt.")
    assert partial.name.endswith(".partial")
    assert write_text(path, "newer").read_text() == "newer"


@pytest.mark.parametrize("umask", [0o022, 0o077])
def test_a_new_file_has_the_permissions_of_any_other(umask: int, tmp_path: Path) -> None:
    before = os.umask(umask)
    try:
        write_text(tmp_path / "a.txt", "new")
    finally:
        os.umask(before)
    assert mode_of(tmp_path / "a.txt") == 0o666 & ~umask


@pytest.mark.parametrize("reached", ["name", "link", "hard link", "dots"])
def test_what_is_read_is_not_written_over(reached: str, tmp_path: Path) -> None:
    path = write_text(tmp_path / "a.txt", "read")
    other = tmp_path / "b.txt"
    match reached:
        case "name":
            other = path
        case "link":
            other.symlink_to(path)
        case "hard link":
            other.hardlink_to(path)
        case "dots":
            other = tmp_path / "x" / ".." / "a.txt"
            (tmp_path / "x").mkdir()
    with pytest.raises(ValueError, match="expected another file to write to"):
        require_place(other, ["desk:20", "\0", tmp_path / "gone", path])
    require_place(tmp_path / "c.txt", [path])


def test_a_link_stays_and_its_file_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "file.txt").write_text("old", "utf-8")
    link = tmp_path / "link.txt"
    link.symlink_to("file.txt")
    require_place(link)
    write_text(link, "new")
    assert link.is_symlink()
    assert (tmp_path / "file.txt").read_text("utf-8") == "new"


def test_an_open_stream_is_written_to_and_not_replaced(tmp_path: Path) -> None:
    with (tmp_path / "out.txt").open("wb") as stream:
        path = Path(f"/proc/self/fd/{stream.fileno()}")
        write_text(path, "new")
        assert path.is_symlink()
    assert (tmp_path / "out.txt").read_text("utf-8") == "new"


def test_what_a_run_has_written_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "summary.json").write_text("{}", "utf-8")
    require_place(tmp_path / "summary.json")  # somebody's own: no run lies beside it
    (tmp_path / "run.json").write_text("{}", "utf-8")
    with pytest.raises(ValueError, match="than a run's"):
        require_place(tmp_path / "summary.json")
    with pytest.raises(ValueError, match="expected another file to write to than a run's"):
        require_place(tmp_path / "run.json")
    require_place(tmp_path / "run.json", is_runs_own=True)
    require_place(tmp_path / "policy.json")  # nothing is there


def test_a_pipe_is_written_to_and_not_replaced(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        write_text(pipe, "through")
        assert os.read(reader, 99) == b"through"
    finally:
        os.close(reader)
    assert stat.S_ISFIFO(pipe.stat().st_mode)
    assert [one.name for one in tmp_path.iterdir()] == ["pipe"]


def test_errors_name_the_file_and_not_the_partial_one(tmp_path: Path) -> None:
    path = tmp_path / ("n" * 250)
    with pytest.raises(OSError, match="name too long") as found:
        write_text(path, "new")
    assert found.value.filename == str(path)
    if Path("/dev/full").exists():
        with pytest.raises(OSError, match="No space left"):
            write_text(Path("/dev/full"), "new")


def test_an_older_file_passes_on_its_permissions(tmp_path: Path) -> None:
    path = write_text(tmp_path / "a.txt", "old")
    path.chmod(0o640)
    write_text(path, "new")
    assert mode_of(path) == 0o640


def test_folders_are_created_and_text_is_utf8_as_it_stands(tmp_path: Path) -> None:
    path = write_text(tmp_path / "a" / "b.txt", "Grüße\r\n")
    assert path.read_bytes() == "Grüße\r\n".encode()


def test_json_that_cannot_be_written_leaves_the_older_file(tmp_path: Path) -> None:
    path = write_json(tmp_path / "a.json", {"é": 1})
    with pytest.raises(ValueError, match="not JSON compliant"):
        write_json(path, {"a": float("nan")})
    assert json.loads(path.read_text("ascii")) == {"é": 1}


OURS = (b'{"name": "',)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", []),
        ('{"name": "a"}\n', ["a"]),
        ('{"name": "a"}\n{"name": "b"}', ["a", "b"]),
        ('{"name": "a"}', ["a"]),
        ('{"name": "a"}\n{"name": "b', ["a"]),
        ('{"name": "a"}\n{"na', ["a"]),
        ('{"name": "a', []),
        ("{", []),
    ],
)
def test_a_line_without_its_end_counts_where_it_is_whole(
    before: str, after: list[str], tmp_path: Path
) -> None:
    path = tmp_path / "folder" / "lines.jsonl"
    path.parent.mkdir()
    path.write_text(before)
    assert [line["name"] for line in read_objects(path, OURS)] == after
    for number, name in enumerate("xyé"):
        append_object(path, {"name": name}, OURS)
        assert [line["name"] for line in read_objects(path, OURS)] == after + [*"xyé"][: number + 1]
    assert path.read_text().count("\n") == len(after) + 3


@pytest.mark.parametrize(
    "text", ["my only notes", "[1, 2", "[1, 2]", '{"other": 1', "\n\nnotes", "7"]
)
def test_the_last_line_of_somebody_else_is_left_alone(text: str, tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text(text)
    for _ in range(2):
        with pytest.raises(ValueError, match=r"expected a JSON object in .*notes.txt:\d"):
            append_object(path, {"name": "a"}, OURS)
        assert path.read_text() == text
    with pytest.raises(ValueError, match=r"expected a JSON object in .*notes.txt:\d"):
        read_objects(path, OURS)


def test_the_first_line_makes_file_and_folder(tmp_path: Path) -> None:
    path = tmp_path / "new" / "lines.jsonl"
    append_object(path, {"name": "a"}, OURS)
    assert path.read_text() == '{"name": "a"}\n'
