"""What a replay says went wrong first: while data are read, without them, and by key."""

import io
import re
import shlex
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from reasonact_env.env import ReasonActEnv
from reasonact_env.episode import Episode
from reasonact_env.episodes.storage import Header, write_episodes
from reasonact_env.failures import Cause, Kind, first_wrong, goal_of
from reasonact_env.failures.rows import row_of
from reasonact_env.replay import main
from reasonact_env.replay.causes import Causes, packed
from reasonact_env.replay.columns import Columns
from reasonact_env.replay.shelf import Shelf
from reasonact_env.replay.whatif import Place
from reasonact_env.view.goal import goal_view
from reasonact_env.view.scores import checks
from tasks.load import load_tasks
from tasks.types import TaskSet
from tests.reasonact_env.replay.replayed import Desk, four, saved

GATE = threading.Event()
"""Is set while the data of `late` can be read."""
LATE = f"{__name__}:late"


def reader() -> Callable[[], TaskSet]:
    """A reader of data that take their time; what each one reads is kept."""

    def read() -> TaskSet:
        assert GATE.wait(60)
        return load_tasks("desk:20")

    return read


late = reader()


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Lost episodes that look otherwise without their tasks, with an index; then data are late."""
    GATE.set()
    env = ReasonActEnv(data=LATE, split="all")
    lost = []
    for task in env.tasks:
        env.reset(seed=0, options={"task_id": task.id})
        while env.episode.stop is None:
            env.step("Your order costs $123.45. Bye.")
        cause, alone = first_wrong(task, env.episode), first_wrong(None, env.episode)
        if cause and alone and cause.kind is not alone.kind:
            lost.append(env.episode)
    assert lost
    path = tmp_path / "run.jsonl"
    write_episodes(path, Header(env.config.to_json(), env.source, "mixed"), lost[:3])
    Shelf([path])
    monkeypatch.setattr(sys.modules[__name__], "late", reader())
    GATE.clear()
    yield path
    GATE.set()


def test_while_data_are_read_the_cause_is_the_lists(run: Path) -> None:
    desk = Desk(run)
    early = desk.shelf.why(0)
    assert early.cause is not None
    assert desk.shelf.wrong(0).startswith(early.cause.kind.value)
    screen = desk.press("enter", "g")
    assert f"in step {early.cause.step}: {early.cause.kind.value}" in screen
    assert "the data are being read" in " ".join(screen.split())
    GATE.set()
    later = desk.shelf.why(0, wait=True)
    assert later.cause is not None
    assert (later.cause.kind, later.cause.step) == (early.cause.kind, early.cause.step)
    assert (later.missing, later.looking) == ("", False)
    assert "the data" not in desk.press()


def test_data_that_are_gone_do_not_change_the_cause(run: Path) -> None:
    GATE.set()
    moved = Shelf([run], data="desk:19")  # another set, so that the tasks are missing
    why = moved.why(0, wait=True)
    assert "expected the data set" in why.missing
    with_data = Shelf([run]).why(0, wait=True).cause
    assert why.cause is not None
    assert with_data is not None
    assert not why.looking
    assert moved.wrong(0).startswith(why.cause.kind.value)


def test_a_branch_is_looked_at_once_its_data_are_there(
    run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    GATE.set()
    Shelf([run]).what_if(0).type(Place(1), "Bye.")
    monkeypatch.setattr(sys.modules[__name__], "late", reader())  # nothing is kept of what was read
    GATE.clear()
    desk = Desk(run)
    assert "first wrong: looking" in desk.press("enter", "y", "g")
    GATE.set()
    desk.shelf.why(0, 1, wait=True)
    assert "first wrong, in step" in desk.press()


@pytest.fixture(scope="module")
def episodes() -> list[Episode]:
    return four()


def test_the_key_of_problems_says_what_is_wrong(tmp_path: Path, episodes: list[Episode]) -> None:
    desk = Desk(saved(tmp_path / "run.jsonl", episodes))
    desk.press("j", "enter", "home", "e")
    cause = desk.shelf.why(1).cause
    assert cause is not None
    assert desk.cursor.note == f"{cause.kind.value}: {cause.about or cause.fact} · g shows it"
    desk.press("]", "home", "e")
    assert desk.cursor.note == "unknown_tool"


def test_escape_goes_from_a_branch_to_what_it_leaves(
    tmp_path: Path, episodes: list[Episode]
) -> None:
    desk = Desk(saved(tmp_path / "run.jsonl", episodes))
    desk.press("j", "enter", "i")
    desk.type("One moment.")
    desk.press("i")
    desk.type("One more.")
    desk.press("left", "i")
    desk.type("Another way.")
    assert desk.cursor.branch == 2
    assert "branch 1" in desk.press("escape")
    assert "the episode itself" in desk.press("escape")
    assert desk.cursor.branch == 0
    assert " replay · run" in desk.press("escape")


def test_one_run_alone_tells_the_command_that_opens_two(
    tmp_path: Path, episodes: list[Episode]
) -> None:
    path = saved(tmp_path / "a run.jsonl", episodes)
    desk = Desk(path, width=200)
    told = f"python -m reasonact_env.replay {shlex.quote(str(path))} OTHER_RUN"
    assert told in desk.press("A")
    assert told in desk.press("escape", "enter", "b")


def test_an_empty_list_names_its_runs(tmp_path: Path, episodes: list[Episode]) -> None:
    paths = [saved(tmp_path / f"{name}.jsonl", episodes[:1]) for name in ("before", "after")]
    desk = Desk(*paths)
    desk.press("/")
    assert desk.type("failed").startswith(" replay · before, after ")


def test_reads_that_the_goal_does_not_require_are_neutral() -> None:
    env = ReasonActEnv(data="retail:12", split="all")
    task = next(task for task in env.tasks if task.goal.writes and len(task.goal.reads) > 1)
    env.reset(seed=0, options={"task_id": task.id})
    while env.episode.stop is None:
        env.step("Bye.")
    console = Console(file=io.StringIO(), width=100)
    rows = goal_of(task, env.episode)
    assert any(fact.seen is None for fact in rows.facts)
    with console.capture() as capture:
        console.print(goal_view(rows))
    shown = capture.get().splitlines()
    for read in task.goal.reads:
        assert f"· {read.name}  not required; facts unseen" in shown
        assert not any(line.startswith(f"✗ {read.name}") for line in shown)
    assert any(line.startswith(f"✗ {task.goal.writes[0].name}") for line in shown)


def test_a_verdict_marks_what_was_not_needed(episodes: list[Episode]) -> None:
    won, lost = (one.outcome for one in episodes[:2])
    assert won is not None
    assert lost is not None
    neutral = checks(replace(won, reads=False, tau=False))
    assert {name: sign for sign, name in neutral} == {
        "state": "✓",
        "facts": "✓",
        "reads": "·",
        "handover": "✓",
        "tau": "·",
    }
    assert ("✗", "facts") in checks(lost)
    assert ("✗", "reads") in checks(lost)
    done = tuple(replace(goal, done=True) for goal in lost.goals)
    assert ("·", "reads") in checks(replace(lost, goals=done, reads=False))


def test_one_of_a_kind_is_no_plural(
    tmp_path: Path, episodes: list[Episode], capsys: pytest.CaptureFixture[str]
) -> None:
    one = replace(episodes[1], steps=episodes[1].steps[:1], opening=episodes[1].opening[-1:])
    path = saved(tmp_path / "run.jsonl", [one])
    other = saved(tmp_path / "other.jsonl", [one, episodes[3]])
    desk = Desk(path, other)
    screens = [desk.press("b", "escape", "A"), desk.press("escape", "enter"), desk.press("b")]
    screens += [desk.press("escape", "Y")]
    assert "1 of 1 other run ·" in screens[0]
    assert "the opening · 1 step follows" in screens[1]
    page = tmp_path / "page.html"
    for options in (
        ["--list"],
        ["--plain"],
        ["--verify"],
        ["--failures"],
        [str(other), "--failures"],
        ["--compare", str(other)],
        ["--html", str(page), "--export", "sft", "--out", str(tmp_path / "sft.jsonl")],
        ["--keep", "0", "--say", "Bye."],
    ):
        main([str(path), *options])
        screens.append(capsys.readouterr().out)
    main([str(other), "--failures"])
    screens.append(capsys.readouterr().out)
    assert "1 has not ended, or nothing is known of it" in " ".join(screens[-1].split())
    text = "\n".join([*screens, page.read_text("utf-8")])
    nouns = "steps|episodes|lines|pairs|matches|examples|words|tools|runs|others|decisions|branches"
    assert not re.findall(rf"(?<![\d,.#-])1 (?:{nouns})\b.*", text)


def test_a_cause_is_read_alone_as_among_all(episodes: list[Episode]) -> None:
    wild = Cause(Kind.CALL_MISSING, 2, "", tool="a\ud800b")
    found = [row_of(n, one, None) for n, one in enumerate(episodes, 1)]
    for rows in (found, [replace(found[1], causes=(wild,)), None, *found]):
        kept = Causes(packed(rows, ""), Columns.of([], []))
        for place, row in enumerate(rows):
            alone = kept.first(place)
            cause = row and row.cause
            told = cause and (cause.kind, cause.step, cause.about)
            assert (alone and (alone.kind, alone.step, alone.about)) == told
