from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal

import pytest

from tools.command_line import read_known, read_options
from tools.option_types import Headed, Positional, Repeated, one_of, only_one, shown_as, written_as

EITHER = only_one("what to do")
ABOUT = """Does things, and tells in a sentence longer than a terminal is wide what they are.

    python -m things --lr 1
    python -m things --list
    python -m things DATA                                              # what is read
"""


SIZES = [f"size-{number}" for number in range(12)]


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


def pairs(text: str) -> dict[str, float]:
    name, equals, value = text.partition("=")
    if not equals:
        raise ValueError(f"expected NAME=NUMBER, got {text!r}")
    return {name: float(value)}


def stages_of(text: str) -> tuple[str, ...]:
    return tuple(text.split(","))


@dataclass(frozen=True, slots=True)
class Recipe:
    """How it learns."""

    lr: float = 3e-4
    """Peak learning rate; after a short warm-up it falls to 0, and what noise did falls with it."""
    max_tokens: int | None = None
    """Tokens of a row at most; the profile's unless given."""
    size: Annotated[str, one_of(SIZES), Headed("how large it is")] = "size-0"
    """Its size."""
    layers: int = 2
    """Its depth."""


@dataclass(frozen=True, slots=True)
class Options:
    """What is done."""

    policy: str
    """Whose weights."""
    data: Positional[Annotated[str | None, shown_as("[DATA]")]] = None
    """What is read."""
    mode: Literal["dialogue", "turn"] = "dialogue"
    """How it is read."""
    colour: Colour = Colour.RED
    """How it looks."""
    split: Annotated[str, one_of(["train", "test"])] = "test"
    """Which part."""
    seeds: tuple[int, ...] = (0, 1)
    """Of everything random."""
    also: tuple[str, ...] | None = None
    """More data."""
    report_to: Repeated[tuple[Literal["a", "b"], ...]] = ()
    """Trackers."""
    weights: Annotated[Mapping[str, float] | None, written_as(pairs, "NAME=NUMBER")] = None
    """What counts how much."""
    stages: Annotated[tuple[str, ...], written_as(stages_of, "STAGE,…", ",".join)] = ()
    """Further stages; none unless given."""
    out: Path = Path("runs/x")
    """Where it goes."""
    quick: bool = False
    """In a minute."""
    list: Annotated[bool, EITHER] = False
    """List it."""
    plain: Annotated[bool, EITHER] = False
    """Print it."""
    recipe: Recipe = field(default_factory=Recipe)
    """How it learns. The defaults are the profile's."""

    def __post_init__(self) -> None:
        if self.quick and self.recipe.lr > 1:
            raise ValueError(f"expected lr of at most 1 where it is quick, got {self.recipe.lr:g}")


def read(*argv: str, default: Options | None = None) -> Options:
    return read_options(Options, argv, prog="python -m things", about=ABOUT, default=default)


def refused(capsys: pytest.CaptureFixture[str], *argv: str) -> str:
    """The line in which a command line is refused."""
    with pytest.raises(SystemExit) as end:
        read(*argv)
    assert end.value.code == 2
    out, err = capsys.readouterr()
    assert not out
    start, line = err[: len("python -m things: error: ")], err[len("python -m things: error: ") :]
    assert start == "python -m things: error: "
    assert line.count("\n") == 1
    return line.rstrip("\n")


def test_what_is_not_given_is_as_the_dataclass_says() -> None:
    assert read("--policy", "p") == Options("p")


def test_every_kind_of_field_is_read() -> None:
    argv = "corpus --policy p --mode turn --colour blue --split train --seeds 3 4 5 --also x y"
    argv += " --report-to a --report-to b --weights tool=2 --out to/here --quick --list"
    argv += " --lr -1e-3 --max-tokens=12"
    assert read(*argv.split()) == Options(
        policy="p",
        data="corpus",
        mode="turn",
        colour=Colour.BLUE,
        split="train",
        seeds=(3, 4, 5),
        also=("x", "y"),
        report_to=("a", "b"),
        weights={"tool": 2.0},
        out=Path("to/here"),
        quick=True,
        list=True,
        recipe=Recipe(lr=-1e-3, max_tokens=12),
    )


def test_an_optional_list_may_be_given_empty() -> None:
    assert read("--policy", "p", "--also").also == ()


def test_a_value_may_begin_with_a_minus() -> None:
    read_back = read("--policy", "-p", "--out", "-x=1 y", "--lr", "-1", "--", "-d")
    assert (read_back.policy, read_back.out, read_back.recipe.lr) == ("-p", Path("-x=1 y"), -1)
    assert read_back.data == "-d"
    assert read_known(Recipe, ["--zzz", "-1", "--lr", "-2"]) == Recipe(lr=-2.0)


