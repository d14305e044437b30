"""From a path to a customer's case, and from the case to messages and calls."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field

from tasks.facts import facts
from tasks.procedures.apis import ProcedureApis
from tasks.procedures.case import Case, Disturbance, Place, sampled_answer
from tasks.procedures.flowgraph import KNOWN
from tasks.procedures.graph import END, Edge, Graph, Node, NodeKind, Noise
from tasks.procedures.paths import Path
from tasks.procedures.thoughts import thought
from tasks.procedures.types import Procedure
from tasks.procedures.values import draw_slot
from tasks.procedures.walk import Walk
from tools.dice import Dice
from tools.types import Json, Role, ToolCall

KINDS = tuple(kind.value for kind in Noise)
Entry = tuple[ToolCall, str]
"""A call and its answer."""


@dataclass(frozen=True, slots=True)
class Said:
    """One turn."""

    role: Role
    """The speaker: user, assistant or tool."""
    text: str
    """Its words; "" for a call."""
    call: ToolCall | None = None
    """The call that the assistant makes, or None."""
    thought: str = ""
    """The assistant's reason; "" for other speakers."""


@dataclass(frozen=True, slots=True)
class Conversation:
    """A procedure, played along a path."""

    case: Case
    """The customer's case."""
    path: Path
    """The path."""
    turns: tuple[Said, ...]
    """The turns, in order."""
    outputs: tuple[str, ...]
    """The facts from APIs that the agent told."""

    @property
    def procedure(self) -> Procedure:
        """The procedure."""
        return self.case.procedure

    @property
    def calls(self) -> tuple[ToolCall, ...]:
        """The calls, in order."""
        return tuple(said.call for said in self.turns if said.call)

    @property
    def end(self) -> str:
        """The way in which it ended."""
        return self.path[-1].target.removeprefix(END)

    @property
    def noise(self) -> tuple[str, ...]:
        """The kinds of noise, in order."""
        return tuple(edge.condition for edge in self.path if edge.condition in KINDS)


def converse(
    procedure: Procedure, graph: Graph, path: Path, seed: str, file: str | None = None
) -> Conversation:
    """Plays a path: samples a case that leads along it, and lets a perfect agent handle the case.

    Args:
        procedure: The procedure.
        graph: Its conversation graph.
        path: A path through the graph.
        seed: The seed of values and words.
        file: The procedure's file, or None for the library.
    """
    case, entries = case_of(procedure, graph, path, seed, file)
    turns = _played(case, entries)
    return Conversation(case, path, tuple(turns), tuple(_outputs(turns)))


def case_of(
    procedure: Procedure, graph: Graph, path: Path, seed: str, file: str | None = None
) -> tuple[Case, list[Entry]]:
    """The case that leads along a path, and the calls that belong to it with their answers."""
    draft = _Draft(procedure, graph, Dice(seed))
    for edge, onward in zip(path, path[1:], strict=False):
        draft.take(graph.nodes[edge.target], onward)
    case = Case(
        procedure=procedure,
        seed=seed,
        values={slot: tuple(told) for slot, told in draft.values.items()},
        volunteered=tuple(_volunteered(graph, path)),
        choices={step: tuple(answers) for step, answers in draft.choices.items()},
        noise=draft.noise,
        file=file,
    )
    return case, draft.entries


def _volunteered(graph: Graph, path: Path) -> list[str]:
    """The slots of the questions that the path skips."""
    passed = (graph.nodes[edge.source] for edge in path if edge.condition == KNOWN)
    return [slot for node in passed for slot in node.slots]


@dataclass(slots=True)
class _Draft:
    """A case while it is generated."""

    procedure: Procedure
    graph: Graph
    dice: Dice
    values: dict[str, list[Json]] = field(default_factory=dict)
    choices: dict[str, list[str]] = field(default_factory=dict)
    noise: dict[Place, Disturbance] = field(default_factory=dict)
    entries: list[Entry] = field(default_factory=list)
    _known: dict[str, Json] = field(default_factory=dict)
    _visits: dict[str, int] = field(default_factory=dict)
    _last_slots: Sequence[str] = ()

    def take(self, node: Node, onward: Edge) -> None:
        """Makes the case's decisions at a node, given the next edge."""
        match node.kind:
            case NodeKind.MESSAGE if onward.condition == KNOWN:
                self._tell(node.slots)
            case NodeKind.MESSAGE if node.noise is None:
                self._visits[node.step] = self._visits.get(node.step, 0) + 1
            case NodeKind.USER if node.noise not in (None, Noise.IMPATIENT):
                self._disturb(node)
            case NodeKind.USER if node.step:
                self._answer(node, onward.condition)
            case NodeKind.API:
                self._call(node, onward.condition)

    def _disturb(self, node: Node) -> None:
        assert node.noise is not None
        slot = ""
        if node.noise is Noise.CORRECTION:
            slot = self.dice.pick(self._last_slots)
            self._tell([slot])
        self.noise[self._place(node)] = Disturbance(node.noise, slot)

    def _answer(self, node: Node, condition: str) -> None:
        if node.noise is Noise.IMPATIENT:
            self.noise[self._place(node)] = Disturbance(node.noise)
        if node.slots:
            self._last_slots = node.slots
            self._tell(node.slots)
        elif condition:
            self.choices.setdefault(node.step, []).append(condition)

    def _call(self, node: Node, outcome: str) -> None:
        api = self.procedure.apis[self.procedure.step(node.step).api]
        outcome = outcome or next(iter(api.gives))
        call = ToolCall(api.name, {name: self._known[name] for name in api.takes})
        answer = sampled_answer(self.procedure, api.name, outcome, self.dice)
        self._known |= {name: answer[name] for name in api.gives[outcome]}
        self.entries.append((call, json.dumps(answer)))

    def _tell(self, slots: Sequence[str]) -> None:
        for slot in slots:
            told = self.values.setdefault(slot, [])
            told.append(draw_slot(self.procedure.slots[slot], told, self.dice))
            self._known[slot] = told[-1]

    def _place(self, node: Node) -> Place:
        return node.step, self._visits[node.step] - 1


def _played(case: Case, entries: Sequence[Entry]) -> list[Said]:
    """The conversation of a perfect agent."""
    walk, apis = Walk(case), ProcedureApis.of(case, entries)
    turns = [Said(Role.USER, walk.opening())]
    while (due := walk.due()) is not None:
        why = thought(walk)
        if isinstance(due, ToolCall):
            apis, result = apis.run(due)
            walk.see(due, result.content)
            turns += [Said(Role.ASSISTANT, "", due, why), Said(Role.TOOL, result.content)]
        else:
            turns.append(Said(Role.ASSISTANT, due, thought=why))
            if (answer := walk.hear(due)) is not None:
                turns.append(Said(Role.USER, answer))
    return turns


def _outputs(turns: Sequence[Said]) -> list[str]:
    """The facts from APIs that the agent told, in order."""
    found: list[str] = []
    for place, said in enumerate(turns):
        if said.role is Role.ASSISTANT and said.text:
            before = turns[:place]
            tools = [one.text for one in before if one.role is Role.TOOL]
            users = [one.text for one in before if one.role is Role.USER]
            found += sorted(facts(said.text, tools, users).difference(found))
    return found
