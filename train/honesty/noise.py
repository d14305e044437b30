"""How far results move by chance: the same agent twice, and goals that are sometimes wrong.

What is measured is measured on gold that slips: with a chance of its own it says something polite
instead of the recorded message. So the agents' true order is known.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from agents.gold import Gold
from agents.play import play
from reasonact_env.agent import Agent, Session
from reasonact_env.dialogue import Dialogue
from reasonact_env.episode import Episode, Mode
from reasonact_env.prepared import PreparedTask
from reasonact_env.reward.text import POLITE_REPLY
from tasks.types import Goal, Task
from tools.types import ToolCall
from train.power import Noise, detectable
from train.runs.evaluation import EvaluationSettings

SLIPS = (0.0, 0.02, 0.05, 0.1, 0.2, 0.4)
"""The chances with which gold slips, a message."""
RATES = (0.0, 0.05, 0.1, 0.2, 0.4)
"""The shares of goals that are made wrong."""


class Slipping:
    """Gold, with slips."""

    def __init__(self, gold: Gold, chance: float, seed: int) -> None:
        """Takes the gold agent, the chance of a slip in each message, and the seed of all slips."""
        self._gold, self._chance, self._seed = gold, chance, seed

    def act(self, sessions: Sequence[Session]) -> list[str]:
        """Answers as gold does, or politely."""
        return [
            POLITE_REPLY if self._slips(session) else said
            for session, said in zip(sessions, self._gold.act(sessions), strict=True)
        ]

    def _slips(self, session: Session) -> bool:
        info = session.info
        return random.Random(f"{self._seed} {info['task_id']} {info['turn']}").random() < (
            self._chance
        )


@dataclass(frozen=True, slots=True)
class Floor:
    """How far the same agent's results lie apart, with one seed and with another."""

    tasks: int
    """How many tasks it plays."""
    mean: float
    """Its mean success."""
    spread: float
    """Standard deviation of the success of two runs' difference."""
    largest: float
    """The largest difference of two runs."""
    discordant: float
    """Share of tasks on which exactly one of two runs succeeds."""

    @property
    def detectable(self) -> float:
        """The smallest true difference that these tasks show, of agents that disagree as much."""
        return detectable(self.tasks, Noise(self.discordant, 0.0, 0.0))


def floor(plan: EvaluationSettings, make: Callable[[int], Agent], draws: int) -> Floor:
    """Plays the same agent with seeds from 0 on.

    Args:
        plan: What is played, in dialogue mode.
        make: From a seed to the agent.
        draws: How many seeds, at least 2.

    Raises:
        ValueError: in turn mode, or for fewer seeds.
    """
    if Mode(plan.mode) is not Mode.DIALOGUE or draws < 2:
        raise ValueError(f"expected dialogues and 2 seeds or more, got {plan.mode} and {draws}")
    won = np.array([_won(_played(plan, make(seed))) for seed in range(draws)], dtype=float)
    pairs = [(a, b) for a in range(draws) for b in range(a)]
    apart = np.array([abs(float(won[a].mean() - won[b].mean())) for a, b in pairs])
    unlike = float(np.mean([np.mean(won[a] != won[b]) for a, b in pairs]))
    spread = math.sqrt(float(np.mean(apart**2)))
    return Floor(won.shape[1], float(won.mean()), spread, float(apart.max()), unlike)


@dataclass(frozen=True, slots=True)
class Mislabelled:
    """What agents earn where a share of the goals is wrong."""

    rate: float
    """The share of goals that were made wrong."""
    levels: Mapping[str, float]
    """Agent -> mean success."""
    order: float
    """Kendall's tau between the agents' order here and their true one."""


def label_noise(plan: EvaluationSettings, seed: int) -> list[Mislabelled]:
    """Judges the same episodes by goals of which a share is wrong; a row for each of `RATES`.

    Args:
        plan: What is played, in dialogue mode.
        seed: Of slips and wrong goals.
    """
    tasks = plan.chosen()
    gold = Gold(tasks, plan.mode)
    played = {
        f"{chance:.0%}": _played(plan, Slipping(gold, chance, seed + 1_000 * number))
        for number, chance in enumerate(SLIPS)
    }
    rows = []
    for rate in RATES:
        judges = {one.id: _judge(plan, one, tasks, rate, seed) for one in tasks}
        levels = {
            name: float(np.mean([_again(judges[one.task_id], one) for one in episodes]))
            for name, episodes in played.items()
        }
        rows.append(Mislabelled(rate, levels, _tau([levels[name] for name in played])))
    return rows


def _played(plan: EvaluationSettings, agent: Agent) -> list[Episode]:
    wanted = [(task.id, None) for task in plan.chosen()]
    return [one.episode for one in play(plan.env, agent, wanted)]


def _won(episodes: Sequence[Episode]) -> list[bool]:
    return [one.outcome is not None and one.outcome.success for one in episodes]


def _judge(
    plan: EvaluationSettings, task: Task, tasks: Sequence[Task], rate: float, seed: int
) -> PreparedTask:
    """A task, with a wrong goal by chance; a goal that is wrong at a rate is so at a higher one."""
    rng = random.Random(f"{seed} {task.id}")
    wrong = rng.random() < rate
    other = rng.choice(tasks)
    judged = replace(task, goal=spoiled(task.goal, other.goal, rng)) if wrong else task
    return PreparedTask.of(judged, plan.env)


def spoiled(goal: Goal, other: Goal, rng: random.Random) -> Goal:
    """A goal with one mistake: a call less, an argument of another value, or another fact."""
    kinds = [
        *(["writes"] if goal.writes else []),
        *(["reads"] if goal.reads and not goal.writes else []),
        *(["facts"] if goal.facts else []),
    ]
    match rng.choice(kinds or ["none"]):
        case "writes":
            return replace(goal, writes=_spoiled(goal.writes, other, rng))
        case "reads":
            return replace(goal, reads=_spoiled(goal.reads, other, rng))
        case "facts":
            lost = rng.choice(sorted(goal.facts))
            new = sorted(other.facts - goal.facts) or ["unheard-0"]
            return replace(goal, facts=goal.facts - {lost} | {rng.choice(new)})
    return goal


def _spoiled(calls: Sequence[ToolCall], other: Goal, rng: random.Random) -> tuple[ToolCall, ...]:
    at = rng.randrange(len(calls))
    call = calls[at]
    values = [value for one in other.calls for value in one.arguments.values()]
    names = [
        name
        for name, value in call.arguments.items()
        if any(type(one) is type(value) and one != value for one in values)
    ]
    if not names or rng.random() < 0.5:
        return (*calls[:at], *calls[at + 1 :])
    name = rng.choice(names)
    old = call.arguments[name]
    new = rng.choice([one for one in values if type(one) is type(old) and one != old])
    return (*calls[:at], ToolCall(call.name, {**call.arguments, name: new}), *calls[at + 1 :])


def _again(judge: PreparedTask, episode: Episode) -> bool:
    """Whether an episode's messages win by another goal."""
    game = Dialogue(judge)
    for step in episode.steps:
        if game.stop is None:
            game.play(step.action)
    return game.outcome is not None and game.outcome.success


def _tau(levels: Sequence[float]) -> float:
    """Kendall's tau-a between an order and the falling one; ties count as neither."""
    pairs = [(a, b) for i, a in enumerate(levels) for b in levels[i + 1 :]]
    return sum((a > b) - (a < b) for a, b in pairs) / len(pairs)
