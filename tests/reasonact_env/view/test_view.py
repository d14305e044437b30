"""What a reader sees of an episode, and what never reaches the terminal."""

import io
import re
import time
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table

from reasonact_env.env import ReasonActEnv
from reasonact_env.episode import Episode
from reasonact_env.failures import GoalRows, WantedFact
from reasonact_env.view.changes import change_view
from reasonact_env.view.episode import FULL, Look, episode_view, message_card, tool_list
from reasonact_env.view.goal import goal_line
from reasonact_env.view.scores import score_view, step_line, summary
from reasonact_env.view.tables import WholeNames
from reasonact_env.view.text import Block, Name, json_or_none
from tools.inert import inline, safe
from tools.types import FieldChange, Message, Role, ToolSpec

BAD_CALL = '<tool_call>\n{"name": "nope", "arguments": {"a": 1}}\n</tool_call>'
UNREADABLE = "<tool_call>\n{oops\n</tool_call>"
THOUGHT = "<think>\nShould I ask first?\n</think>\n\n"


def shown(what: object, width: int = 80, color: bool = False) -> str:
    """What the terminal gets."""
    file = io.StringIO()
    console = Console(
        file=file, width=width, force_terminal=color, color_system="standard" if color else None
    )
    console.print(what)
    return file.getvalue()


def play(*actions: str, mode: str = "dialogue") -> Episode:
    env = ReasonActEnv(data="desk:20", split="all", mode=mode)
    env.reset(seed=0, options={"task_id": max(env.tasks, key=lambda task: len(task.decisions)).id})
    for action in actions:
        env.step(action)
    return env.episode


def gold(mode: str = "dialogue") -> Episode:
    env = ReasonActEnv(data="desk:20", split="all", mode=mode)
    env.reset(seed=0, options={"task_id": max(env.tasks, key=lambda task: len(task.decisions)).id})
    for turn in env.task.decisions:
        env.step(env.task.messages[turn.index].content)
    return env.episode


def test_a_whole_episode_is_shown() -> None:
    episode = gold()
    text = shown(episode_view(episode, "gold"))
    assert episode.task_id in text
    assert episode.source in text
    assert "agent gold" in text
    assert "return +1.00" in text
    assert "✓ success" in text
    for step in episode.steps:
        for call in step.calls:
            assert f"→ {call.name}  ✓ {call.effect}" in text
    assert re.search(r"outcome +····│████ \+1\.00", text)
    assert f"step {len(episode.steps)}/{len(episode.steps)} · reward +1.00" in text


@pytest.mark.parametrize("mode", ["dialogue", "turn"])
@pytest.mark.parametrize("width", [40, 80, 120])
def test_no_line_is_wider_than_the_terminal(mode: str, width: int) -> None:
    episode = play(THOUGHT + BAD_CALL, UNREADABLE, "wörd" * 200, mode=mode)
    text = shown(episode_view(episode, "someone", Look(rules=True)), width)
    assert max(map(cell_len, text.splitlines())) <= width


def test_problems_are_told_once_and_by_name() -> None:
    text = shown(episode_view(play(THOUGHT + BAD_CALL + UNREADABLE)))
    assert "Should I ask first?" in text
    assert "→ nope  ✗ unknown_tool" in text
    assert "→ unreadable call  ✗ not_json" in text
    assert text.count("got 'nope'") == 1
    assert "the raw message:" in text


def test_problems_of_turn_mode_stand_with_the_call() -> None:
    episode = play(BAD_CALL, mode="turn")
    text = shown(episode_view(episode))
    assert "assistant · the agent's own" in text
    assert "assistant · record" in text
    assert text.count("got 'nope'") == 1


def test_a_try_that_equals_the_record_is_shown_once() -> None:
    text = shown(episode_view(gold("turn")))
    assert "record, word for word the same" in text


def test_problems_are_red() -> None:
    assert re.search(
        r"\x1b\[[0-9;]*31m[^\x1b]*Expected one of the tools",
        shown(episode_view(play(BAD_CALL)), color=True),
    )


def test_thoughts_and_rules_can_be_hidden_or_shown() -> None:
    episode = play(THOUGHT + "Hello.")
    rules = episode.opening[0].content.split("\n")[0].strip()[:40]
    assert "Should I ask" not in shown(episode_view(episode, look=Look(thoughts=False)))
    assert rules not in shown(episode_view(episode))
    assert rules in shown(episode_view(episode, look=replace(FULL, rules=True)))


def test_all_scores_can_be_shown() -> None:
    episode = gold("turn")
    text = shown(episode_view(episode, look=Look(scores=True)))
    assert "the step's own scores:" in text
    assert re.search(r"outcome +····│···· +–", text)


