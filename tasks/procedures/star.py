"""Imports STAR's procedures (RasaHQ/STAR): a graph of steps, reply texts, and one tool each.

One entry of `star_procedures.json`, shortened:

    "weather": {
      "graph": {"hello": "weather_ask_day", "weather_ask_day": "query", "query": "inform"},
      "replies": {"weather_ask_day": "For which day?", "inform": "It will be {weather:s}."},
      "tool": {"name": "weather", "parameters": {"properties": {"Day": {…}}, "required": […]}}}

The graph says what follows a step and, under names like `yes` or `available`, what follows an
answer
or an outcome. It does not say after which step that answer comes: the import decides this by the
rules of `_attach`. It finds the parameter that a question asks for by the words of both, and counts
what it had to leave out or add.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from tasks.procedures.known import known_before, unreached
from tasks.procedures.lint import FindingKind, lint
from tasks.procedures.star_slots import mapped
from tasks.procedures.types import Api, Pattern, Procedure, Slot, Step, StepKind, placeholders
from tools.effects import effect_of
from tools.jsontext import short
from tools.types import Effect, Json

OUTCOMES = (
    *("available", "unavailable", "query_success", "query_failure", "info_missing"),
    "info_missing2",
)
"""The graph's names for outcomes of a query."""
ANSWERS = ("yes", "no", "correct", "incorrect", "noanswer", "done")
"""The graph's names for the customer's answers."""
QUERIES = {"query": "", "query_check": "_check", "query_book": "_book"}
"""The graph's names for calls -> the endings of their APIs' names."""
_ASKS = re.compile(r"ask|request_optional|criteria")
_INTENTS = (
    "I need help with {}.",
    "Hello, it is about {}.",
    "Can you help me with {}?",
    "I am calling because of {}.",
    "I have a request about {}.",
)


@dataclass(frozen=True, slots=True)
class Imported:
    """A procedure, and its differences from its source."""

    procedure: Procedure
    """The procedure."""
    left_out: tuple[str, ...]
    """Steps of the graph that cannot be reached."""
    added: tuple[str, ...]
    """Questions that were added, since a call would otherwise repeat unchanged."""


def read_star(text: str, name: str = "the file") -> Mapping[str, Json]:
    """Reads the text of a file in STAR's form.

    Raises:
        ValueError: if it is not a JSON object.
    """
    try:
        entries: Json = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"expected JSON in {name}: {error}") from None
    if not isinstance(entries, dict):
        raise ValueError(f"expected an object of procedures in {name}, got {short(entries)}")
    return entries


def import_star(entries: Mapping[str, Json]) -> tuple[Imported, ...]:
    """Imports a file's procedures.

    Raises:
        ValueError: if an entry has another form.
    """
    return tuple(_import(name, entry) for name, entry in entries.items())


def _import(name: str, entry: Json) -> Imported:
    match entry:
        case {"graph": dict(graph), "replies": dict(replies), "tool": dict(tool)}:
            star = _Star(
                name,
                {key: str(target) for key, target in graph.items()},
                {key: _text(str(words)) for key, words in replies.items()},
                tool,
            )
        case _:
            raise ValueError(
                f"expected {name!r} as an object of graph, replies and tool, got {short(entry)}"
            )
    procedure = star.procedure()
    dead = unreached(procedure)
    strays = tuple(key for key in star.graph if key not in star.nodes and _is_step(key))
    procedure = replace(procedure, steps=tuple(s for s in procedure.steps if s.id not in dead))
    procedure = _with_known_takes(procedure)
    procedure, added = _repaired(procedure)
    return Imported(procedure, (*dead, *strays), added)


