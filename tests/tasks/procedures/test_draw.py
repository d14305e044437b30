"""The picture of a procedure: every step and edge is in it, and visits are counted rightly."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tasks.procedures.__main__ import main
from tasks.procedures.draw import as_dot, as_text, show
from tasks.procedures.flowgraph import flowgraph
from tasks.procedures.graph import START, NodeKind
from tasks.procedures.library import library
from tasks.procedures.paths import sample_path
from tasks.procedures.records import prepare
from tasks.procedures.taken import Taken, flow_visits
from tasks.procedures.types import Procedure
from tools.dice import Dice

EVERY = pytest.mark.parametrize("procedure", library(), ids=[p.name for p in library()])


@EVERY
def test_what_flows_in_flows_out(procedure: Procedure) -> None:
    ready = prepare(procedure)
    paths = [sample_path(ready.graph, {}, Dice("draw", i), noise=0.5) for i in range(30)]
    visits = flow_visits(ready.graph, paths)
    assert set(visits) <= set(ready.flow.edges)
    ins, outs = Counter[str](), Counter[str]()
    for edge, count in visits.items():
        ins[edge.target] += count
        outs[edge.source] += count
    assert outs[START] == len(paths)
    for node in ready.flow.nodes.values():
        if node.kind in (NodeKind.MESSAGE, NodeKind.API):
            assert ins[node.name] == outs[node.name]


def test_every_step_and_edge_is_drawn() -> None:
    procedure = library()[0]
    flow = flowgraph(procedure)
    text = "\n".join(as_text(procedure, flow))
    assert all(f"[{step.id}]" in text for step in procedure.steps)
    dot = list(as_dot(procedure, flow, Taken({flow.edges[0]: 7}, {})))
    assert sum(" -> " in line for line in dot) == len(flow.edges)
    assert sum("dotted" in line for line in dot) == len(flow.edges) - 1


def test_the_command_draws(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    name = library()[0].name
    assert main(["--draw", name, "--paths", "20"]) == 0
    assert "####" in capsys.readouterr().out
    assert main(["--draw", name, "--out", str(tmp_path / "x.dot")]) == 0
    assert (tmp_path / "x.dot").read_text("utf-8").startswith("digraph")
    assert main(["--draw", name, "--out", str(tmp_path / "x.gif")]) == 2
    assert "expected a file named .svg or .png" in capsys.readouterr().err


def test_where_agents_leave_is_seen(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    pytest.importorskip("networkx")
    procedure = library()[0]
    flow, step = flowgraph(procedure), procedure.steps[1].id
    taken = Taken({flow.edges[0]: 7}, {step: 3})
    assert any("left the procedure" in line for line in as_text(procedure, flow, taken))
    assert sum("left 3" in line for line in as_dot(procedure, flow, taken)) == 1
    for name in ("x.svg", "x.png", "y.svg"):
        show(procedure, flow, taken, tmp_path / name)
    assert "<svg" in (tmp_path / "x.svg").read_text("utf-8")
    assert (tmp_path / "x.svg").read_bytes() == (tmp_path / "y.svg").read_bytes()
    assert (tmp_path / "x.png").read_bytes().startswith(b"\x89PNG")
