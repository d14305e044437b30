"""What is logged of a step is of all that was sampled, whatever the loss sees of it."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from reasonact_env.config import EnvConfig
from tasks.load import load_tasks
from train import grpo
from train.models.model import tiny_model
from train.models.policies import TrainedPolicy, load_policy
from train.models.profiles import DEMO, TinyModel
from train.models.tokenizer import train_tokenizer
from train.rl.all_tokens import SHARES, AllTokens
from train.rl.bridge import Rollouts, grpo_config, make_trainer
from train.rl.prompts import prompts
from train.rl.recipe import Recipe
from train.rl.rollouts import Sample
from train.rl.step import Generation, Step
from train.rl.trainer import Trainer, sampling
from train.runs.trends import read

pytestmark = pytest.mark.filterwarnings("ignore::FutureWarning", "ignore::UserWarning")

DATA = "desk:40"
TEMPERATURE = 0.9


@pytest.fixture(scope="module")
def policy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder of a random policy."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    tokenizer = train_tokenizer(load_tasks(DATA).split("train"), 600)
    shape = TinyModel(layers=1, hidden=32, heads=2, vocabulary=600, initial_std=0.2)
    made = TrainedPolicy(tiny_model(shape, tokenizer, seed=0), tokenizer, DEMO, "random weights")
    yield made.save(tmp_path_factory.mktemp("policy"), made.words)
    torch.set_num_threads(before)


def steps(policy: Path, out: Path, **options: object) -> tuple[list[dict], list[Generation]]:
    """Two steps from the same seed: what was logged, and what was played."""
    recipe = Recipe(  # type: ignore[misc]
        **{"generations": 2, "prompts": 2, "group": 4, "micro_batch": 4, **options},  # type: ignore[arg-type]
        temperature=TEMPERATURE,
    )
    loaded, played = load_policy(policy), []
    step = Step(EnvConfig(mode="turn", data=DATA), recipe, loaded.tokenizer)

    def play(*args: object) -> Generation:
        played.append(step(*args))  # type: ignore[arg-type]
        return played[-1]

    rollouts = Rollouts(play, loaded.live_maker(TEMPERATURE), recipe)
    rows = prompts(load_tasks(DATA).split("train"), 2 * recipe.prompts, by_turn=True, seed=0)
    config = grpo_config(recipe, None, out, use_cpu=True, save_strategy="no")
    trainer = make_trainer(Trainer, loaded.model, loaded.tokenizer, rows, rollouts, config)
    trainer.train()
    return [line for line in trainer.state.log_history if "loss" in line], played


def true_entropy(policy: Path, samples: tuple[Sample, ...]) -> float:
    """The mean over all sampled tokens, each row read by itself."""
    model, found = load_policy(policy).model, []
    for row in samples:
        ids = torch.tensor([row.prompt_ids + row.completion_ids])
        with sampling(model):
            logits = model(ids).logits[0, len(row.prompt_ids) - 1 : -1] / TEMPERATURE
        logprobs = logits.log_softmax(-1)
        each = -(logprobs.exp() * logprobs).sum(-1)
        found += each[torch.tensor(row.env_mask).bool()].tolist()
    return sum(found) / len(found)


def test_the_entropy_is_that_of_all_sampled_tokens_whatever_gets_credit(
    policy: Path, tmp_path: Path
) -> None:
    kinds = [{"credit": "episode"}, {"credit": "branch"}, {"beta": 0.1}]
    for number, options in enumerate(kinds):
        log, (first, _) = steps(policy, tmp_path / str(number), **options)
        assert log[0]["entropy"] == pytest.approx(true_entropy(policy, first.samples), rel=1e-4)


def test_tokens_are_counted_that_carry_no_loss(policy: Path, tmp_path: Path) -> None:
    log, (first, _) = steps(policy, tmp_path, max_tokens=8, overlong="mask")
    assert all(not any(row.env_mask) for row in first.samples if row.overlong)
    everything = tuple(replace(row, env_mask=[1] * len(row.env_mask)) for row in first.samples)
    assert log[0]["entropy"] == pytest.approx(true_entropy(policy, everything), rel=1e-4)


@pytest.mark.parametrize("credit", ["episode", "branch"])
def test_the_clipped_share_is_of_all_sampled_tokens(
    policy: Path, tmp_path: Path, credit: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Second updates of a generation, with a clip range of nothing: whatever moved is clipped."""
    clipped, said = [], []
    compute = Trainer._compute_loss

    def seen(self: Trainer, model: object, inputs: dict) -> torch.Tensor:
        mask = (inputs["completion_mask"] * inputs["tool_mask"]).bool()
        said.append(int(mask.sum()))
        if (before := inputs.get("old_per_token_logps")) is not None:
            ids = torch.cat([inputs["prompt_ids"], inputs["completion_ids"]], dim=1)
            own = torch.cat([inputs["prompt_mask"], inputs["completion_mask"]], dim=1)
            with torch.no_grad():
                width = inputs["completion_ids"].shape[1]
                now = self._scored(self.model, ids, own, width, compute_aux_loss=False)[0]
            each = inputs["advantages"]
            each = each if each.dim() == 2 else each[:, None]
            ratio = (now - before).exp()
            out = ((ratio < 1 - 1e-3) & (each < 0)) | ((ratio > 1 + 1e-3) & (each > 0))
            clipped.append(int((out & mask).sum()))
        else:
            clipped.append(0)
        return compute(self, model, inputs)

    monkeypatch.setattr(Trainer, "_compute_loss", seen)
    tight = {"epsilon": 1e-3, "epsilon_high": 1e-3}
    log, _ = steps(policy, tmp_path, credit=credit, prompts=4, updates=2, lr=1e-2, trl=tight)
    assert sum(clipped) > 0
    each = zip(clipped[::2], clipped[1::2], said[::2], said[1::2], strict=True)  # two micro-batches
    shares = [(a + b) / (c + d) for a, b, c, d in each]
    assert [line["clip_ratio/region_mean"] for line in log] == pytest.approx(shares, abs=1e-6)


