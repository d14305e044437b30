"""Prompts, tools and rewards in the forms of verl (read in 0.9.1), for its trainers.

Single turns, for its single-turn agent loop:

    Dataset.from_list(verl_turns("ReasonAct-Retail-v0")).to_parquet("turns.parquet")

    data.train_files=turns.parquet
    reward.custom_reward_function.path=.../agents/verl_form.py
    reward.custom_reward_function.name=compute_score

Whole dialogues, for its tool agent loop, in which the user is one tool more, `say`:

    Dataset.from_list(verl_dialogues("ReasonAct-Retail-v0")).to_parquet("dialogues.parquet")
    Path("tools.yaml").write_text(json.dumps(verl_tools("ReasonAct-Retail-v0")))

    actor_rollout_ref.rollout.multi_turn.tool_config_path=tools.yaml

and the same function of rewards. verl knows a tool by its name alone. So of tools that tasks have
in several versions the most common one is taken, and the tasks with another one are left out. Its
schemas know types, descriptions, enumerations and what is required at the top level alone; the
environment checks calls by the tool's whole schema.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import gymnasium as gym

from agents.single_turns import pay, single_turns
from reasonact_env.conversation import Conversation
from reasonact_env.episode import Mode
from tools.types import ToolSpec

SOURCE = "reasonact"
"""What verl calls the data's source."""
SAY = "say"
"""The tool that speaks to the user."""
TOOL = "agents.verl_tool.VerlTool"
"""The class of all tools."""
_TALK = "dialogue"
"""The ground truth of dialogues, which the tools have paid already."""


def verl_turns(id: str = "ReasonAct-APIGen-v0", **made: Any) -> Iterator[dict[str, Any]]:
    """A row for each recorded decision, with its tools in the prompt's first message.

    Args:
        id: The environment.
        **made: What `gym.make` takes.
    """
    for number, one in enumerate(single_turns(id, **made)):
        told = {"task_id": one.task_id, "decision": one.decision}
        yield _row(number, "single_turn_agent", one.prompt, one.ground_truth, told)


def verl_dialogues(id: str = "ReasonAct-APIGen-v0", **made: Any) -> Iterator[dict[str, Any]]:
    """A row for each task whose tools `verl_tools` has: rules and first request, and how its tools
    are made.

    Args:
        id: The environment.
        **made: What `gym.make` takes; dialogue mode.
    """
    env = _dialogues(id, made)
    config, chosen = json.dumps(env.config.to_json(), sort_keys=True), _chosen(env)
    fitting = [task for task in env.tasks if all(chosen[one.name] == one for one in task.tools)]
    for number, task in enumerate(fitting):
        talk = Conversation(env, task_id=task.id)
        names = [*(spec.name for spec in task.tools), SAY]
        begin = {"create_kwargs": {"task_id": task.id, "env": config}}
        told = {
            "task_id": task.id,
            "tool_selection": names,
            "need_tools_kwargs": True,
            "tools_kwargs": dict.fromkeys(names, begin),
        }
        yield _row(number, "tool_agent", talk.messages, _TALK, told)


def verl_tools(id: str = "ReasonAct-APIGen-v0", **made: Any) -> dict[str, Any]:
    """All tools of an environment's tasks, in the form of verl's file of tools.

    Args:
        id: The environment.
        **made: What `gym.make` takes; dialogue mode.

    Raises:
        ValueError: if a tool is called as the one that speaks to the user.
    """
    found = _chosen(_dialogues(id, made))
    if SAY in found:
        raise ValueError(f"expected no tool called {SAY!r}, which speaks to the user; got one")
    speak = ToolSpec(
        SAY,
        "Says something to the user, and returns what the user answers.",
        {
            "type": "object",
            "properties": {"text": {"type": "string", "description": "What the user reads."}},
            "required": ["text"],
        },
    )
    config = {"type": "native"}
    made_of = [_schema(spec) for spec in [*found.values(), speak]]
    return {
        "tools": [{"class_name": TOOL, "config": config, "tool_schema": one} for one in made_of]
    }


def compute_score(
    data_source: str,
    solution_str: str,
    ground_truth: str,
    extra_info: Mapping[str, Any] | None = None,
    **others: object,
) -> float:
    """Verl's function of rewards: of a decision's answer, or of what its tools were paid.

    Args:
        data_source: Not read.
        solution_str: All that the policy and its tools said.
        ground_truth: The row's.
        extra_info: The row's, to which verl adds what the tools were paid.
        **others: Not read.
    """
    if ground_truth != _TALK:
        return pay(ground_truth, solution_str)
    return float(sum((extra_info or {}).get("tool_rewards") or ()))


def _row(
    number: int, loop: str, prompt: list[dict[str, str]], truth: str, told: dict[str, Any]
) -> dict[str, Any]:
    return {
        "data_source": SOURCE,
        "agent_name": loop,
        "prompt": prompt,
        "ability": "tool_use",
        "reward_model": {"style": "rule", "ground_truth": truth},
        "extra_info": {"index": number, **told},
    }


def _dialogues(id: str, made: Mapping[str, Any]) -> Any:
    env: Any = gym.make(id, **made).unwrapped
    if env.config.mode != Mode.DIALOGUE:
        raise ValueError(f"expected dialogue mode, got mode={env.config.mode!r}; see verl_turns")
    return env


def _chosen(env: Any) -> dict[str, ToolSpec]:
    """For each name the tool that most tasks have; the first of several."""
    seen: dict[str, Counter[str]] = {}
    known: dict[str, ToolSpec] = {}
    for task in env.tasks:
        for spec in task.tools:
            text = json.dumps(spec.as_dict())
            known.setdefault(text, spec)
            seen.setdefault(spec.name, Counter())[text] += 1
    return {name: known[texts.most_common(1)[0][0]] for name, texts in seen.items()}


def _schema(spec: ToolSpec) -> dict[str, Any]:
    """A tool with what verl reads of a schema: each parameter has to have a type."""
    parameters: Mapping[str, Any] = spec.parameters
    fields = {
        name: {"type": one.get("type", "string"), **{k: one[k] for k in _READ if k in one}}
        for name, one in parameters.get("properties", {}).items()
    }
    needed = list(parameters.get("required", ()))
    function = {
        "name": spec.name,
        "description": spec.description,
        "parameters": {"type": "object", "properties": fields, "required": needed},
    }
    return {"type": "function", "function": function}


_READ = ("description", "enum")
