"""Agents that do not understand the task: whatever they earn, a reward gives away for nothing."""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Sequence

import numpy as np

from reasonact_env.agent import FunctionAgent, Observation
from reasonact_env.reward.message import LONGEST
from reasonact_env.reward.text import POLITE_REPLY
from tools.protocol import parse, render
from tools.sampling.calls import sample_call
from tools.types import Role, ToolSpec

REFUSAL = "I am sorry, but I cannot help you with that request."


def silent(observation: Observation) -> str:
    """Says nothing."""
    return ""


def polite(observation: Observation) -> str:
    """Always says the same polite sentence."""
    return POLITE_REPLY


def refuse(observation: Observation) -> str:
    """Refuses everything."""
    return REFUSAL


def longest_think(observation: Observation) -> str:
    """Thinks as long as the band of lengths allows, then is polite."""
    return render(text=POLITE_REPLY, thought=" ".join(["well"] * LONGEST))


def always_call(observation: Observation) -> str:
    """Always calls the first tool, with the same arguments."""
    spec = specs_of(observation)[0]
    return render([sample_call(spec, np.random.default_rng(0))])


def random_call(observation: Observation) -> str:
    """Makes a random schema-valid call."""
    rng, specs = _rng(observation), specs_of(observation)
    return render([sample_call(specs[int(rng.integers(len(specs)))], rng)])


def spray(observation: Observation) -> str:
    """Calls every tool at once."""
    rng = _rng(observation)
    return render([sample_call(spec, rng) for spec in specs_of(observation)])


def copy_last_call(observation: Observation) -> str:
    """Repeats the conversation's last call."""
    for message in reversed(observation["messages"]):
        if message["role"] == Role.ASSISTANT and (calls := parse(message["content"]).calls):
            return render(calls)
    return POLITE_REPLY


def echo_last_result(observation: Observation) -> str:
    """Tells the user the last tool message, word for word."""
    for message in reversed(observation["messages"]):
        if message["role"] == Role.TOOL and message["content"].strip():
            return message["content"]
    return POLITE_REPLY


_FUNCTIONS: Sequence[Callable[[Observation], str]] = (
    silent,
    polite,
    refuse,
    longest_think,
    always_call,
    random_call,
    spray,
    copy_last_call,
    echo_last_result,
)

BASELINES: dict[str, FunctionAgent] = {f.__name__: FunctionAgent(f) for f in _FUNCTIONS}
"""Name -> agent, for all of them."""


def _rng(observation: Observation) -> np.random.Generator:
    """Randomness that is the same for the same observation, on any machine."""
    text = json.dumps(observation["messages"])
    return np.random.default_rng(zlib.crc32(text.encode("ascii")))


def specs_of(observation: Observation) -> list[ToolSpec]:
    """The tools on offer."""
    return [ToolSpec.from_dict(tool) for tool in observation["tools"]]
