"""The list of episodes: index, filters, order, files and folders."""

import os
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from reasonact_env.env import ReasonActEnv
from reasonact_env.episode import Episode
from reasonact_env.episodes.growing import GrowingFile
from reasonact_env.episodes.storage import EpisodeFile, Header, StorageError
from reasonact_env.failures import overview, read_run
from reasonact_env.failures.aligned import advantages
from reasonact_env.failures.overview import Group
from reasonact_env.replay import index
from reasonact_env.replay.columns import Columns
from reasonact_env.replay.cursor import Cursor
from reasonact_env.replay.failure_sheet import group_lines
from reasonact_env.replay.index import index_path, indexed
from reasonact_env.replay.listing import list_words
from reasonact_env.replay.query import ORDERS, Query, line_of, terms_of
from reasonact_env.replay.rows import Row
from reasonact_env.replay.shelf import Shelf
from reasonact_env.replay.sources import sources_of, stage_of
from reasonact_env.replay.terms import known_values
from reasonact_env.stats import Interval
from tests.reasonact_env.replay.replayed import Desk, four, saved

SFT = "SFT (demo + SFT on 64 of embedded:desk(n=200,seed=1))"
GRPO = "GRPO (demo + SFT on 64 of embedded:desk(n=200,seed=1), then GRPO on embedded:desk(n=200))"


@pytest.fixture
def run(tmp_path: Path, episodes: list[Episode]) -> Path:
    """A pipeline's folder, with two evaluations and a generation of GRPO."""
    saved(tmp_path / "pipe/eval-SFT-greedy/episodes.jsonl", episodes, SFT)
    saved(tmp_path / "pipe/eval-GRPO-greedy/episodes.jsonl", episodes[:2], GRPO)
    saved(tmp_path / "pipe/grpo/episodes/00012.jsonl", episodes[:1], "generation 12")
    (tmp_path / "pipe/grpo/metrics.jsonl").write_text('{"step": 1}\n')
    return tmp_path / "pipe"


def numbers(path: Path, line: str, order: str = "file") -> list[int]:
    return [int(row) + 1 for row in Shelf([path]).select(Query(terms_of(line), order))]


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("", [1, 2, 3, 4]),
        ("failed", [2]),
        ("won", [1, 3]),
        ("running", [4]),
        ("-failed", [1, 3, 4]),
        ("FAILED", [2]),
        ("-Failed", [1, 3, 4]),
        ("won problem=unknown_tool", [3]),
        ("won -problem=unknown_tool", [1]),
        ("tool=nope", [3]),
        ("tool=nosuch", []),
        ("stop=finished", [2, 3]),
        ("outcome<0.5", [2]),
        ("return>=1", [1]),
        ("episode=3", [3]),
        ("'A THOUGHT of'", [3]),
        ("failed 'Bye.'", [2]),
        ("-'A thought of'", [1, 2, 4]),
    ],
)
def test_filters_combine(path: Path, line: str, wanted: list[int]) -> None:
    assert numbers(path, line) == wanted


def test_a_missing_goal_call_is_a_filter(path: Path, episodes: list[Episode]) -> None:
    verdict = episodes[1].outcome
    assert verdict is not None
    name = next(goal.call.name for goal in verdict.goals if not goal.done)
    assert numbers(path, f"missing={name}") == [2]
    assert f"goal call missing: {name}" in Desk(path).press()


@pytest.mark.parametrize("order", ORDERS)
def test_every_order_lists_all(path: Path, order: str) -> None:
    assert sorted(numbers(path, "", order)) == [1, 2, 3, 4]
    totals = [EpisodeFile(path)[n - 1].total for n in numbers(path, "", "return")]
    assert totals == sorted(totals)


def test_terms_and_lines_are_each_others_inverse() -> None:
    assert terms_of(line_of(("failed", "order 17"))) == ("failed", "order 17")
    assert terms_of('an "odd quote') == ("an", '"odd', "quote")


def test_an_index_is_made_once_and_again_when_stale(path: Path, episodes: list[Episode]) -> None:
    told: list[int] = []
    _, first = indexed(path, lambda done, of: told.append(of))
    _, again = indexed(path, lambda done, of: told.append(-1))
    assert told == [4, 4]  # at the beginning, and at the end
    assert again.tasks == first.tasks
    assert again.starts.tolist() == first.starts.tolist()
    saved(path, episodes[:2])
    assert len(indexed(path)[1]) == 2


