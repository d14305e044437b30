"""Forms in which tables may hold turns, calls and APIs; for `benchmarks.layouts`."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import TypeAlias, cast

from tools.types import Json

Entry: TypeAlias = dict[str, str]
"""A turn in APIGen-MT's form: `from` and `value`."""
Tool: TypeAlias = dict[str, Json]
"""An API in APIGen-MT's form: `name`, `description` and `parameters`."""


def call_of(entry: Entry) -> dict[str, Json]:
    """The call of an entry: `name` and `arguments`."""
    return cast("dict[str, Json]", json.loads(entry["value"]))


def is_call(entry: Entry) -> bool:
    """Whether an entry is a call."""
    return entry["from"] == "function_call"


def call_text(entry: Entry) -> str:
    """`name(key='value')`."""
    call = call_of(entry)
    arguments = cast("dict[str, Json]", call["arguments"])
    words = ", ".join(f"{name}={value!r}" for name, value in arguments.items())
    return f"{call['name']}({words})"


# Turns.


def openai(entries: Sequence[Entry]) -> Json:
    """OpenAI's messages, with `tool_calls`."""
    names = {"human": "user", "gpt": "assistant", "observation": "tool"}
    return [
        agent_message(e) if is_call(e) else {"role": names[e["from"]], "content": e["value"]}
        for e in entries
    ]


def turns_as(keys: tuple[str, str], names: str) -> Callable[[Sequence[Entry]], Json]:
    """Objects with these keys; the names of customer, agent, call and answer."""
    known = dict(zip(("human", "gpt", "function_call", "observation"), names.split(), strict=True))
    return lambda entries: [{keys[0]: known[e["from"]], keys[1]: e["value"]} for e in entries]


def pairs(entries: Sequence[Entry]) -> Json:
    """Pairs of a speaker and a text."""
    names = {"human": "Customer", "gpt": "Bot", "function_call": "API call"}
    return [[names.get(e["from"], "API response"), e["value"]] for e in entries]


def one_key(entries: Sequence[Entry]) -> Json:
    """Objects whose only key is the speaker."""
    names = {"human": "user", "gpt": "agent", "function_call": "api_call"}
    return [{names.get(e["from"], "api_output"): e["value"]} for e in entries]


def api_turns(entries: Sequence[Entry]) -> Json:
    """`customer`, `agent`, and `api` for calls (as text) and their answers alike."""
    names = {"human": "customer", "gpt": "agent"}
    return [
        {"role": names.get(e["from"], "api"), "text": call_text(e) if is_call(e) else e["value"]}
        for e in entries
    ]


def whole_calls(entries: Sequence[Entry]) -> Json:
    """A call and its answer in one turn of the API's."""
    turns: list[Json] = []
    for entry, then in zip(entries, [*entries[1:], None], strict=True):
        if is_call(entry):
            call = call_of(entry)
            answer = then["value"] if then and then["from"] == "observation" else None
            turn = {"role": "api", "api": call["name"], "params": call["arguments"]}
            turns.append({**turn, "response": answer})
        elif entry["from"] != "observation":
            speaker = "customer" if entry["from"] == "human" else "agent"
            turns.append({"role": speaker, "message": entry["value"]})
    return turns


def in_object(entries: Sequence[Entry]) -> Json:
    """The list in an object."""
    return {"messages": openai(entries)}


def transcript(entries: Sequence[Entry]) -> Json:
    """Lines with a speaker in front."""
    names = {"human": "Customer", "gpt": "Agent", "function_call": "API call"}
    return "\n".join(f"{names.get(e['from'], 'API response')}: {e['value']}" for e in entries)


def two_names(entries: Sequence[Entry]) -> Json:
    """Both sides are called what either may be: a human, and a customer."""
    names = {"human": "customer", "gpt": "human", "function_call": "call", "observation": "tool"}
    return [{"role": names[e["from"]], "content": e["value"]} for e in entries]


# The expected turn.


def bare_call(entry: Entry) -> Json:
    """A reply's text, or a call as `name` and `arguments`."""
    return call_of(entry) if is_call(entry) else entry["value"]


def text_or_call(entry: Entry) -> Json:
    """A reply's text, or a call as text."""
    return call_text(entry) if is_call(entry) else entry["value"]


def named_params(entry: Entry) -> Json:
    """A reply's text, or a call as `api` and `params`."""
    if not is_call(entry):
        return entry["value"]
    call = call_of(entry)
    return {"api": call["name"], "params": call["arguments"]}


def agent_message(entry: Entry) -> Json:
    """A message of OpenAI's assistant."""
    if not is_call(entry):
        return {"role": "assistant", "content": entry["value"]}
    call = call_of(entry)
    function = {"name": call["name"], "arguments": json.dumps(call["arguments"])}
    calls: list[Json] = [{"id": "1", "type": "function", "function": function}]
    return {"role": "assistant", "content": None, "tool_calls": calls}


def message_or_call(entry: Entry) -> Json:
    """An object that says which of the two it is."""
    if not is_call(entry):
        return {"type": "message", "content": entry["value"]}
    return {"type": "api_call", **call_of(entry)}


def quoted(entry: Entry) -> Json:
    """A reply's text in quotes."""
    return call_of(entry) if is_call(entry) else json.dumps(entry["value"])


# APIs.


def enveloped(tools: Sequence[Tool]) -> Json:
    """In OpenAI's envelope."""
    return [{"type": "function", "function": tool} for tool in tools]


def listed(tools: Sequence[Tool]) -> Json:
    """A list of them."""
    return list[Json](tools)


def by_name(tools: Sequence[Tool]) -> Json:
    """An object from names to APIs."""
    return {str(tool["name"]): tool for tool in tools}


def _of_parameters(tool: Tool, form: Callable[[str], Json]) -> dict[str, Json]:
    schema = cast("dict[str, dict[str, Json]]", tool["parameters"])
    return {name: form(name) for name in schema["properties"]}


def described(tools: Sequence[Tool]) -> Json:
    """Parameters described in words."""
    return [{**t, "parameters": _of_parameters(t, lambda name: f"The {name}.")} for t in tools]


def parameter_list(tools: Sequence[Tool]) -> Json:
    """A list of parameters."""
    return [{**t, "parameters": list(_of_parameters(t, str))} for t in tools]


def signatures(tools: Sequence[Tool]) -> Json:
    """Text only, which is not read."""
    return "\n".join(f"{tool['name']}: {tool['description']}" for tool in tools)
