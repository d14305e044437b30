"""Episodes as plain JSON values, and back again without loss."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias, cast

from reasonact_env.episode import CallRecord, Episode, Mode, Outcome, Scores, Step, StopReason
from tools.types import CallProblem, Effect, Json, Message, ProblemKind, Role, ToolSpec

JsonObject: TypeAlias = "dict[str, Json]"


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
        "outcome": _outcome_json(episode.outcome),
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
        task_id=_text(value["task_id"]),
        source=_text(value["source"]),
        mode=Mode(_text(value["mode"])),
        seed=cast("int | None", value["seed"]),
        decision=cast("int | None", value["decision"]),
        opening=tuple(map(message_of, _objects(value["opening"]))),
        opening_hash=_text(value["opening_hash"]),
        steps=tuple(map(_step_of, _objects(value["steps"]))),
        stop=None if stop is None else StopReason(_text(stop)),
        outcome=_outcome_of(value["outcome"]),
        tools=tools_of(value["tools"]),
    )


def message_json(message: Message) -> JsonObject:
    """A message in the Hugging Face chat form."""
    return {"role": message.role.value, "content": message.content}


def message_of(value: Mapping[str, Json]) -> Message:
    """Reads what `message_json` wrote."""
    return Message(Role(_text(value["role"])), _text(value["content"]))


def tools_json(tools: Sequence[ToolSpec]) -> list[Json]:
    """Tools as a list of objects, the order of their schemas' keys kept."""
    return [
        {"name": t.name, "description": t.description, "parameters": dict(t.parameters)}
        for t in tools
    ]


def tools_of(value: Json) -> tuple[ToolSpec, ...]:
    """Reads what `tools_json` wrote."""
    return tuple(
        ToolSpec(_text(t["name"]), _text(t["description"]), _object(t["parameters"]))
        for t in _objects(value)
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
        action=_text(value["action"]),
        calls=tuple(map(_call_of, _objects(value["calls"]))),
        answers=tuple(map(message_of, _objects(value["answers"]))),
        reward=_number(value["reward"]),
        components=_scores(value["components"]),
        weights={name: _number(weight) for name, weight in _object(value["weights"]).items()},
        step_scores=_scores(value["step_scores"]),
        state_hash=_text(value["state_hash"]),
        observation_hash=_text(value["observation_hash"]),
        turn=int(_number(value["turn"])),
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
    }


def _call_of(value: Mapping[str, Json]) -> CallRecord:
    arguments, problem = value["arguments"], value["problem"]
    return CallRecord(
        name=_text_or_none(value["name"]),
        arguments=None if arguments is None else _object(arguments),
        normal=_text_or_none(value["normal"]),
        effect=Effect(_text(value["effect"])),
        content=_text(value["content"]),
        problem=None if problem is None else _problem_of(_object(problem)),
        state_before=_text(value["state_before"]),
        state_after=_text(value["state_after"]),
    )


def _problem_json(problem: CallProblem | None) -> Json:
    return None if problem is None else {"kind": problem.kind.value, "text": problem.text}


def _problem_of(value: Mapping[str, Json]) -> CallProblem:
    return CallProblem(ProblemKind(_text(value["kind"])), _text(value["text"]))


def _outcome_json(outcome: Outcome | None) -> Json:
    if outcome is None:
        return None
    return {
        "success": outcome.success,
        "state": outcome.state,
        "facts": outcome.facts,
        "reads": outcome.reads,
        "tau": outcome.tau,
        "goal": outcome.goal,
    }


def _outcome_of(value: Json) -> Outcome | None:
    if value is None:
        return None
    verdicts = _object(value)
    names = ("success", "state", "facts", "reads", "tau")
    success, state, facts, reads, tau = (bool(verdicts[name]) for name in names)
    return Outcome(success, state, facts, reads, tau, _text(verdicts["goal"]))


def _scores(value: Json) -> Scores:
    return {
        name: None if score is None else _number(score) for name, score in _object(value).items()
    }


def _text(value: Json) -> str:
    if not isinstance(value, str):
        raise TypeError(f"expected a text, got {type(value).__name__}")
    return value


def _text_or_none(value: Json) -> str | None:
    return None if value is None else _text(value)


def _number(value: Json) -> float:
    if not isinstance(value, int | float):
        raise TypeError(f"expected a number, got {type(value).__name__}")
    return value


def _object(value: Json) -> JsonObject:
    if not isinstance(value, dict):
        raise TypeError(f"expected an object, got {type(value).__name__}")
    return value


def _objects(value: Json) -> list[JsonObject]:
    if not isinstance(value, list):
        raise TypeError(f"expected a list, got {type(value).__name__}")
    return [_object(item) for item in value]
