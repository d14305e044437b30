"""Two processes against one: the same stored rollouts, the same losses, gradients and weights.

    python -m benchmarks.processes

A random tiny policy plays two generations, which are kept in a file. One process and two (on the
CPU, through `accelerate launch` with train/configs/two-cpus.yaml) then learn from that file. Then
they play a generation, greedily: its statistics and its episodes are those of both.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file, save_file

from agents.console import console, plain_table
from agents.play import play
from reasonact_env.config import EnvConfig
from reasonact_env.episodes.storage import read_episodes
from tasks.load import load_tasks
from tools.command import run
from tools.command_line import read_options
from tools.files import write_json
from tools.places import require_place
from train.models.model import tiny_model
from train.models.policies import TrainedPolicy, load_policy
from train.models.profiles import DEMO, TinyModel
from train.models.tokenizer import train_tokenizer
from train.rl.bridge import grpo_config, make_trainer
from train.rl.prompts import prompts
from train.rl.recipe import Recipe
from train.rl.rollouts import Sample, sample_of
from train.rl.step import Step
from train.rl.stored import load_samples, save_samples, stored
from train.rl.trainer import Trainer
from train.runs import processes

DATA = "desk:60"
RECIPE = Recipe(generations=2, prompts=4, group=4, micro_batch=4, lr=1e-3)
"""Two optimiser steps on 16 rows each."""
CONFIG = Path(__file__).parents[1] / "train" / "configs" / "two-cpus.yaml"
WATCHED = ("loss", "grad_norm")
CLOCKED = ("time/", "speed/")
"""Numbers that depend on the clock."""
GREEDY = 0.0
"""Two processes sample with two seeds; so they play without sampling."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far two processes are from one."""

    one: list[dict[str, float]]
    """Loss and gradient norm of each step, by one process."""
    two: list[dict[str, float]]
    """By two."""
    weights: float
    """Largest difference of any weight at the end."""
    observed: tuple[dict[str, float], dict[str, float]]
    """What one process and two write down of the same generation, without what a clock says."""
    episodes: tuple[list[str], list[str]]
    """The tasks of the episodes that they keep."""

    @property
    def loss(self) -> float:
        """Largest difference of a loss."""
        return self._largest("loss")

    @property
    def gradient(self) -> float:
        """Largest difference of a gradient norm."""
        return self._largest("grad_norm")

    def _largest(self, name: str) -> float:
        return max(abs(a[name] - b[name]) for a, b in zip(self.one, self.two, strict=True))


def store(out: Path) -> None:
    """Makes a policy, lets it play, and keeps both."""
    tasks = load_tasks(DATA).split("train")
    tokenizer = train_tokenizer(tasks, 600)
    shape = TinyModel(layers=1, hidden=32, heads=2, vocabulary=600, initial_std=0.2)
    policy = TrainedPolicy(tiny_model(shape, tokenizer, 0), tokenizer, DEMO, "random weights")
    policy.save(out / "policy", policy.words)
    count = RECIPE.generations * RECIPE.prompts
    wanted = [(task.id, None) for task in tasks[:count] for _ in range(RECIPE.group)]
    played = play(EnvConfig(data=DATA, max_turns=3), policy.maker(1.0)(0), wanted)
    samples = [sample_of(one, 4096, pad_token=0) for one in played]
    rewards = np.random.default_rng(0).random(len(samples))
    rewarded = map(_rewarded, samples, rewards.tolist())
    save_samples(out / "rollouts.jsonl", rewarded)


def _rewarded(sample: Sample, reward: float) -> Sample:
    """The sample with a reward of our choice: what a random policy earns teaches nothing."""
    scores = {name: reward if name == "outcome" else None for name in sample.weighted}
    return replace(sample, components=scores, weighted=scores)


