"""Reads turns of several forms as entries of APIGen-MT's `conversations`."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence

from tasks.almita.calls import Entry, read_call
from tasks.apigen.calls import first_of
from tools.types import Json

SPEAKER_KEYS = ("role", "from", "speaker", "sender", "author", "type", "actor", "who")
TEXT_KEYS = (
    *("content", "value", "text", "message", "utterance", "body", "output", "response"),
    *("result", "returns"),
)

_SPEAKERS: Mapping[str, str] = {
    **dict.fromkeys(("user", "customer", "human", "client", "enduser", "visitor"), "human"),
    **dict.fromkeys(
        ("assistant", "agent", "gpt", "bot", "chatbot", "support", "ai", "model"), "gpt"
    ),
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
_BARE = ("api", "tool", "function")
"""Speakers whose turn may be a call, its answer, or both."""
_LISTS = ("messages", "turns", "conversation", "dialogue", "dialog", "history")
"""The keys under which an object holds its list of turns."""
_LINE = re.compile(r"^\s*\**([A-Za-z][A-Za-z _-]{1,20})\**\s*:\s?\**(.*)$")


def read_turns(cell: Json) -> list[Entry] | None:
    """The turns of a cell, or None if it has no turns.

    Text next to an assistant's `tool_calls` is left out.

    Args:
        cell: A list of turns as objects or pairs, an object with such a list, or a transcript:
            lines like "Customer: Hello."
    """
    return [entry for entry in _entries(cell) or [] if entry["from"] != "system"] or None


def read_system(cell: Json) -> str:
    """The text of a cell's `system` turns; "" if it has none."""
    said = [str(e["value"]) for e in _entries(cell) or [] if e["from"] == "system"]
    return "\n\n".join(said)


def _entries(cell: Json) -> list[Entry] | None:
    if isinstance(cell, str):
        return _transcript(cell)
    if isinstance(cell, dict):
        inner = next((cell[key] for key in _LISTS if isinstance(cell.get(key), list)), None)
        return None if inner is None else _entries(inner)
    if not isinstance(cell, list) or not cell:
        return None
    read = [_turn(turn) for turn in cell]
    names = [_speaker(turn) for turn in cell]
    if any(entries is None for entries in read) or _has_doubles(names):
        return None
    return [entry for entries in read for entry in entries or []]


def _has_doubles(names: Sequence[str | None]) -> bool:
    """Whether the customer or the agent has two names: then the speakers are not clear."""
    kinds = [_SPEAKERS.get(_plain(name)) for name in dict.fromkeys(names) if name]
    return kinds.count("human") > 1 or kinds.count("gpt") > 1


def read_expected(cell: Json) -> list[Entry] | None:
    """The agent's next turn: a reply's text, a call, or a turn of the agent's; else None."""
    if isinstance(cell, list):
        parts = [entry for part in cell for entry in read_expected(part) or []]
        return parts if parts and len(parts) == len(cell) else None
    call = read_call(cell)
    if call is not None:
        return [call]
    if isinstance(cell, dict):
        plain = {key: part for key, part in cell.items() if key not in ("type", "kind")}
        turn = _turn(cell) or (None if _speaker(plain) else _turn({"role": "agent", **plain}))
        return turn if turn and all(_is_agents(entry) for entry in turn) else None
    if isinstance(cell, str) and cell.strip():
        turns = _transcript(cell)
        if turns is None:
            return [{"from": "gpt", "value": cell}]
        return turns if all(_is_agents(entry) for entry in turns) else None
    return None


def _is_agents(entry: Entry) -> bool:
    return entry["from"] in ("gpt", "function_call")


def _spelled_out(turn: Json) -> Mapping[str, Json]:
    """A turn as an object with its speaker; also reads pairs and `{"user": "Hello."}`."""
    if isinstance(turn, list) and len(turn) == 2:
        return {"role": turn[0], "content": turn[1]}
    if not isinstance(turn, dict):
        return {}
    if len(turn) == 1 and _plain(next(iter(turn))) in _SPEAKERS:
        ((name, value),) = turn.items()
        return {"role": name, "content": value}
    return turn


def _speaker(turn: Json) -> str | None:
    spelled = _spelled_out(turn)
    found = (spelled[key] for key in SPEAKER_KEYS if isinstance(spelled.get(key), str))
    return next((str(name) for name in found), None)


def _turn(turn: Json) -> list[Entry] | None:
    """One turn; an assistant's message may hold a text, calls, or both."""
    speaker, turn = _speaker(turn), dict(_spelled_out(turn))
    kind = None if speaker is None else _SPEAKERS.get(_plain(speaker))
    if kind is None or isinstance(turn.get("function"), dict):  # an API or a call, not a turn
        return None
    if _plain(str(speaker)) in _BARE and (acted := _acted(turn)):
        return acted
    calls = turn.get("tool_calls") or turn.get("function_call")
    if kind == "gpt" and calls:
        read = [read_call(call) for call in (calls if isinstance(calls, list) else [calls])]
        return [call for call in read if call] if all(read) else None
    value = first_of(turn, TEXT_KEYS)
    if kind == "function_call":
        rest = {key: part for key, part in turn.items() if key not in ("role", "from", "speaker")}
        call = read_call(rest) or (None if value is None else read_call(value))
        return None if call is None else [call]
    if value is None:
        return None
    return [_said(kind, value)]


def _acted(turn: Mapping[str, Json]) -> list[Entry] | None:
    """A call in an API's turn, perhaps with its answer; None if it is an answer alone."""
    rest = {key: part for key, part in turn.items() if key not in SPEAKER_KEYS}
    call = read_call(rest)
    value = first_of(rest, TEXT_KEYS)
    if call is not None:
        return [call] if value is None else [call, _said("observation", value)]
    inner = None if value is None else read_call(value)
    return None if inner is None else [inner]


def _said(kind: str, value: Json) -> Entry:
    """An entry for a speaker's words; an agent's message that is only a call becomes a call."""
    if kind == "gpt" and (call := read_call(value)):
        return call
    if isinstance(value, list) and all(isinstance(p, dict) and "text" in p for p in value):
        value = "\n".join(str(part["text"]) for part in value if isinstance(part, dict))
    return {"from": kind, "value": value if isinstance(value, str) else json.dumps(value)}


def _transcript(text: str) -> list[Entry] | None:
    """The turns of lines that begin with a speaker; other lines continue the turn before."""
    found: list[tuple[str, list[str]]] = []
    for line in text.strip().splitlines():
        match = _LINE.match(line)
        if match and _plain(match[1]) in _SPEAKERS:
            found.append((match[1], [match[2]]))
        elif found:
            found[-1][1].append(line)
        else:
            return None
    if _has_doubles([name for name, _ in found]):
        return None
    said = [_line_said(name, "\n".join(lines).strip()) for name, lines in found]
    return [entry for entry in said if entry] if said and all(said) else None


def _line_said(name: str, words: str) -> Entry | None:
    """One turn of a transcript; None if it should be a call but is not."""
    kind = _SPEAKERS[_plain(name)]
    may_call = kind == "function_call" or _plain(name) in _BARE
    call = read_call(words) if may_call else None
    if kind == "function_call" and call is None:
        return None
    return call or _said(kind, words)


def _plain(name: str) -> str:
    """The letters of a name, in lower case."""
    return re.sub(r"[^a-z]", "", name.lower())


def ends_with_agent(turns: Sequence[Entry]) -> bool:
    """Whether the last turn is the agent's."""
    return _is_agents(turns[-1])
