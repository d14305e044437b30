"""Writes generated tests as a table of ALMITA's form, one row per test.

Columns: conversation_id, intent, procedure, apis, context and expected; turns in OpenAI's form.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path

from tasks.procedures.conversation import Said
from tasks.procedures.library import SEEN
from tasks.procedures.records import Prepared, conversations
from tasks.procedures.tests import TurnTest, cut
from tools.files import write_text
from tools.types import Json, Role

HEADER = ("conversation_id", "intent", "procedure", "apis", "context", "expected")
"""The columns."""


def rows(n: int, seed: int, part: str = SEEN) -> Iterator[tuple[str, ...]]:
    """The tests of generated conversations.

    Args:
        n: The number of conversations.
        seed: The seed of the conversations.
        part: The part of the library, as in `procedures:N:SEED:PART`.
    """
    for talk, ready in conversations(n, seed, part):
        yield from (_row(test, ready) for test in cut(talk, talk.case.seed))


def write_table(path: Path, n: int, seed: int, part: str = SEEN) -> int:
    """Writes the table, whole or not at all; returns its number of tests.

    Raises:
        OSError: if the file cannot be written.
        ValueError: if there is no such part.
    """
    found = list(rows(n, seed, part))
    text = io.StringIO(newline="")
    csv.writer(text).writerows([HEADER, *found])
    write_text(path, text.getvalue())
    return len(found)


def _row(test: TurnTest, ready: Prepared) -> tuple[str, ...]:
    context = json.dumps([_message(said) for said in test.context])
    expected = json.dumps(_message(test.expected))
    title = ready.procedure.title
    return test.conversation, title, ready.rules, ready.tools, context, expected


def _message(said: Said) -> Json:
    """A turn as a message in OpenAI's form."""
    if said.call is None:
        return {"role": said.role.value, "content": said.text}
    function: Json = {"name": said.call.name, "arguments": json.dumps(dict(said.call.arguments))}
    calls: list[Json] = [{"type": "function", "function": function}]
    return {"role": Role.ASSISTANT.value, "content": None, "tool_calls": calls}