@dataclass(frozen=True, slots=True)
class _Star:
    """One entry."""

    name: str
    graph: Mapping[str, str]
    replies: Mapping[str, str]
    tool: Mapping[str, Json]

    @property
    def nodes(self) -> tuple[str, ...]:
        """The steps without the greeting, in the order in which they are reached."""
        targets = dict.fromkeys(self.graph.values())
        return tuple(target for target in targets if target in self.replies)

    def procedure(self) -> Procedure:
        """The procedure; every outcome of a call gives all values known of that call."""
        asked = [node for node in self.nodes if self._is_question(node)]
        slots = mapped(asked, self.tool)
        branches = self._branches()
        steps = [self._step(node, branches.get(node, {}), slots) for node in self.nodes]
        first = next(i for i, step in enumerate(steps) if step.id == self.graph["hello"])
        steps = [steps[first], *steps[:first], *steps[first + 1 :]]
        found = {slot.name: slot for slot in slots.values()}
        words = self.name.replace("_", " ")
        return Procedure(
            area="star",
            company="a service",
            name=self.name,
            title=words.capitalize(),
            intents=tuple(intent.format(f"the {words}") for intent in _INTENTS),
            steps=tuple(steps),
            slots=found,
            apis=self._apis(branches, found),
            answers={key: (self.replies[key] + ".",) for key in ANSWERS if key in self.replies},
        )

    def _step(self, node: str, branches: Mapping[str, str], slots: Mapping[str, Slot]) -> Step:
        say = self.replies[node]
        end = "" if branches else node
        if node in QUERIES:
            api = str(self.tool["name"]) + QUERIES[node]
            return Step(node, StepKind.CALL, api=api, branches=branches, end=end)
        if node in slots and not end:
            return Step(node, StepKind.ASK, say, (slots[node].name,), branches=branches)
        kind = StepKind.CHOICE if any(branches) else StepKind.TELL
        return Step(node, kind, say, branches=branches, end=end)

    def _branches(self) -> dict[str, dict[str, str]]:
        """Step -> answer or outcome -> the step that follows."""
        found = {
            node: {"": self.graph[node]}
            for node in self.nodes
            if node in self.graph and self.graph[node] in self.replies
        }
        for key, target in self.graph.items():
            if key in OUTCOMES or key in ANSWERS:
                place = self._attach(key)
                if place:
                    found.setdefault(place, {})[key] = target
        return found

    def _attach(self, key: str) -> str | None:
        """The step after which an answer or an outcome comes.

        An outcome belongs to a query without a successor in the graph; if both queries have none,
        `available` belongs to the check and `query_success` to the booking. An answer belongs to a
        message without a successor: preferably one that asks for a confirmation, then another
        question, then `anything_else`.
        """
        open_nodes = [node for node in self.nodes if node not in self.graph]
        if key in OUTCOMES:
            order = ["query_check", "query", "query_book"]
            queries = [query for query in order if query in open_nodes]
            late = key.startswith(("query", "info"))
            return (queries[-1] if late else queries[0]) if queries else None
        if key in ("correct", "incorrect", "noanswer") or "correct" in self.graph:
            return self.graph.get("query")
        asking = [
            node
            for node in open_nodes
            if "?" in self.replies[node] and node != "anything_else" and node not in QUERIES
        ]
        asking.sort(key=lambda node: ("ask" not in node, "nothing" in node))
        return asking[0] if asking else "anything_else" if "anything_else" in open_nodes else None

    def _is_question(self, node: str) -> bool:
        return _ASKS.search(node) is not None and node in self.graph

    def _apis(
        self, branches: Mapping[str, Mapping[str, str]], slots: Mapping[str, Slot]
    ) -> dict[str, Api]:
        values = dict.fromkeys(
            name for node in self.nodes for name in placeholders(self.replies[node])
        )
        gives = {name: Pattern("%%-####") for name in values if name not in slots}
        name, about = str(self.tool["name"]), str(self.tool.get("description", ""))
        apis = {}
        for node in self.nodes:
            if node in QUERIES:
                outcomes = [key for key in branches.get(node, {}) if key] or ["done"]
                effect = effect_of(name + QUERIES[node], about).effect
                apis[name + QUERIES[node]] = Api(
                    name + QUERIES[node],
                    about,
                    tuple(slots),
                    dict.fromkeys(outcomes, gives),
                    node == "query_book" or effect is Effect.WRITE,
                )
        return apis


def _with_known_takes(procedure: Procedure) -> Procedure:
    """The procedure, with APIs that take all values known on every way to their calls."""
    known = known_before(procedure)
    apis = dict(procedure.apis)
    for step in procedure.steps:
        if step.kind is StepKind.CALL:
            takes = tuple(name for name in apis[step.api].takes if name in known[step.id])
            apis[step.api] = replace(apis[step.api], takes=takes)
    return replace(procedure, apis=apis)


def _repaired(procedure: Procedure) -> tuple[Procedure, tuple[str, ...]]:
    """The procedure, with repeated questions on ways back to a call that would repeat unchanged."""
    added: list[str] = []
    for finding in lint(procedure):
        if finding.kind is FindingKind.REPEATED_CALL:
            call = finding.where.rsplit(".", 1)[1]
            procedure = _asking_again(procedure, procedure.step(call))
            added.append(f"again_{call}")
    return procedure, tuple(added)


def _asking_again(procedure: Procedure, call: Step) -> Procedure:
    slot = procedure.slots[procedure.apis[call.api].takes[-1]]
    again = Step(
        f"again_{call.id}",
        StepKind.ASK,
        f"What else may the {slot.words} be?",
        (slot.name,),
        branches={"": call.id},
        again=True,
    )
    behind = set(_behind(procedure, call))
    steps = [_redirected(step, call.id, again.id, step.id in behind) for step in procedure.steps]
    return replace(procedure, steps=(*steps, again))


def _behind(procedure: Procedure, call: Step) -> Iterator[str]:
    """The steps that can be reached from a call."""
    seen: set[str] = set()
    waiting = [*call.branches.values()]
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            waiting += procedure.step(name).branches.values()
            yield name


def _redirected(step: Step, old: str, new: str, behind: bool) -> Step:
    if not behind or old not in step.branches.values():
        return step
    branches = {key: new if target == old else target for key, target in step.branches.items()}
    return replace(step, branches=branches)


def _is_step(key: str) -> bool:
    return key != "hello" and key not in OUTCOMES and key not in ANSWERS


def _text(words: str) -> str:
    """A reply with plain placeholders, on one line."""
    return " ".join(re.sub(r"\{(\w+):\w+\}", r"{\1}", words).split())