def learn(folder: Path) -> None:
    """Takes the optimiser steps, and writes what came of them."""
    policy = load_policy(folder / "policy")
    rollouts = stored(load_samples(folder / "rollouts.jsonl"), RECIPE, policy.tokenizer)
    rows = prompts(
        load_tasks(DATA).split("train"), RECIPE.generations * RECIPE.prompts, by_turn=False, seed=0
    )
    name = f"{processes.count()}"
    config = grpo_config(RECIPE, None, folder / f"checkpoints-{name}", use_cpu=True)
    config.save_strategy = "no"
    trainer = make_trainer(Trainer, policy.model, policy.tokenizer, rows, rollouts, config)
    trainer.train()
    if not processes.is_main():
        return
    log = [line for line in trainer.state.log_history if "loss" in line]
    write_json(folder / f"{name}.json", {"steps": [{k: line[k] for k in WATCHED} for line in log]})
    weights = {key: value.clone() for key, value in policy.model.state_dict().items()}
    save_file(weights, folder / f"{name}.safetensors")


def play_generation(folder: Path) -> None:
    """Plays this process's part of a generation, and writes down what is known of all of it."""
    policy = load_policy(folder / "policy")
    config, name = EnvConfig(data=DATA, max_turns=3), f"{processes.count()}"
    recipe = replace(RECIPE, save_every=1)
    step = Step(config, recipe, policy.tokenizer, folder=folder / f"episodes-{name}")
    planned = prompts(load_tasks(DATA).split("train"), RECIPE.prompts, by_turn=False, seed=0)
    rows = [replace(one, seed=0) for one in planned for _ in range(RECIPE.group)]
    made = step(rows[processes.part_of(rows)], policy.maker(GREEDY)(0), 0)
    if processes.is_main():
        told = {k: v for k, v in made.observed.items() if not k.startswith(CLOCKED)}
        write_json(folder / f"observed-{name}.json", told)


def launch(folder: Path) -> None:
    """Lets two processes learn from what is stored.

    Raises:
        RuntimeError: if they fail, with the end of what they said.
    """
    own = ["-m", "benchmarks.processes", "--worker", "--out", str(folder)]
    command = ["-m", "accelerate.commands.launch", "--config_file", str(CONFIG), *own]
    done = subprocess.run([sys.executable, *command], capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"accelerate launch failed:\n{done.stderr[-3000:]}")


def compare(folder: Path) -> Agreement:
    """Stores rollouts, learns with one process and with two, and compares."""
    store(folder)
    work(folder)
    launch(folder)
    steps = [json.loads((folder / f"{n}.json").read_text("utf-8"))["steps"] for n in (1, 2)]
    one, two = (load_file(folder / f"{n}.safetensors") for n in (1, 2))
    apart = max(float((one[key] - two[key]).abs().max()) for key in one)
    told = [json.loads((folder / f"observed-{n}.json").read_text("utf-8")) for n in (1, 2)]
    kept = [read_episodes(folder / f"episodes-{n}" / "00001.jsonl")[1] for n in (1, 2)]
    tasks = [[episode.task_id for episode in episodes] for episodes in kept]
    return Agreement(steps[0], steps[1], apart, (told[0], told[1]), (tasks[0], tasks[1]))


def work(folder: Path) -> None:
    """What one of the processes does."""
    learn(folder)
    play_generation(folder)


@dataclass(frozen=True, slots=True)
class Options:
    """Where the runs lie."""

    out: Path = Path("runs/processes")
    """Their folder."""
    worker: bool = False
    """Learn only, as one of the processes that this command starts."""


def main(argv: Sequence[str] | None = None) -> None:
    """Prints both sides."""
    args = read_options(Options, argv, prog="python -m benchmarks.processes", about=__doc__)
    require_place(args.out / "one.json")
    torch.set_num_threads(1)
    if args.worker:
        work(args.out)
        return
    found = compare(args.out)
    rows = [
        (f"step {i}, {name}", f"{a[name]:.9f}", f"{b[name]:.9f}")
        for i, (a, b) in enumerate(zip(found.one, found.two, strict=True), 1)
        for name in WATCHED
    ]
    heads = ("", "one process", "two processes")
    console().print(plain_table("GRPO on the same stored rollouts", heads, rows))
    console().print(f"Largest difference of a weight afterwards: {found.weights:.1e}")
    same = found.observed[0] == found.observed[1], found.episodes[0] == found.episodes[1]
    console().print(f"Of a generation: the same statistics {same[0]}, the same episodes {same[1]}")


if __name__ == "__main__":
    run(main)
