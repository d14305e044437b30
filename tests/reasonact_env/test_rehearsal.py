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
