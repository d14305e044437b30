"""Episodes as plain JSON values, and back again without loss."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

from reasonact_env.episode import CallRecord, Episode, Mode, Scores, Step, StopReason
from reasonact_env.episodes.json_values import (
    JsonObject,
    number_in,
    object_in,
    objects_in,
    text_in,
    text_or_none_in,
)
from reasonact_env.episodes.outcome_json import changes_json, changes_of, outcome_json, outcome_of
from tools.types import CallProblem, Effect, Json, Message, ProblemKind, Role, ToolSpec


def to_json(episode: Episode) -> JsonObject:
    """The episode as an object that stands for itself; `from_json` gives back its equal.

    One of a single step looks like this, with `…` where more follows:

        {"task_id": "desk-7", "source": "embedded:desk(n=1000,seed=0)", "mode": "dialogue",
         "seed": 0, "decision": null, "opening": [{"role": "system", "content": "…"}, …],
         "opening_hash": "0f…", "stop": "finished", "outcome": {"success": true, …},
         "tools": [{"name": "get_order", "description": "…", "parameters": {…}}, …],
         "steps": [{"action": "Done.", "calls": [], "answers": [], "reward": 1.0, …}]}
    """
    return {
        "task_id": episode.task_id,
        "source": episode.source,
        "mode": episode.mode.value,
        "seed": episode.seed,
        "decision": episode.decision,
        "opening": [message_json(message) for message in episode.opening],
        "opening_hash": episode.opening_hash,
        "stop": episode.stop and episode.stop.value,
        "outcome": outcome_json(episode.outcome),
        "tools": tools_json(episode.tools),
        "steps": [_step_json(step) for step in episode.steps],
    }


def from_json(value: Mapping[str, Json]) -> Episode:
    """Reads what `to_json` wrote.

    Raises:
        KeyError, TypeError, ValueError: where the value is something else.
    """
    stop = value["stop"]
    return Episode(
        task_id=text_in(value["task_id"]),
        source=text_in(value["source"]),
        mode=Mode(text_in(value["mode"])),
        seed=cast("int | None", value["seed"]),
        decision=cast("int | None", value["decision"]),
        opening=tuple(map(message_of, objects_in(value["opening"]))),
        opening_hash=text_in(value["opening_hash"]),
        steps=tuple(map(_step_of, objects_in(value["steps"]))),
        stop=None if stop is None else StopReason(text_in(stop)),
        outcome=outcome_of(value["outcome"]),
        tools=tools_of(value["tools"]),
    )


def message_json(message: Message) -> JsonObject:
    """A message in the Hugging Face chat form."""
    return {"role": message.role.value, "content": message.content}


def message_of(value: Mapping[str, Json]) -> Message:
    """Reads what `message_json` wrote."""
    return Message(Role(text_in(value["role"])), text_in(value["content"]))


def tools_json(tools: Sequence[ToolSpec]) -> list[Json]:
    """Tools as a list of objects, the order of their schemas' keys kept."""
    return [
        {"name": t.name, "description": t.description, "parameters": dict(t.parameters)}
        for t in tools
    ]


def tools_of(value: Json) -> tuple[ToolSpec, ...]:
    """Reads what `tools_json` wrote."""
    return tuple(
        ToolSpec(text_in(t["name"]), text_in(t["description"]), object_in(t["parameters"]))
        for t in objects_in(value)
    )


def _step_json(step: Step) -> JsonObject:
    return {
        "turn": step.turn,
        "action": step.action,
        "calls": [_call_json(call) for call in step.calls],
        "answers": [message_json(message) for message in step.answers],
        "reward": step.reward,
        "components": cast(JsonObject, step.components),
        "weights": cast(JsonObject, dict(step.weights)),
        "step_scores": cast(JsonObject, step.step_scores),
        "state_hash": step.state_hash,
        "observation_hash": step.observation_hash,
    }


def _step_of(value: Mapping[str, Json]) -> Step:
    return Step(
        action=text_in(value["action"]),
        calls=tuple(map(_call_of, objects_in(value["calls"]))),
        answers=tuple(map(message_of, objects_in(value["answers"]))),
        reward=number_in(value["reward"]),
        components=_scores(value["components"]),
        weights={name: number_in(weight) for name, weight in object_in(value["weights"]).items()},
        step_scores=_scores(value["step_scores"]),
        state_hash=text_in(value["state_hash"]),
        observation_hash=text_in(value["observation_hash"]),
        turn=int(number_in(value["turn"])),
    )


def _call_json(call: CallRecord) -> JsonObject:
    return {
        "name": call.name,
        "arguments": None if call.arguments is None else dict(call.arguments),
        "normal": call.normal,
        "effect": call.effect.value,
        "content": call.content,
        "problem": _problem_json(call.problem),
        "state_before": call.state_before,
        "state_after": call.state_after,
        **changes_json(call.changes),
    }


def _call_of(value: Mapping[str, Json]) -> CallRecord:
    arguments, problem = value["arguments"], value["problem"]
    return CallRecord(
        name=text_or_none_in(value["name"]),
        arguments=None if arguments is None else object_in(arguments),
        normal=text_or_none_in(value["normal"]),
        effect=Effect(text_in(value["effect"])),
        content=text_in(value["content"]),
        problem=None if problem is None else _problem_of(object_in(problem)),
        state_before=text_in(value["state_before"]),
        state_after=text_in(value["state_after"]),
        changes=changes_of(value),
    )


def _problem_json(problem: CallProblem | None) -> Json:
    return None if problem is None else {"kind": problem.kind.value, "text": problem.text}


def _problem_of(value: Mapping[str, Json]) -> CallProblem:
    return CallProblem(ProblemKind(text_in(value["kind"])), text_in(value["text"]))


def _scores(value: Json) -> Scores:
    return {
        name: None if score is None else number_in(score)
        for name, score in object_in(value).items()
    }
