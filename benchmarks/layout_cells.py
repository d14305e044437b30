"""Forms in which a cell of a table may hold turns, calls and tools."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import TypeAlias, cast

from tools.types import Json

Entry: TypeAlias = dict[str, str]
"""A turn in APIGen-MT's form: `from` and `value`."""
Tool: TypeAlias = dict[str, Json]
"""An API in APIGen-MT's form: `name`, `description` and `parameters`."""
Turns: TypeAlias = Callable[[Sequence[Entry]], Json]
"""Turns -> what stands in the cell."""
Row: TypeAlias = dict[str, str]
"""Column -> cell."""


def is_call(entry: Entry) -> bool:
    """Whether a turn is a call."""
    return entry["from"] == "function_call"


def call(entry: Entry, arguments: str = "arguments", name: str = "name", **more: Json) -> Json:
    """A reply's text, or a call as an object with these keys."""
    if not is_call(entry):
        return entry["value"]
    call = json.loads(entry["value"])
    return {**more, name: call["name"], arguments: call["arguments"]}


def call_text(entry: Entry) -> str:
    """A reply's text, or a call as `name(key='value')`."""
    if not is_call(entry):
        return entry["value"]
    call = json.loads(entry["value"])
    return f"{call['name']}({', '.join(f'{k}={v!r}' for k, v in call['arguments'].items())})"


def message(entry: Entry) -> Json:
    """A message of OpenAI's, with `tool_calls`."""
    if not is_call(entry):
        names = {"human": "user", "gpt": "assistant", "observation": "tool"}
        return {"role": names[entry["from"]], "content": entry["value"]}
    call = json.loads(entry["value"])
    function = {"name": call["name"], "arguments": json.dumps(call["arguments"])}
    calls: list[Json] = [{"id": "1", "type": "function", "function": function}]
    return {"role": "assistant", "content": None, "tool_calls": calls}


def kind_and_content(entry: Entry) -> Json:
    """An object that says which of the two it is."""
    if is_call(entry):
        return call(entry, type="api_call")
    return {"type": "message", "content": entry["value"]}


def agents_turn(entry: Entry) -> Json:
    """A turn of the agent's, or a call with `parameters`."""
    if is_call(entry):
        return call(entry, "parameters")
    return {"speaker": "agent", "text": entry["value"]}


def api_and_params(entry: Entry) -> Json:
    """A call as `api` and `params`."""
    return call(entry, "params", "api")


def quoted(entry: Entry) -> Json:
    """A call as it is, or a reply as JSON."""
    return call(entry) if is_call(entry) else json.dumps(entry["value"])


def messages(entries: Sequence[Entry]) -> Json:
    """Turns as chat messages."""
    return [message(entry) for entry in entries]


def turns(
    form: Callable[[str, str], Json],
    names: str,
    text: Callable[[Entry], str] = lambda e: e["value"],
) -> Turns:
    """Turns in a form of speaker and text; the names of customer, agent, call and answer."""
    speakers = ("human", "gpt", "function_call", "observation")
    known = dict(zip(speakers, names.split("|"), strict=True))
    return lambda entries: [form(known[entry["from"]], text(entry)) for entry in entries]


def keys(speaker: str, text: str) -> Callable[[str, str], Json]:
    """A form of turns: an object with these keys."""
    return lambda who, what: {speaker: who, text: what}


def transcript(entries: Sequence[Entry]) -> Json:
    """Lines with a speaker in front."""
    lines = turns("{}: {}".format, "Customer|Agent|API call|API response")(entries)
    return "\n".join(map(str, cast("list[Json]", lines)))


def whole_calls(entries: Sequence[Entry]) -> Json:
    """A call and its answer in one turn of the API's."""
    turns: list[Json] = []
    for entry, then in zip(entries, [*entries[1:], None], strict=True):
        if is_call(entry):
            answer = then["value"] if then and then["from"] == "observation" else None
            turn = cast("dict[str, Json]", call(entry, "params", "api", role="api"))
            turns.append({**turn, "response": answer})
        elif entry["from"] != "observation":
            speaker = "customer" if entry["from"] == "human" else "agent"
            turns.append({"role": speaker, "message": entry["value"]})
    return turns


def enveloped(tools: Sequence[Tool]) -> Json:
    """In OpenAI's envelope."""
    return [{"type": "function", "function": tool} for tool in tools]


def signatures(tools: Sequence[Tool]) -> Json:
    """Text only, which is not read."""
    return "\n".join(f"{tool['name']}: {tool['description']}" for tool in tools)


def parameters(form: Callable[[Sequence[str]], Json]) -> Callable[[Sequence[Tool]], Json]:
    """APIs with their parameters in a form that is no schema."""

    def names(tool: Tool) -> list[str]:
        return list(cast("dict[str, dict[str, Json]]", tool["parameters"])["properties"])

    return lambda tools: [{**tool, "parameters": form(names(tool))} for tool in tools]
