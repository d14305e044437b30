"""GRPO steps side by side with the plain path, on the same model, tasks and machine.

    python -m benchmarks.rollout_speed --policy runs/demo/sft
    python -m benchmarks.rollout_speed --policy runs/demo/sft --mode turn --group 8

The plain path is TRL's own trainer, with `generate` over the whole conversation at every turn. Ours
keeps the cache, reads once what a group shares (in playing and in training), lets the last speakers
of a batch go on in a smaller one, and trims each micro-batch. Both play the same environment. The
first step of each warms up and does not count.
"""

from __future__ import annotations

import resource
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from statistics import fmean
from typing import Literal

import torch
from transformers import PreTrainedModel
from trl import GRPOTrainer

from agents.console import console, plain_table
from agents.sampling import Sampling
from benchmarks.machine import machine
from benchmarks.plain_policy import PlainPolicy
from reasonact_env.agent import Agent
from reasonact_env.config import EnvConfig
from tasks.load import load_tasks, require_data
from tools.command import run
from tools.command_line import read_options
from tools.files import write_json
from tools.places import require_place
from tools.ranges import require_at_least
from train.models.policies import TrainedPolicy, load_policy
from train.rl.bridge import Rollouts, grpo_config, make_trainer, on_device
from train.rl.prompts import Prompt, prompts
from train.rl.recipe import Recipe
from train.rl.rollouts import Sample
from train.rl.step import Generation, GenerationPlayer, Step
from train.rl.trainer import Trainer
from train.runs.journal import Journal
from train.runs.trends import read

HEADS = (
    "path",
    "G",
    "thinks",
    "rollout tok/s",
    "optim tok/s",
    "generation",
    "environment",
    "tok/message",
    "s/message",
    "peak GB",
)


@dataclass(frozen=True, slots=True)
class Case:
    """What is measured."""

    ours: bool
    """Our path or the plain one."""
    group: int
    """G; prompts are as many as make the rows equal."""
    thinking: bool
    """Whether messages begin with a thought."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What was measured, over all steps but the first."""

    rollout_tokens: float
    """Sampled tokens a second of playing."""
    optimiser_tokens: float
    """Tokens, prompts included, a second of optimising."""
    generation: float
    """Share of the step spent in the model while playing."""
    environment: float
    """Share of the step spent in the environment."""
    tokens_a_message: float
    """Sampled."""
    seconds_a_message: float
    """Of playing, all rows side by side."""
    peak_gb: float
    """Of the GPU; without one, of the process so far, earlier cases included."""


def counted(step: Step, counts: list[tuple[int, int, int]]) -> GenerationPlayer:
    """Plays generations, and adds a line for each to the counts."""

    def play(prompts: Sequence[Prompt], agent: Agent, number: int) -> Generation:
        generation = step(prompts, agent, number)
        counts.append(_count(generation.samples))
        return generation

    return play


def _count(samples: Sequence[Sample]) -> tuple[int, int, int]:
    """Sampled tokens, all tokens, messages."""
    everything = sum(len(one.prompt_ids) + len(one.completion_ids) for one in samples)
    return sum(sum(one.env_mask) for one in samples), everything, sum(s.messages for s in samples)


