"""Recognises calls in syntaxes that are not ours, so that a message can say what to mend.

Models that were trained on other templates write calls as bare or fenced JSON, as XML, or with
markers of their own. None of these is carried out: a guess at what was meant would be a call that
the policy did not make. But each is an attempt to call, and no reply to the user.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator

from tools.jsontext import short
from tools.types import Json

MAX_CANDIDATES = 8
"""Objects of a text that are looked at; a message of many JSON objects is no longer read."""

_NAME_KEYS = ("name", "tool", "tool_name", "function", "function_name", "action", "recipient_name")
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
    r"<(?![<\s]|(?-i:/?tool_call>))(?:"
    r"[^\w<>\n]{0,3}(?:\w{1,20}:)?tool[_ ]?(?:calls?|use|code)(?:[|_ ][^<>]{0,80})?\\?>"
    r"|[^\w<>\n]{0,3}tool▁calls?|｜[^<>]{0,20}function_calls?"  # DeepSeek
    r"|(?:function|parameter)=[^<>\s]+>"  # Qwen3-Coder, Llama's custom format
    r"|arg_(?:key|value)>"  # GLM
    r"|(?:\w{1,20}:)?(?:invoke|function|tool|call|function_call|tool_use)\s+name\s*="  # Claude, kin
    r"|(?:function_?calls?|tool_name|use_tool|function_name|api_call|start_function_call"
    r"|execute_?(?:tool|function|ipython|bash))>"
    r"|(?:functions?|tools?|invoke|action|call)>(?=\s*[<{\[]|[^<>]{0,200}</)"
    r"|call:\w|\|(?:python_tag|action_start|plugin)\|>"
    r"|\|channel\|>commentary to=)"  # gpt-oss
    r"|<(?!(?-i:tool_call>))\s?tool_call\s?>"
    r"|\bto=functions\.\w"
    r"|\[/?(?:TOOL_CALLS?|TOOL_REQUEST)\]"  # Mistral
    r"|\bfunctools\["  # Phi, Firefunction
    r"|✿FUNCTION✿",  # Qwen 1.5 and 2
    re.IGNORECASE,
)
_MARKS = ("<", "[", "✿", "to=functions.")
"""One of these is in every markup: most replies have none, and a search takes longer."""
_NAME = r"([^\W\d][\w.:/-]{0,99}+)"
_WAYS = {
    "a JSON object without tags": rf"""
        ["'](?:{"|".join(_NAME_KEYS)})["']\s*+:\s*+["']{_NAME}["']
        | \{{\s*+["']{_NAME}["']\s*+:\s*+\{{""",
    "JSON behind a tool's name": rf"^[ \t`*\#>-]*+{_NAME}[`*:]{{0,4}}\s*+\{{\s*+[\"'}}]",
    "a call as a program has it": rf"""
        (?<![\w.:/-]){_NAME}\(\s*+(?: \) | \w++\s*+= | ["'{{\[] )""",
    "a call in words": rf"""
        ^[^\w\n]*+(?: action | (?:tool|function)(?:[ _](?:call|name))? ) [ \t*`]*+ : [^\w\n]*+
        {_NAME}[^\w\n]{{0,9}}+ (?: $ | (?<=[\[({{]) )""",
    "a tag with a tool's name": rf"<{_NAME}[\s/>]",
}
"""How a text looks that attempts to call a tool, and names it."""
_PATTERNS = {
    way: re.compile(pattern, re.VERBOSE | re.MULTILINE | re.IGNORECASE)
    for way, pattern in _WAYS.items()
}
_PATH = re.compile(r"[.:/]")
_FENCE = re.compile(r"```[\w-]*\s*(?=[{\[])")
_LINE_OF_JSON = re.compile(r"^[ \t]*(?=[{\[])", re.MULTILINE)
_decode = json.JSONDecoder().raw_decode


def other_syntax(text: str, tools: Collection[str] | None = None) -> str | None:
    """What kind of call a text attempts in another syntax; None for a plain text.

    Args:
        text: A message without thoughts and call blocks.
        tools: The names on offer. A text is an attempt if it has one of them as a call has it, in
            JSON, however broken, or as code; where they are not known, if a JSON object has a name
            and arguments.
    """
    if markup := foreign_markup(text):
        return markup
    if tools is not None:
        return _way_of_naming(text, tools)
    if "{" in text and any(map(_is_call, _json_values(text))):
        return "a JSON object without tags"
    return None


def foreign_markup(text: str) -> str | None:
    """The markup of another chat template in a text, named by its first tag; None for none."""
    if not any(mark in text for mark in _MARKS):
        return None
    markup = _MARKUP.search(text)
    return f"markup of another template, {short(markup[0].strip())}" if markup else None


def _way_of_naming(text: str, tools: Collection[str]) -> str | None:
    """How a text names one of the tools as if it were called; None if it does not."""
    if not any(name in text for name in tools):
        return None
    for way, pattern in _PATTERNS.items():
        names = (name for found in pattern.finditer(text) for name in found.groups() if name)
        if any(name in tools or _PATH.split(name)[-1] in tools for name in names):
            return way
    return None


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


def _is_call(value: Json) -> bool:
    """Whether a value is a call, a list of calls, or an envelope around calls."""
    if isinstance(value, list):
        return any(map(_is_call, value[:MAX_CANDIDATES]))
    if not isinstance(value, dict):
        return False
    if any(isinstance(value.get(key), str) for key in _NAME_KEYS):
        return any(key in value for key in _ARGUMENT_KEYS)
    inner = value.get("function") or value.get("function_call") or value.get("tool_call")
    return _is_call(inner or value.get("tool_calls"))
