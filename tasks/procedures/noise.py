"""Adds noise to a conversation graph: customers' turns that no procedure foresees.

Each kind of noise comes after a question. The rules state the one way in which the agent meets it,
so there is still exactly one right next message.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tasks.procedures.graph import Edge, Graph, Node, NodeKind, Noise

MEET = "meet:"
"""The prefix of the names of nodes where the agent meets noise."""
_TURNS_OF_THEIR_OWN = (Noise.OUT_OF_SCOPE, Noise.INTERRUPTION, Noise.ADVERSARIAL)


def with_noise(graph: Graph, kinds: Sequence[Noise] = tuple(Noise)) -> Graph:
    """The graph with noise after every question.

    Args:
        graph: A conversation graph.
        kinds: The kinds of noise to add.
    """
    nodes, edges = dict(graph.nodes), list(graph.edges)
    for user in graph.nodes.values():
        if user.kind is NodeKind.USER and user.step and _answers(graph, user):
            for new, ways in _noise_at(graph, user, kinds):
                nodes.update((node.name, node) for node in new)
                edges += ways
    return Graph(nodes, tuple(edges))


def _answers(graph: Graph, user: Node) -> bool:
    """Whether the customer answers a question there, not just a statement."""
    return bool(user.slots) or any(edge.condition for edge in graph.leaving[user.name])


def _noise_at(
    graph: Graph, user: Node, kinds: Sequence[Noise]
) -> Iterator[tuple[list[Node], list[Edge]]]:
    for kind in kinds:
        if kind is Noise.IMPATIENT:
            yield _impatient(graph, user)
        elif kind in _TURNS_OF_THEIR_OWN or _can_correct(graph, user):
            yield _detour(user, kind)


def _impatient(graph: Graph, user: Node) -> tuple[list[Node], list[Edge]]:
    """Nodes and edges of a complaint with the answer in it; it continues like the answer."""
    node = Node(f"{Noise.IMPATIENT}:{user.step}", NodeKind.USER, user.step, user.slots, _IMPATIENT)
    onward = [Edge(node.name, edge.target, edge.condition) for edge in graph.leaving[user.name]]
    return [node], [Edge(user.step, node.name, _IMPATIENT.value), *onward]


def _detour(user: Node, kind: Noise) -> tuple[list[Node], list[Edge]]:
    """Nodes and edges of a turn of the customer's, one of the agent's, and then the answer."""
    turn = Node(f"{kind}:{user.step}", NodeKind.USER, user.step, noise=kind)
    meet = Node(f"{MEET}{turn.name}", NodeKind.MESSAGE, user.step, noise=kind)
    ways = [
        Edge(user.step, turn.name, kind.value),
        Edge(turn.name, meet.name),
        Edge(meet.name, user.name),
    ]
    return [turn, meet], ways


def _can_correct(graph: Graph, user: Node) -> bool:
    """Whether the question may directly follow an answer that can be taken back."""
    before = (graph.nodes[edge.source] for edge in graph.edges if edge.target == user.step)
    return any(node.kind is NodeKind.USER and node.slots for node in before)


_IMPATIENT = Noise.IMPATIENT
