"""Tables and bars at 80 columns."""

from __future__ import annotations

import re

import pytest

from agents.console import progress, show_table

LONG = "demo + SFT on 12000 of embedded:desk(n=20000,seed=1), then GRPO on embedded:desk(n=20000)"


@pytest.mark.parametrize("columns", [60, 80, 200])
def test_a_wide_table_stands_in_several_and_cuts_no_number(
    columns: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    heads = ["agent", *(f"component {i}" for i in range(9))]
    rows = [[name, *(f"{i}.123 [+0.1, +0.2]" for i in range(9))] for name in ("gold", LONG)]
    show_table(LONG, heads, rows, caption="95 % intervals")
    shown = capsys.readouterr().out
    assert max(map(len, shown.splitlines())) <= columns
    assert all(shown.count(f"{i}.123 [+0.1, +0.2]") == 2 for i in range(9))
    first = [line.split("┃")[1].strip() for line in shown.splitlines() if line.startswith("┃")]
    assert set(first) == {"agent"}
    assert "…" not in shown


def test_a_bar_with_a_long_name_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    with progress(f"sampled · {LONG}", 12_000) as advance:
        advance(12_000)
    (line,) = [one for one in capsys.readouterr().out.splitlines() if one.strip()]
    assert len(line) <= 80
    assert re.match(r"sampled · demo \+ SFT on 12000.*… ━+ 12000/12000 ", line)


def test_where_no_terminal_is_a_line_now_and_then_says_how_far_it_is(
    capsys: pytest.CaptureFixture[str],
) -> None:
    for every, lines in ((0.0, ["SFT [1] 2/5", "SFT [1] 4/5"]), (1000.0, [])):
        with progress("SFT [1]", 5, every=every) as advance:
            for done in (2, 2, 1):
                advance(done)
            said = capsys.readouterr().out.splitlines()
        assert [one for one in said if one] == lines
        assert re.match(r"\nSFT \[1\] ━+ 5/5 ", "\n" + capsys.readouterr().out.lstrip())