@pytest.mark.parametrize("garbage", [b"", b"nonsense", b"PK\x03\x04 cut"])
def test_a_broken_index_is_made_anew(path: Path, garbage: bytes) -> None:
    indexed(path)
    index_path(path).write_bytes(garbage)
    assert len(indexed(path)[1]) == 4


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_is_read(path: Path) -> None:
    path.parent.chmod(0o500)
    assert len(indexed(path)[1]) == 4
    assert not index_path(path).exists()


def test_episodes_open_from_an_index_also_of_a_growing_file(
    tmp_path: Path, episodes: list[Episode]
) -> None:
    grown = GrowingFile(tmp_path / "grown.jsonl", Header({}, episodes[0].source, "x"))
    for episode in episodes:
        grown.add(episode)
    for _ in range(2):
        file, columns = indexed(grown.path)
        assert list(file) == episodes
        assert columns.steps.tolist() == [len(episode.steps) for episode in episodes]


def test_keys_filter_and_keep_the_episode(path: Path) -> None:
    desk = Desk(path)
    desk.press("j", "j", "f")
    assert desk.cursor.at == 0
    assert "1 of 4 · ✓ 0 ✗ 1" in desk.press()
    desk.press("f")
    assert desk.cursor.row(desk.shelf) == 1  # the one that was left
    desk.press("/")
    assert "no episode has zzz" in desk.type("zzz")
    assert "4 · ✓ 2 ✗ 1" in desk.press("c")


def test_filters_are_chosen_from_a_sheet_with_counts(path: Path) -> None:
    desk = Desk(path)
    assert "[ ]       2  won" in desk.press("m")
    desk.press("j", "enter")
    assert desk.cursor.query.terms == ("won",)
    assert "[x]       2  won" in desk.press()
    desk.press("enter", "-", "escape")
    assert desk.cursor.query.terms == ("-failed",)
    assert len(desk.shelf.select(desk.cursor.query)) == 3


def test_an_episode_opens_and_the_list_comes_back(path: Path) -> None:
    desk = Desk(path)
    listed = desk.press("j")
    assert "step 0/" in desk.press("enter")
    assert desk.press("escape") == listed


def test_a_folder_opens_all_its_files_and_tells_sft_from_grpo(run: Path) -> None:
    desk = Desk(run)
    assert [source.label for source in desk.shelf.sources] == [
        "eval-GRPO-greedy",
        "eval-SFT-greedy",
        "grpo/00012",
    ]
    heads = [desk.press().split("\n")[2], desk.press("]").split("\n")[2]]
    assert heads[0].startswith("3 runs, ▶ GRPO · dialogues on desk")
    assert heads[1].startswith("3 runs, ▶ SFT · dialogues on desk")
    assert desk.press("]").split("\n")[2].startswith("3 runs, ▶ GRPO, generation 12")
    assert "no run after this one" in desk.press("]")
    assert desk.press("enter").startswith(" GRPO, generation 12 · grpo/00012")


def test_rows_of_several_files_keep_their_episodes(run: Path, episodes: list[Episode]) -> None:
    shelf = Shelf([run])
    assert [shelf.episode(row) for row in range(7)] == [*episodes[:2], *episodes, episodes[0]]
    of_sft = shelf.select(Query(("run=eval-SFT-greedy", "won"))).tolist()
    assert of_sft == [2, 4]
    assert shelf.select(Query(("run=SFT", "won"))).tolist() == of_sft
    assert shelf.select(Query(("A thought of",))).tolist() == [4]
    assert shelf.select(Query(("stage=GRPO",))).tolist() == [0, 1, 6]
    assert shelf.select(Query(("-stage=GRPO", "won"))).tolist() == of_sft
    assert shelf.select(Query(("stage=GRPO, generation 12",))).tolist() == [6]


@pytest.mark.parametrize(
    ("words", "stage"),
    [
        (SFT, "SFT"),
        (GRPO, "GRPO"),
        (
            "demo-tiny + SFT on 1200 of desk, cold start on 12 dialogues with 75 thoughts",
            "cold start",
        ),
        ("demo-tiny + SFT on 1200 of desk, then GRPO on desk", "GRPO"),
        ("demo, random weights of seed 0, nothing learned here", "base"),
        ("agent gold", "gold"),
        ("generation 12", "GRPO, generation 12"),
        ("mixed", "mixed"),
    ],
)
def test_agents_tell_their_stage(words: str, stage: str) -> None:
    assert stage_of(words) == stage


