"""Values of Python where JSON should stand: Hermes' data have calls and tools so."""

from __future__ import annotations

import ast
import json

from tasks.apigen.calls import decoded_json
from tools.jsontext import MAX_DEPTH, is_deeper
from tools.types import Json

_ESCAPED = "\\n"
"""A line's end as two characters, around some of Hermes' calls."""


def value_in(text: str) -> tuple[Json, bool]:
    """The value of a text, and whether it had to be read as Python's; None where it has none.

    >>> value_in("{'name': 'find', 'arguments': {'all': True}}")
    ({'name': 'find', 'arguments': {'all': True}}, True)
    """
    bare = text.strip().removeprefix(_ESCAPED).removesuffix(_ESCAPED).strip()
    found = decoded_json(bare)
    if found is not None or bare == "null":
        return found, bare != text.strip()
    if bare[:1] not in ("{", "[", "(") or is_deeper(bare.replace("'", '"'), MAX_DEPTH):
        return None, False
    try:
        plain = json.dumps(ast.literal_eval(bare))
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return None, False
    return decoded_json(plain), True
