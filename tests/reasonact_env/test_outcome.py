"""What an episode's infos tell besides its reward: changes, partial credit, harm, broken rules."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from reasonact_env.env import ReasonActEnv
from reasonact_env.episodes.storage import Header, merge, read_episodes, write_episodes
from reasonact_env.episodes.verify import as_version, verify
from reasonact_env.view.episode import episode_view
from tools.protocol import render
from tools.types import Json, ToolCall
from tools.worlds import WORLDS

Shop = dict[str, Json]
FIND = ToolCall("find_user_id_by_email", {"email": "ida.berg@example.com"})
LOOK = ToolCall("get_order_details", {"order_id": "#W1"})
CANCEL = ToolCall("cancel_pending_order", {"order_id": "#W1", "reason": "no longer needed"})
TOMS = ToolCall("cancel_pending_order", {"order_id": "#W4", "reason": "no longer needed"})


def said(who: str, value: Json) -> Json:
    return {"from": who, "value": value if isinstance(value, str) else json.dumps(value)}


def written(tmp_path: Path, shop: Shop) -> dict[str, Any]:
    """One dialogue with a goal of one write, and a database; as keyword arguments."""
    call: Json = {"name": CANCEL.name, "arguments": dict(CANCEL.arguments)}
    tools: list[Json] = [
        {"name": s.name, "description": s.description, "parameters": dict(s.parameters)}
        for s in WORLDS["retail"].specs
    ]
    record: Json = {
        "system": "Help the customers.",
        "tools": json.dumps(tools),
        "conversations": [
            said("human", "I no longer need #W1."),
            said("gpt", "Shall I cancel it?"),
            said("human", "Yes."),
            said("function_call", call),
            said("observation", {"order_id": "#W1", "status": "cancelled"}),
            said("gpt", "Order #W1 is cancelled."),
        ],
    }
    gold: Json = {"gold": {"actions": [call], "outputs": []}}
    (tmp_path / "talks.json").write_text(json.dumps([record]))
    (tmp_path / "talks.meta.json").write_text(json.dumps([gold]))
    (tmp_path / "db.json").write_text(json.dumps(shop))
    places = {"data": str(tmp_path / "talks.json"), "database": str(tmp_path / "db.json")}
    return {"split": "all", **places}


def played(env: ReasonActEnv, *moves: ToolCall | str) -> dict[str, Any]:
    """The last info."""
    env.reset(seed=0)
    info: dict[str, Any] = {}
    for move in moves:
        action = move if isinstance(move, str) else render([move])
        *_, info = env.step(action)
    return info


def test_a_step_tells_what_it_changed(tmp_path: Path, shop: Shop) -> None:
    env = ReasonActEnv(**written(tmp_path, shop))
    assert played(env, LOOK)["changes"] == []
    info = played(env, CANCEL)
    fields = {change["field"]: change for change in info["changes"] if change["table"] == "orders"}
    status = {"table": "orders", "key": "#W1", "field": "status"}
    assert fields["status"] == status | {"before": "pending", "after": "cancelled"}
    assert fields["cancel_reason"]["before"] is None
    balance = [change for change in info["changes"] if change["table"] == "users"]
    assert [change["field"] for change in balance] == ["payment_methods.gift_card_1.balance"]
    json.dumps(info)


def test_recorded_answers_tell_no_changes(tmp_path: Path, shop: Shop) -> None:
    env = ReasonActEnv(data=written(tmp_path, shop)["data"], split="all")
    info = played(env, CANCEL)
    assert [result["ok"] for result in info["results"]] == [True]
    assert info["changes"] == []


def test_diagnostics(tmp_path: Path, shop: Shop) -> None:
    env = ReasonActEnv(**written(tmp_path, shop))
    info = played(env, FIND, LOOK, "Shall I cancel it?", CANCEL, "Done with #W1.")
    call = {"name": CANCEL.name, "arguments": dict(CANCEL.arguments)}
    assert info["outcome"]["success"]
    assert info["outcome"]["goals"] == [{"call": call, "done": True}]
    assert info["outcome"]["harm"] == info["outcome"]["violations"] == []


def test_harm_and_broken_rules_are_named(tmp_path: Path, shop: Shop) -> None:
    env = ReasonActEnv(**written(tmp_path, shop))
    info = played(env, FIND, TOMS, "Shall I?", "Bye.")
    outcome = info["outcome"]
    assert not outcome["success"]
    assert [goal["done"] for goal in outcome["goals"]] == [False]
    assert outcome["harm"] == [{"customer": "tom_vale_2", "table": "orders", "key": "#W4"}]
    rules = [broken["rule"] for broken in outcome["violations"]]
    assert set(rules) == {"other_customer", "unconfirmed", "status_unknown"}
    assert {broken["message"] for broken in outcome["violations"]} == {2}


def test_a_rule_broken_on_the_way_to_the_goal(tmp_path: Path, shop: Shop) -> None:
    env = ReasonActEnv(**written(tmp_path, shop))
    outcome = played(env, FIND, LOOK, CANCEL, "Shall I?", "Done.")["outcome"]
    assert outcome["state"]
    assert [broken["rule"] for broken in outcome["violations"]] == ["unconfirmed"]


def test_it_is_kept_shown_and_verified(tmp_path: Path, shop: Shop) -> None:
    settings = written(tmp_path, shop)
    env = ReasonActEnv(**settings)
    played(env, FIND, TOMS, "Shall I?", "Bye.")
    path = tmp_path / "run.jsonl"
    write_episodes(path, Header(settings, env.task.source, "test"), [env.episode])
    _, episodes = read_episodes(path)
    assert list(episodes) == [env.episode]
    assert verify(path).passed
    console = Console(file=io.StringIO(), width=100)
    with console.capture() as capture:
        console.print(episode_view(episodes[0]))
    text = capture.get()
    assert 'status: "pending" → "cancelled"' in text
    assert "harm: orders #W4 of tom_vale_2 was changed" in text
    assert "against the rules in step 2: unconfirmed" in text


def test_files_of_the_first_version_are_still_verified(tmp_path: Path, shop: Shop) -> None:
    settings = written(tmp_path, shop)
    env = ReasonActEnv(**settings)
    played(env, FIND, TOMS, "Shall I?", "Bye.")
    old, new, both = tmp_path / "old.jsonl", tmp_path / "new.jsonl", tmp_path / "both.jsonl"
    header = Header(settings, env.task.source, "test")
    write_episodes(new, header, [env.episode])
    write_episodes(old, header, [as_version(env.episode, 1)])
    first = old.read_text().replace('"version":2', '"version":1', 1)
    old.write_text(first)
    assert verify(old).passed
    with pytest.raises(ValueError, match="of version 1"):
        merge([old, new], both)
    assert merge([old, old], both) == 2
    assert verify(both).passed
