"""Draws a procedure's flowgraph, with how often each edge was taken: as text, and as DOT."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from tasks.procedures.conversation_graph import USER
from tasks.procedures.graph import END, START, Edge, Graph, Node, NodeKind
from tasks.procedures.types import Procedure, StepKind

_MARKS = {
    StepKind.ASK: "?",
    StepKind.CHOICE: "<>",
    StepKind.TELL: '"',
    StepKind.CALL: "()",
}
"""How each kind of step is marked in text."""
BAR = 20
"""Characters of the longest bar."""


def flow_visits(graph: Graph, paths: Iterable[Iterable[Edge]]) -> Counter[Edge]:
    """How often paths through a conversation graph have taken each edge of the flowgraph.

    Args:
        graph: The conversation graph, with noise or without.
        paths: The paths.
    """
    found: Counter[Edge] = Counter()
    for path in paths:
        here = START
        for edge in path:
            target = graph.nodes[edge.target]
            if _is_step(target) and not edge.source.startswith("meet:"):
                found[Edge(here, target.name, _condition(graph, edge))] += 1
                here = target.name
    return found


def _condition(graph: Graph, edge: Edge) -> str:
    return "" if edge.source == USER + START else edge.condition


def _is_step(node: Node) -> bool:
    return node.kind in (NodeKind.MESSAGE, NodeKind.API, NodeKind.END) and node.noise is None


def as_text(procedure: Procedure, flow: Graph, visits: Mapping[Edge, int]) -> Iterator[str]:
    """Lines for the console: each step, and under it the ways on, with their visits as bars.

    Args:
        procedure: The procedure.
        flow: Its flowgraph.
        visits: Edge of the flowgraph -> how often it was taken; empty if nobody went along.
    """
    most = max(visits.values(), default=0)
    yield f"{procedure.name}: {procedure.title}"
    for step in procedure.steps:
        yield f"[{step.id}] {_MARKS[step.kind]} {step.say or step.api}"
        for edge in flow.leaving[step.id]:
            target = edge.target.removeprefix(END)
            ended = " (end)" if edge.target.startswith(END) else ""
            words = f"    {edge.condition or '-'} -> {target}{ended}"
            yield f"{words:48}{_bar(visits.get(edge, 0), most)}".rstrip()


def as_dot(procedure: Procedure, flow: Graph, visits: Mapping[Edge, int]) -> Iterator[str]:
    """The lines of a Graphviz file; `dot -Tsvg` makes a picture of it.

    Args:
        procedure: The procedure.
        flow: Its flowgraph.
        visits: As for `as_text`; an edge that nobody took is dotted.
    """
    most = max(visits.values(), default=0)
    yield f'digraph "{procedure.name}" {{'
    yield '  node [fontname="sans-serif", shape=box, style=rounded];'
    for node in flow.nodes.values():
        shape = {NodeKind.API: "component", NodeKind.START: "circle", NodeKind.END: "doublecircle"}
        yield f'  "{node.name}" [shape={shape.get(node.kind, "box")}];'
    for edge in flow.edges:
        count = visits.get(edge, 0)
        style = "solid" if count or not most else "dotted"
        width = 1 + 4 * count / most if most else 1
        label = " ".join(filter(None, [edge.condition, str(count) if most else ""]))
        yield (
            f'  "{edge.source}" -> "{edge.target}" '
            f'[label="{label}", style={style}, penwidth={width:.1f}];'
        )
    yield "}"


def _bar(count: int, most: int) -> str:
    return f" {'#' * round(BAR * count / most):{BAR}} {count:,}" if most else ""
