"""Graphs and paths: what is in them, where they lead, how soon all edges are seen."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import pytest

from tasks.procedures.conversation_graph import conversation_graph
from tasks.procedures.flowgraph import KNOWN, flowgraph, opening_questions
from tasks.procedures.graph import START, Edge, Graph, NodeKind, Noise
from tasks.procedures.library import library
from tasks.procedures.noise import with_noise
from tasks.procedures.paths import MOST_NOISE, count_paths, count_visits, coverage, sample_path
from tasks.procedures.types import Procedure, StepKind
from tools.dice import Dice

PROCEDURES = library()
EVERY = pytest.mark.parametrize("procedure", PROCEDURES, ids=[p.name for p in PROCEDURES])


def noisy(procedure: Procedure) -> Graph:
    return with_noise(conversation_graph(flowgraph(procedure)))


@EVERY
def test_a_flowgraph_has_a_node_a_step_and_an_edge_a_branch(procedure: Procedure) -> None:
    graph = flowgraph(procedure)
    assert {step.id for step in procedure.steps} <= set(graph.nodes)
    branches = {(s.id, t, answer) for s in procedure.steps for answer, t in s.branches.items()}
    assert branches <= {(edge.source, edge.target, edge.condition) for edge in graph.edges}
    assert set(graph.reachable()) == set(graph.nodes) == set(graph.to_end())


@EVERY
def test_the_customer_stands_between_the_agents_messages(procedure: Procedure) -> None:
    graph = noisy(procedure)
    assert set(graph.reachable()) == set(graph.nodes) == set(graph.to_end())
    for edge in graph.edges:
        source, target = graph.nodes[edge.source], graph.nodes[edge.target]
        if source.kind is NodeKind.MESSAGE and edge.condition != KNOWN:
            assert target.kind in (NodeKind.USER, NodeKind.END)
        if source.kind is NodeKind.USER:
            assert target.kind in (NodeKind.MESSAGE, NodeKind.API)


@EVERY
def test_paths_hang_together_and_end(procedure: Procedure) -> None:
    graph = noisy(procedure)
    for seed in range(50):
        path = sample_path(graph, {}, Dice("test", seed), noise=0.5)
        assert path[0].source == START
        assert graph.nodes[path[-1].target].kind is NodeKind.END
        assert all(one.target == other.source for one, other in pairwise(path))
        assert sum(edge.condition in tuple(Noise) for edge in path) <= MOST_NOISE


@EVERY
def test_a_path_comes_to_a_call(procedure: Procedure) -> None:
    graph = noisy(procedure)
    for seed in range(20):
        path = sample_path(graph, {}, Dice("test", seed))
        assert any(graph.nodes[edge.target].kind is NodeKind.API for edge in path)


def test_a_question_is_passed_by_only_before_it_was_asked() -> None:
    for procedure in PROCEDURES:
        graph = noisy(procedure)
        for seed in range(30):
            path = sample_path(graph, {}, Dice("known", seed))
            for place, edge in enumerate(path):
                if edge.condition == KNOWN:
                    assert edge.source not in {before.source for before in path[:place]}


def test_only_an_answer_is_corrected() -> None:
    corrections = 0
    for procedure in PROCEDURES:
        graph = noisy(procedure)
        for seed in range(30):
            path = sample_path(graph, {}, Dice("wrong", seed), noise=0.9)
            for before, edge in pairwise(path):
                if edge.condition == Noise.CORRECTION:
                    corrections += 1
                    assert graph.nodes[before.source].slots
    assert corrections > 20


def test_the_questions_at_the_beginning() -> None:
    procedure = next(p for p in PROCEDURES if p.name == "double_charge")
    names = list(opening_questions(procedure))
    assert names == [procedure.steps[0].id, procedure.steps[1].id]
    assert all(procedure.step(name).kind is StepKind.ASK for name in names)


def test_unvisited_edges_come_first() -> None:
    """Summed over the library, at equal size, more edges than by uniform draws."""

    def covered(weighted: bool) -> float:
        total = 0.0
        for procedure in PROCEDURES:
            graph, visits = noisy(procedure), Counter[Edge]()
            for seed in range(12):
                path = sample_path(graph, visits, Dice("cover", seed), weighted=weighted)
                visits = count_visits(visits, path)
            total += coverage(graph, visits)
        return total

    assert covered(weighted=True) > covered(weighted=False)


def test_paths_are_counted() -> None:
    for procedure in PROCEDURES:
        count = count_paths(flowgraph(procedure), 100_000)
        ends = sum(bool(step.end) for step in procedure.steps)
        assert count >= ends
    assert count_paths(flowgraph(PROCEDURES[0]), 3) == 3
