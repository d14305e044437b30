"""Played episodes as what the optimiser sees: tokens, a mask, and rewards by component."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from agents.play import Played
from agents.policy import Trajectory, trajectory_of
from reasonact_env.episode import Episode, Scores
from reasonact_env.reward import COMPONENTS
from reasonact_env.reward.turn import RIGHT_ANSWER
from tasks.types import Task
from train.scoring.stats import Ratio

SAME = 1e-6
"""Returns that spread less than this are equal."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """What TRL carries as a prompt: which episode to play."""

    task_id: str
    """The task."""
    decision: int | None
    """In turn mode the recorded decision; None for a whole dialogue."""
    seed: int
    """Seeds the environment; the group of one prompt shares it."""

    def text(self) -> str:
        """One line of JSON, which survives TRL's way through data set and sampler."""
        return json.dumps([self.task_id, self.decision, self.seed])

    @classmethod
    def read(cls, text: str) -> Prompt:
        """The inverse of `text`."""
        task_id, decision, seed = json.loads(text)
        return cls(task_id, decision, seed)


@dataclass(frozen=True, slots=True)
class Sample:
    """One episode as a row of a batch; C = its number of tokens after the prompt."""

    prompt_ids: list[int]
    """Rules, tools and the first request, as the model read them."""
    completion_ids: list[int]
    """(C,) all that followed, up to the last sampled token; sampled ids are kept as sampled."""
    env_mask: list[int]
    """(C,) 1 for a sampled token, 0 for one that the environment added."""
    logprobs: list[float]
    """(C,) of sampled tokens under the sampling policy; 0 elsewhere."""
    components: Scores
    """Component -> score, None where it does not apply."""
    weighted: Scores
    """Component -> weight times score; these sum to the episode's return."""
    task_id: str
    """Which task."""
    clipped: bool
    """Whether tokens beyond the limit were cut off."""
    messages: int
    """How many messages the policy sent."""
    calling: int
    """How many of them made a readable call."""
    calls: int = 0
    """How many readable calls they made."""
    measures: Mapping[str, Ratio] = field(default_factory=dict)
    """What `train.scoring.metrics` measures of the episode."""
    decision: int | None = None
    """In turn mode which decision was played."""

    @property
    def total(self) -> float:
        """The episode's return."""
        return sum(score or 0.0 for score in self.weighted.values())

    @property
    def success(self) -> bool:
        """Whether the goal was met or, in turn mode, the recorded decision was found."""
        scores = self.components
        if (outcome := scores["outcome"]) is not None:
            return outcome == 1
        if (tool := scores["tool"]) is not None:
            return tool == 1
        return (scores["answer"] or 0.0) > RIGHT_ANSWER


def prompts(tasks: Sequence[Task], count: int, *, by_turn: bool, seed: int) -> list[Prompt]:
    """What to play, in order: nothing twice before everything was played once.

    Args:
        tasks: The training split.
        count: How many prompts.
        by_turn: Whether a prompt is one recorded decision instead of a whole dialogue.
        seed: Of the order, which changes with every pass over the tasks.

    Raises:
        ValueError: if there is nothing to play.
    """
    units = units_of(tasks, by_turn)
    if not units:
        raise ValueError("expected at least one training task, got none; check --data")
    rng = np.random.default_rng(seed)
    chosen: list[tuple[str, int | None]] = []
    while len(chosen) < count:
        chosen += [units[i] for i in rng.permutation(len(units))]
    return [Prompt(*unit, seed=seed + number) for number, unit in enumerate(chosen[:count])]


def units_of(tasks: Iterable[Task], by_turn: bool) -> list[tuple[str, int | None]]:
    """What can be played: tasks or, by turn, their decisions one by one."""
    if not by_turn:
        return [(task.id, None) for task in tasks]
    return [(task.id, number) for task in tasks for number in range(len(task.decisions))]


def sample_of(played: Played, limit: int, pad_token: int) -> Sample:
    """Turns a played episode into a row.

    Args:
        played: The episode with the policy's memory of its tokens.
        limit: At most this many tokens after the prompt; the rest is cut off, the reward stays.
        pad_token: A token for an episode in which nothing was sampled; it is masked.
    """
    trajectory = trajectory_of(played)
    ids, mask, logprobs = _up_to_last_sampled(trajectory, limit) or ([pad_token], [0], [0.0])
    components, weighted = component_sums(played.episode)
    return Sample(
        prompt_ids=list(trajectory.prompt_ids),
        completion_ids=ids,
        env_mask=mask,
        logprobs=logprobs,
        components=components,
        weighted=weighted,
        task_id=played.episode.task_id,
        decision=played.episode.decision,
        clipped=len(trajectory.completion_ids) > limit,
        messages=len(played.episode.steps),
        calling=sum(any(call.name for call in step.calls) for step in played.episode.steps),
        calls=sum(bool(call.name) for step in played.episode.steps for call in step.calls),
    )


def _up_to_last_sampled(
    trajectory: Trajectory, limit: int
) -> tuple[list[int], list[int], list[float]] | None:
    """The tokens within the limit, without the environment's last words; None if none is left.

    What the environment says after the last sampled token has no part in the loss, and TRL
    expects a row to end with a sampled one.
    """
    mask = list(trajectory.mask[:limit])
    end = len(mask)
    while end and not mask[end - 1]:
        end -= 1
    if not end:
        return None
    return list(trajectory.completion_ids[:end]), mask[:end], list(trajectory.logprobs[:end])


def component_sums(episode: Episode) -> tuple[Scores, Scores]:
    """Over an episode's steps: each component's score, and weight times score.

    Whole dialogues and single decisions are paid in one step; where several steps are paid (all
    decisions of a record), both are sums over them.
    """
    names = tuple(episode.steps[0].components) if episode.steps else COMPONENTS
    scores: Scores = dict.fromkeys(names)
    weighted: Scores = dict.fromkeys(names)
    for step in episode.steps:
        for name in names:
            if (score := step.components.get(name)) is not None:
                scores[name] = (scores[name] or 0.0) + score
                weighted[name] = (weighted[name] or 0.0) + step.weights[name] * score
    return scores, weighted


def columns(samples: Sequence[Sample], raw: bool) -> Mapping[str, list[float | None]]:
    """One list a component: weight times score or, for GDPO, the raw score."""
    rows = [sample.components if raw else sample.weighted for sample in samples]
    return {name: [row[name] for row in rows] for name in samples[0].components}


def masked(sample: Sample) -> Sample:
    """The sample with all its tokens out of the loss."""
    return replace(sample, env_mask=[0] * len(sample.env_mask))


def is_dead(group: Sequence[Sample], raw: bool) -> bool:
    """Whether a group has nothing to tell: all its episodes earned the same.

    Args:
        group: A prompt's episodes.
        raw: Whether each component is normalised by itself, so that any spread tells something.
    """
    if not raw:
        return _spread_of([sample.total for sample in group]) < SAME
    names = group[0].components
    return all(_spread_of([one.components[k] or 0.0 for one in group]) < SAME for k in names)


def _spread_of(values: Sequence[float]) -> float:
    return float(np.std(values))
