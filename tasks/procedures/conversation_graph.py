"""From a flowgraph to a conversation graph: adds the customer's turns."""

from __future__ import annotations

from tasks.procedures.flowgraph import KNOWN
from tasks.procedures.graph import START, Edge, Graph, Node, NodeKind

USER = "user:"
"""The prefix of the names of customer nodes; the id of the step that they answer follows."""


def conversation_graph(flow: Graph) -> Graph:
    """Puts the customer between the agent's messages.

    The customer answers every message that does not end the conversation. The conditions of the
    message's edges become the customer's answers.
    """
    nodes, edges = dict(flow.nodes), []
    opening = Node(USER + START, NodeKind.USER)
    for edge in flow.edges:
        source = flow.nodes[edge.source]
        if source.kind is NodeKind.START:
            nodes[opening.name] = opening
            edges += [Edge(START, opening.name), Edge(opening.name, edge.target)]
        elif source.kind is NodeKind.API or edge.condition == KNOWN or _ends(flow, edge):
            edges.append(edge)
        else:
            user = Node(USER + source.name, NodeKind.USER, source.step, source.slots)
            if user.name not in nodes:
                nodes[user.name] = user
                edges.append(Edge(source.name, user.name))
            edges.append(Edge(user.name, edge.target, edge.condition))
    return Graph(nodes, tuple(edges))


def _ends(flow: Graph, edge: Edge) -> bool:
    return flow.nodes[edge.target].kind is NodeKind.END