def test_means_are_of_everything_and_not_of_micro_batches() -> None:
    def batch(*lengths: int) -> dict[str, torch.Tensor]:
        mask = torch.tensor([[1] * n + [0] * (4 - n) for n in lengths])
        return {"completion_mask": mask, "advantages": torch.zeros(len(lengths))}

    for by_row, clipped in ((False, (0.5 * 2 + 1.0 * 1) / 13), (True, (0.5 * 1 + 1.0 * 1) / 6)):
        counts = AllTokens("dapo")
        counts.add(batch(2), batch(4, 3), by_row=by_row)
        counts.leave_out(batch(1, 1), by_row=by_row)
        counts.add(batch(1), batch(3, 1), by_row=by_row)
        metrics = {"clip_ratio/region_mean": [0.5, 1.0], "clip_ratio/low_min": [0], "entropy": [9]}
        found = counts.corrected(metrics, 0.25)
        assert found == {"clip_ratio/region_mean": [pytest.approx(clipped)], "entropy": [0.25]}
        counts.leave_out(batch(3), by_row=by_row)
        unclipped = {name: [0.0] for name in SHARES}
        assert counts.corrected({}, 0.5) == {**unclipped, "entropy": [0.5]}


@pytest.mark.parametrize(
    ("loss", "names"),
    [
        ("dapo", SHARES),
        ("cispo", ["cispo_clip_ratio"]),
        ("sapo", []),
    ],
)
def test_nothing_is_clipped_where_the_first_step_sees_nothing(
    loss: str, names: Sequence[str]
) -> None:
    """A run that goes on from a checkpoint has its first step, too."""
    counts = AllTokens(loss)
    counts.leave_out(
        {"completion_mask": torch.ones(2, 3), "advantages": torch.zeros(2)}, by_row=False
    )
    found = counts.corrected({"entropy": [9.0], "x": [1.0]}, None)
    assert found == {"x": [1.0]} | {name: [0.0] for name in names}


def test_the_journal_has_the_same_entropy_for_every_credit(policy: Path, tmp_path: Path) -> None:
    size = ["--generations", "1", "--prompts", "2", "--group", "4", "--mode", "turn"]
    found = []
    for credit in ("episode", "branch"):
        own = ["--policy", str(policy), "--data", DATA, "--out", str(tmp_path / credit)]
        out = grpo.main([*own, *size, "--credit", credit, "--eval-every", "0"])
        found.append(read(out / grpo.METRICS)[0]["entropy"])
    assert found[0] == found[1] > 0
