r"""Chats: messages as OpenAI has them, turns as ShareGPT and Hermes have them.

    {"messages": [{"role": "system", "content": "Be kind."}, {"role": "user", "content": "…"},
                  {"role": "assistant", "content": null, "tool_calls": [
                     {"id": "call_0", "type": "function",
                      "function": {"name": "find", "arguments": "{\"no\": \"12\"}"}}]},
                  {"role": "tool", "tool_call_id": "call_0", "content": "at gate 3"}, …],
     "tools": [{"type": "function", "function": {"name": "find", "parameters": {…}}}]}

    {"conversations": [{"from": "system", "value": "… <tools>[…]</tools> …"},
                       {"from": "human", "value": "…"},
                       {"from": "gpt", "value": "<tool_call>\n{'name': 'find', …}\n</tool_call>"},
                       {"from": "tool", "value": "<tool_response>\n…\n</tool_response>"}, …]}

Either may have what the other has. A chat that `tasks.apigen.rows` reads as it is stays so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tasks.apigen.calls import decoded_json, first_of, text_of
from tasks.apigen.rows import RowProblem
from tasks.foreign.converted import Converted
from tasks.foreign.tagged import MARKS, answers_in_tags, offer_in, said_in
from tools.types import Json

OPENAI, SHAREGPT, HERMES = "OpenAI messages", "ShareGPT turns", "turns with tags (Hermes)"
"""The forms' names."""
OURS = "conversations"
LISTS = (OURS, "messages", "conversation", "dialogue", "dialog")
"""Keys of a record under which its turns may stand."""
_TOOLS = ("tools", "functions", "available_tools", "available_functions")
_SYSTEM = ("system", "system_prompt", "system_message")
_THOUGHTS = ("reasoning_content", "reasoning", "thinking")
_NAMES = {
    "developer": "system",
    "chatgpt": "gpt",
    "model": "gpt",
    "bot": "gpt",
    "agent": "gpt",
    "ai": "gpt",
    "customer": "human",
    "tool_output": "observation",
    "tool_calls": "function_call",
    "function-call": "function_call",
    "function-response": "observation",
    "ipython": "observation",
}
"""Speakers' names that `tasks.apigen.rows` does not know -> one that it does."""
_SPEAKING = ("gpt", "assistant", "function_call", "tool_call")
_HEARING = ("human", "user", "tool", "observation", "function_response", "tool_response")
_CALL, _REPLY, _USER = "call", "reply", "user"


def form_of(record: Mapping[str, Json]) -> str | None:
    """The form of a chat; None for one that needs no change, and for what is no chat."""
    key, turns = turns_of(record)
    if key is None:
        return None
    entries = [turn for turn in turns if isinstance(turn, dict)]
    if key == OURS and any(mark in _text(turn) for mark in MARKS for turn in entries):
        return HERMES
    if key == OURS and isinstance(record[OURS], list) and not first_of(record, _TOOLS[1:]):
        told = any(_speaker(turn) in _NAMES or first_of(turn, _THOUGHTS) for turn in entries)
        return SHAREGPT if told else None
    return OPENAI if any("role" in turn for turn in entries) else SHAREGPT


def turns_of(record: Mapping[str, Json]) -> tuple[str | None, Sequence[Json]]:
    """The key of a record's turns, and the turns; perhaps they are a JSON text."""
    for key in LISTS:
        value = record.get(key)
        turns = decoded_json(value) if isinstance(value, str) and value[:1] == "[" else value
        if isinstance(turns, list) and any(isinstance(turn, dict) for turn in turns):
            return key, turns
    return None, ()


def converted(record: Mapping[str, Json], form: str) -> Converted:
    """A chat in APIGen-MT's form.

    Raises:
        RowProblem: of kind `bad_tools`, if tools stand in the system's message in no known form.
    """
    _, turns = turns_of(record)
    tools, system = first_of(record, _TOOLS), first_of(record, _SYSTEM)
    reader = _Reader()
    for turn in turns:
        reader.add(turn)
    rules = system if system is not None else reader.system
    if isinstance(rules, str):
        try:
            rules, inside = offer_in(rules)
        except ValueError as error:
            raise RowProblem("bad_tools", str(error)) from None
        tools = inside if tools is None else tools
    sidecar: dict[str, Json] = {"traces": [*reader.traces]} if any(reader.traces) else {}
    row: dict[str, Json] = {"system": rules, "tools": tools, OURS: reader.said}
    return Converted(row, form, sidecar, frozenset(reader.mended))


