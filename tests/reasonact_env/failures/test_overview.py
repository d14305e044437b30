"""Failures counted: overviews, two runs in pairs, columns, and what the command prints."""

from __future__ import annotations

import io
import json
import math
import re
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from rich.cells import cell_len
from rich.console import Console

from reasonact_env.episode import Episode, Mode
from reasonact_env.episodes.storage import Header, read_episodes, write_episodes
from reasonact_env.failures import (
    Cause,
    EpisodeRow,
    Kind,
    columns,
    frame,
    overview,
    paired,
    read_run,
    row_of,
    rows_of,
)
from reasonact_env.failures.command import main
from reasonact_env.view.failures import overview_view, paired_view
from tests.reasonact_env.failures.spoils import (
    DATA,
    call_left_out,
    fact_changed,
    gold_episodes,
    played,
    tasks_of,
)

ENV = {"data": DATA["desk"], "split": "all", "user": "own"}


def row(
    number: int, kind: Kind | None = None, tool: str | None = None, task: str = ""
) -> EpisodeRow:
    causes = () if kind is None else (Cause(kind, 1, "so it was", tool=tool),)
    name = task or f"t{number}"
    won = kind is None
    return EpisodeRow(
        number, name, None, "cancel", Mode.DIALOGUE, won, float(won), 3, "finished", causes
    )


def spoiled_episodes() -> list[Episode]:
    """Gold's episodes of the desk, the first ones spoiled."""
    tasks = tasks_of("desk")
    spoils = [
        (task, one)
        for task in list(tasks.values())[:8]
        for spoil in (call_left_out, fact_changed)
        for one in list(spoil(task))[:1]
    ][:10]
    return [played("desk", task, one) for task, one in spoils]


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("runs")
    bad, good = folder / "bad.jsonl", folder / "good.jsonl"
    spoiled, gold = spoiled_episodes(), gold_episodes("desk")[:20]
    write_episodes(bad, Header(ENV, spoiled[0].source, "clumsy"), spoiled)
    write_episodes(good, Header(ENV, gold[0].source, "gold"), gold)
    return bad, good


def test_failures_are_grouped_and_shares_have_intervals() -> None:
    rows = [
        row(1, Kind.CALL_MISSING, "cancel_order"),
        row(2, Kind.CALL_MISSING, "return_order"),
        row(3, Kind.CALL_MISSING, "cancel_order"),
        row(4, Kind.FORMAT),
        *(row(n) for n in range(5, 11)),
    ]
    found = overview(rows)
    assert (found.episodes, found.units, found.failed, found.running) == (10, 10, 4, 0)
    assert found.share.value == pytest.approx(0.4)
    assert 0 < found.share.low < 0.4 < found.share.high < 1
    missing, unreadable = found.kinds
    assert (missing.name, missing.count, missing.of_failures) == ("goal call missing", 3, 0.75)
    assert missing.most == (("cancel_order", 2), ("return_order", 1))
    assert missing.numbers == (1, 2, 3)
    assert (unreadable.name, unreadable.numbers) == ("format", (4,))
    assert [group.name for group in found.tools] == ["cancel_order", "return_order"]
    [kind] = found.task_kinds
    assert (kind.name, kind.count, kind.of_all.value) == ("cancel", 4, pytest.approx(0.4))


def test_nothing_and_nothing_wrong_have_an_overview() -> None:
    empty, clean = overview([]), overview([row(1), row(2)])
    assert math.isnan(empty.share.value)
    assert (clean.failed, clean.kinds, clean.tools) == (0, (), ())
    for found in (empty, clean):
        Console(file=io.StringIO()).print(overview_view(found))


def test_pairs_tell_what_was_mended_and_broken() -> None:
    before = [row(1, Kind.FORMAT), row(2), row(3, Kind.LOOP), row(4), row(9, Kind.LOOP)]
    after = [row(4), row(3, Kind.LOOP), row(2, Kind.FACT_WRONG), row(1), row(7)]
    found = paired(before, after)
    assert (found.pairs, found.alone) == (4, (1, 1))
    assert (found.mended, found.broken) == (((1, 1),), ((2, 2),))
    assert (found.both_won, found.both_failed) == (1, 1)
    assert found.success.value == pytest.approx(0)
    changes = {change.name: change for change in found.kinds}
    assert (changes["format"].before, changes["format"].after) == (1, 0)
    assert changes["format"].share.value == pytest.approx(-0.25)
    assert changes["format"].mended == ((1, 1),)
    assert changes["fact told wrongly"].broken == ((2, 2),)
    assert set(found.moved) == {("format", "success", 1), ("success", "fact told wrongly", 1)}
    with pytest.raises(ValueError, match="no task that was played in both"):
        paired([row(1)], [row(2)])


