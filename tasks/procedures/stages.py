"""Shows the result of each stage of the pipeline for a procedure, from its wording to its tests."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from tasks.procedures.conversation import Conversation, Said, converse
from tasks.procedures.conversation_graph import conversation_graph
from tasks.procedures.graph import Edge
from tasks.procedures.paths import sample_path
from tasks.procedures.records import Prepared, offered_apis, prepare, tool_of
from tasks.procedures.tests import cut
from tasks.procedures.types import Procedure
from tools.dice import Dice


@dataclass(frozen=True, slots=True)
class Example:
    """A procedure and one conversation that follows it, to show."""

    ready: Prepared
    """The procedure, with its graphs."""
    talk: Conversation
    """The conversation."""

    @classmethod
    def of(cls, procedure: Procedure, seed: int, file: str | None = None) -> Example:
        """Plays one conversation.

        Args:
            procedure: The procedure.
            seed: The seed of path, values and words.
            file: The procedure's file, or None for the library.
        """
        ready = prepare(procedure, file)
        path = sample_path(ready.graph, {}, Dice("play", seed))
        return cls(ready, converse(procedure, ready.graph, path, f"play-{seed}", file))


Lines: TypeAlias = Iterator[str]


def _intents(example: Example) -> Lines:
    yield from example.ready.procedure.intents


def _procedure(example: Example) -> Lines:
    yield from example.ready.rules.splitlines()


def _apis(example: Example) -> Lines:
    procedure = example.ready.procedure
    for api in offered_apis(procedure):
        yield json.dumps(tool_of(api, procedure.slots, procedure.apis))


def _flowgraph(example: Example) -> Lines:
    yield from _arrows(example.ready.flow.edges)


def _conversation_graph(example: Example) -> Lines:
    yield from _arrows(conversation_graph(example.ready.flow).edges)


def _noise(example: Example) -> Lines:
    before = frozenset(conversation_graph(example.ready.flow).edges)
    yield from _arrows(edge for edge in example.ready.graph.edges if edge not in before)


def _path(example: Example) -> Lines:
    yield from _arrows(example.talk.path)


def _conversation(example: Example) -> Lines:
    yield from (f"{said.role}: {words(said)}" for said in example.talk.turns)
    yield f"[{example.talk.end}]"


def _tests(example: Example) -> Lines:
    for test in cut(example.talk, example.talk.case.seed):
        last = test.context[-1]
        yield f"{test.number}. after turn {len(test.context)} ({last.role}):"
        yield f"   thought: {test.expected.thought}"
        yield f"   {words(test.expected)}"


STAGES: Mapping[str, Callable[[Example], Lines]] = {
    "intents": _intents,
    "procedure": _procedure,
    "apis": _apis,
    "flowgraph": _flowgraph,
    "conversation-graph": _conversation_graph,
    "noise": _noise,
    "path": _path,
    "conversation": _conversation,
    "tests": _tests,
}
"""Stage -> the lines that show its result, in the pipeline's order."""


def words(said: Said) -> str:
    """The words of a turn, or its call as `name(key=value)`."""
    if said.call is None:
        return said.text
    arguments = ", ".join(f"{name}={value!r}" for name, value in said.call.arguments.items())
    return f"{said.call.name}({arguments})"


def _arrows(edges: Iterable[Edge]) -> Lines:
    for edge in edges:
        condition = f" [{edge.condition}]" if edge.condition else ""
        yield f"{edge.source} -> {edge.target}{condition}"