class _Reader:
    """Puts turns into APIGen-MT's form, one after the other."""

    def __init__(self) -> None:
        self.said: list[Json] = []
        self.system: Json = None
        self.traces: list[Json] = []
        self.mended: set[str] = set()
        self._user_spoke = False
        self._last = ""

    def add(self, turn: Json) -> None:
        """Adds a turn; what is none is kept, so that it is refused by name."""
        if not isinstance(turn, dict):
            self._keep(turn, "")
            return
        speaker = _speaker(turn)
        speaker = _NAMES.get(speaker, speaker)
        if speaker == "system" and not self.said and self.system is None:
            self.system = _value(turn) or ""
        elif speaker in _SPEAKING:
            self._add_said(turn, speaker)
        else:
            self._add_heard(turn, speaker)

    def _add_heard(self, turn: dict[str, Json], speaker: str) -> None:
        value = _value(turn)
        tagged = answers_in_tags(value) if speaker in _HEARING and isinstance(value, str) else None
        if tagged is not None:
            for answer in tagged:
                self._keep({"from": "observation", "value": answer}, "")
            return
        kind = _USER if speaker in ("human", "user") else ""
        self._keep({**_without_names(turn), "from": speaker}, kind)

    def _add_said(self, turn: dict[str, Json], speaker: str) -> None:
        value, calls = _value(turn), _native_calls(turn)
        thought = first_of(turn, _THOUGHTS)
        tagged = speaker in ("gpt", "assistant")
        if not tagged or not isinstance(value, str | None):
            kind = _CALL if calls or not tagged else _REPLY
            self._keep({**_without_names(turn), "from": speaker}, kind, thought)
            return
        said = said_in(value or "")
        self.mended |= said.mended
        calls += said.calls
        entry: dict[str, Json] = {"from": "gpt", "value": said.text}
        if calls:
            entry["tool_calls"] = calls
        self._keep(entry, _CALL if calls else _REPLY, thought or said.thought)

    def _keep(self, entry: Json, kind: str, thought: Json = None) -> None:
        self.said.append(entry)
        self._user_spoke = self._user_spoke or kind == _USER
        if kind in (_CALL, _REPLY) and self._user_spoke:
            self._note(thought, joined=kind == self._last)
        self._last = kind

    def _note(self, thought: Json, *, joined: bool) -> None:
        """Notes a turn's thought; neighbours of one kind become one turn."""
        told = thought if isinstance(thought, str) and thought.strip() else None
        if not joined:
            self.traces.append(told)
        elif told:
            before = self.traces[-1]
            self.traces[-1] = f"{before}\n\n{told}" if before else told


def _native_calls(turn: Mapping[str, Json]) -> list[Json]:
    """The calls that stand beside a message's text, as OpenAI has them now, or had them."""
    calls = turn.get("tool_calls")
    calls = decoded_json(calls) if isinstance(calls, str) else calls
    given: list[Json] = calls if isinstance(calls, list) else []
    listed: list[Json] = [call for call in given if call is not None]
    old = turn.get("function_call")
    if isinstance(old, dict) and any(old.values()):
        listed.append({"function": old})
    return listed


def _speaker(turn: Mapping[str, Json]) -> str:
    name = first_of(turn, ("from", "role"))
    return name.strip().lower() if isinstance(name, str) else ""


def _value(turn: Mapping[str, Json]) -> Json:
    """What was said; of a message in parts, the texts."""
    value = first_of(turn, ("value", "content", "refusal"))
    return text_of(value) if _is_texts(value) else value


def _is_texts(value: Json) -> bool:
    return isinstance(value, list) and all(
        isinstance(part, dict) and part.get("type") == "text" for part in value
    )


def _text(turn: Mapping[str, Json]) -> str:
    value = _value(turn)
    return value if isinstance(value, str) else ""


def _without_names(turn: Mapping[str, Json]) -> dict[str, Json]:
    return {key: value for key, value in turn.items() if key != "role"}