def test_empty_messages_are_named() -> None:
    assert "(empty)" in shown(episode_view(play("")))


@pytest.mark.parametrize(
    "text", ["[bold red]x[/]", "[/nope]", "[link=http://x]y[/link]", ":smile:", "\\[bold]"]
)
def test_markup_is_shown_as_it_was_said(text: str) -> None:
    assert text in shown(message_card(Message(Role.USER, text), FULL))
    assert text in shown(episode_view(play(text)))


@given(st.text(st.characters(), max_size=60))
def test_safe_leaves_nothing_that_steers_a_terminal(text: str) -> None:
    result = safe(text)
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\ud800-\udfff]", result)
    result.encode()


@given(st.text(st.characters(), max_size=60))
def test_any_message_can_be_shown(text: str) -> None:
    for role in Role:
        out = shown(message_card(Message(role, text), Look()), color=True)
        assert not re.search("\x1b(?!\\[[0-9;]*m)", out)
        assert not re.search("[\x00-\x09\x0b-\x1a\x1c-\x1f\x7f-\x9f]", out)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("\x1b]0;title\x07", r"\x1b]0;title\x07"),
        ("a\r\nb", "a\nb"),
        ("a\rb", r"a\rb"),
        ("a\tb", "a    b"),
        ("\ud800", r"\ud800"),
        ("\u202egnp", r"\u202egnp"),
        ("\x9b2J", r"\x9b2J"),
        ("Grüße 😀 👨\u200d👩", r"Grüße 😀 👨\u200d👩"),
    ],
)
def test_safe_escapes_controls_and_keeps_the_rest(text: str, expected: str) -> None:
    assert safe(text) == expected


def test_long_texts_are_folded() -> None:
    text = "\n".join(f"line {i}" for i in range(40))
    lines = shown(Block(text, limit=12)).splitlines()
    assert lines[11] == "line 11"
    assert lines[12] == "… 28 more lines"
    assert "line 39" in shown(Block(text))


def test_one_line_too_many_is_simply_shown() -> None:
    assert "more" not in shown(Block("a\nb\nc", limit=2))


def test_a_megabyte_without_line_ends_is_folded() -> None:
    lines = shown(Block("x" * 1_000_000, limit=10)).splitlines()
    assert len(lines) == 11
    assert lines[-1] == "… 12,490 more lines"


def test_json_is_laid_out_to_the_width() -> None:
    value = '{"a": [1, 2], "b": {"c": "long text that goes on", "d": null}, "e": true}'
    assert shown(Block(value, value=json_or_none(value)), 100).strip() == value
    assert shown(Block(value, value=json_or_none(value)), 50).splitlines() == [
        "{",
        '  "a": [1, 2],',
        '  "b": {"c": "long text that goes on", "d": null},',
        '  "e": true',
        "}",
    ]


@pytest.mark.parametrize("text", ["", "12", '"x"', "{", "[" * 99, "{'a': 1}", "[bold]"])
def test_what_is_no_object_or_list_stays_text(text: str) -> None:
    assert json_or_none(text) is None


def test_what_a_call_changed_is_whole_where_texts_are() -> None:
    change = FieldChange("orders", "17", "note", None, "word " * 40)
    assert shown(change_view([change], None), 60).count("word") == 40
    assert shown(change_view([change], 8), 60).count("word") < 12


@pytest.mark.parametrize("width", [30, 60])
def test_the_line_of_a_step_is_whole(width: int) -> None:
    step = " ".join(shown(step_line(gold(), 1, 0.25), width).split())
    assert step.endswith(f"state {gold().steps[0].state_hash[:8]}")


def test_tools_are_listed_with_their_arguments() -> None:
    schema = {
        "type": "object",
        "properties": {
            "id": {"type": "string"},
            "why": {"enum": ["late", "wrong"]},
            "n": {"type": ["integer", "null"]},
        },
        "required": ["id"],
    }
    text = shown(tool_list([ToolSpec("cancel", "Cancels [x] it.", schema)]))  # type: ignore[arg-type]
    assert "cancel(id: string, [why: late | wrong], [n: integer | null])" in text
    assert "Cancels [x] it." in text


@pytest.mark.parametrize(
    "text", ["word and more " * 700_000, "x" * 10_000_000, "a line é\n" * 300_000, "[" * 10_000_000]
)
def test_a_message_of_megabytes_keeps_no_key_waiting_and_no_pipe(text: str) -> None:
    message = Message(Role.TOOL, text)
    began = time.monotonic()
    whole = shown(message_card(message, FULL))
    assert time.monotonic() - began < 60
    printed = "".join(line.removeprefix("▌ ") for line in whole.splitlines()[1:])
    assert "".join(printed.split()) == "".join(text.split())
    assert max(map(len, whole.splitlines())) <= 80
    began = time.monotonic()
    part = shown(message_card(message, Look(folded=False))).splitlines()
    assert time.monotonic() - began < 5
    assert len(part) == 2002
    assert "more lines" in part[-1]


