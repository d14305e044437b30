r"""xLAM's function calls: a question, tools, and the calls that answer it; one decision a record.

    {"id": 7, "query": "What is the weather in Bonn?",
     "tools": "[{\"name\": \"weather\", \"parameters\": {\"city\": {\"type\": \"str\"}}}]",
     "answers": "[{\"name\": \"weather\", \"arguments\": {\"city\": \"Bonn\"}}]"}

`tools` and `answers` are lists, or their JSON texts. What the tools answered is not recorded: each
call has an empty answer, so that it can be played, and no fact follows from it.
"""

from __future__ import annotations

from collections.abc import Mapping

from tasks.apigen.calls import decoded_json
from tasks.apigen.rows import RowProblem
from tasks.foreign.converted import Converted
from tools.jsontext import short
from tools.types import Json

NAME = "xLAM's calls"
"""The form's name."""
_KEYS = frozenset({"query", "tools", "answers"})


def is_one(record: Mapping[str, Json]) -> bool:
    """Whether a record has this form."""
    return record.keys() >= _KEYS and isinstance(record["query"], str)


def converted(record: Mapping[str, Json]) -> Converted:
    """The record in APIGen-MT's form.

    Raises:
        RowProblem: of kind `no_answer`, if no call is right there: what an agent should say instead
            is not recorded; of kind `bad_turn`, if `answers` are no list of calls.
    """
    answers = record["answers"]
    calls = decoded_json(answers) if isinstance(answers, str) else answers
    if isinstance(calls, dict):
        calls = [calls]
    if calls == []:
        raise RowProblem(
            "no_answer",
            "expected at least one call in `answers`, got none: what should be said instead is not "
            "recorded; leave the record out, or add it as a chat with a reply",
        )
    if not isinstance(calls, list) or not all(isinstance(call, dict) for call in calls):
        raise RowProblem(
            "bad_turn",
            'expected `answers` as a list of {"name": "…", "arguments": {…}} or its JSON text, got '
            f"{short(answers)}",
        )
    said: list[Json] = [
        {"from": "human", "value": record["query"]},
        {"from": "gpt", "value": None, "tool_calls": calls},
    ]
    said += [{"from": "observation", "value": ""} for _ in calls]
    row: dict[str, Json] = {
        "system": record.get("system"),
        "tools": record["tools"],
        "conversations": said,
    }
    return Converted(row, NAME, mended=frozenset({"answer_not_recorded"}))
