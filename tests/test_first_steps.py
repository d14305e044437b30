"""`benchmarks.first_steps`: what a recipe's steps do is measured on what was really played."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")

from agents.chat import Chat  # noqa: E402
from benchmarks.first_steps import (  # noqa: E402
    FirstStepsOptions,
    effect,
    groups_of,
    logprobs,
    measured,
)
from tasks.load import load_tasks  # noqa: E402
from train.grpo import GrpoSettings, grpo  # noqa: E402
from train.models.model import tiny_model  # noqa: E402
from train.models.policies import TrainedPolicy, load_policy  # noqa: E402
from train.models.precision import Use  # noqa: E402
from train.models.profiles import DEMO, TinyModel  # noqa: E402
from train.models.tokenizer import train_tokenizer  # noqa: E402
from train.rl.recipe import Recipe  # noqa: E402

pytestmark = pytest.mark.filterwarnings("ignore::FutureWarning", "ignore::UserWarning")
DATA = "desk:40"


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The folders of a policy, and of the episodes that it played while it learned."""
    tokenizer = train_tokenizer(load_tasks(DATA).split("train"), 600)
    shape = TinyModel(layers=1, hidden=32, heads=2, vocabulary=600, initial_std=0.2)
    made = TrainedPolicy(tiny_model(shape, tokenizer, seed=0), tokenizer, DEMO, "random weights")
    begun = made.save(tmp_path_factory.mktemp("policy"), made.words)
    setup = GrpoSettings(policy=str(begun), data=DATA, max_turns=2, eval_every=0)
    recipe = Recipe(generations=2, prompts=2, group=4, micro_batch=4, save_every=1, lr=1e-5)
    out = grpo(load_policy(begun, Use.TRAIN), setup, recipe, tmp_path_factory.mktemp("grpo"))
    return begun, out / "episodes"


def test_log_probabilities_are_those_of_whole_rows(run: tuple[Path, Path]) -> None:
    policy = load_policy(run[0], Use.TRAIN)
    group = groups_of(run[1], 1, Chat(policy.tokenizer))[0]
    assert len(group) == 4
    for one, found in zip(group, logprobs(policy, group), strict=True):
        ids = torch.tensor([one.prompt_ids + one.completion_ids])
        with torch.no_grad():
            whole = policy.model(input_ids=ids).logits[0, :-1].log_softmax(-1)
        each = whole.gather(1, ids[0, 1:, None])[len(one.prompt_ids) - 1 :, 0]
        wanted = each[torch.tensor(one.env_mask, dtype=torch.bool)]
        assert torch.allclose(found, wanted, atol=1e-4)


def test_what_earns_more_and_becomes_likelier_is_positive(run: tuple[Path, Path]) -> None:
    policy = load_policy(run[0], Use.TRAIN)
    four = groups_of(run[1], 1, Chat(policy.tokenizer))[0]
    paid = [replace(one, weighted={"tool": float(n)}) for n, one in enumerate(four)]
    before = [torch.zeros(3)] * 4
    after = [torch.full((3,), 0.1 * n) for n in range(4)]
    assert effect(paid, before, after).towards == pytest.approx(0.125)  # .1 times the variance 1.25
    assert effect(paid, before, before).moved == 0


def test_a_greater_rate_moves_further(run: tuple[Path, Path]) -> None:
    options = FirstStepsOptions(
        policy=run[0], episodes=run[1], learned=(1,), held_out=(2,), rates=(1e-2, 1e-4)
    )
    moved = {row[:2]: float(row[2]) for row in measured(options)}
    assert set(moved) == {(c, r) for c in ("branch", "episode") for r in ("0.01", "0.0001")}
    for credit in ("branch", "episode"):
        assert moved[credit, "0.01"] > moved[credit, "0.0001"]
    assert moved["branch", "0.01"] != moved["episode", "0.01"]
