"""What chat templates put between tags into a text: calls, answers, tools, thoughts.

Hermes' template, and Qwen's after it, tell a model its tools between `<tools>` tags in the system's
message, read its calls between `<tool_call>` tags, and show it answers between `<tool_response>`
tags. Data that were written for such a template hold all of these as text.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from tasks.apigen.calls import text_of
from tasks.foreign.literals import value_in
from tools.jsontext import short
from tools.protocol import CALL, END_CALL, ThinkForm, call_blocks, parse, without_thoughts
from tools.types import Json

TOOLS, END_TOOLS = "<tools>", "</tools>"
ANSWER = "<tool_response>"
MARKS = (TOOLS, CALL, ANSWER)
"""One of these is in every text that has any of it."""
_ANSWERS = re.compile(r"<tool_response>\n?(.*?)\n?</tool_response>", re.DOTALL)
_OFFER = re.compile(r"<tools>\s*(?=[\[{])(.*?)\s*</?tools>", re.DOTALL)
"""The tools themselves; a sentence before them may name the tags, too."""
_HEADING = "# Tools"
"""Qwen's template begins with it what it says of tools."""
_SENTENCE = re.compile(r"(?<=[.!?:])\s+|\n+")


@dataclass(frozen=True, slots=True)
class Said:
    """An assistant's message, taken apart."""

    text: str
    """What stands beside the calls, or the reply."""
    calls: tuple[Json, ...] = ()
    """The calls, each as an object or, if it cannot be read, as it was written."""
    thought: str | None = None
    """What it thought."""
    mended: frozenset[str] = frozenset()
    """What had to be repaired."""


def said_in(message: str) -> Said:
    """Takes an assistant's message apart; one whose thought is broken stays one text."""
    parsed = parse(message)
    if parsed.thinking is ThinkForm.BROKEN:
        return Said(message)
    rest = message if parsed.thinking is ThinkForm.ABSENT else without_thoughts(message)
    if CALL not in rest:
        return Said(rest, thought=parsed.thought)
    text, blocks = call_blocks(rest)
    read = [_call(block) for block in blocks]
    repaired = any(python for _, python in read)
    noted = frozenset({"call_in_python"} if repaired else ())
    return Said(text, tuple(call for call, _ in read), parsed.thought, noted)


def _call(block: str) -> tuple[Json, bool]:
    """A call as JSON text, and whether it was no JSON; as it was written if it cannot be read."""
    value, python = value_in(block)
    if not python or not isinstance(value, dict):
        return block, False
    return json.dumps(value, ensure_ascii=False), True


def answers_in_tags(text: str) -> list[Json] | None:
    """The answers of a text that is nothing but answers in tags; None for any other text.

    Hermes puts a tool's name beside its answer, which is left away: the call says it.
    """
    if ANSWER not in text or _ANSWERS.sub("", text).strip():
        return None
    return [_content(answer) for answer in _ANSWERS.findall(text)]


def _content(answer: str) -> Json:
    value, python = value_in(answer)
    if isinstance(value, dict) and "content" in value and _is_envelope(value):
        return text_of(value["content"])
    return json.dumps(value, ensure_ascii=False) if python else answer


def _is_envelope(value: dict[str, Json]) -> bool:
    return "name" in value and value.keys() <= {"name", "content", "role", "tool_call_id"}


def offer_in(system: str) -> tuple[str, Json]:
    """A system's message without the tools in it, and the tools; None where it has none.

    What the template says of tools and calls goes with them: whoever plays the task is told of both
    in the words of its own template. All else stays.

    Raises:
        ValueError: if something else stands between the tags.
    """
    found = _OFFER.search(system)
    if found is None:
        return system, None
    before, after = system[: found.start()], system[found.end() :]
    if END_CALL in after:
        after = after[after.rindex(END_CALL) + len(END_CALL) :]
    heading = before.rfind(_HEADING)
    before = _without_tags(before) if heading < 0 else before[:heading]
    rules = "\n\n".join(part for part in (before.strip(), after.strip()) if part)
    return rules, _tools(found[1])


def _without_tags(text: str) -> str:
    """A text without the sentences that name the tags."""
    if TOOLS not in text:
        return text
    kept, position = [], 0
    for end in [*(match.end() for match in _SENTENCE.finditer(text)), len(text)]:
        sentence, position = text[position:end], end
        kept.append("" if TOOLS in sentence else sentence)
    return "".join(kept)


def _tools(text: str) -> Json:
    """The tools between the tags: a list, or one tool a line."""
    value, _ = value_in(text)
    if isinstance(value, list):
        return value
    if isinstance(value, dict):
        return [value]
    lines = [value_in(line)[0] for line in text.splitlines() if line.strip()]
    if lines and all(isinstance(line, dict) for line in lines):
        return lines
    raise ValueError(
        f"expected a list of tools, or one a line, between {TOOLS} and {END_TOOLS} in the system's "
        f"message, got {short(text)}; put the list into a key `tools` of the record"
    )
