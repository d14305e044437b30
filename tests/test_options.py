"""Options of all commands: one name for one meaning, with its default, readable at 80 columns."""

from __future__ import annotations

import re
from collections import defaultdict

import pytest

from benchmarks.options import Option, commands, help_of, main, options_of
from reasonact_env.front.commands import MODULES
from tools.chat_address import SETTINGS

OF_ITS_OWN = {"--out", "--tasks", "--policy", "--profile", "--sampling", "--name", "--json"}
OF_ITS_OWN |= {
    "--agent",
    "--data",
    "--rehearse",
    "--svg",
    "--draw",
    "--max-length",
    "--unit",
    "--database",
}
OF_ITS_OWN |= {"--model"}
"""Names whose meaning is a kind of thing, while which thing it is depends on the command."""
GONE = {"lr", "epochs", "sft", "sft-tasks", "elsewhere", "against", "greedy", "agent-llm"}
GONE |= {"user-llm", "resume", "n", "size", "played", "length"}
"""Second names that there once were for what has one name now."""


@pytest.fixture(scope="module")
def options() -> list[Option]:
    return [one for module in commands() for one in options_of(module)]


@pytest.mark.parametrize("module", commands())
def test_help_fits_80_columns_and_says_what_an_option_is(module: str) -> None:
    shown = help_of(module)
    assert [line for line in shown.splitlines() if len(line) > 80] == []
    for one in options_of(module):
        assert one.text, one
        if one.value in ("N", "X") or one.value.startswith("{"):
            told = ("(default: ", "unless given", "(required)", "One of these")
            assert any(words in one.text for words in told) or one.name in OF_ITS_OWN, one


@pytest.mark.parametrize("module", MODULES.values())
def test_groups_and_examples_say_what_they_are(module: str) -> None:
    shown = help_of(module)
    titles = re.findall(r"^ ([^ -].*)\n ---", shown, re.MULTILINE)
    assert [title for title in titles if title.endswith(" options")] == []
    lines = shown.splitlines()
    examples = [i for i, line in enumerate(lines) if line.startswith("    python -m")]
    if len(examples) >= 4:
        assert all(lines[i - 1].startswith("    # ") or "  # " in lines[i] for i in examples)


def test_all_that_may_follow_an_address_is_said() -> None:
    shown = help_of("train.evaluate")
    assert [name for name in SETTINGS if f"{name}=" not in shown] == []


def test_one_meaning_has_one_name(options: list[Option]) -> None:
    names: dict[str, set[str]] = defaultdict(set)
    for one in options:
        names[one.meaning].add(one.name)
    assert {meaning: found for meaning, found in names.items() if len(found) > 1} == {}
    assert {one.name for one in options} & {f"--{name}" for name in GONE} == set()


def test_one_name_has_one_meaning(options: list[Option]) -> None:
    """Texts of one name begin alike: what they say further is the command's own."""
    meanings: dict[str, set[str]] = defaultdict(set)
    for one in options:
        if one.command in MODULES.values() and one.name not in OF_ITS_OWN:
            meanings[one.name].add(" ".join(one.meaning.split()[:2]).rstrip(";.,:"))
    assert {name: found for name, found in meanings.items() if len(found) > 1} == {}


def test_one_name_is_written_in_one_way(options: list[Option]) -> None:
    """A number here is no text there; several values, and further choices, are no other way."""
    ways: dict[str, set[str]] = defaultdict(set)
    for one in options:
        if one.command in MODULES.values():
            value = one.value.removesuffix(" …")
            text = value.strip("{}").isupper() or value.startswith("{") or not value
            kind = value if value in ("N", "X") else "switch" if not value else "text"
            assert text or kind == "text", one
            ways[one.name].add(kind)
    assert {name: found for name, found in ways.items() if len(found) > 1} == {}


def test_the_script_lists_each_meaning_once(capsys: pytest.CaptureFixture[str]) -> None:
    found = main(["--name", "train-tasks"])
    shown = " ".join(capsys.readouterr().out.split())
    assert shown.startswith("1 options of ")
    assert shown.count("Training dialogues at most") == 1
    assert {one.command for one in found if one.name == "--train-tasks"} == {
        "train.sft",
        "train.base",
        "train.pipeline",
    }
