"""Recognises calls in syntaxes that are not ours, so that a message can say what to mend.

Models that were trained on other templates write calls as bare or fenced JSON, as XML, or with
markers of their own. None of these is carried out: a guess at what was meant would be a call that
the policy did not make. But each is an attempt to call, and no reply to the user.
"""

from __future__ import annotations

import json
import re
from collections.abc import Container, Iterator

from tools.jsontext import short
from tools.types import Json

MAX_CANDIDATES = 8
"""Objects of a text that are looked at; a message of many JSON objects is no longer read."""

_NAME_KEYS = ("name", "tool", "tool_name", "function", "function_name", "action")
_ARGUMENT_KEYS = (
    "arguments",
    "parameters",
    "args",
    "params",
    "input",
    "action_input",
    "tool_input",
    "kwargs",
)
_MARKUP = re.compile(
    r"<function=[^<>\s]+>"  # Qwen3-Coder, Llama's custom format
    r"|<parameter=[^<>\s]+>"
    r"|<\w*:?(?:invoke|function|tool|call|function_call|tool_use)\s+name\s*="  # Claude's and kin
    r"|<(?:function_calls?|functions?|tool_calls|tool_use|tool_code|tool_name|invoke|use_tool"
    r"|function_name|api_call|action|start_function_call|tool|call)>(?=\s*[<{\[\w])"
    r"|<\|(?:python_tag|tool_calls?(?:_begin|_section_begin)?|tool▁calls?▁begin|action_start)\|>"
    r"|<｜tool▁calls?▁begin｜>"  # DeepSeek
    r"|\[TOOL_CALLS\]"  # Mistral
    r"|\[TOOL_REQUEST\]"
    r"|\bfunctools\["  # Phi, Firefunction
    r"|<\|channel\|>commentary to="  # gpt-oss
)
_FENCE = re.compile(r"```[\w-]*\s*(?=[{\[])")
_LINE_OF_JSON = re.compile(r"^[ \t]*(?=[{\[])", re.MULTILINE)
_decode = json.JSONDecoder().raw_decode


def other_syntax(text: str, tools: Container[str] | None = None) -> str | None:
    """What kind of call a text attempts in another syntax; None for a plain text.

    Args:
        text: A message without thoughts and call blocks.
        tools: The names on offer. A JSON object is an attempt if it names one of them, or, where
            they are not known, if it has a name and arguments.
    """
    if markup := foreign_markup(text):
        return markup
    if "{" in text and any(_names_tool(value, tools) for value in _json_values(text)):
        return "a JSON object without tags"
    return None


def foreign_markup(text: str) -> str | None:
    """The markup of another chat template in a text, named by its first tag; None for none."""
    if "<" not in text and "[" not in text:  # most replies; a search takes longer
        return None
    markup = _MARKUP.search(text)
    return f"markup of another template, {short(markup[0].strip())}" if markup else None


def _json_values(text: str) -> Iterator[Json]:
    """The JSON values that begin a line or a fenced block, the first few."""
    places = [match.end() for match in _LINE_OF_JSON.finditer(text)]
    places += [match.end() for match in _FENCE.finditer(text)]
    done = 0
    for place in sorted(places)[:MAX_CANDIDATES]:
        if place < done:
            continue
        try:
            value, done = _decode(text, place)
        except (ValueError, RecursionError):
            continue
        yield value


def _names_tool(value: Json, tools: Container[str] | None) -> bool:
    """Whether a value is a call, a list of calls, or an envelope around calls."""
    if isinstance(value, list):
        return any(_names_tool(item, tools) for item in value[:MAX_CANDIDATES])
    if not isinstance(value, dict):
        return False
    name = next((value[key] for key in _NAME_KEYS if isinstance(value.get(key), str)), None)
    if isinstance(name, str):
        has_arguments = any(key in value for key in _ARGUMENT_KEYS)
        return has_arguments if tools is None else name in tools
    inner = value.get("function") or value.get("function_call") or value.get("tool_call")
    return _names_tool(inner or value.get("tool_calls"), tools)
