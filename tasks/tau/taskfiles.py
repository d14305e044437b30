r"""Tasks as they are written.

tau-bench has them as a program, of which only the values are read, nothing is run:

    TASKS_TEST = [Task(annotator="0", user_id="…", instruction="You are …",
                       actions=[Action(name="get_order_details", kwargs={…}), …], outputs=["10"])]

tau2-bench has them as JSON:

    [{"id": "0", "user_scenario": {"instructions": {"reason_for_call": "…", "known_info": "…", …}},
      "evaluation_criteria": {"actions": [{"name": "…", "arguments": {…}}],
                              "communicate_info": ["10"], "reward_basis": ["DB", "COMMUNICATE"]}}]
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from tasks.apigen.rows import RowProblem
from tools.files import read_object, read_value
from tools.jsontext import short
from tools.types import Json, ToolCall

_RESPOND = "respond"
"""tau-bench's action that is no call."""
_TOLD, _ASSERTED, _DATABASE = "COMMUNICATE", "NL_ASSERTION", "DB"
"""What a verdict of tau2-bench may rest on."""
_TOLD_OF = (
    ("reason_for_call", "Why you write: "),
    ("known_info", "What you know: "),
    ("unknown_info", "What you do not know: "),
    ("task_instructions", "How you act: "),
)
"""Parts of tau2-bench's instructions, and how a user is told of each."""


@dataclass(frozen=True, slots=True)
class TauTask:
    """One task of a benchmark."""

    id: str
    """Its name or its number in the benchmark."""
    instruction: str
    """What the user wants and knows, in words to the user."""
    actions: tuple[ToolCall, ...]
    """The gold actions, in order."""
    outputs: tuple[str, ...]
    """What the user has to be told, as far as the verdict asks for it."""
    user: str | None = None
    """The customer's id, where the task has it."""
    unjudged: tuple[str, ...] = ()
    """Assertions in words, which the benchmark lets a model judge, and nobody judges here."""


def raw_tasks(file: Path, key: str = "") -> list[Json]:
    """The tasks of a file, not yet read.

    Args:
        file: A Python or a JSON file.
        key: The key of the list, in a file with several.

    Raises:
        ValueError: if the file holds no list of tasks.
    """
    if file.suffix == ".py":
        return _in_program(file.read_text("utf-8"), file)
    value = read_value(file)
    found = value.get(key) if key and isinstance(value, dict) else value
    if not isinstance(found, list):
        raise ValueError(f"expected a list of tasks in {file.name}, got {short(found)}")
    return found


def read_task(raw: Json, index: int) -> TauTask:
    """Reads one task of either benchmark.

    Raises:
        RowProblem: of kind `bad_task`, if it is none, or its verdict rests on what is not known
            here.
    """
    if isinstance(raw, dict) and isinstance(raw.get("evaluation_criteria"), dict):
        return _of_tau2(raw, index)
    if isinstance(raw, dict) and isinstance(instruction := raw.get("instruction"), str):
        actions = (_action(one, "kwargs") for one in _list(raw.get("actions")))
        user = raw.get("user_id")
        return TauTask(
            str(raw.get("task_id", index)),
            instruction,
            tuple(call for call in actions if call.name != _RESPOND),
            tuple(map(str, _list(raw.get("outputs")))),
            user if isinstance(user, str) else None,
        )
    raise _no_task(raw)


def _of_tau2(raw: dict[str, Json], index: int) -> TauTask:
    criteria = cast("dict[str, Json]", raw["evaluation_criteria"])
    basis = set(map(str, _list(criteria.get("reward_basis") or [_DATABASE, _TOLD])))
    if raw.get("initial_state") or not basis <= {_TOLD, _ASSERTED, _DATABASE}:
        raise RowProblem(
            "bad_task",
            "expected a task that begins with its domain's own database and is judged by it, got "
            f"a state of its own, or {', '.join(sorted(basis))}; play it with the benchmark itself",
        )
    scenario = raw.get("user_scenario")
    told = _list(criteria.get("communicate_info")) if _TOLD in basis else []
    asserted = _list(criteria.get("nl_assertions")) if _ASSERTED in basis else []
    return TauTask(
        str(raw.get("id", index)),
        _instruction(scenario.get("instructions") if isinstance(scenario, dict) else None),
        tuple(_action(one, "arguments") for one in _list(criteria.get("actions"))),
        tuple(map(str, told)),
        unjudged=tuple(map(str, asserted)),
    )


def _instruction(told: Json) -> str:
    if isinstance(told, str):
        return told
    if isinstance(told, dict):
        parts = [f"{words}{told[key]}" for key, words in _TOLD_OF if told.get(key)]
        return "\n\n".join(parts)
    raise _no_task(told)


def _action(raw: Json, key: str) -> ToolCall:
    if isinstance(raw, dict) and isinstance(name := raw.get("name"), str):
        arguments = raw.get(key, raw.get("arguments"))
        if isinstance(arguments, dict) and raw.get("requestor", "assistant") == "assistant":
            return ToolCall(name, arguments)
    raise _no_task(raw)


def _list(value: Json) -> list[Json]:
    return value if isinstance(value, list) else []


def _no_task(came: Json) -> RowProblem:
    return RowProblem(
        "bad_task", f"expected a task of tau-bench or tau2-bench, got {short(came)}; check it out"
    )


def _in_program(text: str, file: Path) -> list[Json]:
    """The tasks of a program: the first list of values that is given a name."""
    try:
        for node in ast.parse(text).body:
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.List):
                return [_value(task) for task in node.value.elts]
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise ValueError(
            f"expected plain values of tasks in {file.name}, got {short(str(error))}; check it out "
            "again"
        ) from None
    raise ValueError(f"expected a list of tasks in {file.name}, found none; name another file")


def _value(node: ast.expr) -> Json:
    """The value of an expression, in which `Task(…)` and `Action(…)` are objects."""
    match node:
        case ast.Call(func=ast.Name(id="Task" | "Action"), args=[], keywords=keywords):
            return {str(one.arg): _value(one.value) for one in keywords}
        case ast.List(elts=parts):
            return [_value(part) for part in parts]
        case ast.Dict(keys=keys, values=values):
            pairs = zip(keys, values, strict=True)
            return {_key(key): _value(value) for key, value in pairs}
    return cast(Json, ast.literal_eval(node))


def _key(node: ast.expr | None) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    raise ValueError("a key that is no text")


def parts_in(file: Path) -> Mapping[str, str]:
    """The id of a task -> train or test, as a file of tau2-bench's tells it; empty without it.

    Raises:
        ValueError: if the file holds something else.
    """
    told = read_object(file) if file.is_file() else {}
    found: dict[str, str] = {}
    for part in ("train", "test"):
        ids = told.get(part, [])
        if not isinstance(ids, list):
            raise ValueError(
                f"expected a list of tasks' ids under {part} in {file.name}, got {short(ids)}; "
                "check it out again"
            )
        found |= {str(id): part for id in ids}
    return found
