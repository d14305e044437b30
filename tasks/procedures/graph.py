"""Directed graphs of what is said and called."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

START = "start"
"""The node where every path begins."""
END = "end:"
"""What the names of the nodes begin with where a path ends; the way it ended follows."""


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
    """What customers do that no procedure foresees."""

    OUT_OF_SCOPE = "out_of_scope"
    """They ask about something else."""
    INTERRUPTION = "interruption"
    """They ask for a moment, and come back."""
    ADVERSARIAL = "adversarial"
    """They want the procedure to be ignored."""
    IMPATIENT = "impatient"
    """They complain, and answer."""
    CORRECTION = "correction"
    """They take back what they said last."""


@dataclass(frozen=True, slots=True)
class Node:
    """One place of a graph."""

    name: str
    """Unique in its graph."""
    kind: NodeKind
    """What happens there."""
    step: str = ""
    """The procedure's step to which it belongs."""
    slots: tuple[str, ...] = ()
    """The slots that are asked for, or told, there."""
    noise: Noise | None = None
    """The noise that it makes or meets."""


@dataclass(frozen=True, slots=True)
class Edge:
    """A way from one node to another."""

    source: str
    """The name of the node where it begins."""
    target: str
    """The name of the node where it ends."""
    condition: str = ""
    """When it is taken: an answer, an outcome; "" if always."""


@dataclass(frozen=True, slots=True)
class Graph:
    """Nodes and the ways between them."""

    nodes: Mapping[str, Node]
    """By name."""
    edges: tuple[Edge, ...]
    """In a fixed order."""
    leaving: Mapping[str, tuple[Edge, ...]] = field(init=False, repr=False, compare=False)
    """Node -> the edges that begin there."""

    def __post_init__(self) -> None:
        """Sorts the edges by where they begin."""
        leaving: dict[str, list[Edge]] = {name: [] for name in self.nodes}
        for edge in self.edges:
            leaving[edge.source].append(edge)
        object.__setattr__(self, "leaving", {k: tuple(v) for k, v in leaving.items()})

    def reachable(self, source: str = START) -> dict[str, int]:
        """The nodes that can be reached, and in how many edges."""
        return _distances({k: [e.target for e in v] for k, v in self.leaving.items()}, [source])

    def to_end(self) -> dict[str, int]:
        """Node -> how many edges it is from the nearest end; nodes without one are missing."""
        back: dict[str, list[str]] = {name: [] for name in self.nodes}
        for edge in self.edges:
            back[edge.target].append(edge.source)
        return _distances(back, [n.name for n in self.nodes.values() if n.kind is NodeKind.END])


def _distances(following: Mapping[str, list[str]], sources: list[str]) -> dict[str, int]:
    """Breadth first."""
    found = dict.fromkeys(sources, 0)
    waiting = deque(sources)
    while waiting:
        here = waiting.popleft()
        for node in following[here]:
            if node not in found:
                found[node] = found[here] + 1
                waiting.append(node)
    return found
