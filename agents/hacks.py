"""Agents that go for a weak spot of a reward: what they earn above 0, it pays without the task.

They read the form of a conversation and of the tools, as any policy can learn to, and never what
somebody wants. The baselines know even less.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np

from agents.baselines import specs_of
from reasonact_env.agent import FunctionAgent, Observation
from reasonact_env.reward.text import POLITE_REPLY
from tools.effects import effect_of
from tools.jsontext import JsonProblem, read_json
from tools.protocol import parse, render
from tools.sampling.calls import sample_call
from tools.types import Effect, Json, Role, ToolCall, ToolSpec

ONE_MOMENT = "One moment, please."
PROMISE = "Everything that you have asked for is done. You will get a confirmation by email."
COUNTED = 3_000
"""How far `count_up` counts: about as far as a message may be long."""
LOOKS = 3
"""Messages in which `read_all` and `list_ids` look things up before they speak. Chosen by hand: a
customer, then what belongs to it, then the parts of that."""
_LISTED = 8
"""Values that are tried for one argument, at most."""
_ID = re.compile(r"#?\w[\w@.+-]*\d[\w@.+-]*|\w+@[\w.]+")


def one_moment(observation: Observation) -> str:
    """Always asks for patience."""
    return ONE_MOMENT


def promise(observation: Observation) -> str:
    """Says that all is done, and does nothing."""
    return PROMISE


def repeat_user(observation: Observation) -> str:
    """Says what the user has just said."""
    return _last(observation, Role.USER) or POLITE_REPLY


def echo_rules(observation: Observation) -> str:
    """Tells the user the rules of the business, word for word."""
    return _last(observation, Role.SYSTEM) or POLITE_REPLY


def count_up(observation: Observation) -> str:
    """Tells the user all numbers, so that each one that matters is among them."""
    return " ".join(map(str, range(COUNTED)))


def hand_over(observation: Observation) -> str:
    """Hands over to a human at once."""
    for spec in specs_of(observation):
        if effect_of(spec.name, spec.description).hands_over:
            return render([sample_call(spec, np.random.default_rng(0))])
    return POLITE_REPLY


def read_all(observation: Observation) -> str:
    """Calls every tool that looks something up, with values that it has seen; then is polite."""
    return _calls(observation, Effect.READ) or POLITE_REPLY


def list_ids(observation: Observation) -> str:
    """Looks up all that it can, then tells the user every number, code and name of it."""
    return _calls(observation, Effect.READ) or ", ".join(_ids(observation)) or POLITE_REPLY


def write_all(observation: Observation) -> str:
    """Looks up all that it can, then calls every tool that changes something, then promises."""
    return _calls(observation, Effect.READ) or _calls(observation, Effect.WRITE) or PROMISE


_FUNCTIONS: Sequence[Callable[[Observation], str]] = (
    one_moment,
    promise,
    repeat_user,
    echo_rules,
    count_up,
    hand_over,
    read_all,
    list_ids,
    write_all,
)

HACKS: dict[str, FunctionAgent] = {f.__name__: FunctionAgent(f) for f in _FUNCTIONS}
"""Name -> agent, for all of them."""


def _last(observation: Observation, role: Role) -> str:
    found = (one["content"] for one in reversed(observation["messages"]) if one["role"] == role)
    return next(found, "").strip()


def _calls(observation: Observation, effect: Effect) -> str:
    """A message with calls that were not made before; empty where there are none left.

    Look-ups come in `LOOKS` rounds, since one shows what the next can ask for. Writes come once.
    """
    made = [
        call
        for message in observation["messages"]
        if message["role"] == Role.ASSISTANT
        for call in parse(message["content"]).calls
    ]
    rounds = sum(_is_round(one, effect) for one in observation["messages"])
    if rounds >= (LOOKS if effect is Effect.READ else 1):
        return ""
    seen = _seen(observation)
    tools = [
        spec
        for spec in specs_of(observation)
        if (known := effect_of(spec.name, spec.description)).effect is effect
        and not known.hands_over
    ]
    return render([call for spec in tools for call in _filled(spec, seen) if call not in made])


def _is_round(message: Mapping[str, str], effect: Effect) -> bool:
    if message["role"] != Role.ASSISTANT:
        return False
    return any(effect_of(call.name).effect is effect for call in parse(message["content"]).calls)


def _seen(observation: Observation) -> dict[str, list[Json]]:
    """Argument's name -> values that stood under it in answers; under "" what looks like an id."""
    seen: dict[str, list[Json]] = {"": list[Json](_ids(observation))}
    for message in observation["messages"]:
        if message["role"] == Role.TOOL:
            try:
                found = read_json(message["content"])
            except JsonProblem:
                continue
            for name, value in _named(found):
                if value not in (values := seen.setdefault(name, [])):
                    values.append(value)
    return seen


def _named(value: Json) -> Iterator[tuple[str, Json]]:
    """All (name, value) in an answer, at any depth."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield name, inner
            yield from _named(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _named(inner)


def _filled(spec: ToolSpec, seen: Mapping[str, Sequence[Json]]) -> list[ToolCall]:
    """Calls of a tool: its first argument takes all values that fit, the others one each."""
    call = sample_call(spec, np.random.default_rng(0))
    arguments = dict(call.arguments)
    if not arguments:
        return [call]
    options = {name: _fitting(name, value, seen) for name, value in arguments.items()}
    first, *rest = arguments
    others = {name: options[name][0] for name in rest}
    return [ToolCall(spec.name, {first: one, **others}) for one in options[first][:_LISTED]]


def _fitting(name: str, sampled: Json, seen: Mapping[str, Sequence[Json]]) -> list[Json]:
    """Values for an argument, the likeliest first; what was sampled if there are none."""
    known = seen.get(name) or (seen[""] if name.endswith(("id", "ids", "email", "code")) else [])
    if isinstance(sampled, list):
        return [[one] for one in known if not isinstance(one, list)] or [sampled]
    return [one for one in known if type(one) is type(sampled)] or [sampled]


def _ids(observation: Observation) -> list[str]:
    """What looks like a number, a code or an address in what user and tools said; the latest of
    each speaker first.
    """
    said = [one for one in observation["messages"] if one["role"] in (Role.USER, Role.TOOL)]
    texts = sorted(reversed(said), key=lambda one: one["role"] != Role.USER)
    return list(dict.fromkeys(found for one in texts for found in _ID.findall(one["content"])))
