"""Reads turns, whatever they are called: into the entries of APIGen-MT's `conversations`."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Mapping, Sequence
from typing import TypeAlias

from tasks.almita.cells import read_cell
from tools.types import Json

Entry: TypeAlias = dict[str, Json]
"""`{"from": "human" | "gpt" | "function_call" | "observation", "value": …}`."""

SPEAKER_KEYS = ("role", "from", "speaker", "sender", "author", "type", "actor", "who")
TEXT_KEYS = ("content", "value", "text", "message", "utterance", "body", "output", "response")
NAME_KEYS = ("name", "api", "function", "tool", "api_name", "function_name", "tool_name")
ARGUMENT_KEYS = ("arguments", "parameters", "args", "params", "kwargs", "input", "inputs")

_SPEAKERS: Mapping[str, str] = {
    **dict.fromkeys(("user", "customer", "human", "client", "enduser", "visitor"), "human"),
    **dict.fromkeys(("assistant", "agent", "gpt", "bot", "support", "ai", "model"), "gpt"),
    **dict.fromkeys(
        ("functioncall", "toolcall", "apicall", "call", "action", "assistantcall"), "function_call"
    ),
    **dict.fromkeys(
        (
            *("observation", "tool", "function", "api", "apiresponse", "apioutput", "apiresult"),
            *("toolresponse", "functionresponse", "result", "tooloutput", "toolresult"),
        ),
        "observation",
    ),
    "system": "system",
}
_LINE = re.compile(r"^\s*\**([A-Za-z][A-Za-z _-]{1,20})\**\s*:\s?\**(.*)$")
_CALL_TEXT = re.compile(r"^\s*[A-Za-z_]\w*\(.*\)\s*$", re.DOTALL)


def read_turns(cell: Json) -> list[Entry] | None:
    """The turns of a cell, or None if it holds none.

    Args:
        cell: A list of turns as objects or pairs, or a transcript: lines like "Customer: Hello."
    """
    if isinstance(cell, str):
        return _transcript(cell)
    if not isinstance(cell, list) or not cell:
        return None
    entries: list[Entry] = []
    for turn in cell:
        read = _turn(turn)
        if read is None:
            return None
        entries += read
    return [entry for entry in entries if entry["from"] != "system"] or None


def read_expected(cell: Json) -> list[Entry] | None:
    """The agent's next turn: a reply's text, a call, or a turn of the agent's; else None."""
    if isinstance(cell, list):
        parts = [entry for part in cell for entry in read_expected(part) or []]
        return parts if parts and len(parts) == len(cell) else None
    call = read_call(cell)
    if call is not None:
        return [call]
    if isinstance(cell, dict):
        turn = _turn(cell)
        return turn if turn and all(_is_agents(entry) for entry in turn) else None
    if isinstance(cell, str) and cell.strip():
        turns = _transcript(cell)
        if turns is None:
            return [{"from": "gpt", "value": cell}]
        return turns if all(_is_agents(entry) for entry in turns) else None
    return None


def read_call(value: Json) -> Entry | None:
    """A call in any of its forms: an object with a name and arguments, or `name(key="value")`."""
    if isinstance(value, str):
        inner = read_cell(value)
        return _call_text(value) if isinstance(inner, str) else read_call(inner)
    if not isinstance(value, dict) or any(key in value for key in ("role", "from", "speaker")):
        return None
    nested = value.get("function")
    if isinstance(nested, dict):
        return read_call(nested)
    name = next((value[key] for key in NAME_KEYS if isinstance(value.get(key), str)), None)
    arguments = next((value[key] for key in ARGUMENT_KEYS if key in value), None)
    if isinstance(arguments, str):
        arguments = read_cell(arguments)
    if name is None or not isinstance(arguments, dict):
        return None
    return _call(str(name), arguments)


def _is_agents(entry: Entry) -> bool:
    return entry["from"] in ("gpt", "function_call")


def _turn(turn: Json) -> list[Entry] | None:
    """One turn; an assistant's message may hold a text, calls, or both."""
    if isinstance(turn, list) and len(turn) == 2:
        turn = {"role": turn[0], "content": turn[1]}
    if not isinstance(turn, dict):
        return None
    speaker = next((turn[key] for key in SPEAKER_KEYS if isinstance(turn.get(key), str)), None)
    kind = _SPEAKERS.get(_plain(str(speaker))) if speaker is not None else None
    if kind is None:
        return None
    calls = turn.get("tool_calls") or turn.get("function_call")
    if kind == "gpt" and calls:
        read = [read_call(call) for call in (calls if isinstance(calls, list) else [calls])]
        return [call for call in read if call] if all(read) else None
    value = next((turn[key] for key in TEXT_KEYS if turn.get(key) is not None), None)
    if kind == "function_call":
        rest = {key: part for key, part in turn.items() if key not in ("role", "from", "speaker")}
        call = read_call(rest) or (None if value is None else read_call(value))
        return None if call is None else [call]
    if value is None:
        return None
    return [_said(kind, value)]


def _said(kind: str, value: Json) -> Entry:
    """What someone said; an agent's message that is nothing but a call is one."""
    if kind == "gpt" and (call := read_call(value)):
        return call
    return {"from": kind, "value": value if isinstance(value, str) else json.dumps(value)}


def _transcript(text: str) -> list[Entry] | None:
    """Lines with a speaker in front; lines without one go on with the last one's words."""
    found: list[tuple[str, list[str]]] = []
    for line in text.strip().splitlines():
        match = _LINE.match(line)
        kind = _SPEAKERS.get(_plain(match[1])) if match else None
        if kind and match:
            found.append((kind, [match[2]]))
        elif found:
            found[-1][1].append(line)
        else:
            return None
    entries = []
    for kind, lines in found:
        words = "\n".join(lines).strip()
        call = read_call(words) if kind == "function_call" else None
        if kind == "function_call" and call is None:
            return None
        entries.append(call or _said(kind, words))
    return entries or None


def _plain(name: str) -> str:
    """The letters of a name, in lower case."""
    return re.sub(r"[^a-z]", "", name.lower())


def _call_text(text: str) -> Entry | None:
    """`name(key="value")` with literal values."""
    if not _CALL_TEXT.match(text):
        return None
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return None
    if not isinstance(tree, ast.Call) or tree.args or not isinstance(tree.func, ast.Name):
        return None
    try:
        arguments = {str(word.arg): ast.literal_eval(word.value) for word in tree.keywords}
        return _call(tree.func.id, json.loads(json.dumps(arguments)))
    except (ValueError, TypeError):
        return None


def _call(name: str, arguments: Mapping[str, Json]) -> Entry:
    return {
        "from": "function_call",
        "value": json.dumps({"name": name, "arguments": dict(arguments)}),
    }


def ends_with_agent(turns: Sequence[Entry]) -> bool:
    """Whether the agent has the last word."""
    return _is_agents(turns[-1])
