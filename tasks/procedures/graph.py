"""Directed graphs of messages and calls."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

START = "start"
"""The node where every path begins."""
END = "end:"
"""The prefix of the names of end nodes; the way in which the path ends follows."""


class NodeKind(StrEnum):
    """What happens at a node."""

    START = "start"
    """Nothing yet."""
    MESSAGE = "message"
    """The agent says something."""
    API = "api"
    """The agent calls an API."""
    USER = "user"
    """The customer says something."""
    END = "end"
    """The conversation is over."""


class Noise(StrEnum):
    """The kinds of turns that no procedure foresees."""

    OUT_OF_SCOPE = "out_of_scope"
    """The customer asks about something else."""
    INTERRUPTION = "interruption"
    """The customer asks for a moment, and comes back."""
    ADVERSARIAL = "adversarial"
    """The customer wants the agent to ignore the procedure."""
    IMPATIENT = "impatient"
    """The customer complains, and answers."""
    CORRECTION = "correction"
    """The customer takes back its last answer."""


@dataclass(frozen=True, slots=True)
class Node:
    """One place of a graph."""

    name: str
    """The name, unique in the graph."""
    kind: NodeKind
    """What happens there."""
    step: str = ""
    """The procedure's step to which it belongs."""
    slots: tuple[str, ...] = ()
    """The slots that are asked for, or told, there."""
    noise: Noise | None = None
    """The noise that the customer makes or the agent meets there, or None."""


@dataclass(frozen=True, slots=True)
class Edge:
    """An edge from one node to another."""

    source: str
    """The name of the node where it begins."""
    target: str
    """The name of the node where it ends."""
    condition: str = ""
    """The answer or outcome at which it is taken; "" if always."""


@dataclass(frozen=True, slots=True)
class Graph:
    """Nodes and the edges between them."""

    nodes: Mapping[str, Node]
    """Name -> node."""
    edges: tuple[Edge, ...]
    """The edges, in a fixed order."""
    leaving: Mapping[str, tuple[Edge, ...]] = field(init=False, repr=False, compare=False)
    """Node -> the edges that begin there."""

    def __post_init__(self) -> None:
        """Groups the edges by the nodes where they begin."""
        leaving: dict[str, list[Edge]] = {name: [] for name in self.nodes}
        for edge in self.edges:
            leaving[edge.source].append(edge)
        object.__setattr__(self, "leaving", {k: tuple(v) for k, v in leaving.items()})

    def reachable(self, source: str = START) -> dict[str, int]:
        """Node -> number of edges from `source`, for the nodes that can be reached."""
        return _distances({k: [e.target for e in v] for k, v in self.leaving.items()}, [source])

    def to_end(self) -> dict[str, int]:
        """Node -> number of edges to the nearest end; nodes that reach no end are missing."""
        back: dict[str, list[str]] = {name: [] for name in self.nodes}
        for edge in self.edges:
            back[edge.target].append(edge.source)
        return _distances(back, [n.name for n in self.nodes.values() if n.kind is NodeKind.END])


def _distances(following: Mapping[str, list[str]], sources: list[str]) -> dict[str, int]:
    """Node -> number of edges from the nearest source, by breadth-first search."""
    found = dict.fromkeys(sources, 0)
    waiting = deque(sources)
    while waiting:
        here = waiting.popleft()
        for node in following[here]:
            if node not in found:
                found[node] = found[here] + 1
                waiting.append(node)
    return found
