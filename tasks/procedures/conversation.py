"""From a path to what is said and called along it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field

from tasks.dice import Dice
from tasks.facts import facts
from tasks.procedures import phrases
from tasks.procedures.flowgraph import KNOWN
from tasks.procedures.graph import END, Edge, Graph, Node, NodeKind, Noise
from tasks.procedures.paths import Path
from tasks.procedures.text import MEETS
from tasks.procedures.types import Pattern, Procedure
from tasks.procedures.values import draw_like, draw_slot
from tools.types import Json, Role, ToolCall

KINDS = tuple(kind.value for kind in Noise)
TRACE = {
    "request": Pattern("RQ-#####"),
    "handled_at": Pattern("1#:1#|1#:2#|1#:3#|1#:4#|1#:5#"),
    "server": Pattern("SV-##"),
    "trace": Pattern("TC-####"),
    "took_ms": Pattern(between=(101, 999)),
}
"""What every answer holds and nobody asks about: so an agent that echoes all says too much."""


@dataclass(frozen=True, slots=True)
class Said:
    """One turn."""

    role: Role
    """Whose: user, assistant or tool."""
    text: str
    """Its words; "" for a call."""
    call: ToolCall | None = None
    """The call that the assistant makes, or None."""


@dataclass(frozen=True, slots=True)
class Conversation:
    """A procedure, played along a path."""

    procedure: Procedure
    """The procedure."""
    path: Path
    """The path."""
    turns: tuple[Said, ...]
    """What was said and called."""
    outputs: tuple[str, ...]
    """The facts that the agent took from APIs and told."""

    @property
    def calls(self) -> tuple[ToolCall, ...]:
        """The calls, in order."""
        return tuple(said.call for said in self.turns if said.call)

    @property
    def end(self) -> str:
        """How it ended."""
        return self.path[-1].target.removeprefix(END)

    @property
    def noise(self) -> tuple[str, ...]:
        """The kinds of noise, in order."""
        return tuple(edge.condition for edge in self.path if edge.condition in KINDS)


def converse(procedure: Procedure, graph: Graph, path: Path, dice: Dice) -> Conversation:
    """Plays a path.

    Args:
        procedure: The procedure.
        graph: Its conversation graph.
        path: A path through the graph.
        dice: Draws values and words.
    """
    talk = _Talk(procedure, dice)
    for edge, onward in zip(path, path[1:], strict=False):
        node = graph.nodes[edge.target]
        match node.kind:
            case NodeKind.USER if not node.step:
                talk.open(_volunteered(graph, path))
            case NodeKind.USER:
                talk.answer(node, onward)
            case NodeKind.MESSAGE if onward.condition != KNOWN:
                talk.say(node)
            case NodeKind.API:
                talk.call(node, onward.condition)
    return Conversation(procedure, path, tuple(talk.turns), tuple(talk.outputs))


def _volunteered(graph: Graph, path: Path) -> list[str]:
    """The slots of the questions that are passed by."""
    passed = (graph.nodes[edge.source] for edge in path if edge.condition == KNOWN)
    return [slot for node in passed for slot in node.slots]


@dataclass(slots=True)
class _Talk:
    """A conversation in the making."""

    procedure: Procedure
    dice: Dice
    turns: list[Said] = field(default_factory=list)
    outputs: list[str] = field(default_factory=list)
    _known: dict[str, Json] = field(default_factory=dict)
    _told: dict[str, list[Json]] = field(default_factory=dict)
    _last_slots: Sequence[str] = ()
    _last_message: str = ""

    def open(self, slots: Sequence[str]) -> None:
        """The customer's first words."""
        wish = self.dice.pick(self.procedure.intents)
        told = [self._tell(slot, phrases.VOLUNTEERED) for slot in slots]
        self._user(self.dice.pick(phrases.GREETINGS), wish, *told)

    def answer(self, node: Node, onward: Edge) -> None:
        """A later turn of the customer's."""
        match node.noise:
            case None:
                self._user(*self._answer(node, onward.condition))
            case Noise.IMPATIENT:
                complaint = self.dice.pick(phrases.IMPATIENT)
                self._user(complaint, *self._answer(node, onward.condition))
            case Noise.CORRECTION:
                slot = self.dice.pick(self._last_slots)
                self._user(self._tell(slot, phrases.CORRECTIONS))
            case noise:
                self._user(self.dice.pick(phrases.NOISE[noise]))

    def say(self, node: Node) -> None:
        """The agent's message: the step's own, or what it says to noise."""
        if node.noise is None:
            self._last_message = self.procedure.step(node.step).say.format(**self._known)
            text = self._last_message
        else:
            repeats = node.noise is not Noise.INTERRUPTION
            text = MEETS[node.noise] + (f" {self._last_message}" if repeats else "")
        self._note_facts(text)
        self.turns.append(Said(Role.ASSISTANT, text))

    def call(self, node: Node, outcome: str) -> None:
        """The agent's call and what the API answers."""
        api = self.procedure.apis[self.procedure.step(node.step).api]
        outcome = outcome or next(iter(api.gives))
        call = ToolCall(api.name, {name: self._known[name] for name in api.takes})
        values = {k: draw_like(form, self.dice) for k, form in api.gives[outcome].items()}
        self._known |= values
        trace = {name: draw_like(form, self.dice) for name, form in TRACE.items()}
        answer = json.dumps({"status": outcome, **values, **trace})
        self.turns += [Said(Role.ASSISTANT, "", call), Said(Role.TOOL, answer)]

    def _answer(self, node: Node, condition: str) -> list[str]:
        """The slots that were asked for, the choice, or a word of understanding."""
        if node.slots:
            self._last_slots = node.slots
            return [self._tell(slot, phrases.TOLD) for slot in node.slots]
        return [self.dice.pick(phrases.answers_of(self.procedure, condition))]

    def _tell(self, name: str, words: Sequence[str]) -> str:
        """Draws a new value of a slot, and words for it."""
        slot, told = self.procedure.slots[name], self._told.setdefault(name, [])
        value = draw_slot(slot, told, self.dice)
        told.append(value)
        self._known[name] = value
        return self.dice.pick(words).format(words=slot.words, value=value)

    def _user(self, *sentences: str) -> None:
        self.turns.append(Said(Role.USER, " ".join(filter(None, sentences))))

    def _note_facts(self, text: str) -> None:
        tools = [said.text for said in self.turns if said.role is Role.TOOL]
        users = [said.text for said in self.turns if said.role is Role.USER]
        new = facts(text, tools, users).difference(self.outputs)
        self.outputs += sorted(new)