def test_a_folder_without_episodes_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.jsonl").write_text("{}\n")
    with pytest.raises(StorageError, match="expected a folder with files of episodes"):
        sources_of([tmp_path])
    with pytest.raises(FileNotFoundError):
        sources_of([tmp_path / "gone"])


def test_turn_mode_says_what_was_wrong_first(tmp_path: Path) -> None:
    env = ReasonActEnv(data="desk:20", split="all", mode="turn")
    env.reset(seed=0, options={"task_id": env.tasks[0].id})
    while env.episode.stop is None:
        env.step("Hm.")
    desk = Desk(saved(tmp_path / "turns.jsonl", [env.episode] * 2, mode="turn"))
    cause = desk.shelf.why(0, wait=True).cause
    assert cause is not None
    assert desk.shelf.wrong(0).startswith(cause.kind.value)
    assert len(desk.shelf.select(Query((f"cause={cause.kind.value}",)))) == 2
    assert len(desk.shelf.select(Query(("failed",)))) == 2


def test_failures_open_their_episodes_and_keep_the_filter(path: Path) -> None:
    desk = Desk(path)
    desk.press("/")
    desk.type("steps<9")
    desk.press("a")
    desk.shelf.causes(0).ready.wait()
    assert "1 of 3 episodes failed" in desk.press()
    desk.press("enter")
    assert desk.shelf.select(desk.cursor.query).tolist() == [1]
    assert desk.cursor.query.terms[0] == "steps<9"
    desk.press("a", "j", "enter")  # another group takes the place of the first
    assert [term.partition("=")[0] for term in desk.cursor.query.terms] == ["steps<9", "about"]


@pytest.mark.parametrize(
    ("width", "lines"),
    [
        (
            80,
            [
                "▶      4  50.0 % [25.0, 75.0]    cancel_order + transfer_to_human · goal call",
                "                                 missing: cancel_order 3, loop 1",
            ],
        ),
        (
            40,
            [
                "▶      4  50.0 % [25.0, 75.0]",
                "    cancel_order + transfer_to_human ·",
                "    goal call missing: cancel_order 3,",
                "    loop 1",
            ],
        ),
        (
            20,
            [
                "▶      4  50.0 %",
                "[25.0, 75.0]",
                "    cancel_order +",
                "    transfer_to_",
                "    human · goal",
                "    call missing:",
                "    cancel_order 3,",
                "    loop 1",
            ],
        ),
    ],
)
def test_long_lines_of_failures_hang_below_their_names(width: int, lines: list[str]) -> None:
    most = (("goal call missing: cancel_order", 3), ("loop", 1))
    share = Interval(0.5, 0.25, 0.75, 8, 8)
    group = Group("cancel_order + transfer_to_human", 4, 0.5, share, most, (1,))
    assert [line.plain for line in group_lines(group, width, chosen=True)] == lines
    other = [line.plain for line in group_lines(group, width)]
    assert other == [lines[0].replace("▶", " "), *lines[1:]]


def test_list_why_filters_and_failures_say_the_same_from_the_start(run: Path) -> None:
    for _ in range(2):  # the second time from the index
        shelf = Shelf([run])
        for row in range(len(shelf)):
            cause = shelf.why(row, wait=True).cause
            if shelf.columns.won[row] == 0:
                assert cause is not None
                assert shelf.wrong(row).startswith(cause.kind.value)
                assert row in shelf.select(Query((f"cause={cause.kind.value}",)))
        causes = shelf.causes(0)
        causes.ready.wait()
        rows = read_run(shelf.sources[0].path).rows
        assert causes.found == overview(rows)


class Killed(BaseException):
    """Nothing runs after it."""


def many(path: Path, episodes: list[Episode]) -> Path:
    """250 episodes, and a broken line after the first hundred."""
    saved(path, [episodes[n % len(episodes)] for n in range(250)])
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([*lines[:101], b'{"task_id": bad\n', *lines[101:]]))
    return path