def test_one_task_alone_has_no_interval_and_a_table_says_so() -> None:
    console = Console(file=io.StringIO(), width=100)
    console.print(paired_view(paired([row(1, Kind.LOOP)], [row(1)]), "a", "b"))
    written = console.file.getvalue()
    assert "success +100.0 (one task) points" in written
    assert "-100.0 (one task)" in written


def test_the_nth_episode_of_a_task_pairs_with_the_nth() -> None:
    before = [row(1, task="a"), row(2, Kind.LOOP, task="a")]
    after = [row(1, Kind.LOOP, task="a"), row(2, task="a"), row(3, task="a")]
    found = paired(before, after)
    assert (found.mended, found.broken, found.alone) == (((2, 2),), ((1, 1),), (0, 1))


def test_runs_are_read_with_their_tasks(files: tuple[Path, Path]) -> None:
    bad, good = map(read_run, files)
    assert not bad.lacks
    rows = bad.rows
    assert all(one.won is False and one.cause for one in rows)
    assert {one.cause.kind for one in rows if one.cause} == {Kind.CALL_MISSING, Kind.FACT_WRONG}
    assert all(one.won and one.cause is None for one in good.rows)
    table = columns(rows)
    assert {len(column) for column in table.values()} == {len(rows)}
    assert set(table["cause"]) == {"goal call missing", "fact told wrongly"}


def test_without_the_data_less_is_known(files: tuple[Path, Path]) -> None:
    run = read_run(files[0], data="desk:3")
    assert "expected the data set" in run.lacks
    rows = run.rows
    assert all(one.won is False and one.cause for one in rows)
    assert any(one.cause and one.cause.kind is Kind.CALL_MISSING for one in rows)


def test_a_task_that_has_changed_is_not_at_hand(files: tuple[Path, Path]) -> None:
    _, episodes = read_episodes(files[1])
    tasks = tasks_of("desk")
    names = list(tasks)
    shifted = dict(zip(names, [*list(tasks.values())[1:], tasks[names[0]]], strict=True))
    for mine, theirs in zip(rows_of(episodes, shifted), rows_of(episodes), strict=True):
        assert mine == theirs
    assert row_of(1, episodes[0], tasks[episodes[0].task_id]).won


@pytest.mark.parametrize("width", [60, 80, 120, 200])
def test_no_line_is_lost_at_the_edge(files: tuple[Path, Path], width: int) -> None:
    bad, good = map(read_run, files)
    views = [
        overview_view(overview(bad.rows), "a title " * 20),
        paired_view(paired(bad.rows, good.rows), "before", "after"),
    ]
    console = Console(file=io.StringIO(), width=width)
    for view in views:
        with console.capture() as capture:
            console.print(view)
        text = capture.get()
        assert max(map(cell_len, text.split("\n"))) <= width
        assert "…" not in text
        assert ("goal call missing" if width >= 80 else "missing") in text


@pytest.mark.parametrize("width", [80, 120])
def test_no_name_is_broken_in_an_overview(width: int) -> None:
    tools = ("cancel_order", "return_order", "transfer_to_human")
    rows = [
        replace(row(n, Kind.CALL_MISSING, tool), task_kind=" + ".join(tools[: 1 + n % 3]))
        for n, tool in enumerate(tools * 2, 1)
    ]
    console = Console(file=io.StringIO(), width=width)
    console.print(overview_view(overview(rows)))
    written = console.file.getvalue()
    assert not re.search(r"_\s", written)
    for tool in tools:
        assert f"{tool} 2" in written


def test_foreign_names_cannot_control_the_terminal() -> None:
    rows = [row(1, Kind.CALL_MISSING, "\x1b[31mred[/bold]"), row(2)]
    console = Console(file=io.StringIO(), width=80)
    console.print(overview_view(overview(rows), "\x1b]0;title\x07"))
    written = console.file.getvalue()
    assert "\x1b" not in written
    assert "\\x1b[31mred[/bold]" in written.replace("\n", "")


def test_the_command_prints_tables_and_json(
    files: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    bad, good = map(str, files)
    assert main([bad]) == 0
    shown = capsys.readouterr().out
    assert "of 10 episodes failed" in shown or "episodes failed" in shown
    assert "goal call missing" in shown
    assert main([bad, "--compare", good]) == 0
    assert "mended" in capsys.readouterr().out
    assert main([bad, "--json"]) == 0
    value = json.loads(capsys.readouterr().out)
    assert value["overview"]["failed"] == len(value["rows"]["cause"])
    assert main([bad, "--compare", good, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["paired"]["broken"] == []
    assert main([f"{bad}.none"]) == 2
    assert "error" in capsys.readouterr().err


def test_a_frame_needs_pandas_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ImportError, match="needs nothing"):
        frame([row(1)])


def test_a_folder_without_episodes_is_refused_by_its_name(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"an evaluation's folder.*which has none; give"):
        read_run(tmp_path)
