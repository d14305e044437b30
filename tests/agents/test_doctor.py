"""The doctor: what agents cope with, told apart from what they do not."""

from __future__ import annotations

import itertools
import json
import os
import re
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from agents.doctor import examined, main
from agents.findings import Finding, Verdict
from reasonact_env import Conversation, Observation, Session
from tools.protocol import MAX_CHARS, render
from tools.tags import MAX_CALLS
from tools.types import ToolCall


class Trusting:
    """Takes each result for JSON."""

    def act(self, sessions: Sequence[Session]) -> list[str]:
        return [self._answer(session) for session in sessions]

    def _answer(self, session: Session) -> str:
        messages = session.observation["messages"]
        if messages[-1]["role"] == "tool":
            return f"It is {json.loads(messages[-1]['content'])['status']}."
        orders = [word for one in messages for word in re.findall(r"\b\d{3}\b", one["content"])]
        return render([ToolCall("get_order", {"order_id": orders[-1]})]) if orders else "Goodbye."


class Counting:
    """Says how many messages it has written in all."""

    def __init__(self) -> None:
        self.said = 0

    def act(self, sessions: Sequence[Session]) -> list[str]:
        self.said += len(sessions)
        return [f"Message {self.said}."] * len(sessions)


class Notes:
    """Keeps notes of a conversation in itself, and forgets them where a new one begins."""

    def __init__(self) -> None:
        self.said = 0

    def act(self, sessions: Sequence[Session]) -> list[str]:
        return [self._answer(session) for session in sessions]

    def _answer(self, session: Session) -> str:
        self.said = 0 if session.info["turn"] == 0 else self.said + 1
        return f"Message {self.said}."


def nothing(observation: Observation) -> None:
    """No message at all."""


def stubborn(observation: Observation) -> str:
    """Calls whatever happens."""
    return render([ToolCall("get_order", {"order_id": "1"})])


def hasty(observation: Observation) -> str:
    """Cancels at once, then says goodbye."""
    said = any(one["role"] == "assistant" for one in observation["messages"])
    call = ToolCall("cancel_order", {"order_id": "1", "reason": "ordered by mistake"})
    return "Goodbye." if said else render([call])


def looping(talk: Conversation) -> None:
    """Owns its loop."""
    for number in itertools.count():
        if talk.done:
            return
        talk.say(f"Is there anything else? {number}")


def idle(talk: Conversation) -> None:
    """Owns its loop, and leaves it at once."""
    talk.say("Hello.")


def bye(observation: Observation) -> str:
    """Never calls a tool."""
    return "bye"


def empty(observation: Observation) -> str:
    """What no message may be."""
    return ""


def asleep(observation: Observation) -> str:
    """Answers long after anybody waits."""
    time.sleep(1000)
    return "bye"


def dreaming(talk: Conversation) -> None:
    """Owns its loop, and begins it too late."""
    time.sleep(1000)


def failing(observation: Observation) -> str:
    """Returns nothing, ever."""
    raise KeyError("order")


def borrowing(observation: Observation) -> str:
    """Fails with words that the loop has for an agent that returns something else."""
    raise ValueError("expected a list of one str for each of 1 session, got 2")


def garbling(observation: Observation) -> str:
    """Writes no call that can be read."""
    return "<tool_call>{"


def echoing(observation: Observation) -> str:
    """Repeats each result to the user."""
    messages = observation["messages"]
    if messages[-1]["role"] == "tool":
        return messages[-1]["content"]
    return hasty(observation)


def found_of(name: str) -> dict[str, Finding]:
    return {one.situation: one for one in examined(f"tests.agents.test_doctor:{name}")}


def verdicts(name: str) -> dict[str, Verdict]:
    return {situation: one.verdict for situation, one in found_of(name).items()}


def lacking(name: str) -> set[str]:
    return {what for what, verdict in verdicts(name).items() if verdict is Verdict.NOT}


def test_gold_copes_with_all(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["gold"]) == 0
    shown = capsys.readouterr().out
    assert "copes with 13 of 13 that apply" in shown
    assert max(map(len, shown.splitlines())) <= 80
    assert "it earned 1.00" in shown


