"""Conversations as records in APIGen-MT's form, and a data set of them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from tasks.procedures.case_json import case_to_json
from tasks.procedures.conversation import Conversation, Said, converse
from tasks.procedures.conversation_graph import conversation_graph
from tasks.procedures.flowgraph import flowgraph
from tasks.procedures.graph import Edge, Graph
from tasks.procedures.library import SEEN, is_file, procedures
from tasks.procedures.noise import with_noise
from tasks.procedures.paths import count_visits, sample_path
from tasks.procedures.text import rules_of
from tasks.procedures.types import Api, Procedure, Slot
from tools.dice import Dice
from tools.types import Json, Role

Record: TypeAlias = dict[str, Json]
"""A record, or a sidecar."""

SPARE = 2
"""The number of the area's other APIs among the tools, so that the agent has to choose.

Chosen by hand.
"""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A procedure, prepared for conversations."""

    procedure: Procedure
    """The procedure."""
    flow: Graph
    """Its flowgraph."""
    graph: Graph
    """Its conversation graph with noise."""
    rules: str
    """The rules that the agent reads."""
    tools: str
    """The tools, in the form of records."""
    effects: Mapping[str, str]
    """Tool -> read or write."""
    file: str | None = None
    """The procedure's file, or None for the library."""


def generate(n: int, seed: int, part: str = SEEN) -> Iterator[tuple[Record, Record]]:
    """Generates conversations as records in APIGen-MT's form, each with its sidecar."""
    for talk, ready in conversations(n, seed, part):
        yield record(talk, ready), sidecar(talk, ready)


def conversations(n: int, seed: int, part: str = SEEN) -> Iterator[tuple[Conversation, Prepared]]:
    """Generates conversations, one by one; the procedures take turns.

    Args:
        n: The number of conversations; conversation `i` is the same for every `n > i`.
        seed: The seed; the same seed gives the same conversations on any machine.
        part: `seen`, `unseen`, `all`, an area's name, or a file's path.

    Yields:
        A conversation, and its procedure.
    """
    file = part if is_file(part) else None
    ready = [prepare(procedure, file) for procedure in procedures(part)]
    name = f"procedures-{Path(part).stem}-{seed}"
    visits: list[Mapping[Edge, int]] = [{} for _ in ready]
    for index in range(n):
        place = index % len(ready)
        talk = _play(ready[place], visits[place], f"{name}-{index}")
        visits[place] = count_visits(visits[place], talk.path)
        yield talk, ready[place]


def _play(ready: Prepared, visits: Mapping[Edge, int], seed: str) -> Conversation:
    path = sample_path(ready.graph, visits, Dice("path", seed))
    return converse(ready.procedure, ready.graph, path, seed, ready.file)


def prepare(procedure: Procedure, file: str | None = None) -> Prepared:
    """Prepares a procedure: the parts that all its conversations share."""
    flow = flowgraph(procedure)
    graph = with_noise(conversation_graph(flow))
    offered = offered_apis(procedure)
    tools = json.dumps([tool_of(api, procedure.slots, procedure.apis) for api in offered])
    effects = {api.name: "write" if api.write else "read" for api in offered}
    return Prepared(procedure, flow, graph, rules_of(procedure), tools, effects, file)


def offered_apis(procedure: Procedure) -> Sequence[Api]:
    """The procedure's own APIs and some others of its area, in an order without meaning."""
    dice = Dice("tools", procedure.name)
    own = procedure.called
    others = [api for api in procedure.apis.values() if api not in own]
    offered = [*own, *dice.some(others, min(SPARE, len(others)))]
    return dice.some(offered, len(offered))


def tool_of(api: Api, slots: Mapping[str, Slot], apis: Mapping[str, Api]) -> Record:
    """An API as a tool with a JSON schema."""
    properties: dict[str, Json] = {name: _schema(name, slots, apis) for name in api.takes}
    parameters: Json = {
        "type": "object",
        "properties": properties,
        "required": list(api.takes),
        "additionalProperties": False,
    }
    return {"name": api.name, "description": api.does, "parameters": parameters}


def _schema(name: str, slots: Mapping[str, Slot], apis: Mapping[str, Api]) -> Json:
    slot = slots.get(name)
    if slot is None:
        forms = (values.get(name) for api in apis.values() for values in api.gives.values())
        numbers = any(form and form.between for form in forms)
        return {"type": "integer" if numbers else "string"}
    if slot.one_of:
        return {"type": "string", "enum": list(slot.one_of)}
    if slot.between:
        return {"type": "integer", "minimum": slot.between[0], "maximum": slot.between[1]}
    return {"type": "string", "description": slot.words}


def record(talk: Conversation, ready: Prepared) -> Record:
    """The conversation as a row of APIGen-MT."""
    turns: list[Json] = [_entry(said) for said in talk.turns]
    return {"conversations": turns, "tools": ready.tools, "system": ready.rules}


def _entry(said: Said) -> Json:
    if said.call:
        call = {"name": said.call.name, "arguments": dict(said.call.arguments)}
        return {"from": "function_call", "value": json.dumps(call)}
    speaker = {Role.USER: "human", Role.ASSISTANT: "gpt", Role.TOOL: "observation"}[said.role]
    return {"from": speaker, "value": said.text}


def sidecar(talk: Conversation, ready: Prepared) -> Record:
    """The record's sidecar: the goal, the tools' effects, and the conversation's origin."""
    actions: list[Json] = [
        {"name": call.name, "arguments": dict(call.arguments)} for call in talk.calls
    ]
    return {
        "gold": {"actions": actions, "outputs": list(talk.outputs)},
        "effects": dict(ready.effects),
        "case": dict(case_to_json(talk.case)),
        "group": talk.case.seed,
        "generated_from": talk.case.seed,
        "procedure": talk.procedure.name,
        "area": talk.procedure.area,
        "end": talk.end,
        "traces": [said.thought for said in talk.turns if said.role is Role.ASSISTANT],
        "noise": list(talk.noise),
    }
