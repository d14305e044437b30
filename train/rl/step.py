"""One step of GRPO on one page: play, score, advantage, trim, loss.

Group Relative Policy Optimisation (arXiv 2402.03300) as arXiv 2512.11277 uses it on dialogues with
tools. A policy π plays P tasks, each of them G times; episodes with a higher return than their
group become
more likely. There are B = P x G rows, one per episode; row i has T tokens after its prompt, and its
mask
m (B, T) is 1 where the policy sampled the token and 0 where a tool or the user said it.

Play. Every episode of a group has the same task and the same seed; π_old is π as it plays.

Score. R (B,), the return: R_i = Σ_c w_c s_ic over the reward's components c, including your own
(`reasonact_env.reward.own`).

Advantage. A (B, T), one of three:

- `episode`: A_it = (R_i - mean R) / (std R + 1e-4), mean and standard deviation over row i's group,
  the same for all its tokens (GRPO); 0 in a group of equal returns. `--trl scale_rewards=none`
  leaves the divisor out (Dr. GRPO, arXiv 2503.20783), `batch` takes the standard deviation of all
  B rows.
- `episode` with aggregation `gdpo` (arXiv 2601.05242): each component by itself, that is
  a_i = Σ_c w_c (s_ic - mean s_c) / (std s_c + 1e-4) over the group, and A_it is a_i, normalised in
  the same way over all B rows.
- `branch`: A_it = R_i - mean R_j over those rows j of the group that said and did the same up to
  t, where they part at t; 0 elsewhere (`train.rl.credit`).

Trim. Rows and tokens that no term of the loss counts are left out of the forward pass.

Loss. With the ratio r_it = π(o_it) / π_old(o_it), whose gradient is taken,

    L = - 1/N Σ_it m_it min(r_it A_it, clip(r_it, 1 - ε_low, 1 + ε_high) A_it)  + β KL(π, π_start)

where the sum runs over one update's rows, N is Σ_it m_it over the whole generation, divided by the
number of its updates, and ε_high = 0.28 is above ε_low = 0.2 (both DAPO, arXiv 2503.14476). The KL
is estimated at each sampled token, by k3 times the ratio: with d = log π_start - log π,
(exp(d) - 1 - d) r_it, whose gradient is that of KL(π, π_start).
`--trl use_bias_correction_kl=false` leaves the ratio out (`run.json` says which, under `kl`).
`--trl loss_type=…` and `--trl importance_sampling_level=…` choose others, GSPO's (arXiv 2507.18071)
among them.

A step of which no row has an advantage leaves the weights as they are, unless another term of the
loss (β, an entropy bonus) moves them.

TRL computes the loss; `train.rl.bridge` and `train.rl.trainer` hand it what this file gives.
Nothing here knows TRL.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from agents.play import Played, play
from reasonact_env.agent import Agent, Session
from reasonact_env.config import EnvConfig
from reasonact_env.episode import Episode
from reasonact_env.episodes.storage import Header, write_episodes
from reasonact_env.playable import placed
from reasonact_env.reward import load_rewards
from tasks.load import load_tasks
from train.rl.advantages import advantages
from train.rl.batches import alive, deciding, trimmed
from train.rl.observe import episode_line, observe
from train.rl.prompts import Prompt, TaskSampler
from train.rl.recipe import GDPO, MASK, Recipe
from train.rl.rewards import component_weights, require_alike
from train.rl.rollouts import Sample, is_dead, masked, sample_of
from train.rl.tags import thought_tags
from train.runs import processes
from train.scoring.metrics import measure

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

Group: TypeAlias = list[Sample]
"""The G episodes of one prompt."""
PLAYED = "groups/played"
"""The journal's number of groups that were played, those that gave way included."""