@pytest.mark.parametrize(
    ("name", "lacks"),
    [
        ("Counting", {"same seed, same actions"}),
        ("Notes", {"many episodes at a time"}),
        ("nothing", {"a plain episode", "types returned"}),
        ("hasty", {"interruptions"}),
    ],
)
def test_what_an_agent_lacks_is_named(name: str, lacks: set[str]) -> None:
    assert lacking(name) == lacks


def test_an_agent_that_trusts_results_breaks_where_they_break() -> None:
    assert lacking("Trusting") >= {"malformed results", "failing tools"}


def test_who_never_calls_a_tool_shows_nothing_of_results() -> None:
    found = verdicts("bye")
    assert [what for what, verdict in found.items() if verdict is Verdict.NONE] == [
        "malformed results",
        "failing tools",
        "very long results",
        "parallel calls",
        "interruptions",
    ]


@pytest.mark.parametrize("name", ["stubborn", "empty", "failing"])
def test_who_fails_a_plain_episode_shows_nothing_else(name: str) -> None:
    found = verdicts(name)
    assert found.pop("a plain episode") is Verdict.NOT
    if name != "failing":
        assert found.pop("types returned") is Verdict.HANDLED
    assert {*found.values()} == {Verdict.NONE}


@pytest.mark.parametrize("name", ["asleep", "dreaming"])
def test_who_does_not_answer_is_not_waited_for(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    since = time.monotonic()
    assert main([f"tests.agents.test_doctor:{name}", "--seconds", "0.2"]) == 1
    assert time.monotonic() - since < 60
    assert "not handled" in (shown := capsys.readouterr().out)
    assert "no answer in 0.2 s" in shown


def test_an_agent_that_owns_its_loop_is_examined_too() -> None:
    found = verdicts("looping")
    assert found["malformed results"] is Verdict.NONE
    assert found["unicode"] is Verdict.HANDLED
    assert found["reset between episodes"] is Verdict.HANDLED
    assert found["many episodes at a time"] is Verdict.NONE


def test_only_what_is_returned_says_whether_its_type_is_right() -> None:
    wrong = found_of("nothing")
    assert wrong["types returned"].verdict is Verdict.NOT
    assert wrong["types returned"].words.startswith("expected a list of one str for each of 1 ")
    assert wrong["a plain episode"].words == "does not return one str a session; mend this first"
    raised = found_of("borrowing")
    assert raised["types returned"].verdict is Verdict.NONE
    assert raised["a plain episode"].words.startswith("raises ValueError: expected a list ")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("stubborn", "goes on until the limit"),
        (
            "garbling",
            "is stopped: 3 messages in a row could not be read (expected </tool_call> after the "
            "call, got the end of the message after '{')",
        ),
        (
            "empty",
            "is stopped: 3 messages in a row could not be read (expected a tool call or a reply to "
            "the user, got neither)",
        ),
        ("idle", "did not come to an end"),
    ],
)
def test_how_a_plain_episode_ended_is_told(name: str, words: str) -> None:
    assert found_of(name)["a plain episode"].words == f"{words}; say goodbye at the end"


def test_what_an_agent_raises_is_told_with_its_line() -> None:
    line = failing.__code__.co_firstlineno + 2
    where = f"{os.path.relpath(__file__)}:{line}"
    words = found_of("failing")["a plain episode"].words
    assert words == f"raises KeyError: 'order' ({where}); mend this first"


def test_the_limit_that_a_message_passes_is_named_here_and_in_the_guide() -> None:
    found = found_of("echoing")["very long results"]
    assert found.verdict is Verdict.NOT
    assert f"(expected a message of at most {MAX_CHARS:,} characters, got a longer" in found.words
    assert "a reply repeats them" in found.words
    guide = (Path(__file__).parents[2] / "docs" / "agent.md").read_text("utf-8")
    assert f"{MAX_CHARS:,} characters and {MAX_CALLS} calls" in " ".join(guide.split())


def test_a_broken_agent_ends_in_status_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["tests.agents.test_doctor:nothing"]) == 1
    assert "itself" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("args", "words"),
    [
        ([], "expected AGENT; see --help"),
        (["gold", "-x"], "expected no further argument, got -x; see --help"),
    ],
)
def test_one_agent_is_examined(
    args: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(args)
    assert ended.value.code == 2
    assert capsys.readouterr().err == f"python -m agents.doctor: error: {words}\n"