def test_names_with_line_ends_stay_in_their_line() -> None:
    episode = replace(gold(), task_id="one\ntwo\nthree", source="a\nb")
    lines = shown(summary(episode, "agent\nx", notes=False)).splitlines()
    assert len(lines) == 2
    assert "one two three" in lines[0]


def test_on_paper_the_first_line_is_whole() -> None:
    text = shown(summary(gold(), "someone " * 20 + "last"))
    assert "…" not in text
    assert "last" in text


@pytest.mark.parametrize(
    ("name", "width", "lines"),
    [
        ("transfer_to_human", 12, ["transfer_to_", "human"]),
        ("eval-SFT/episodes.jsonl", 10, ["eval-SFT/", "episodes.", "jsonl"]),
        ("answers[0].role", 9, ["answers", "[0].role"]),
        ("goal call missing 1, return_order 2", 20, ["goal call missing 1,", "return_order 2"]),
        ("paid 149.32 on 2024-05-09", 8, ["paid", "149.32", "on 2024-", "05-09"]),
        ("a -0.25 b", 5, ["a", "-0.25", "b"]),
        ("abcdefghij", 4, ["abcd", "efgh", "ij"]),
        ("get_order 7, cancel_order 4", 14, ["get_order 7,", "cancel_order 4"]),
        ("get_order 7, cancel_order 4", 22, ["get_order 7,", "cancel_order 4"]),
        ("", 4, [""]),
    ],
)
def test_names_are_broken_between_them_or_where_their_parts_end(
    name: str, width: int, lines: list[str]
) -> None:
    console = Console(file=io.StringIO(), width=width)
    with console.capture() as capture:
        console.print(Name(name))
    assert capture.get().splitlines() == lines


@pytest.mark.parametrize(
    ("width", "rows"),
    [
        (58, ["cancel_order 7, find_orders 1  transfer_to_human 3, loop 1"]),
        (37, ["cancel_order 7,  transfer_to_human 3,", "find_orders 1    loop 1"]),
        (34, ["cancel_order 7,  transfer_to_human", "find_orders 1    3, loop 1"]),
    ],
)
def test_tables_have_room_for_whole_names_and_lose_nothing(width: int, rows: list[str]) -> None:
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(overflow="fold", min_width=10)
    table.add_column(overflow="fold")
    table.add_row(Name("cancel_order 7, find_orders 1"), Name("transfer_to_human 3, loop 1"))
    whole = WholeNames(table)
    shown(whole, 200)  # it may have been shown elsewhere
    lines = [line.rstrip() for line in shown(whole, width).splitlines()]
    assert lines[: len(rows)] == rows
    narrow = shown(whole, 16)
    assert max(map(cell_len, narrow.splitlines())) <= 16
    columns = zip(*((line[:7], line[7:]) for line in narrow.splitlines()), strict=True)
    words = ["".join("".join(column).split()) for column in columns]
    assert words == ["cancel_order7,find_orders1", "transfer_to_human3,loop1"]


def test_a_failed_call_says_what_it_costs_where_no_reward_says_it_yet() -> None:
    words = "a failed call may lower tool at the end; the step's own scores:"
    failed, good = play(BAD_CALL, "Bye."), play("Hello.", "Bye.")
    for every in (False, True):
        assert words in shown(score_view(failed.steps[0], every=every))
        assert words not in shown(score_view(good.steps[0], every=every))
    turns = play(BAD_CALL, mode="turn")
    assert words not in shown(score_view(turns.steps[0]))  # it has been paid


def test_facts_that_are_told_later_are_said_to_be_counted_so_far() -> None:
    facts = tuple(WantedFact(fact, step) for fact, step in (("1", 2), ("2", 4), ("3", None)))
    goal = GoalRows((), facts, ())
    words = [shown(goal_line(goal, step)).rstrip() for step in (0, 2, 3, 4, None)]
    assert [line.partition("facts ")[2] for line in words] == [
        "0/3 so far",
        "1/3 so far",
        "1/3 so far",
        "2/3",
        "2/3",
    ]


@given(st.text(max_size=40), st.integers(2, 20))
def test_names_lose_nothing(name: str, width: int) -> None:
    console = Console(file=io.StringIO(), width=width)
    with console.capture() as capture:
        console.print(Name(name))
    shown = capture.get()
    assert shown.replace("\n", "").replace(" ", "") == inline(name).replace(" ", "")
    assert all(cell_len(line) <= width for line in shown.splitlines())
