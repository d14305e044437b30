"""A generation of GRPO: which tasks are played, what is kept of the episodes, what they tell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from agents.play import Played, play
from reasonact_env.agent import Agent
from reasonact_env.config import EnvConfig
from reasonact_env.episode import Episode
from reasonact_env.episodes.storage import Header, write_episodes
from reasonact_env.reward import load_rewards
from tasks.load import load_tasks
from train.rl.observe import episode_line, observe
from train.rl.recipe import GDPO, MASK, Recipe
from train.rl.rewards import require_alike
from train.rl.rollouts import Prompt, Sample, gated, is_dead, masked, sample_of
from train.rl.task_sampler import TaskSampler
from train.scoring.metrics import measure


class Generations:
    """Plays one generation after the other, as the recipe says."""

    def __init__(
        self,
        config: EnvConfig,
        recipe: Recipe,
        pad_token: int,
        batch: int,
        task_sampler: TaskSampler | None = None,
        folder: Path | None = None,
    ) -> None:
        """Remembers how to play.

        Args:
            config: What the environment is made with.
            recipe: Group, limits, gates, resampling.
            pad_token: Token of a row in which nothing was sampled.
            batch: Episodes at a time.
            task_sampler: Further tasks; needed where the recipe resamples or follows a curriculum.
            folder: For the episodes of every generation before a checkpoint; None keeps none.
        """
        if task_sampler is None and (recipe.resample or recipe.curriculum):
            raise ValueError(
                "expected a task_sampler of tasks to resample or to follow a curriculum"
            )
        self._config, self._recipe, self._task_sampler = config, recipe, task_sampler
        self._pad_token, self._batch, self._folder = pad_token, batch, folder
        self._tasks = {task.id: task for task in load_tasks(config.data, config.columns).tasks}
        self._extras = load_rewards(config.rewards)
        self._played: list[Episode] = []
        self.observed: dict[str, float] = {}
        """What the latest generation showed, for the log."""
        self.episode = ""
        """Its last episode in a line."""

    def play(self, prompts: Sequence[Prompt], agent: Agent, step: int) -> list[Sample]:
        """Plays a generation.

        Args:
            prompts: What was planned, a group's next to each other.
            agent: The live policy.
            step: Optimiser steps done so far; it seeds what is drawn beyond the plan.

        Returns:
            As many samples, a group's next to each other.
        """
        task_sampler, recipe = self._task_sampler, self._recipe
        self._played, self.observed = [], {}
        if task_sampler is not None and recipe.curriculum:
            prompts = self._in_groups(task_sampler.draw(step, 0, len(prompts) // recipe.group))
        groups = self._groups(prompts, agent)
        if task_sampler is not None and recipe.resample:
            groups = self._revived(groups, agent, task_sampler, step)
        samples = [sample for group in groups for sample in group]
        if task_sampler is not None and recipe.curriculum:
            task_sampler.learn(step, samples)
        self.observed |= observe(samples, recipe.group)
        last = self._played[-1]
        self.episode = episode_line(self._tasks[last.task_id], last)
        self._keep(step)
        if recipe.overlong == MASK:
            samples = [masked(one) if one.clipped else one for one in samples]
        return samples

    def _revived(
        self, groups: list[list[Sample]], agent: Agent, task_sampler: TaskSampler, step: int
    ) -> list[list[Sample]]:
        """The groups, dead ones replaced as far as the rounds go."""
        dead = self._dead(groups)
        counts = {"groups/dead": len(dead) / len(groups), "groups/played": len(groups)}
        for number in range(1, self._recipe.resample + 1):
            if not dead:
                break
            prompts = self._in_groups(task_sampler.draw(step, number, len(dead)))
            fresh = self._groups(prompts, agent)
            counts["groups/played"] += len(fresh)
            for place, group in zip(dead, fresh, strict=True):
                groups[place] = group
            dead = self._dead(groups)
        self.observed = {**counts, "groups/left": len(dead) / len(groups)}
        return groups

    def _dead(self, groups: Sequence[Sequence[Sample]]) -> list[int]:
        raw = self._recipe.aggregation == GDPO
        return [place for place, group in enumerate(groups) if is_dead(group, raw)]

    def _in_groups(self, prompts: Sequence[Prompt]) -> list[Prompt]:
        return [prompt for prompt in prompts for _ in range(self._recipe.group)]

    def _groups(self, prompts: Sequence[Prompt], agent: Agent) -> list[list[Sample]]:
        wanted = [(prompt.task_id, prompt.decision) for prompt in prompts]
        seed, size = prompts[0].seed, self._recipe.group
        played = list(play(self._config, agent, wanted, batch_size=self._batch, seed=seed))
        self._played += [one.episode for one in played]
        samples = [self._sample(one) for one in played]
        groups = [samples[i : i + size] for i in range(0, len(samples), size)]
        for group in groups:
            require_alike(group, self._extras)
        return groups

    def _sample(self, played: Played) -> Sample:
        task, episode = self._tasks[played.episode.task_id], played.episode
        sample = sample_of(played, self._recipe.max_tokens, self._pad_token)
        return replace(gated(sample, self._recipe.gates), measures=measure(task, episode))

    def _keep(self, step: int) -> None:
        """Writes the episodes down, if a checkpoint follows."""
        number = step // self._recipe.updates + 1
        if self._folder is None or number % self._recipe.save_every:
            return
        source = self._played[0].source
        header = Header(env=self._config.to_json(), source=source, agent=f"generation {number}")
        write_episodes(self._folder / f"{number:05d}.jsonl", header, self._played)
