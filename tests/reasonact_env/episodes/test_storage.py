"""Files of episodes: exact, whole or absent, and clear about what is wrong with them."""

import json
import math
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reasonact_env.episode import CallRecord, Episode, Mode, Outcome, Step, StopReason
from reasonact_env.episodes import lines
from reasonact_env.episodes.codec import Shared, from_line, to_line
from reasonact_env.episodes.header import FORMAT
from reasonact_env.episodes.storage import (
    Header,
    StorageError,
    merge,
    read_episodes,
    write_episodes,
)
from tools.types import CallProblem, Effect, Json, Message, ProblemKind, Role, ToolSpec

HEADER = Header({"mode": "dialogue", "split": "test", "data": None}, "embedded:desk", "gold")

any_text = st.text(st.characters(), max_size=30)  # lone surrogates and controls included
numbers = st.floats(allow_nan=False, allow_infinity=False)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | numbers | any_text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(any_text, inner, max_size=3),
    max_leaves=6,
)
objects = st.dictionaries(any_text, json_values, max_size=3)
scores = st.dictionaries(any_text, st.none() | numbers, max_size=3)
messages = st.builds(Message, st.sampled_from(Role), any_text)
problems = st.builds(CallProblem, st.sampled_from(ProblemKind), any_text)
calls = st.builds(
    CallRecord,
    name=st.none() | any_text,
    arguments=st.none() | objects,
    normal=st.none() | any_text,
    effect=st.sampled_from(Effect),
    content=any_text,
    problem=st.none() | problems,
    state_before=any_text,
    state_after=any_text,
)
steps = st.builds(
    Step,
    action=any_text,
    calls=st.lists(calls, max_size=2).map(tuple),
    answers=st.lists(messages, max_size=2).map(tuple),
    reward=numbers,
    components=scores,
    weights=st.dictionaries(any_text, numbers, max_size=3),
    step_scores=scores,
    state_hash=any_text,
    observation_hash=any_text,
    turn=st.integers(0, 99),
)
outcomes = st.builds(Outcome, *[st.booleans()] * 5, any_text)
specs = st.builds(ToolSpec, any_text, any_text, objects)
episodes = st.builds(
    Episode,
    task_id=any_text,
    source=any_text,
    mode=st.sampled_from(Mode),
    seed=st.none() | st.integers(),
    decision=st.none() | st.integers(0, 9),
    opening=st.lists(messages, max_size=3).map(tuple),
    opening_hash=any_text,
    steps=st.lists(steps, max_size=2).map(tuple),
    stop=st.none() | st.sampled_from(StopReason),
    outcome=st.none() | outcomes,
    tools=st.lists(specs, max_size=2).map(tuple),
)


def episode(
    task_id: str = "desk-1", rules: str = "Be kind.", said: str = "Hello.", tools: int = 2
) -> Episode:
    """A small episode, written by hand."""
    return Episode(
        task_id=task_id,
        source="embedded:desk",
        mode=Mode.DIALOGUE,
        seed=0,
        decision=None,
        opening=(Message(Role.SYSTEM, rules), Message(Role.USER, "Hi.")),
        opening_hash="0" * 16,
        steps=(Step(0, said, (), (), 1.0, {"format": 1.0}, {"format": 1.0}, {}, "s", "o"),),
        stop=StopReason.FINISHED,
        outcome=Outcome(True, True, True, True, True, "verified"),
        tools=tuple(ToolSpec(f"tool_{i}", "", {"type": "object"}) for i in range(tools)),
    )


@given(episodes)
def test_a_line_gives_back_the_equal_episode(played: Episode) -> None:
    shared = Shared()
    assert from_line(to_line(played, shared), Shared(shared.values)) == played


@given(episodes)
def test_a_line_is_what_json_would_write(played: Episode) -> None:
    line = to_line(played, Shared())
    assert lines.to_line(json.loads(line.decode("utf-8", "surrogatepass"))) == line


def called(arguments: dict[str, Json], score: float = 1.0) -> Episode:
    """An episode of one call that changes nothing."""
    call = CallRecord("get", arguments, None, Effect.READ, "", None, "s", "s")
    step = Step(0, "", (call,), (), 1.0, {"format": 1.0}, {"format": 1.0}, {"a": score}, "s", "o")
    return replace(episode(), steps=(step,))


