"""Episodes for other people's GRPO scripts on TRL: its `environment_factory`, its `rollout_func`.

    made = {"id": "ReasonAct-Retail-v0", "split": "train"}
    GRPOTrainer(
        model=…,
        train_dataset=Dataset.from_list(task_rows(**made)),
        environment_factory=environment_factory(**made),
        reward_funcs=[paid],
    )

or, with the user's turns in the chat itself,

    GRPOTrainer(
        model=…,
        train_dataset=Dataset.from_list(prompt_rows(**made)),
        rollout_func=rollout_func(**made),
        reward_funcs=[paid],
    )

With an `environment_factory` TRL makes tools of an environment's methods, and its loop ends at the
first message without a call. So the user is spoken to with one tool more, `say`. What is paid is
paid when the conversation ends: a policy that stops calling before earns 0. TRL reads schemas off
signatures: types, descriptions and what is required stay; bounds, enumerations and the insides of
objects do not. With a `rollout_func` each task's tools are in its prompt as they are.

`examples/doors` has a script for each. Our own trainer (`python -m train.grpo`) has turn mode, vLLM
and rewards by component, too.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

import gymnasium as gym

from agents.trl_rollouts import prompt_rows, rollout_func
from reasonact_env.conversation import Conversation
from tools.types import ToolSpec

__all__ = ["ReasonAct", "environment_factory", "paid", "prompt_rows", "rollout_func", "task_rows"]

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
_RESERVED = (SAY, "reset")


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

    @property
    def _playing(self) -> Conversation:
        if self._talk is None:
            raise RuntimeError("no episode has begun; call reset() first")
        return self._talk


def paid(
    environments: Sequence[ReasonAct] | None = None,
    total: Sequence[float] | None = None,
    **columns: Any,
) -> list[float]:
    """TRL's reward function: the sum of each episode's rewards, by either way."""
    if environments is not None:
        return [environment._playing.total for environment in environments]
    if total is None:
        raise ValueError(
            "expected episodes of environment_factory or of rollout_func, got neither; give the "
            "trainer one of them"
        )
    return list(total)


def environment_factory(id: str = "ReasonAct-APIGen-v0", **made: Any) -> dict[str, type[ReasonAct]]:
    """What TRL's GRPOTrainer takes under this name: a class for each set of tools.

    Args:
        id: The environment.
        **made: What `gym.make` takes; dialogue mode.

    Raises:
        ValueError: for a tool that is called as a method which TRL needs.
    """
    below: Any = gym.make(id, **made).unwrapped
    found: dict[str, type[ReasonAct]] = {}
    for tools in _tool_sets(below):
        if clash := [spec.name for spec in tools if spec.name in _RESERVED]:
            raise ValueError(f"expected no tool called {clash[0]!r}: there is such a method")
        methods = {spec.name: _method(spec) for spec in tools}
        one = type("ReasonAct", (ReasonAct,), {"_id": id, "_made": made, **methods})
        found[_set_name(len(found))] = one
    return found


def task_rows(id: str = "ReasonAct-APIGen-v0", **made: Any) -> list[dict[str, Any]]:
    """A row for each task: its id, the set of its tools, and a prompt with the rules, to which
    `reset` adds what the user says first.
    """
    env: Any = gym.make(id, **made)
    sets = _tool_sets(env.unwrapped)
    rows: list[dict[str, Any]] = []
    for task in env.unwrapped.tasks:
        rules = Conversation(env, task_id=task.id).rules
        prompt = [{"role": "system", "content": rules}, {"role": "user", "content": ""}]
        name = _set_name(sets.index(task.tools))
        rows.append({"prompt": prompt, "task_id": task.id, "environment": name})
    return rows


def _tool_sets(env: Any) -> list[tuple[ToolSpec, ...]]:
    """The different sets of tools, in the order of their tasks."""
    sets: list[tuple[ToolSpec, ...]] = []
    for task in env.tasks:
        if task.tools not in sets:
            sets.append(task.tools)
    return sets


def _set_name(number: int) -> str:
    return f"tools_{number}"


def _method(spec: ToolSpec) -> Callable[..., str]:
    """A tool as a method with the signature and the docstring that TRL reads its schema from."""
    name, parameters = spec.name, cast("Mapping[str, Any]", spec.parameters)
    fields: Mapping[str, Any] = parameters.get("properties", {})
    needed = set(parameters.get("required", ()))

    def called(self: ReasonAct, **arguments: Any) -> str:
        given = {key: one for key, one in arguments.items() if one is not None or key in needed}
        return self._playing.call(name, **given)

    words = "".join(f"    {key}: {_line(one, key)}\n" for key, one in fields.items())
    called.__name__, called.__qualname__ = name, f"ReasonAct.{name}"
    called.__doc__ = f"{_line({'description': spec.description}, name)}\n\nArgs:\n{words}"
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
