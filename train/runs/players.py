"""Who plays an evaluation, as its options say."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from tools.chat_address import is_llm
from train.models.limits import limit_words
from train.runs.evaluate_options import EvaluateOptions
from train.runs.evaluation import EvaluationSettings
from train.runs.outside import agent_outside
from train.runs.played import MakeAgent, Pace, agent_named
from train.runs.run import decided
from train.scoring.report import drawn_at

AT_A_TIME = 8
"""Models' answers that are waited for at the same time, unless told otherwise. Chosen by hand."""


@dataclass(frozen=True, slots=True)
class Player:
    """Who plays, and what has to be known of it."""

    make: Callable[[Path], MakeAgent]
    """From the evaluation's folder to what makes the agent."""
    model: str
    """The model or agent, in words."""
    sampling: str
    """How its messages are sampled, in words."""
    pace: Pace
    """How many episodes are played at a time."""
    told: Mapping[str, Any] = field(default_factory=dict)
    """Further arguments of `evaluate`."""
    notes: tuple[str, ...] = ()
    """What a table has to say of it."""


def player_of(args: EvaluateOptions, plan: EvaluationSettings) -> tuple[EvaluationSettings, Player]:
    """Who plays, and the plan with as many episodes at a time as it can take.

    Raises:
        ValueError: for a name that nobody has.
        ImportError: if a policy is named, and torch is not installed.
    """
    if args.policy is not None:
        return _policy(args, plan)
    return plan, _model(args) if args.model is not None else _agent(args, plan)


def _agent(args: EvaluateOptions, plan: EvaluationSettings) -> Player:
    """An agent of ours, or one named MODULE:NAME."""
    name = args.agent
    assert name is not None
    make = agent_named(name, plan)
    code = agent_outside(name, make(0))
    workers = args.workers or (AT_A_TIME if is_llm(plan.user) else 1)
    pace = Pace(shard=None, workers=workers, alone=args.workers is not None)
    return Player(lambda out: make, f"agent {name}", "scripted", pace, {"agent": code})


def _model(args: EvaluateOptions) -> Player:
    """A model behind an endpoint."""
    from agents.endpoint import LlmAgent, with_known_tools

    endpoint = args.endpoint

    def make(out: Path) -> MakeAgent:
        def made(seed: int) -> LlmAgent:
            tools = decided(out, "tools", lambda: with_known_tools(endpoint).tools)
            return LlmAgent(replace(endpoint, tools=tools))

        return made

    settings = {name: getattr(endpoint, name) for name in ("temperature", "max_tokens", "tools")}
    told = {"agent": {"agent": {"name": endpoint.name, **settings}}}
    pace = Pace(shard=None, workers=args.workers or AT_A_TIME, alone=True)
    notes = (f"at most {endpoint.max_tokens:,} tokens a message",)
    return Player(make, f"llm {endpoint.name}", drawn_at(endpoint.temperature), pace, told, notes)


def _policy(args: EvaluateOptions, plan: EvaluationSettings) -> tuple[EvaluationSettings, Player]:
    """A policy, and the plan with as many episodes at a time as it can take."""
    from train.models.policies import load_policy  # torch, for --policy alone

    assert args.policy is not None
    policy = load_policy(args.policy)
    plan = replace(plan, batch=args.episodes.batch or policy.profile.played)
    given = 1.0 if args.temperature is None else args.temperature
    temperature = 0.0 if args.greedy else given
    told = {
        "identity": policy.fingerprint,
        "learned": policy.learned,
        "sketches": policy.sketches,
    }
    longest = limit_words(policy.longest(plan.limits))
    return plan, Player(
        lambda out: policy.maker(temperature, plan.limits),
        policy.words,
        drawn_at(temperature),
        Pace(plan.batch, args.workers or (AT_A_TIME if is_llm(plan.user) else 1)),
        told,
        (f"{longest}; played in {policy.numbers}",),
    )