@pytest.mark.parametrize("number", ["1e-05", "1e+16", "0.0001", "1e+300", "-0.0", "12345678901.5"])
def test_numbers_stand_as_python_writes_them(number: str) -> None:
    for played in (called({"n": float(number)}), called({}, float(number))):
        shared = Shared()
        line = to_line(played, shared)
        assert f":{number}}}".encode() in line
        assert from_line(line, shared) == played


def test_a_score_that_is_not_a_number_stays_one() -> None:
    shared = Shared()
    line = to_line(called({}, float("nan")), shared)
    assert b'"step_scores":{"a":NaN}' in line
    assert math.isnan(from_line(line, shared).steps[0].step_scores["a"] or 0)


@pytest.mark.parametrize("arguments", [{}, {"x": 1, "changes": []}, {"changes": []}])
def test_a_call_without_changes_does_not_mention_them(arguments: dict[str, Json]) -> None:
    shared = Shared()
    line = to_line(called(arguments), shared)
    assert list(json.loads(line)["steps"][0]["calls"][0])[-1] == "state_after"
    assert from_line(line, shared) == called(arguments)


def test_a_file_of_the_first_version_is_read(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    write_episodes(path, HEADER, [called({"id": 1})])
    text = path.read_text("utf-8").replace('"version":2', '"version":1')
    path.write_text(text.replace(',"goals":[],"harm":[],"violations":[]', ""), "utf-8")
    assert "harm" not in path.read_text("utf-8")
    assert list(read_episodes(path)[1]) == [called({"id": 1})]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(episodes, max_size=3))
def test_file_gives_back_the_equal_episodes(tmp_path: Path, played: list[Episode]) -> None:
    path = tmp_path / "run.jsonl"
    assert write_episodes(path, HEADER, played) == len(played)
    header, read = read_episodes(path)
    assert header == HEADER
    assert list(read) == played
    assert [read[i] for i in range(len(read))] == played


@pytest.mark.parametrize(
    "text",
    ["\ud83d\ude00", "\U0001f600", "\ud800", "\u2028\r\n\x00\x1b[31m", "é" * 1_000_000],
    ids=["split pair", "emoji", "lone half", "controls", "huge"],
)
def test_wild_text_survives(text: str, tmp_path: Path) -> None:
    played = [episode(task_id=text, rules=text, said=text)]
    write_episodes(tmp_path / "run.jsonl", HEADER, played)
    assert list(read_episodes(tmp_path / "run.jsonl")[1]) == played


