"""How a record ends, and what it repeats: played once, before anybody else plays the task."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from agents.gold import Gold
from agents.play import play
from reasonact_env.config import EnvConfig
from reasonact_env.env import ReasonActEnv
from reasonact_env.episode import Episode
from reasonact_env.wrappers import FailTools
from tools.protocol import render
from tools.types import Json, ToolCall

TOOLS: list[Json] = [
    {"name": name, "parameters": {"type": "object", "properties": {"id": {"type": "string"}}}}
    for name in ("get_order_details", "cancel_pending_order", "transfer_to_human_agents")
]
LOOK = ToolCall("get_order_details", {"id": "1"})
CANCEL = ToolCall("cancel_pending_order", {"id": "1"})
HUMAN = ToolCall("transfer_to_human_agents", {})
ORDER = '{"id": "1", "price": 12.5}'


def written(tmp_path: Path, *said: str | tuple[ToolCall, str]) -> EnvConfig:
    """A record of the user's and the agent's words in turn, with calls and answers between."""
    entries: list[Json] = []
    for one in said:
        if isinstance(one, str):
            last = entries[-1]["from"] if entries else ""  # type: ignore[index, call-overload]
            entries.append({"from": "gpt" if last in ("human", "observation") else "human"})
            entries[-1]["value"] = one  # type: ignore[index, call-overload]
            continue
        call, answer = one
        value = json.dumps({"name": call.name, "arguments": dict(call.arguments)})
        entries += [{"from": "function_call", "value": value}]
        entries += [{"from": "observation", "value": answer}]
    record: Json = {"system": "Help.", "tools": TOOLS, "conversations": entries}
    (tmp_path / "talk.json").write_text(json.dumps([record]))
    return EnvConfig(data=str(tmp_path / "talk.json"), split="all")


def by_gold(config: EnvConfig) -> Episode:
    env = ReasonActEnv.of(config)
    (one,) = play(config, Gold(env.tasks), [(env.task_ids[0], None)])
    return one.episode


def last(config: EnvConfig, *messages: ToolCall | str) -> dict[str, Any]:
    """The info after some messages."""
    env = ReasonActEnv.of(config)
    env.reset(seed=0)
    info: dict[str, Any] = {}
    for message in messages:
        info = env.step(message if isinstance(message, str) else render([message]))[4]
    return info


FAILED = "Error: 503 service unavailable"
RECORDS = {
    "a retry after an error": ("Hi", (LOOK, FAILED), (LOOK, ORDER), "It costs 12.5."),
    "a write tried again": ("Hi", (CANCEL, FAILED), (CANCEL, "{}"), "Done."),
    "a look after the user spoke": (
        "Hi", (LOOK, ORDER), "It costs 12.5.", "Sure?", (LOOK, ORDER), "Yes."
    ),
    "a look twice in a row": ("Hi", (LOOK, ORDER), (LOOK, ORDER), "It costs 12.5."),
    "a hand-over that did not end it": (
        "Hi", (HUMAN, "ok"), "Wait.", "Cancel it first.", (CANCEL, "{}"), "Done."
    ),
    "a call after a hand-over": ("Hi", (HUMAN, "ok"), (CANCEL, "{}"), "Done."),
    "a fact after a hand-over": ("Hi", (LOOK, ORDER), (HUMAN, "ok"), "It costs 12.5."),
    "the final call made before": ("Hi", (LOOK, ORDER), (CANCEL, "{}"), (LOOK, ORDER)),
    "a final call that fails": ("Hi", (LOOK, ORDER), (CANCEL, "{}"), (LOOK, FAILED)),
}  # fmt: skip


@pytest.mark.parametrize("name", RECORDS)
def test_the_recorded_agent_earns_one(tmp_path: Path, name: str) -> None:
    episode = by_gold(written(tmp_path, *RECORDS[name]))
    assert episode.total == pytest.approx(1.0), episode.steps[-1].components


def test_a_handover_ends_what_its_record_ends_there(tmp_path: Path) -> None:
    goodbye = written(tmp_path, "Hi", (LOOK, ORDER), (HUMAN, "ok"), "You are being transferred.")
    assert last(goodbye, LOOK, HUMAN)["stop"] == "handover"


def test_the_second_handover_ends_what_goes_on_after_one(tmp_path: Path) -> None:
    config = written(tmp_path, *RECORDS["a call after a hand-over"])
    assert "stop" not in last(config, HUMAN)
    assert last(config, HUMAN, HUMAN)["stop"] == "handover"


def test_a_repetition_costs_where_the_record_has_none(tmp_path: Path) -> None:
    config = written(tmp_path, "Hi", (LOOK, ORDER), "It costs 12.5.")
    assert last(config, LOOK, LOOK)["step_scores"]["decision"] == -1
    assert last(config, LOOK)["step_scores"]["decision"] == 1
    own = written(tmp_path, *RECORDS["a look twice in a row"])
    assert last(own, LOOK, LOOK)["step_scores"]["decision"] == 1
    assert last(own, LOOK, LOOK, LOOK)["step_scores"]["decision"] == -1


def test_no_state_waits_for_a_write_that_its_schema_rejects(tmp_path: Path) -> None:
    wrong = ToolCall("cancel_pending_order", {"id": 1})
    episode = by_gold(written(tmp_path, "Hi", (wrong, "{}"), (CANCEL, "{}"), "Done."))
    assert episode.outcome is not None
    assert episode.outcome.success


DONE = ("Hi", (LOOK, ORDER), (CANCEL, "{}"), "Done.")
"""One write, after one look."""
WRONG = ToolCall("cancel_pending_order", {"id": "2"})
UNKNOWN = ToolCall("cancel_it", {})


@pytest.mark.parametrize(
    ("calls", "expected"),
    [
        ((LOOK, CANCEL), 1),
        ((CANCEL,), 1),  # fewer looks than the record are no loss
        ((WRONG, LOOK, CANCEL), 0.75 / 2),
        ((WRONG, WRONG, LOOK, CANCEL), 0.5 / 3),
        ((UNKNOWN, LOOK, CANCEL), 0.75 / 2),
        (("<tool_call>{</tool_call>", LOOK, CANCEL), 0.75 / 2),
        ((LOOK, LOOK, CANCEL), (1 - 1 / 16) / 1.25),
        ((LOOK, LOOK, LOOK, CANCEL), (1 - 1 / 8) / 1.5),
        ((LOOK,), 0),
        ((WRONG, LOOK), -0.25 / 2),
    ],
)
def test_trying_costs_in_tool(
    tmp_path: Path, calls: tuple[ToolCall | str, ...], expected: float
) -> None:
    config = written(tmp_path, *DONE)
    scores = last(config, *calls, "Done.")["reward_components"]
    assert scores["tool"] == pytest.approx(expected)


def test_what_the_record_itself_fails_at_costs_nobody(tmp_path: Path) -> None:
    config = written(tmp_path, "Hi", (LOOK, ORDER), (CANCEL, FAILED), (CANCEL, "{}"), "Done.")
    for calls in ((LOOK, CANCEL, CANCEL), (WRONG, LOOK, CANCEL, CANCEL)):
        scores = last(config, *calls, "Done.")["reward_components"]
        assert scores["tool"] == pytest.approx(1 if WRONG not in calls else 0.75 / 2)


def test_trying_costs_where_a_goal_has_facts_and_no_calls(tmp_path: Path) -> None:
    """The telling of the facts stands for a call, so that who is silent earns nothing."""
    config = written(tmp_path, "Hi", (LOOK, "Error: 4711 is no order"), "There is no order 4711.")
    assert not ReasonActEnv.of(config).tasks[0].goal.calls
    wrong = render([WRONG])
    for said, expected in (
        ((LOOK, "There is no order 4711."), 1),
        ((LOOK, wrong, "There is no order 4711."), 0.75 / 2),
        ((LOOK, wrong, wrong, "There is no order 4711."), 0.5 / 3),
        ((LOOK, "Yes."), 0),
        ((LOOK, wrong, "Yes."), -0.25 / 2),
    ):
        assert last(config, *said)["reward_components"]["tool"] == pytest.approx(expected)


def test_asking_beats_guessing(tmp_path: Path) -> None:
    """The same write, asked for first or guessed first: only the guess costs."""
    config = written(tmp_path, "Hi", "Which order?", "1", (LOOK, ORDER), (CANCEL, "{}"), "Done.")
    asking = last(config, "Which order?", LOOK, CANCEL, "Done.")["reward_components"]
    guessing = last(config, WRONG, "Which order?", LOOK, CANCEL, "Done.")["reward_components"]
    assert asking["outcome"] == guessing["outcome"] == 1
    for name in ("tool", "decision", "format", "thinking"):
        assert asking[name] > guessing[name]


def test_a_tool_that_a_wrapper_lets_fail_costs_nothing(tmp_path: Path) -> None:
    env = FailTools(ReasonActEnv.of(written(tmp_path, *DONE)), share=1.0)
    env.reset(seed=0)
    for call in (LOOK, LOOK, CANCEL, CANCEL):
        info = env.step(render([call]))[4]
    info = env.step("Done.")[4]
    assert info["reward_components"]["tool"] == 1