@dataclass(frozen=True, slots=True)
class Generation:
    """Episodes with their advantages: all that the update, the journal and the panel get."""

    samples: tuple[Sample, ...] = ()
    """B rows, a group's next to each other."""
    advantages: Sequence[float] | Sequence[Sequence[float]] = ()
    """(B,) of each row or, where tokens have their own, (B, T) of each row's tokens."""
    observed: Mapping[str, float] = field(default_factory=dict)
    """Journal's name -> statistic of the generation."""
    seconds: float = 0.0
    """The seconds that playing took."""
    episode: str = ""
    """The last episode in one line."""


@dataclass(frozen=True, slots=True)
class Part:
    """What one of several processes played."""

    samples: Sequence[Sample]
    """Its rows."""
    counts: Mapping[str, float]
    """How many of its groups were dead, and were played again."""
    seconds: float
    """The seconds that playing took."""
    env: float
    """Those of them that the environments took."""


GenerationPlayer: TypeAlias = Callable[[Sequence[Prompt], Agent, int], Generation]
"""From the planned prompts (a group's next to each other), the live policy and the number of
optimiser steps so far to a generation of as many rows."""


class Step:
    """Plays one generation after the other, as the recipe says."""

    def __init__(
        self,
        config: EnvConfig,
        recipe: Recipe,
        tokenizer: PreTrainedTokenizerBase,
        *,
        batch: int = 64,
        task_sampler: TaskSampler | None = None,
        folder: Path | None = None,
    ) -> None:
        """Keeps the settings for playing.

        Args:
            config: The environment's configuration.
            recipe: Group, limits, resampling, credit.
            tokenizer: The policy's; its end token stands in rows in which nothing was sampled.
            batch: The number of episodes at a time.
            task_sampler: Further tasks; needed where the recipe resamples.
            folder: For the episodes of every generation before a checkpoint, the same for all
                processes; None keeps none.

        Raises:
            ValueError: for a recipe that resamples without a task sampler.
        """
        if task_sampler is None and recipe.resample:
            raise ValueError("expected a task_sampler for a recipe that resamples, got None")
        self._config, self._recipe = config, recipe
        self._pad, self._tags = int(tokenizer.eos_token_id), thought_tags(tokenizer)
        self._batch, self._task_sampler, self._folder = batch, task_sampler, folder
        tasks = placed(load_tasks(config.data, config.columns), config.split, config.database)
        self._tasks = {task.id: task for task in tasks}
        self._extras = load_rewards(config.rewards)
        self._weights = component_weights(config.weights, self._extras)

    def __call__(self, prompts: Sequence[Prompt], agent: Agent, step: int) -> Generation:
        """Plays a generation, scores it and gives its tokens their advantages.

        Args:
            prompts: What was planned, a group's next to each other.
            agent: The live policy.
            step: Optimiser steps done so far; it seeds what is sampled beyond the plan.
        """
        recipe, timed = self._recipe, Timed(agent)
        started = time.perf_counter()
        groups, episodes = self._play(prompts, timed)
        counts: dict[str, float] = {}
        if recipe.resample:
            counts = self._resample(groups, episodes, timed, step)
        seconds = time.perf_counter() - started
        self._keep(episodes, step)
        rows = [sample for group in groups for sample in group]
        everyone = processes.gathered(Part(rows, counts, seconds, seconds - timed.seconds))
        rows = [row for part in everyone for row in part.samples]
        own = processes.part_of(rows)
        return Generation(
            tuple(self._carrying(rows[own])),
            advantages(rows, recipe, self._weights, self._tags)[own],
            _counts(everyone) | observe(rows, recipe.group) | _speed(everyone),
            seconds,
            episode_line(self._tasks[episodes[-1].task_id], episodes[-1]),
        )

    def _carrying(self, samples: Sequence[Sample]) -> list[Sample]:
        """The samples, without a loss where the recipe masks what was cut off."""
        mask = self._recipe.overlong == MASK
        return [masked(one) if mask and one.overlong else one for one in samples]

    def _play(self, prompts: Sequence[Prompt], agent: Agent) -> tuple[list[Group], list[Episode]]:
        """Plays the prompts: their groups, and the episodes in the order in which they ended."""
        wanted = [(prompt.task_id, prompt.decision) for prompt in prompts]
        seed, size = prompts[0].seed, self._recipe.group
        played = list(play(self._config, agent, wanted, batch_size=self._batch, seed=seed))
        samples = [self._score(one) for one in played]
        groups = [samples[i : i + size] for i in range(0, len(samples), size)]
        for group in groups:
            require_alike(group, self._extras)
        return groups, [one.episode for one in played]

    def _score(self, played: Played) -> Sample:
        """An episode as a row, with the score of each component."""
        task, episode = self._tasks[played.episode.task_id], played.episode
        sample = sample_of(played, self._recipe.max_tokens, self._pad)
        return replace(sample, measures=measure(task, episode))

    def _resample(
        self, groups: list[Group], episodes: list[Episode], agent: Agent, step: int
    ) -> dict[str, float]:
        """Replaces groups with equal returns by groups of other tasks; counts them."""
        assert self._task_sampler is not None  # __init__ has looked
        dead = self._dead(groups)
        counts = {"groups/dead": len(dead) / len(groups), PLAYED: float(len(groups))}
        for number in range(1, self._recipe.resample + 1):
            if not dead:
                break
            units = [(groups[place][0].task_id, groups[place][0].decision) for place in dead]
            prompts = self._task_sampler.draw(step, number, units)
            fresh, more = self._play([p for p in prompts for _ in range(self._recipe.group)], agent)
            counts[PLAYED] += len(fresh)
            episodes += more
            for place, group in zip(dead, fresh, strict=True):
                groups[place] = group
            dead = self._dead(groups)
        return counts | {"groups/left": len(dead) / len(groups)}

    def _dead(self, groups: Sequence[Group]) -> list[int]:
        raw = self._recipe.aggregation == GDPO
        return [place for place, group in enumerate(groups) if is_dead(group, raw)]

    def _keep(self, episodes: Sequence[Episode], step: int) -> None:
        """Saves the episodes of all processes, if a checkpoint follows."""
        number = step // self._recipe.updates + 1
        if self._folder is None or number % self._recipe.save_every:
            return
        everyone = [one for part in processes.gathered(episodes) for one in part]
        if not processes.is_main():
            return
        source = episodes[0].source
        header = Header(env=self._config.to_json(), source=source, agent=f"generation {number}")
        write_episodes(self._folder / f"{number:05d}.jsonl", header, everyone)


