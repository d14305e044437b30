"""GRPO's trainer reads once what all groups of a step begin with, and learns the same."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import Tensor
from transformers import PreTrainedModel, TrainerCallback

from agents.chunks import all_begin_with
from agents.play import play
from reasonact_env.config import EnvConfig
from tasks.load import load_tasks
from train.models.model import tiny_model
from train.models.policies import TrainedPolicy, load_policy
from train.models.profiles import DEMO, TinyModel
from train.models.tokenizer import train_tokenizer
from train.rl.bridge import grpo_config, make_trainer
from train.rl.prompts import prompts
from train.rl.recipe import Recipe
from train.rl.rollouts import Sample, sample_of
from train.rl.stored import stored
from train.rl.trainer import Trainer

pytestmark = [
    pytest.mark.usefixtures("one_thread"),
    pytest.mark.filterwarnings("ignore::FutureWarning", "ignore::UserWarning"),
]

DATA = "desk:40"
TASKS = load_tasks(DATA).split("train")
PROMPTS, GROUP = 3, 4
REWARDS = [0.0, 0.2, 0.7, 1.0]


@pytest.fixture(scope="module")
def policy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a random policy."""
    tokenizer = train_tokenizer(TASKS, 600)
    shape = TinyModel(layers=2, hidden=32, heads=2, vocabulary=600, initial_std=0.2)
    made = TrainedPolicy(tiny_model(shape, tokenizer, seed=0), tokenizer, DEMO, "random weights")
    return made.save(tmp_path_factory.mktemp("policy"), made.words)


@pytest.fixture(scope="module")
def samples(policy: Path) -> list[Sample]:
    """Groups of episodes, in each of which some earned more than others."""
    wanted = [(task.id, None) for task in TASKS[:PROMPTS] for _ in range(GROUP)]
    played = play(EnvConfig(data=DATA, max_turns=1), load_policy(policy).maker(1.0)(0), wanted)
    rewards = REWARDS * PROMPTS
    found = []
    for one, reward in zip(played, rewards, strict=True):
        sample = sample_of(one, 4096, pad_token=0)
        scores = {name: reward if name == "outcome" else None for name in sample.weighted}
        found.append(replace(sample, components=scores, weighted=scores))
    return found


class Gradients(TrainerCallback):
    """Keeps the gradients of each step."""

    def __init__(self) -> None:
        self.found: list[dict[str, Tensor]] = []

    def on_pre_optimizer_step(
        self, args: object, state: object, control: object, **kwargs: object
    ) -> None:
        model = kwargs["model"]
        assert isinstance(model, PreTrainedModel)
        named = model.named_parameters()
        self.found.append({name: one.grad.clone() for name, one in named if one.grad is not None})


def learn(
    policy: Path, samples: list[Sample], out: Path, *, shares: bool, updates: int
) -> tuple[list[dict[str, Tensor]], list[list[int]]]:
    """The gradients of each step, and the tokens of the first row of each pass."""
    learner = load_policy(policy)
    if not shares:
        learner.model.config.attention_dropout = 1e-9  # a model with dropout cannot share
    recipe = Recipe(
        generations=1, prompts=PROMPTS, group=GROUP, micro_batch=2, updates=updates, lr=1e-4
    )
    rows = prompts(TASKS, PROMPTS, by_turn=False, seed=0)
    config = grpo_config(recipe, None, out, use_cpu=True, save_strategy="no", max_grad_norm=0)
    rollouts = stored(samples, recipe, learner.tokenizer)
    trainer = make_trainer(Trainer, learner.model, learner.tokenizer, rows, rollouts, config)
    gradients, read = Gradients(), []
    trainer.add_callback(gradients)
    learner.model.register_forward_pre_hook(
        lambda _, args, kwargs: read.append(kwargs["input_ids"][0].tolist()), with_kwargs=True
    )
    trainer.train()
    return gradients.found, read


@pytest.mark.parametrize("updates", [1, 2])
def test_rules_are_read_once_a_step_and_teach_the_same(
    policy: Path, samples: list[Sample], tmp_path: Path, updates: int
) -> None:
    ours, read = learn(policy, samples, tmp_path / "ours", shares=True, updates=updates)
    theirs, whole = learn(policy, samples, tmp_path / "theirs", shares=False, updates=updates)
    begun = {tuple(sample.prompt_ids) for sample in samples}
    shared = all_begin_with([*begun], len(begun))
    rules = list(min(begun)[:shared])
    assert shared > 100
    steps = len(ours)
    assert steps == updates
    learning = [ids for ids in read if ids[:shared] == rules]
    assert len([ids for ids in learning if ids == rules]) == steps
    assert sum(map(len, read)) < sum(map(len, whole))
    for mine, other in zip(ours, theirs, strict=True):
        assert mine.keys() == other.keys()
        largest = max(float(one.abs().max()) for one in other.values())
        assert largest > 1e-4
        for name, one in mine.items():
            assert torch.allclose(one, other[name], rtol=1e-3, atol=1e-4 * largest), name
