"""From a procedure to its flowgraph: messages and API calls, edges with conditions."""

from __future__ import annotations

from collections.abc import Iterator

from tasks.procedures.graph import END, START, Edge, Graph, Node, NodeKind
from tasks.procedures.types import Procedure, Step, StepKind

KNOWN = "already told"
"""The condition of an edge that skips a question whose answer the customer has volunteered."""


def flowgraph(procedure: Procedure) -> Graph:
    """The graph of a procedure's steps.

    A question at the beginning, before anything else has happened, has a second edge. It skips the
    question if the customer's first message has answered it.

    Args:
        procedure: A procedure without `lint` findings.
    """
    nodes = [Node(START, NodeKind.START)]
    edges = [Edge(START, procedure.steps[0].id)]
    opening = set(opening_questions(procedure))
    ends: dict[str, Node] = {}
    for step in procedure.steps:
        kind = NodeKind.API if step.kind is StepKind.CALL else NodeKind.MESSAGE
        nodes.append(Node(step.id, kind, step.id, step.asks))
        edges += [Edge(step.id, target, answer) for answer, target in step.branches.items()]
        if step.id in opening:
            edges.append(Edge(step.id, step.branches[""], KNOWN))
        if step.end:
            name = END + step.end
            ends[name] = Node(name, NodeKind.END)
            edges.append(Edge(step.id, name))
    return Graph({node.name: node for node in [*nodes, *ends.values()]}, tuple(edges))


def opening_questions(procedure: Procedure) -> Iterator[str]:
    """The questions with which the procedure begins, one after the other."""
    step: Step | None = procedure.steps[0]
    seen: set[str] = set()
    while step and step.kind is StepKind.ASK and not step.again and step.id not in seen:
        seen.add(step.id)
        yield step.id
        step = next((s for s in procedure.steps if s.id == step.branches.get("")), None)
