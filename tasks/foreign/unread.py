"""Forms that are known and not read: what they are called, and what to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tasks.foreign.chats import turns_of
from tools.types import Json


@dataclass(frozen=True, slots=True)
class Unread:
    """A form that is not read."""

    kind: str
    """Its name in counts of errors."""
    keys: frozenset[str]
    """The keys by which it is known."""
    what: str
    """What it is."""
    todo: str
    """What to do."""

    @property
    def text(self) -> str:
        """The error's text."""
        return f"expected dialogues with tools, got {self.what}; {self.todo}"


def _known(kind: str, keys: str, what: str, todo: str) -> Unread:
    return Unread(kind, frozenset(keys.split()), f"{what} ({', '.join(keys.split())})", todo)


_TAU = "name the file, or its folder, as tau:PATH, which plays them on the benchmark's database"
_FORMS = (
    _known("tau_tasks", "user_scenario evaluation_criteria", "tau2-bench's tasks", _TAU),
    _known("tau_tasks", "instruction actions user_id", "tau-bench's tasks", _TAU),
    _known(
        "runs",
        "task_id trial reward",
        "runs of tau-bench with their results",
        "take `traj` of each as `messages`, and add the domain's `tools`",
    ),
    _known(
        "preferences",
        "chosen rejected",
        "pairs of a better and a worse answer",
        'write {"messages": prompt + chosen, "tools": […]} for each',
    ),
    _known(
        "glaive",
        "system chat",
        "Glaive's chats, which are one text",
        'split `chat` at USER:, ASSISTANT: and FUNCTION RESPONSE: into {"role": …, "content": …} '
        "and put the functions of `system` into `tools`",
    ),
    _known(
        "questions",
        "question function",
        "BFCL's questions, whose answers lie in another file",
        'write {"query": …, "tools": function, "answers": the calls of the other file} for each',
    ),
    _known(
        "instructions",
        "instruction output",
        "instructions with their outputs (Alpaca)",
        "they call no tools; take dialogues that do",
    ),
    _known(
        "completions",
        "prompt completion",
        "prompts with their completions",
        'where both are messages, write {"messages": prompt + completion, "tools": […]}',
    ),
    _known(
        "viewer",
        "row_idx row",
        "the dataset viewer's rows",
        "write the value of `row` of each, or load the data set with `datasets`",
    ),
    _known("text", "text", "plain texts", "they have no turns; take dialogues with tools"),
)
_ANTHROPIC = Unread(
    "anthropic",
    frozenset(),
    "messages with tool_use and tool_result (Anthropic's)",
    "write calls as `tool_calls` of the assistant, and results as messages of role `tool`",
)


def unread_form(record: Mapping[str, Json]) -> Unread | None:
    """The form of a record that is known and not read; None for any other record."""
    key, turns = turns_of(record)
    if key is not None:
        return _ANTHROPIC if any(map(_is_anthropic, turns)) else None
    return next((form for form in _FORMS if form.keys <= record.keys()), None)


def _is_anthropic(turn: Json) -> bool:
    parts = turn.get("content") if isinstance(turn, dict) else None
    return isinstance(parts, list) and any(
        isinstance(part, dict) and part.get("type") in ("tool_use", "tool_result") for part in parts
    )
