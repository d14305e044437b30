"""Episodes for other people's GRPO scripts on TRL: its `environment_factory`.

    rows = task_rows("ReasonAct-Retail-v0", split="train")
    GRPOTrainer(
        model=…,
        train_dataset=Dataset.from_list(rows),
        environment_factory=environment_factory("ReasonAct-Retail-v0", split="train"),
    )

TRL makes tools of an environment's methods, and its loop ends at the first message without a call.
So the user is spoken to with one tool more, `say`. What is paid is paid when the conversation
ends: a policy that stops calling before earns 0. TRL reads schemas off signatures: types,
descriptions and what is required stay; bounds, enumerations and the insides of objects do not.

Our own trainer (`python -m train.grpo`) has user turns in the chat itself, tools by task, and turn
mode.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any

import gymnasium as gym

from reasonact_env.conversation import Conversation

SAY = "say"
"""The tool that speaks to the user."""
_TYPES: Mapping[object, Any] = {
    "string": str,
    "integer": int,
    "number": float,
    "boolean": bool,
    "array": list,
    "object": dict,
}
_RESERVED = (SAY, "reset", "get_reward")


class ReasonAct:
    """One rollout's environment, as TRL reuses it; `environment_factory` adds the tools."""

    _id: str
    _made: Mapping[str, Any]

    def __init__(self) -> None:
        self._env: Any = gym.make(self._id, **self._made)
        self._talk: Conversation | None = None

    def reset(self, task_id: str | None = None, **row: Any) -> str:
        """Begins the episode of a row; returns what the user says first."""
        self._talk = Conversation(self._env, task_id=task_id)
        return self._talk.latest

    def say(self, text: str) -> str:
        """Says something to the user, and returns what the user answers.

        Args:
            text: What the user reads.
        """
        answer = self._playing.say(text)
        return "The conversation has ended." if answer is None else answer

    def get_reward(self) -> float:
        """The sum of the rewards so far."""
        return self._playing.total

    @property
    def _playing(self) -> Conversation:
        if self._talk is None:
            raise RuntimeError("no episode has begun; call reset() first")
        return self._talk


def environment_factory(id: str = "ReasonAct-APIGen-v0", **made: Any) -> type[ReasonAct]:
    """What TRL's GRPOTrainer takes under this name: a class whose methods are the tasks' tools.

    Args:
        id: The environment.
        **made: What `gym.make` takes; dialogue mode.

    Raises:
        ValueError: if the tasks do not share their tools: TRL has one set a class.
    """
    below: Any = gym.make(id, **made).unwrapped
    first, *others = below.tasks
    if any(task.tools != first.tools for task in others):
        raise ValueError(
            f"expected tasks that share their tools, got several sets in {below.source}; TRL takes "
            "one set for each environment: give each its own data"
        )
    if clash := [spec.name for spec in first.tools if spec.name in _RESERVED]:
        raise ValueError(f"expected no tool called {clash[0]!r}: TRL has a method of that name")
    methods = {spec.name: _method(**spec.as_dict()["function"]) for spec in first.tools}  # type: ignore[arg-type]
    return type("ReasonAct", (ReasonAct,), {"_id": id, "_made": made, **methods})


def task_rows(id: str = "ReasonAct-APIGen-v0", **made: Any) -> list[dict[str, Any]]:
    """A row for each task: its id, and a prompt with the rules, to which `reset` adds the wish."""
    env: Any = gym.make(id, **made)
    rows: list[dict[str, Any]] = []
    for task_id in env.unwrapped.task_ids:
        rules = Conversation(env, task_id=task_id).rules
        prompt = [{"role": "system", "content": rules}, {"role": "user", "content": ""}]
        rows.append({"prompt": prompt, "task_id": task_id})
    return rows


def _method(name: str, description: str, parameters: Mapping[str, Any]) -> Callable[..., str]:
    """A tool as a method with the signature and the docstring that TRL reads its schema from."""
    fields: Mapping[str, Any] = parameters.get("properties", {})
    needed = set(parameters.get("required", ()))

    def called(self: ReasonAct, **arguments: Any) -> str:
        given = {key: one for key, one in arguments.items() if one is not None or key in needed}
        return self._playing.call(name, **given)

    words = "".join(f"    {key}: {_line(one, key)}\n" for key, one in fields.items())
    called.__name__, called.__qualname__ = name, f"ReasonAct.{name}"
    called.__doc__ = f"{_line({'description': description}, name)}\n\nArgs:\n{words}"
    hints = {key: _hint(one, key in needed) for key, one in fields.items()}
    called.__annotations__ = {**hints, "return": str}
    shown = sorted(fields, key=lambda key: key not in needed)
    arguments = [_parameter(key, hints[key], key in needed) for key in shown]
    me = inspect.Parameter("self", inspect.Parameter.POSITIONAL_OR_KEYWORD)
    called.__signature__ = inspect.Signature([me, *arguments], return_annotation=str)  # type: ignore[attr-defined]
    return called


def _parameter(name: str, hint: Any, is_needed: bool) -> inspect.Parameter:
    default = inspect.Parameter.empty if is_needed else None
    return inspect.Parameter(
        name, inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=hint, default=default
    )


def _hint(schema: Mapping[str, Any], is_needed: bool) -> Any:
    """A parameter's type; a string where its schema names none."""
    kind = schema.get("type")
    hint = _TYPES.get(kind if isinstance(kind, str) else "string", str)
    if hint is list and isinstance(items := schema.get("items"), Mapping):
        hint = list[_hint(items, True)]  # type: ignore[misc]
    return hint if is_needed else hint | None


def _line(schema: Mapping[str, Any], name: str) -> str:
    """A description on one line: a docstring's next line would be another parameter's."""
    return " ".join(str(schema.get("description") or name).split())