def measure(folder: Path, data: str, mode: str, case: Case, rows: int, steps: int) -> Figures:
    """Takes a few GRPO steps."""
    policy = replace(load_policy(folder), thinking=case.thinking)
    recipe = Recipe(generations=steps + 1, prompts=rows // case.group, group=case.group, lr=1e-6)
    counts: list[tuple[int, int, int]] = []
    step = Step(EnvConfig(mode=mode, data=data, max_turns=12), recipe, policy.tokenizer, batch=rows)
    rollouts = Rollouts(counted(step, counts), _maker(policy, case.ours), recipe)
    count = recipe.generations * recipe.prompts
    tasks = prompts(load_tasks(data).split("train"), count, by_turn=mode == "turn", seed=0)
    if torch.cuda.is_available():
        torch.cuda.reset_peak_memory_stats()
    with tempfile.TemporaryDirectory() as scratch:
        config = grpo_config(recipe, None, Path(scratch), **on_device())
        config.save_strategy = "no"
        kind = Trainer if case.ours else GRPOTrainer
        trainer = make_trainer(kind, policy.model, policy.tokenizer, tasks, rollouts, config)
        journal = Journal(Path(scratch) / "metrics.jsonl", lambda: rollouts.latest.observed)
        trainer.add_callback(journal)
        trainer.train()
        lines = read(Path(scratch) / "metrics.jsonl")
    return _figures(lines[1:], counts[1:])


def _maker(policy: TrainedPolicy, ours: bool) -> Callable[[PreTrainedModel, int], Agent]:
    own = policy.live_maker(1.0)
    if ours:
        return own
    how = Sampling(temperature=1.0, max_new_tokens=policy.longest())
    return lambda model, seed: PlainPolicy(
        model, policy.tokenizer, how, thinking=policy.thinking, seed=seed
    )


def _figures(lines: Sequence[dict[str, float]], counts: Sequence[tuple[int, int, int]]) -> Figures:
    step, rollout, env, optim = (
        fmean(line[f"time/{name}"] for line in lines)
        for name in ("step", "rollout", "env", "optim")
    )
    sampled, everything, messages = (fmean(column) for column in zip(*counts, strict=True))
    return Figures(
        rollout_tokens=sampled / rollout,
        optimiser_tokens=everything / optim,
        generation=(rollout - env) / step,
        environment=env / step,
        tokens_a_message=sampled / messages,
        seconds_a_message=rollout / messages,
        peak_gb=_peak(),
    )


def _peak() -> float:
    if torch.cuda.is_available():
        return torch.cuda.max_memory_allocated() / 1e9
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9


@dataclass(frozen=True, slots=True)
class Options:
    """What is rolled out."""

    policy: Path
    """A folder of train.sft."""
    data: str = "desk:2000:1"
    """As for `python -m tasks.load`."""
    mode: Literal["dialogue", "turn"] = "dialogue"
    """Whether whole dialogues are played, or single decisions."""
    group: tuple[int, ...] = (4, 8, 16)
    """Episodes of a task, G."""
    rows: int = 64
    """Rollouts a step, the same for all G."""
    generations: int = 2
    """Measured ones."""
    with_thoughts: bool = False
    """Also with thoughts."""
    out: Path = Path("runs/rollout_speed.json")
    """Where the figures are written."""

    def __post_init__(self) -> None:
        """Refuses what is out of range."""
        require_at_least(self, 1, "group", "rows", "generations")


def main(argv: Sequence[str] | None = None) -> list[tuple[Case, Figures]]:
    """Prints the table, writes it as JSON, and returns its rows."""
    args = read_options(Options, argv, prog="python -m benchmarks.rollout_speed", about=__doc__)
    require_data(args.data)
    require_place(args.out)
    cases = [
        Case(ours, group, thinking)
        for thinking in ((False, True) if args.with_thoughts else (False,))
        for group in args.group
        for ours in (True, False)
    ]
    found = [
        (case, measure(args.policy, args.data, args.mode, case, args.rows, args.generations))
        for case in cases
    ]
    title = (
        f"{load_policy(args.policy).words}\n{load_tasks(args.data).source}, {args.mode} mode, "
        f"{args.rows} rollouts a step, {args.generations} steps, {torch.get_num_threads()} threads"
    )
    console().print(plain_table(title, HEADS, [_cells(*one) for one in found]))
    for group, (playing, training) in _ratios(found).items():
        console().print(
            f"{group}: {playing:.1f} times the plain path's rollout tokens/s, {training:.1f} times "
            "its optimiser tokens/s"
        )
    rows = [{**asdict(case), **asdict(figures)} for case, figures in found]
    write_json(args.out, {"title": title, "rows": rows, "machine": machine()})
    return found


def _cells(case: Case, found: Figures) -> list[str]:
    return [
        "ours" if case.ours else "plain",
        str(case.group),
        "yes" if case.thinking else "no",
        f"{found.rollout_tokens:,.0f}",
        f"{found.optimiser_tokens:,.0f}",
        f"{found.generation:.0%}",
        f"{found.environment:.1%}",
        f"{found.tokens_a_message:.1f}",
        f"{found.seconds_a_message:.3f}",
        f"{found.peak_gb:.2f}",
    ]


def _ratios(found: Sequence[tuple[Case, Figures]]) -> dict[str, tuple[float, float]]:
    by_case, ratios = dict(found), {}
    for case, figures in found:
        if case.ours:
            plain = by_case[replace(case, ours=False)]
            ratios[f"G = {case.group}{', thinking' * case.thinking}"] = (
                figures.rollout_tokens / plain.rollout_tokens,
                figures.optimiser_tokens / plain.optimiser_tokens,
            )
    return ratios


if __name__ == "__main__":
    run(main)