def trim(batch: Mapping[str, Any], *, rows: bool, tokens: bool) -> dict[str, Any]:
    """A micro-batch of the loss, cut to the rows and tokens that change the policy.

    Args:
        batch: TRL's micro-batch: prompts (B, P), completions and what runs along them (B, T).
        rows: Whether to drop rows without an advantage.
        tokens: Whether to drop the tokens after a row's last token with an advantage.
    """
    if rows:
        batch = alive(batch)
    if tokens:
        batch = deciding(batch)
    return trimmed(batch)


class Timed:
    """An agent that measures its own time."""

    def __init__(self, agent: Agent) -> None:
        """Wraps an agent."""
        self._agent = agent
        self.seconds = 0.0

    def act(self, sessions: Sequence[Session]) -> list[str]:
        """Answers as the agent does."""
        started = time.perf_counter()
        answers = self._agent.act(sessions)
        self.seconds += time.perf_counter() - started
        return answers


def _counts(parts: Sequence[Part]) -> dict[str, float]:
    """The counts of all processes: shares as means, numbers as sums."""
    found = {name: sum(part.counts[name] for part in parts) for name in parts[0].counts}
    return {name: x if name == PLAYED else x / len(parts) for name, x in found.items()}


def _speed(parts: Sequence[Part]) -> dict[str, float]:
    """The seconds of the generation and of its environments, and sampled tokens per second."""
    sampled = sum(sum(sample.env_mask) for part in parts for sample in part.samples)
    seconds, env = max(part.seconds for part in parts), max(part.env for part in parts)
    return {"time/rollout": seconds, "time/env": env, "speed/sampled": sampled / seconds}
