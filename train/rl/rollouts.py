"""Played episodes as rows for the optimiser: tokens, a mask, and rewards by component."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from agents.play import Played
from agents.policy import trajectory_of
from reasonact_env.episode import Episode, Scores
from reasonact_env.reward import COMPONENTS
from reasonact_env.reward.turn import RIGHT_ANSWER
from train.rl.credit import equal
from train.scoring.stats import Ratio


@dataclass(frozen=True, slots=True)
class Sample:
    """One episode as a row of a batch; C = its number of tokens after the prompt."""

    prompt_ids: list[int]
    """The token ids of rules, tools and first request."""
    completion_ids: list[int]
    """(C,) the token ids after them, up to the last sampled token; sampled ids stay as sampled."""
    env_mask: list[int]
    """(C,) 1 for a sampled token, 0 for one that the environment added."""
    logprobs: list[float]
    """(C,) the log-probabilities of sampled tokens under the sampling policy; 0 elsewhere."""
    components: Scores
    """Component -> score, None where it does not apply."""
    weighted: Scores
    """Component -> weight times score; these sum to the episode's return."""
    task_id: str
    """The task's id."""
    clipped: bool
    """Whether tokens beyond the limit were cut off."""
    messages: int
    """The number of messages that the policy sent."""
    calling: int
    """The number of messages with a readable call."""
    calls: int = 0
    """The number of readable calls."""
    measures: Mapping[str, Ratio] = field(default_factory=dict)
    """The metrics of the episode (`train.scoring.metrics`)."""
    decision: int | None = None
    """The decision that was played in turn mode, or None."""
    entropies: list[float] = field(default_factory=list)
    """(C,) the entropies, in nats, of the distributions that sampled tokens were drawn from; 0
    elsewhere."""
    cut: int = 0
    """The number of messages that ran into the policy's limit of tokens."""

    @property
    def overlong(self) -> bool:
        """Whether a limit of tokens cut something off: the row's, or one of its messages'."""
        return self.clipped or self.cut > 0

    @property
    def total(self) -> float:
        """The episode's return."""
        return sum(score or 0.0 for score in self.weighted.values())

    @property
    def success(self) -> bool:
        """Whether the dialogue succeeded or, in turn mode, the decision is the recorded one."""
        scores = self.components
        if (outcome := scores["outcome"]) is not None:
            return outcome == 1
        if (tool := scores["tool"]) is not None:
            return tool == 1
        return (scores["answer"] or 0.0) > RIGHT_ANSWER


def sample_of(played: Played, limit: int, pad_token: int) -> Sample:
    """Turns a played episode into a row.

    Args:
        played: The episode with the policy's memory of its tokens.
        limit: The most tokens after the prompt; the rest is cut off, the reward stays.
        pad_token: The masked token of an episode in which nothing was sampled.
    """
    trajectory = trajectory_of(played)
    end = _end(trajectory.mask[:limit])
    ids, mask, logprobs, entropies = (
        trajectory.completion_ids[:end] or [pad_token],
        trajectory.mask[:end] or [0],
        trajectory.logprobs[:end] or [0.0],
        trajectory.entropies[:end] or [0.0],
    )
    components, weighted = component_sums(played.episode)
    return Sample(
        prompt_ids=list(trajectory.prompt_ids),
        completion_ids=ids,
        env_mask=mask,
        logprobs=logprobs,
        entropies=entropies,
        components=components,
        weighted=weighted,
        task_id=played.episode.task_id,
        decision=played.episode.decision,
        clipped=len(trajectory.completion_ids) > limit,
        messages=len(played.episode.steps),
        calling=sum(any(call.name for call in step.calls) for step in played.episode.steps),
        cut=len(played.episode.cut or ()),
        calls=sum(bool(call.name) for step in played.episode.steps for call in step.calls),
    )


def _end(mask: Sequence[int]) -> int:
    """The number of tokens up to the last sampled one.

    The environment's tokens after it have no part in the loss, and TRL expects a row to end with a
    sampled token.
    """
    return max((place for place, one in enumerate(mask, 1) if one), default=0)


def component_sums(episode: Episode) -> tuple[Scores, Scores]:
    """Over an episode's steps: each component's score, and weight times score.

    Whole dialogues and single decisions get their reward in one step. If several steps get a reward
    (all decisions of a record), both are sums over them.
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
    """One list per component: weight times score or, for GDPO, the raw score."""
    rows = [sample.components if raw else sample.weighted for sample in samples]
    return {name: [row[name] for row in rows] for name in samples[0].components}


def masked(sample: Sample) -> Sample:
    """The sample with all its tokens out of the loss."""
    return replace(sample, env_mask=[0] * len(sample.env_mask))


def is_dead(group: Sequence[Sample], raw: bool) -> bool:
    """Whether a group has no learning signal: all its episodes have the same return.

    Args:
        group: A prompt's episodes.
        raw: Whether each component is normalised by itself, so that the spread of any one counts.
    """
    if not raw:
        return equal([sample.total for sample in group])
    names = group[0].components
    return all(equal([one.components[k] or 0.0 for one in group]) for k in names)