def test_defaults_may_come_from_elsewhere() -> None:
    default = replace(Options("p"), recipe=Recipe(lr=1.0, max_tokens=7))
    assert read("--max-tokens", "8", default=default).recipe == Recipe(1.0, 8)


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        ("--polcy p", "there is no option --polcy; did you mean '--policy'?"),
        ("--tasks 3", "there is no option --tasks; see --help"),  # nothing like --data
        ("--zzz --mode no", "there is no option --zzz; see --help"),
        ("--max_token 3", "there is no option --max-token; did you mean '--max-tokens'?"),
        ("", "expected --policy TEXT; see --help"),
        ("--policy", "--policy: expected a value, got none"),
        ("--policy --quick", "--policy: expected a value, got none"),
        ("--weights", "--weights: expected a value, got none; write --weights NAME=NUMBER"),
        ("--policy p --max-tokens -x", "--max-tokens: expected a whole number, got '-x'"),
        ("--policy p --quick -x", "expected no further argument, got -x; see --help"),
        ("--policy p --mode no", "--mode: expected one of dialogue, turn, got 'no'"),
        ("--policy p --colour RED", "--colour: expected one of red, blue, got 'RED'"),
        ("--policy p --split no", "--split: expected one of train, test, got 'no'"),
        ("--policy p --lr fast", "--lr: expected a number, got 'fast'"),
        ("--policy p --max-tokens 1.5", "--max-tokens: expected a whole number, got '1.5'"),
        ("--policy p --max-tokens None", "--max-tokens: expected a whole number, got 'None'"),
        ("--policy p --seeds", "--seeds: expected at least one value, got none"),
        ("--policy p --seeds 1 x", "--seeds: expected a whole number, got 'x'"),
        ("--policy p --report-to c", "--report-to: expected one of a, b, got 'c'"),
        ("--policy p --weights tool", "--weights: expected NAME=NUMBER, got 'tool'"),
        ("--policy p --list --plain", "expected --list or --plain, got both"),
        (
            "--policy p one two",
            "expected no further argument, got two; quotes hold a value with spaces together; "
            "see --help",
        ),
        ("--policy p --quick --lr 2", "expected lr of at most 1 where it is quick, got 2"),
    ],
)
def test_what_cannot_be_read_is_said_in_one_line(
    argv: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert refused(capsys, *argv.split()) == said


def test_an_empty_path_is_not_the_present_folder(capsys: pytest.CaptureFixture[str]) -> None:
    said = "--out: expected a path, got an empty text; . is the present folder"
    assert refused(capsys, "--policy", "p", "--out", "") == said


def test_a_long_value_is_named_whole(capsys: pytest.CaptureFixture[str]) -> None:
    value = "x" * 300
    assert refused(capsys, "--policy", "p", "--lr", value).endswith(f"got '{value}'")


@pytest.mark.parametrize("width", [80, 120])
def test_help_says_everything_within_the_terminal(
    width: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    with pytest.raises(SystemExit) as end:
        read("--help")
    assert end.value.code == 0
    out, err = capsys.readouterr()
    lines = out.splitlines()
    assert not err
    assert max(map(len, lines)) <= width
    assert lines[0] == "usage: python -m things [-h] [OPTIONS] [DATA]"
    assert "    python -m things --list" in lines  # as it was written
    assert any(re.match("    python -m things DATA +# what is read$", line) for line in lines)
    joined = " ".join(out.split())
    assert "--lr X Peak learning rate; after a short warm-up it falls to 0" in joined
    assert "falls with it. (default: 0.0003)" in joined
    assert "--max-tokens N Tokens of a row at most; the profile's unless given." in joined
    assert "--seeds N … Of everything random. (default: 0 1)" in joined
    assert "--stages STAGE,… Further stages; none unless given." in joined
    assert "unset" not in out
    assert "None" not in out


@pytest.mark.parametrize("width", [38, 80])
def test_groups_have_titles_in_words_and_choices_come_first(
    width: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    with pytest.raises(SystemExit):
        read("--help")
    out = capsys.readouterr().out
    titles = re.findall(r"^ ([^ -].*)\n ---", out, re.MULTILINE)
    assert titles == [
        "positional arguments",
        "what to do",
        "options",
        "how it learns",
        "how large it is",
    ]
    assert "\n  At most one of these.\n" in out
    lines = out.splitlines()
    learns = lines.index(" how it learns")
    assert lines[learns + 2] == "  The defaults are the profile's."
    large = lines.index(" how large it is")
    assert [line.split()[0] for line in lines[large:] if line.startswith("  --")] == [
        "--size",
        "--layers",
    ]


def test_many_choices_stand_in_the_text(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    with pytest.raises(SystemExit):
        read("--help")
    joined = " ".join(capsys.readouterr().out.split())
    assert f"--size NAME Its size. One of {', '.join(SIZES)}. (default: size-0)" in joined


def test_help_shows_the_defaults_that_hold(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        read("--help", default=replace(Options("p"), recipe=Recipe(max_tokens=77)))
    joined = " ".join(capsys.readouterr().out.split())
    assert "Tokens of a row at most. (default: 77)" in joined


def test_options_that_others_depend_on_are_read_first() -> None:
    assert read_known(Recipe, ["--zzz", "1", "--lr", "2", "--help"]) == Recipe(lr=2.0)
    assert read_known(Recipe, ["--lr", "fast"]) == Recipe()  # read_options says so next
