"""Gold and the baselines in every setting, on a small data set of our own."""

import json
from pathlib import Path

import pytest

from benchmarks import standings

TEXT = {"type": "string"}
CANCEL = {"type": "object", "properties": {"order": TEXT, "reason": TEXT}}
TOOLS = [{"name": "cancel_order", "description": "", "parameters": CANCEL}]


def record(order: str) -> dict[str, object]:
    """A dialogue in which an order is cancelled for a reason in words."""
    arguments = {"order": order, "reason": f"the customer has moved away from {order}"}
    said = [
        ("human", f"Please cancel order {order}, since I have moved."),
        ("function_call", {"name": "cancel_order", "arguments": arguments}),
        ("observation", '{"status": "cancelled"}'),
        ("gpt", f"Order {order} is cancelled."),
    ]
    turns = [{"from": who, "value": what} for who, what in said]
    return {"system": "Cancel orders.", "tools": TOOLS, "conversations": turns}


def test_everyone_plays_every_setting(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, out = tmp_path / "shop.json", tmp_path / "out.json"
    thanks = [{"from": "human", "value": "Hi."}, {"from": "gpt", "value": "Hello."}]
    records = [record(f"A{number}") for number in range(5)]
    records.append({"system": "", "tools": TOOLS, "conversations": thanks})  # it has no goal
    path.write_text(json.dumps(records), "utf-8")
    argv = ["--data", str(path), "--tasks", "2", "--out", str(out)]
    found = standings.main(argv)
    assert [(one.mode, one.database) for one in found] == [
        (mode, where) for mode in ("turn", "dialogue") for where in ("recorded", "rebuilt", "auto")
    ]
    for one in found:
        left_out = one.mode == "dialogue"
        assert (one.tasks, one.left_out) == (2, left_out)
        gold, other, silent = (one.figures[name] for name in ("gold", "gold reworded", "silent"))
        assert gold.won == other.won == 1
        assert gold.line.overall == other.line.overall == pytest.approx(1)
        assert silent.won == 0
        assert silent.line.overall <= 0
    written = json.loads(out.read_text("utf-8"))["settings"]
    assert written[0]["agents"]["gold"]["won"] == 1
    assert capsys.readouterr().out.count("gold reworded") == 2  # a table for each mode