@pytest.mark.parametrize("killed", [False, True])
def test_an_interrupted_index_goes_on_where_it_was_stopped(
    killed: bool, tmp_path: Path, episodes: list[Episode], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = many(tmp_path / "run.jsonl", episodes)
    whole = indexed(path)[1]
    index_path(path).unlink()

    def stop(done: int, of: int) -> None:
        if done == 200:
            raise Killed if killed else KeyboardInterrupt

    if killed:  # it has no time to keep anything, so what was kept before has to do
        monkeypatch.setattr(index, "KEPT_EVERY", 0.0)
        monkeypatch.setattr(index, "_WORTH", 0)
    with pytest.raises((Killed, KeyboardInterrupt)):
        indexed(path, stop)
    told: list[int] = []
    file, found = indexed(path, lambda done, of: told.append(done))
    assert told[0] == (199 if killed else 200)
    assert len(file) == len(found) == 251
    for name in ("tasks", "names"):
        assert getattr(found, name) == getattr(whole, name)
    for name in ("starts", "total", "steps", "won", "tag_rows", "broken"):
        assert getattr(found, name).tolist() == getattr(whole, name).tolist()
    for name in ("stop", "wrong", "tags"):
        texts = ([one.words[n] for n in getattr(one, name)] for one in (found, whole))
        assert next(texts) == next(texts)
    assert found.causes == whole.causes
    again: list[int] = []
    indexed(path, lambda done, of: again.append(done))
    assert again == []  # the whole index is there


def test_a_part_of_an_older_file_is_not_taken(tmp_path: Path, episodes: list[Episode]) -> None:
    path = many(tmp_path / "run.jsonl", episodes)

    def stop(done: int, of: int) -> None:
        if done:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        indexed(path, stop)
    path.write_bytes(path.read_bytes() + b"\n")
    told: list[int] = []
    indexed(path, lambda done, of: told.append(done))
    assert told[0] == 0


def made(index: Path) -> tuple[int, int]:
    """What tells one index from another made later: reading changes the time of access alone."""
    stat = index.stat()
    return stat.st_ino, stat.st_mtime_ns


def test_an_index_is_stale_when_the_data_appear(tmp_path: Path, episodes: list[Episode]) -> None:
    path = saved(tmp_path / "run.jsonl", episodes, data=str(tmp_path / "late.json"))
    first = made(index_path(Shelf([path]).sources[0].path))
    assert "gone" not in Shelf([path]).wrong(1)
    assert made(index_path(path)) == first
    (tmp_path / "late.json").write_text("[]")
    Shelf([path])
    assert made(index_path(path)) != first


def test_a_mistyped_filter_is_told_and_the_old_one_stays(path: Path) -> None:
    desk = Desk(path)
    desk.press("f", "/")
    assert "did you mean 'cause'?" in desk.type("caus=x")
    assert desk.cursor.query.terms == ("failed",)
    desk.press("/")
    assert "no episode has failed runing; did you mean 'running'?" in desk.type("runing")
    desk.press("c", "f", "/")
    desk.type("http://nowhere and 10:30")
    assert "no episode has failed http" in desk.press()


def test_a_long_note_is_not_cut_at_the_edge(path: Path) -> None:
    desk = Desk(path, width=60)
    desk.press("/")
    screen = desk.type("nosuchfilter=7")
    assert len(screen.split("\n")) == 24
    assert desk.cursor.note in " ".join(screen.split())
    assert len(desk.cursor.note) > 100


def test_others_of_a_task_stand_beside_it(run: Path) -> None:
    desk = Desk(run)
    desk.press("enter")
    assert "A GRPO #1" in desk.press("b")
    assert "B SFT #1" in desk.press()
    assert "B GRPO, generation 12 #1" in desk.press("b")
    assert "step 0/" in desk.press("escape")


def test_a_group_has_its_advantages_beside_the_others(tmp_path: Path) -> None:
    one, two, *_ = four()
    short = replace(one, steps=one.steps[:1], stop=None, outcome=None)
    saved(tmp_path / "grpo/00012.jsonl", [one, two, short, one], "generation 12")
    saved(tmp_path / "sft/episodes.jsonl", [one], "SFT (x)")
    desk = Desk(tmp_path, width=120)
    desk.press("enter")
    assert "B SFT" in desk.press("b")
    assert "advantages" not in desk.press()  # another run is no member of the group
    totals = [one.total, short.total, one.total]
    best, worst, _ = advantages(totals)
    told = f"advantages in its group: A #1 {best:+.2f} · #4 {best:+.2f} · B #3 {worst:+.2f}"
    assert told in desk.press("b")


def test_what_another_run_mends_and_breaks_has_a_key(tmp_path: Path) -> None:
    one, two, three, _ = four()
    before = saved(tmp_path / "a.jsonl", [one, two])
    after = saved(tmp_path / "b.jsonl", [one, replace(two, outcome=one.outcome)])
    other = saved(tmp_path / "c.jsonl", [three])
    assert "Only one run is open" in Desk(before).press("A")
    desk = Desk(before, after, other, width=120)
    screen = desk.press("A")
    assert "1 of 2 other runs" in screen
    assert "2 pairs of episodes on the same tasks" in screen
    assert "1 mended · 0 broken · 1 won in both" in screen
    assert "expected two runs over the same tasks" in " ".join(desk.press("A").split())
    assert desk.press("escape").startswith(" replay · a ")


def test_unlike_modes_are_told_beside_each_other(tmp_path: Path) -> None:
    one, *_ = four()
    saved(tmp_path / "a.jsonl", [one])
    saved(tmp_path / "b.jsonl", [one], thinking="required")
    desk = Desk(tmp_path, width=120)
    desk.press("enter")
    assert "not played alike: thinking as usual ↔ required" in desk.press("b")


def test_what_if_another_action_is_a_branch(path: Path) -> None:
    desk = Desk(path)
    desk.press("j", "enter", "i")
    assert "branch 1" in desk.type("Hello there.")
    assert "Hello there." in desk.press()
    assert desk.cursor.step == 1
    assert "branch 1 · after the opening" in desk.press("Y") or "typed" in desk.press()
    desk.press("escape", "y")
    assert desk.cursor.branch == 0
    assert "expected" in (desk.press("a"), desk.type("nosuchagent"))[1]


def test_a_list_is_there_before_its_index(
    tmp_path: Path, episodes: list[Episode], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = many(tmp_path / "run.jsonl", episodes)
    whole = indexed(path)[1]
    index_path(path).unlink()
    gate, reached = threading.Event(), threading.Event()
    reading = index._read

    def slowly(*given: Any) -> Any:
        for number, row in enumerate(reading(*given)):
            if number == 150:
                reached.set()
                assert gate.wait(60)
            yield row

    monkeypatch.setattr(index, "_read", slowly)
    monkeypatch.setattr("reasonact_env.replay.shelf.AT_ONCE", 0.0)
    shelf = Shelf([path], behind=True)
    assert len(shelf) == len(whole)
    assert shelf.columns.total[:20].tolist() == whole.total[:20].tolist()
    assert "looked at" in shelf.unknown
    assert "counted at the end" in shelf.causes(0).problem
    assert reached.wait(60)
    threading.Timer(0.2, gate.set).start()
    shelf.close()  # in the middle: the part is kept
    monkeypatch.setattr(index, "_read", reading)
    told: list[int] = []
    indexed(path, lambda done, of: told.append(done))
    assert told[0] >= 150
    assert not Shelf([path], behind=True).unknown


def test_what_becomes_known_behind_the_list_is_that_of_an_index(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = Shelf([path])
    index_path(path).unlink()
    monkeypatch.setattr("reasonact_env.replay.shelf.AT_ONCE", 0.0)
    shelf, rows = Shelf([path], behind=True), Query(terms_of("failed"))
    end = time.monotonic() + 60
    while shelf.unknown and time.monotonic() < end:
        shelf.news()
        time.sleep(0.05)
    assert shelf.select(rows).tolist() == whole.select(rows).tolist()
    assert [shelf.wrong(row) for row in range(4)] == [whole.wrong(row) for row in range(4)]
    assert shelf.rows_of(0) == whole.rows_of(0)


def test_dialogues_and_decisions_have_their_own_means(
    tmp_path: Path, episodes: list[Episode]
) -> None:
    saved(tmp_path / "a/episodes.jsonl", episodes[:2])
    saved(tmp_path / "b/episodes.jsonl", episodes[2:], mode="turn")
    shelf = Shelf([tmp_path])
    words = list_words(shelf, Cursor()).plain
    for part, name in ((episodes[:2], "dialogue"), (episodes[2:], "turn")):
        mean = sum(one.total for one in part) / len(part)
        assert f"return {mean:+.3f} of {name}s" in words
    one = list_words(Shelf([tmp_path / "a"]), Cursor()).plain
    assert "of dialogues" not in one


def test_a_return_that_is_no_number_is_told_and_has_no_part() -> None:
    rows = [Row("a", True, total, 1, "handover", "", (), {}) for total in (float("nan"), 1.0)]
    columns = Columns.of(rows, [0, 1])
    assert columns.odd.tolist() == [True, False]
    assert columns.judged.tolist() == [False, True]
    assert columns.return_of(0) is None


def test_a_label_that_is_a_stage_too_is_named_once(tmp_path: Path, episodes: list[Episode]) -> None:
    shelf = Shelf([saved(tmp_path / "gold.jsonl", episodes, "gold")])
    assert known_values(shelf, "run") == ["gold"]
