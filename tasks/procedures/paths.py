"""Samples paths through a graph so that all its edges are seen soon."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

from tasks.procedures.flowgraph import KNOWN
from tasks.procedures.graph import START, Edge, Graph, NodeKind, Noise
from tools.dice import Dice

Path: TypeAlias = "tuple[Edge, ...]"
"""Edges from the start to an end, each beginning where the last one ends."""

NOISE = 0.2
"""The probability of noise after a question; chosen by hand, as are the two limits below."""
MOST_NOISE = 2
"""The most noise turns of a customer."""
_NOISES = frozenset(map(str, Noise))
LONG = 60
"""The number of edges after which a path takes the shortest way to an end."""


def sample_path(
    graph: Graph,
    visits: Mapping[Edge, int],
    dice: Dice,
    *,
    weighted: bool = True,
    noise: float = NOISE,
) -> Path:
    """Walks from the start to an end.

    The walk takes no edge twice if there is another one; otherwise it goes the shortest way to an
    end.

    Args:
        graph: A conversation graph, with noise or without.
        visits: Edge -> number of visits by earlier paths.
        dice: The random choices.
        weighted: Whether an edge's weight is inverse to its visits (plus one); else all are equal.
        noise: The probability of noise after a question.
    """
    to_end = graph.to_end()
    path: list[Edge] = []
    here = START
    while ways := graph.leaving[here]:
        fresh = [edge for edge in ways if edge not in path]
        plain = [edge for edge in fresh if _is_allowed(edge, path)]
        noisy = [edge for edge in fresh if _is_noise(edge) and _may_make_noise(graph, edge, path)]
        if noisy and plain and dice.chance(noise):
            plain = noisy
        if plain and len(path) < LONG:
            edge = _pick(plain, visits if weighted else {}, dice)
        else:
            edge = min((e for e in ways if not _is_noise(e)), key=lambda e: to_end[e.target])
        path.append(edge)
        here = edge.target
    return tuple(path)


def count_visits(visits: Mapping[Edge, int], path: Iterable[Edge]) -> Counter[Edge]:
    """The visits with one more path, as a new counter."""
    return Counter(visits) + Counter(path)


def coverage(graph: Graph, visits: Mapping[Edge, int]) -> float:
    """The share of a graph's edges that some path has taken."""
    return sum(edge in visits for edge in graph.edges) / len(graph.edges)


def count_paths(graph: Graph, most: int = 1_000_000) -> int:
    """The number of paths that take no edge twice.

    Args:
        graph: A flowgraph or conversation graph.
        most: The count at which counting stops.
    """
    found = 0
    waiting: list[tuple[str, frozenset[Edge]]] = [(START, frozenset())]
    while waiting and found < most:
        here, taken = waiting.pop()
        if graph.nodes[here].kind is NodeKind.END:
            found += 1
        waiting += [(e.target, taken | {e}) for e in graph.leaving[here] if e not in taken]
    return found


def _is_noise(edge: Edge) -> bool:
    return edge.condition in _NOISES


def _is_allowed(edge: Edge, path: Sequence[Edge]) -> bool:
    """Whether an edge may be taken: a question can be skipped only before it was asked."""
    if _is_noise(edge):
        return False
    return edge.condition != KNOWN or all(before.source != edge.source for before in path)


def _may_make_noise(graph: Graph, edge: Edge, path: Sequence[Edge]) -> bool:
    if sum(map(_is_noise, path)) >= MOST_NOISE:
        return False
    if edge.condition != Noise.CORRECTION:
        return True
    before = graph.nodes[path[-1].source]
    return before.kind is NodeKind.USER and bool(before.slots)


def _pick(edges: Sequence[Edge], visits: Mapping[Edge, int], dice: Dice) -> Edge:
    weights = [1 / (1 + visits.get(edge, 0)) for edge in edges]
    left = sum(weights)
    for edge, weight in zip(edges, weights, strict=True):
        if dice.chance(weight / left):
            return edge
        left -= weight
    return edges[-1]
