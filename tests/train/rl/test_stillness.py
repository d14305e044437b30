"""A generation of equal rewards leaves the weights as they are."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch.nn.modules.module import register_module_forward_pre_hook
from transformers import PreTrainedModel, TrainerCallback

from agents.play import play
from reasonact_env.config import EnvConfig
from tasks.load import load_tasks
from train.models.model import tiny_model
from train.models.policies import TrainedPolicy, load_policy
from train.models.profiles import DEMO, TinyModel
from train.models.tokenizer import train_tokenizer
from train.rl.bridge import grpo_config, make_trainer
from train.rl.credit import BRANCH
from train.rl.prompts import prompts
from train.rl.recipe import GDPO, Recipe
from train.rl.rollouts import Sample, sample_of
from train.rl.stored import stored
from train.rl.trainer import Trainer

pytestmark = [
    pytest.mark.usefixtures("one_thread"),
    pytest.mark.filterwarnings("ignore::FutureWarning", "ignore::UserWarning"),
]

DATA = "desk:40"
TASKS = load_tasks(DATA).split("train")
GROUP = 8
ALIVE = [i / 7 for i in range(GROUP)]
EQUAL = [0.3] * GROUP
"""Their mean in float32 is another number."""


@pytest.fixture(scope="module")
def policy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a random policy."""
    tokenizer = train_tokenizer(TASKS, 600)
    shape = TinyModel(layers=1, hidden=32, heads=2, vocabulary=600, initial_std=0.2)
    made = TrainedPolicy(tiny_model(shape, tokenizer, seed=0), tokenizer, DEMO, "random weights")
    return made.save(tmp_path_factory.mktemp("policy"), made.words)


class Weights(TrainerCallback):
    """Keeps the weights after each step."""

    def __init__(self) -> None:
        self.seen: list[dict[str, torch.Tensor]] = []

    def on_step_begin(self, args: object, state: object, control: object, **kwargs: object) -> None:
        self.keep(kwargs["model"])

    def on_train_end(self, args: object, state: object, control: object, **kwargs: object) -> None:
        self.keep(kwargs["model"])

    def keep(self, model: object) -> None:
        assert isinstance(model, torch.nn.Module)
        self.seen.append({name: one.detach().clone() for name, one in model.named_parameters()})

    @property
    def moved(self) -> list[bool]:
        pairs = zip(self.seen, self.seen[1:], strict=False)
        return [any(not torch.equal(a[name], b[name]) for name in a) for a, b in pairs]


def moved(policy: Path, rewards: list[list[float]], out: Path, **options: object) -> list[bool]:
    """Whether each step moved the weights, given the rewards of its group of episodes."""
    learner, count = load_policy(policy), len(rewards)
    recipe = Recipe(  # type: ignore[misc]
        **{"generations": count, "prompts": 1, "group": GROUP, "lr": 1e-2, **options}  # type: ignore[arg-type]
    )
    wanted = [(task.id, None) for task in TASKS[:count] for _ in range(GROUP)]
    played = play(EnvConfig(data=DATA, max_turns=1), learner.maker(1.0)(0), wanted)
    samples = [sample_of(one, 4096, pad_token=0) for one in played]
    each = [reward for group in rewards for reward in group]
    rollouts = stored(list(map(rewarded, samples, each)), recipe, learner.tokenizer)
    rows = prompts(TASKS, count, by_turn=False, seed=0)
    config = grpo_config(recipe, None, out, use_cpu=True, save_strategy="no")
    trainer = make_trainer(Trainer, learner.model, learner.tokenizer, rows, rollouts, config)
    weights = Weights()
    trainer.add_callback(weights)
    trainer.train()
    return weights.moved


def rewarded(sample: Sample, reward: float) -> Sample:
    scores = {name: reward if name == "outcome" else None for name in sample.weighted}
    return replace(sample, components=scores, weighted=scores)


@pytest.mark.parametrize(
    "options",
    [
        *({"trl": {"scale_rewards": scale}} for scale in ("group", "batch", "none")),
        {"trl": {"loss_type": "grpo"}},
        {"trl": {"importance_sampling_level": "sequence", "loss_type": "grpo"}},
        {"aggregation": GDPO},
        {"credit": BRANCH},
        {"updates": 2, "micro_batch": 4, "trl": {"weight_decay": 0.1}},
    ],
    ids=str,
)
def test_equal_rewards_leave_the_weights_bit_for_bit(
    policy: Path, tmp_path: Path, options: dict
) -> None:
    """Before anything is learned, and afterwards, when Adam has a momentum."""
    steps = options.get("updates", 1)
    found = moved(policy, [EQUAL, ALIVE, EQUAL, ALIVE], tmp_path, **options)
    expected = [still for still in (False, True, False, True) for _ in range(steps)]
    assert found == expected[: len(found)]


@pytest.mark.parametrize(("rewards", "read"), [([EQUAL], False), ([ALIVE], True)])
def test_what_teaches_nothing_is_not_even_read(
    policy: Path, tmp_path: Path, rewards: list[list[float]], read: bool
) -> None:
    learning: list[bool] = []
    hook = register_module_forward_pre_hook(
        lambda module, _: learning.append(isinstance(module, PreTrainedModel) and module.training)
    )
    with hook:
        moved(policy, rewards, tmp_path)
    assert any(learning) is read


def test_a_kl_has_a_say_as_soon_as_there_is_one(policy: Path, tmp_path: Path) -> None:
    """And not before: its gradient is 0 where the policy is the one that training starts from."""
    assert moved(policy, [EQUAL, ALIVE, EQUAL], tmp_path, beta=0.1) == [False, True, True]


def test_an_entropy_bonus_needs_no_reward(policy: Path, tmp_path: Path) -> None:
    assert moved(policy, [EQUAL], tmp_path, trl={"entropy_coef": 0.1}) == [True]
