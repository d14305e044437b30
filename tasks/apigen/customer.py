"""Whose data a dialogue shows: the customer's id, as its calls, its answers or its user name it.

It is read off the dialogue, so that a file with its sidecar and without it gives the same splits.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from tasks.goals import answered_calls
from tasks.types import Turn
from tools.failures import looks_like_error
from tools.types import Json, Message, Role

_KEYS = "user_?id|customer_?id|client_?id|member_?id"
_IS_KEY = re.compile(_KEYS, re.IGNORECASE)
_FIELD = re.compile(rf'"(?:{_KEYS})"\s*:\s*"([^"\\]{{1,64}})"', re.IGNORECASE)
_OWN = re.compile(r"(?=\S*[A-Za-z])\S*\d{3}\S*")
"""An id that somebody has for himself; `1` or `guest` may be anybody's."""
_SAID = re.compile(r"\b(?!(?:credit|gift|certificate)_)[a-z]+_[a-z]+_\d{3,6}\b")
"""An id as tau-bench has it."""


def customer_in(messages: Sequence[Message], turns: Sequence[Turn]) -> str | None:
    """The first customer whose id a call that succeeded takes or answers, else whom the user names.

    None where no id stands there that belongs to one customer only.
    """
    found = next(_in_calls(messages, turns), None)
    if found is not None:
        return found
    said = (_SAID.search(one.content) for one in messages if one.role is Role.USER)
    return next((match[0] for match in said if match), None)


def _in_calls(messages: Sequence[Message], turns: Sequence[Turn]) -> Iterator[str]:
    for call, answer in answered_calls(messages, turns):
        if looks_like_error(answer):
            continue
        given = (value for name, value in call.arguments.items() if _IS_KEY.fullmatch(name))
        yield from (str(value) for value in given if _is_own(value))
        if _SAID.fullmatch(text := answer.strip().strip('"')):
            yield text
        yield from (name for name in _FIELD.findall(answer) if _is_own(name))


def _is_own(value: Json) -> bool:
    return isinstance(value, str) and _OWN.fullmatch(value) is not None
