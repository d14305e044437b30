"""The visits of a flowgraph's edges, and the places where agents left it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tasks.procedures.conversation_graph import USER
from tasks.procedures.graph import START, Edge, Graph, Node, NodeKind


@dataclass(frozen=True, slots=True)
class Taken:
    """Visits of edges, and places of leaving."""

    visits: Mapping[Edge, int]
    """Edge of the flowgraph -> number of visits."""
    left: Mapping[str, int]
    """Step that was due -> number of times an agent left the procedure there."""


NOBODY = Taken({}, {})
"""No visits."""


def flow_visits(graph: Graph, paths: Iterable[Iterable[Edge]]) -> Counter[Edge]:
    """Edge of the flowgraph -> number of visits by paths through a conversation graph.

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