def test_a_file_without_wild_text_is_utf8_json_lines(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    write_episodes(path, HEADER, [episode(said="Grüße 😀"), episode(said="\ud800 😀")])
    lines = path.read_text("utf-8").splitlines()
    assert [json.loads(line)["steps"][0]["action"] for line in lines[1:]] == [
        "Grüße 😀",
        "\ud800 😀",
    ]


def test_rules_and_tools_stand_once(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    write_episodes(path, HEADER, [episode(f"desk-{i}", rules="Rule one. " * 50) for i in range(9)])
    text = path.read_text("utf-8")
    assert text.count("Rule one. " * 50) == 1
    assert text.count('"tool_1"') == 1


def test_the_header_says_who_wrote_it(tmp_path: Path) -> None:
    write_episodes(tmp_path / "run.jsonl", HEADER, [])
    header, read = read_episodes(tmp_path / "run.jsonl")
    assert (header.agent, header.source, dict(header.env)) == ("gold", "embedded:desk", HEADER.env)
    assert header.reasonact[0].isdigit()
    assert len(read) == 0


def test_sequence_behaves(tmp_path: Path) -> None:
    played = [episode(f"desk-{i}") for i in range(5)]
    write_episodes(tmp_path / "run.jsonl", HEADER, played)
    read = read_episodes(tmp_path / "run.jsonl")[1]
    assert read[-1] == played[-1]
    assert read[1:4] == played[1:4]
    with pytest.raises(IndexError):
        read[5]


def test_folders_are_made_and_nothing_else_is_left(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "run.jsonl"
    write_episodes(path, HEADER, [episode()])
    assert list(path.parent.iterdir()) == [path]


def test_a_failure_leaves_the_older_file(tmp_path: Path) -> None:
    def breaks() -> Iterator[Episode]:
        yield episode("new")
        raise RuntimeError("no more")

    path = tmp_path / "run.jsonl"
    write_episodes(path, HEADER, [episode("old")])
    with pytest.raises(RuntimeError, match="no more"):
        write_episodes(path, HEADER, breaks())
    assert [e.task_id for e in read_episodes(path)[1]] == ["old"]
    assert list(tmp_path.iterdir()) == [path]


def test_a_failure_leaves_no_file_where_there_was_none(tmp_path: Path) -> None:
    with pytest.raises(AttributeError):
        write_episodes(tmp_path / "run.jsonl", HEADER, ["no episode"])  # type: ignore[list-item]
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "content", [b"", b"\n", b"{}\n", b"[1]\n", b"\xff\xfe\n", b'{"format": "other"}\n', b"PK\x03"]
)
def test_other_files_are_named_as_such(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "other.jsonl"
    path.write_bytes(content)
    with pytest.raises(StorageError, match=r"other\.jsonl: expected a file of episodes"):
        read_episodes(path)


def test_a_newer_version_asks_for_an_update(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    first = {"format": FORMAT, "version": 3, "reasonact": "9.0.0"}
    path.write_text(json.dumps(first) + "\n", "utf-8")
    with pytest.raises(StorageError, match=r"got 3, written by reasonact 9\.0\.0; update"):
        read_episodes(path)


def test_a_header_without_env_is_named(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    path.write_text(json.dumps({"format": FORMAT, "version": 1, "shared": {}}), "utf-8")
    with pytest.raises(StorageError, match=r"run\.jsonl, line 1: .*required field `reasonact`"):
        read_episodes(path)


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (lambda line: line[:40], "Unterminated string|Expecting"),
        (lambda line: "[1, 2]", "Expected `object`, got `array`"),
        (
            lambda line: line.replace('"action"', '"acting"'),
            r"`action` - at `\$\.steps\[0\]`",
        ),
        (lambda line: line.replace('"seed":0', '"mode":"other"'), r"'other' - at `\$\.mode`"),
        (
            lambda line: line.replace('"reward":1.0', '"reward":"much"'),
            r"Expected `float`, got `str` - at `\$\.steps\[0\]\.reward`",
        ),
        (lambda line: line.replace('"rules":"', '"rules":"0'), "is missing in the first line"),
        (lambda line: "[" * 200_000, "Expected `object`"),
    ],
    ids=["cut off", "no object", "no action", "wild mode", "wild reward", "other rules", "deep"],
)
def test_a_broken_line_is_named(damage, reason: str, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "run.jsonl"
    write_episodes(path, HEADER, [episode("a"), episode("b")])
    lines = path.read_text("utf-8").splitlines()
    path.write_text("\n".join([lines[0], "", lines[1], damage(lines[2])]), "utf-8")
    read = read_episodes(path)[1]
    assert read[0].task_id == "a"
    with pytest.raises(StorageError, match=rf"run\.jsonl, line 4: expected an episode.*({reason})"):
        read[1]


def test_merging_keeps_order_and_shares(tmp_path: Path) -> None:
    played = [episode(f"desk-{i}", rules=f"Rules {i % 2}.") for i in range(6)]
    parts = [tmp_path / f"{i}.jsonl" for i in range(3)]
    for i, part in enumerate(parts):
        write_episodes(part, HEADER, played[2 * i : 2 * i + 2])
    parts[1].write_bytes(parts[1].read_bytes().rstrip(b"\n"))  # as editors leave it
    assert merge(parts, tmp_path / "all.jsonl") == 6
    header, read = read_episodes(tmp_path / "all.jsonl")
    assert header == HEADER
    assert list(read) == played
    assert (tmp_path / "all.jsonl").read_text("utf-8").count("Rules 1.") == 1


def test_merging_into_one_of_the_parts_works(tmp_path: Path) -> None:
    first, second = tmp_path / "0.jsonl", tmp_path / "1.jsonl"
    write_episodes(first, HEADER, [episode("a")])
    write_episodes(second, HEADER, [episode("b")])
    merge([first, second], first)
    assert [e.task_id for e in read_episodes(first)[1]] == ["a", "b"]


def test_files_of_different_agents_are_not_merged(tmp_path: Path) -> None:
    first, second = tmp_path / "0.jsonl", tmp_path / "1.jsonl"
    write_episodes(first, HEADER, [episode()])
    write_episodes(second, Header(HEADER.env, HEADER.source, "silent"), [episode()])
    with pytest.raises(StorageError, match=r"agent is 'gold' in .*0\.jsonl and 'silent' in"):
        merge([first, second], tmp_path / "all.jsonl")
    assert not (tmp_path / "all.jsonl").exists()


def test_merging_nothing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="one file or more"):
        merge([], tmp_path / "all.jsonl")
