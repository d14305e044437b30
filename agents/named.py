"""Agents by name, as commands take them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any, cast

from agents.baselines import BASELINES
from agents.gold import Gold
from agents.hacks import HACKS
from reasonact_env.agent import Agent, load_agent
from tasks.types import Task
from tools.chat_address import is_model
from tools.load_object import load_object
from tools.nearest import did_you_mean, listed
from tools.places import CARD, RUN

ENDPOINT = "endpoint"
"""The name of the model that the environment variables of `tools.chat_endpoint` name."""


class UnknownAgent(ValueError):
    """No agent has this name."""


def scripted(name: str, tasks: Sequence[Task], mode: str, thinking: str) -> Agent:
    """A scripted agent: gold, one of the baselines or hacks, or `MODULE:NAME`.

    Args:
        name: Its name.
        tasks: All tasks that it may meet, for gold.
        mode: The environment's mode.
        thinking: The environment's `thinking`.

    Raises:
        UnknownAgent: for any other name.
    """
    if name == "gold":
        return Gold(tasks, mode, thinking)
    if name in (simple := {**BASELINES, **HACKS}):
        return simple[name]
    if ":" not in name:
        known = ["gold", *simple]
        near = _of_runs(name) or _dotted(name) or did_you_mean(name, known)
        raise UnknownAgent(
            f"expected an agent: {listed(known)}, MODULE:NAME or MODEL@URL, got {name!r}{near}"
        )
    return load_agent(name)


def _of_runs(name: str) -> str:
    """What the folder of a policy or of an evaluation is, where one was given as an agent."""
    if (Path(name) / CARD).is_file():
        return f", the folder of a policy; train.evaluate takes it as --policy {name}"
    if (Path(name) / RUN).is_file():
        return ", the folder of a run, which has played already; reasonact_env.replay shows it"
    return ""


def _dotted(name: str) -> str:
    """What was meant by `module.Name`, if there is such a module."""
    module, _, attribute = name.rpartition(".")
    is_there = Path(*module.split(".")).with_suffix(".py").is_file() if module else False
    return f"; did you mean {module}:{attribute}?" if is_there else ""


def agent_of(name: str, tasks: Sequence[Task], mode: str, thinking: str) -> Agent:
    """A scripted agent, a policy with its likeliest messages, or an endpoint's model.

    A policy is the folder of one, or the name of one that comes with the project (reasonact-tiny).

    Models are named MODEL@URL, or `endpoint` for the one that the environment names. A name of
    ours wins over a folder of the same name, which is `./NAME`.

    Raises:
        ValueError: for a name that none of these has, or an endpoint that nobody has named.
        ImportError: if a policy is named, and torch is not installed.
    """
    if name == "gold" or name in BASELINES:  # a folder of that name is ./gold
        return scripted(name, tasks, mode, thinking)
    if name == ENDPOINT or is_model(name):
        return _model(name)
    if shipped := _shipped(name):
        return _policy(shipped)
    if (Path(name) / CARD).is_file():
        return _policy(name)
    if Path(name).is_dir():
        raise ValueError(
            f"expected the folder of a policy, got {name}, which holds no {CARD}; "
            "`python -m train.sft` writes one"
        )
    return scripted(name, tasks, mode, thinking)


def _model(name: str) -> Agent:
    """A model behind an endpoint, named here or by the environment."""
    from agents.endpoint import LlmAgent, with_known_tools  # nobody else needs it
    from tools.chat_endpoint import Endpoint

    if name == ENDPOINT:
        endpoint = Endpoint.from_environment("--agent endpoint", "--agent gold")
    else:
        endpoint = Endpoint.of(name)
    return LlmAgent(with_known_tools(endpoint))


def _shipped(name: str) -> str | None:
    """The folder of a policy that comes with this project; a folder of that name is ./NAME."""
    spec = find_spec("train")
    places = [] if spec is None else spec.submodule_search_locations or []
    folders = (Path(place) / "weights" / name for place in places if Path(name).name == name)
    return next((str(one) for one in folders if (one / CARD).is_file()), None)


def _policy(folder: str) -> Agent:
    """A policy; loaded by name, since what is learned lies above agents."""
    load = cast(
        "Callable[[str], Any]", load_object("train.models.policies:load_policy", "a loader")
    )
    return cast("Agent", load(folder).maker(0.0)(0))
