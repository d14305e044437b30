"""GRPO's mechanics on a tiny random policy: tokens, masks, rewards, one step, resumption."""

import json
import re
import shutil
from contextlib import nullcontext
from importlib.util import find_spec
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from trl import GRPOTrainer

from agents.play import Played, play
from agents.policy import trajectory_of
from reasonact_env.config import EnvConfig
from tasks.load import load_tasks
from train import grpo, watch
from train.imitation.compact import labelled_tokens_alone
from train.models.model import tiny_model
from train.models.policies import TrainedPolicy, load_policy
from train.models.profiles import DEMO, TinyModel
from train.models.tokenizer import train_tokenizer
from train.rl.bridge import Rollouts, grpo_config, make_trainer
from train.rl.observe import group_statistics
from train.rl.prompts import prompts
from train.rl.recipe import Recipe
from train.rl.rollouts import sample_of
from train.rl.step import Step
from train.rl.trainer import Trainer, sampling
from train.rl.update_kl import sampled
from train.runs.failure_detectors import Signature, failures
from train.runs.live import state_of
from train.runs.trends import read

pytestmark = [
    pytest.mark.usefixtures("one_thread"),
    pytest.mark.filterwarnings("ignore::FutureWarning", "ignore::UserWarning"),
]

DATA = "desk:40"
TRACKED = ["--report-to", "tensorboard"] if find_spec("tensorboard") else []
CHOOSY = ["--resample", "1", "--overlong", "mask"]
"""Everything that chooses what is learned from."""
TURN_EPISODE = ["--mode", "turn", "--credit", "episode"]
LOOKS = ["--eval-every", "1", "--eval-tasks", "4"]
"""Held-out tasks after every step."""


def trl(*options: str) -> list[str]:
    """TRL's own options for the command line."""
    return [word for option in options for word in ("--trl", option)]


@pytest.fixture(scope="module")
def policy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a random policy."""
    tokenizer = train_tokenizer(load_tasks(DATA).split("train"), 600)
    shape = TinyModel(layers=1, hidden=32, heads=2, vocabulary=600, initial_std=0.2)
    model = tiny_model(shape, tokenizer, seed=0)
    made = TrainedPolicy(model, tokenizer, DEMO, "random weights")
    return made.save(tmp_path_factory.mktemp("policy"), made.words)


def played_by(policy: TrainedPolicy, count: int, mode: str) -> list[Played]:
    agent = policy.maker(1.0)(3)
    decision = 1 if mode == "turn" else None
    wanted = [(task.id, decision) for task in load_tasks(DATA).tasks[:count]]
    return list(play(EnvConfig(mode=mode, split="all", data=DATA), agent, wanted))


@pytest.mark.parametrize("mode", ["dialogue", "turn"])
def test_rows_are_what_was_said_with_the_logprobs_of_a_fresh_forward(
    policy: Path, mode: str
) -> None:
    loaded = load_policy(policy)
    for played in played_by(loaded, 4, mode):
        row = sample_of(played, 4096, pad_token=0)
        count = len(row.completion_ids)
        assert len(row.env_mask) == len(row.logprobs) == count > 0
        assert row.env_mask[-1] == 1
        ids = torch.tensor([row.prompt_ids + row.completion_ids])
        with sampling(loaded.model):
            logits = loaded.model(ids).logits[0, -count - 1 : -1]
        fresh = logits.log_softmax(-1)[range(count), row.completion_ids]
        mask = torch.tensor(row.env_mask, dtype=torch.bool)
        assert torch.allclose(fresh[mask], torch.tensor(row.logprobs)[mask], atol=1e-4)
        assert (torch.tensor(row.logprobs)[~mask] == 0).all()
        said = "".join(trajectory_of(played).texts)
        sampled = [i for i, m in zip(row.completion_ids, row.env_mask, strict=True) if m]
        decoded = loaded.tokenizer.decode(sampled, skip_special_tokens=True)
        assert "".join(said.split()) == "".join(decoded.split())


def test_a_long_row_is_cut_and_an_empty_one_filled(policy: Path) -> None:
    (played,) = played_by(load_policy(policy), 1, "dialogue")
    whole = sample_of(played, 4096, pad_token=7)
    cut = sample_of(played, 5, pad_token=7)
    assert cut.clipped
    assert not whole.clipped
    assert cut.completion_ids == whole.completion_ids[:5]
    assert cut.weighted == whole.weighted
    empty = sample_of(played, 0, pad_token=7)
    assert (empty.completion_ids, empty.env_mask, empty.logprobs) == ([7], [0], [0.0])


def test_groups_without_spread_count_as_dead(policy: Path) -> None:
    rows = [sample_of(one, 4096, pad_token=0) for one in played_by(load_policy(policy), 2, "turn")]
    found = group_statistics([rows[0]] * 4 + [rows[1]] * 4, 4)
    assert found["total/dead"] == 1
    assert found["format/dead"] == 1
    assert not any(name.endswith("/advantage") for name in found)


def test_sampling_leaves_the_model_as_it_was(policy: Path) -> None:
    model = load_policy(policy).model.train()
    with sampling(model):
        assert not model.training
        assert not torch.is_grad_enabled()
    assert model.training
    assert torch.is_grad_enabled()


def run(policy: Path, out: Path, *more: str) -> Path:
    """A GRPO run of two small generations, each saved."""
    small = [
        "--generations",
        "2",
        "--prompts",
        "2",
        "--group",
        "4",
        "--grpo-lr",
        "1e-2",
        "--save-every",
        "1",
    ]
    return grpo.main(["--policy", str(policy), "--data", DATA, "--out", str(out), *small, *more])


@pytest.mark.parametrize(
    "options",
    [
        ["--mode", "turn"],
        ["--mode", "turn", "--aggregation", "gdpo", "--weights", "thinking=0"],
        ["--mode", "turn", "--beta", "0.1"],
        ["--mode", "turn", "--credit", "branch"],
        ["--mode", "dialogue", "--updates", "1"],
        ["--mode", "turn", *trl("importance_sampling_level=sequence", "loss_type=grpo")],
        [*TURN_EPISODE, *trl("loss_type=dr_grpo", "scale_rewards=none", "epsilon=0.1")],
        ["--mode", "turn", *CHOOSY],
    ],
)
def test_a_run_moves_the_weights_and_says_how(
    policy: Path, tmp_path: Path, options: list[str]
) -> None:
    out = run(policy, tmp_path / "out", *options)
    lines = read(out / grpo.METRICS)
    assert [line["step"] for line in lines] == [1, 2]
    for name in ("total/mean", "total/dead", "format/mean", "entropy", "grad_norm", "time/env"):
        assert name in lines[0]
    stepped = [line for line in lines if "ratio/drift" in line]  # not where all earned the same
    assert "ratio/drift" in lines[0]
    assert all(line["ratio/drift"] < 1e-3 for line in stepped), "trained as it was sampled"
    assert all(line["step/kl"] >= 0 for line in stepped)
    learned = load_policy(out)
    assert "GRPO" in learned.words
    before, after = (load_file(p / "model.safetensors") for p in (policy, out))
    moved = any(not torch.equal(before[name], after[name]) for name in before)
    alive = any(line["total/dead"] < 1 for line in lines)
    assert moved == alive or "--beta" in options
    watch.main([str(out), "--svg", str(tmp_path / "panel.svg")])
    picture = (tmp_path / "panel.svg").read_text("utf-8")
    assert "format" in picture, "any journal can be shown"
    assert "groups" not in re.findall(r">([a-z_]+)", picture), "counts are no component"


def test_a_watched_run_is_the_same_run(policy: Path, tmp_path: Path) -> None:
    plain = run(policy, tmp_path / "plain", "--mode", "turn", "--eval-every", "0")
    watched = run(policy, tmp_path / "watched", "--mode", "turn", *LOOKS, *TRACKED)
    lines = read(watched / grpo.METRICS)
    assert [line["step"] for line in lines] == [0, 1, 2]
    assert all(0 <= line["held_out/success"] <= 1 for line in lines)
    assert not any("held_out/return" in line for line in read(plain / grpo.METRICS))
    first, second = (load_file(p / "model.safetensors") for p in (plain, watched))
    assert all(torch.equal(first[name], second[name]) for name in first)
    assert state_of(watched).total == 2
    assert "decision" in state_of(watched).episode
    if TRACKED:
        (written,) = (watched / "checkpoints").rglob("events.out.*")
        assert b"held_out/return" in written.read_bytes()


def test_each_look_at_held_out_tasks_is_written_once(policy: Path, tmp_path: Path) -> None:
    seldom = ["--eval-every", "2", "--eval-tasks", "2", "--max-turns", "2"]
    lines = read(run(policy, tmp_path, *seldom) / grpo.METRICS)
    assert [line["step"] for line in lines if "held_out/success" in line] == [0, 2]


def test_a_component_of_ones_own_is_learned_from_and_watched(policy: Path, tmp_path: Path) -> None:
    out = run(
        policy, tmp_path, "--mode", "turn", "--reward", "benchmarks.bad_rewards:pays_length=0.5"
    )
    for line in read(out / grpo.METRICS):
        assert 0 < line["pays_length/mean"] <= 1
        assert line["pays_length/advantage"] > 0


@pytest.mark.parametrize(("lr", "named"), [("1e-3", []), ("1e-2", [Signature.STEP_TOO_LARGE])])
def test_ten_times_the_learning_rate_is_named(
    policy: Path, tmp_path: Path, lr: str, named: list[Signature]
) -> None:
    longer = ["--mode", "turn", "--generations", "10", "--group", "8", "--save-every", "10"]
    out = run(policy, tmp_path, *longer, "--grpo-lr", lr, "--eval-tasks", "0")
    found = [failure.signature for failure in failures(read(out / grpo.METRICS))]
    assert [
        one for one in found if one is not Signature.OVERLONG
    ] == named  # it hardly learned to stop


@pytest.mark.parametrize("options", [[], [*CHOOSY, *LOOKS]], ids=["plain", "choosy"])
def test_a_killed_run_ends_where_an_unbroken_one_does(
    policy: Path, tmp_path: Path, options: list[str], library_warnings: list[str]
) -> None:
    """Killed in the second generation, while it wrote its checkpoint."""
    whole = run(policy, tmp_path / "whole", "--mode", "turn", *options)
    broken = tmp_path / "broken"
    shutil.copytree(whole, broken)
    (broken / "checkpoints" / "checkpoint-2" / "trainer_state.json").write_text('{"half')
    for name in ("model.safetensors", "policy.json"):
        (broken / name).unlink()
    run(policy, broken, "--mode", "turn", *options)
    assert [said for said in library_warnings if "checkpoint" in said] == []
    first, second = (load_file(p / "model.safetensors") for p in (whole, broken))
    assert all(torch.equal(first[name], second[name]) for name in first)
    assert timeless(read(broken / grpo.METRICS)) == timeless(read(whole / grpo.METRICS))
    for number in (1, 2):
        name = f"episodes/{number:05d}.jsonl"
        assert (broken / name).read_bytes() == (whole / name).read_bytes()


def timeless(lines: list[dict[str, float]]) -> list[dict[str, float]]:
    """Without what a clock says."""
    clocked = ("time/", "speed/")
    return [{k: v for k, v in line.items() if not k.startswith(clocked)} for line in lines]


def test_a_run_that_an_older_version_began_goes_on(policy: Path, tmp_path: Path) -> None:
    whole = run(policy, tmp_path / "whole", *TURN_EPISODE)
    broken = tmp_path / "broken"
    shutil.copytree(whole, broken)
    shutil.rmtree(broken / "checkpoints" / "checkpoint-2")
    for name in ("model.safetensors", "policy.json"):
        (broken / name).unlink()
    recorded = json.loads((broken / "run.json").read_text())
    recipe = recorded["configuration"]["recipe"]
    assert recipe.pop("trl") == {"epsilon_high": 0.28}
    old = {"steps": recipe.pop("generations"), "ratio": "token", "loss": "dapo", "gates": {}}
    recipe |= {**old, "epsilon_low": 0.2, "epsilon_high": 0.28, "curriculum": False}
    (broken / "run.json").write_text(json.dumps(recorded))
    run(policy, broken, *TURN_EPISODE)
    first, second = (load_file(p / "model.safetensors") for p in (whole, broken))
    assert all(torch.equal(first[name], second[name]) for name in first)
    with pytest.raises(ValueError, match=r"recipe\.trl\.loss_type"):
        run(policy, broken, *TURN_EPISODE, *trl("loss_type=bnpo"))


@pytest.mark.parametrize(
    ("thinks", "more", "found"),
    [
        (True, [], "required"),
        (True, ["--thinking", "optional"], "optional"),
        (False, [], "optional"),
        (False, ["--thinking", "required"], "required"),
    ],
)
def test_thoughts_are_required_of_who_was_taught_to_think(
    policy: Path, tmp_path: Path, thinks: bool, more: list[str], found: str
) -> None:
    start = tmp_path / "start"
    shutil.copytree(policy, start)
    card = json.loads((start / "policy.json").read_text())
    (start / "policy.json").write_text(json.dumps(card | {"thinking": thinks}))
    size = ["--mode", "turn", "--generations", "1", "--max-turns", "1", "--eval-tasks", "0"]
    out = run(start, tmp_path / "out", *size, *more)
    recorded = json.loads((out / "run.json").read_text())
    assert recorded["configuration"]["setup"]["thinking"] == found
    header = json.loads((out / "episodes" / "00001.jsonl").read_text().splitlines()[0])
    assert header["env"]["thinking"] == found


def test_what_trl_does_not_know_is_refused_before_anything_is_loaded(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        run(tmp_path / "nothing", tmp_path / "out", *trl("loss_typ=grpo"))
    assert "got 'loss_typ'; perhaps loss_type" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_finished_run_is_not_written_over(policy: Path, tmp_path: Path) -> None:
    (tmp_path / "policy.json").write_text("{}")
    with pytest.raises(FileExistsError, match="holds a model .policy.json. and no run.json"):
        run(policy, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["policy.json"]


def test_a_run_of_one_step_moves_the_weights(policy: Path, tmp_path: Path) -> None:
    out = run(policy, tmp_path, "--mode", "turn", "--generations", "1", "--eval-every", "0")
    (line,) = read(out / grpo.METRICS)
    assert line["lr"] == pytest.approx(1e-2)
    before, after = (load_file(p / "model.safetensors") for p in (policy, out))
    assert any(not torch.equal(before[name], after[name]) for name in before)
    described = json.loads((out / "run.json").read_text("utf-8"))["configuration"]
    assert described["kl"] is None, "without a weight there is none"


def test_no_generation_is_played_for_nothing(policy: Path, tmp_path: Path) -> None:
    size = ["--mode", "turn", "--generations", "10", "--save-every", "10", "--eval-every", "0"]
    rates = [line["lr"] for line in read(run(policy, tmp_path, *size) / grpo.METRICS)]
    assert len(rates) == 10
    assert min(rates) > 0


def test_a_run_that_learned_nothing_says_so(
    policy: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.syspath_prepend(str(tmp_path))
    (tmp_path / "own_reward_y.py").write_text("def alike(task, episode):\n    return 1.0\n")
    size = ["--mode", "turn", "--generations", "1", "--eval-every", "0"]
    out = run(policy, tmp_path / "out", *size, "--reward", "own_reward_y:alike=1")
    before, after = (load_file(p / "model.safetensors") for p in (policy, out))
    assert all(torch.equal(before[name], after[name]) for name in before)
    said = " ".join(capsys.readouterr().out.split())
    assert "the weights are those that it began with, bit for bit" in said


def test_an_edited_reward_is_another_run(
    policy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(tmp_path))
    reward = tmp_path / "own_reward_z.py"
    reward.write_text("def brevity(task, episode):\n    return 1.0\n")
    size = ["--mode", "turn", "--generations", "1", "--eval-every", "0", "--max-turns", "1"]
    own = [*size, "--reward", "own_reward_z:brevity=0.1"]
    out = run(policy, tmp_path / "out", *own)
    reward.write_text("def brevity(task, episode):\n    return 0.5\n")
    with pytest.raises(ValueError, match="it differs in outside.reward own_reward_z:brevity=0.1"):
        run(policy, out, *own)


def test_the_estimator_of_the_kl_is_said_and_written_down(
    policy: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    small = ["--mode", "turn", "--generations", "1", "--eval-every", "0", "--beta", "0.1"]
    out = run(policy, tmp_path, *small, *trl("use_bias_correction_kl=false"))
    kl = json.loads((out / "run.json").read_text("utf-8"))["configuration"]["kl"]
    assert kl == "k3, exp(d) - 1 - d with d = log pi_start - log pi"
    assert "KL to where it starts, of weight 0.1: k3" in capsys.readouterr().out


def test_a_missing_policy_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="train.sft"):
        run(tmp_path / "nothing", tmp_path / "out")


@pytest.mark.parametrize(("beta", "rows"), [(0.0, 4), (0.1, 4), (0.0, 2), (0.1, 1), (0.0, 8)])
def test_the_gradient_is_that_of_plain_trl(
    policy: Path, tmp_path: Path, beta: float, rows: int
) -> None:
    """In turn mode, where even an untrained policy earns different rewards.

    Whether a micro-batch is a group, a part of one, or two of them.
    """
    mode = "turn"
    recipe = Recipe(generations=1, prompts=4, group=4, micro_batch=rows, beta=beta)
    gradients = []
    for kind in (GRPOTrainer, Trainer):
        loaded = load_policy(policy)
        played = prompts(load_tasks(DATA).split("train"), 4, by_turn=mode == "turn", seed=0)
        env = EnvConfig(mode=mode, data=DATA)
        rollouts = Rollouts(Step(env, recipe, loaded.tokenizer), loaded.live_maker(1.0), recipe)
        config = grpo_config(recipe, {"thinking": 5.0}, tmp_path, use_cpu=True)
        trainer = make_trainer(kind, loaded.model, loaded.tokenizer, played, rollouts, config)
        trainer.create_optimizer()
        batches = next(iter(trainer.get_train_dataloader()))
        trainer.current_gradient_accumulation_steps = parts = 16 // rows
        with labelled_tokens_alone() if kind is Trainer else nullcontext():
            for part in range(parts):
                trainer.accelerator.gradient_state._set_sync_gradients(part == parts - 1)
                trainer.training_step(trainer.model, batches, None)
        gradients.append({n: p.grad for n, p in loaded.model.named_parameters()})
    assert any(gradient.abs().sum() > 0 for gradient in gradients[0].values())
    for name, gradient in gradients[0].items():
        assert torch.allclose(gradient, gradients[1][name], atol=1e-6), name


def test_what_others_said_counts_nothing_however_unlikely(policy: Path, tmp_path: Path) -> None:
    """In dialogues, by their lengths, compared with log-probabilities from before."""
    losses, gradients = [], []
    recipe = Recipe(generations=1, prompts=2, group=4, micro_batch=8)
    for kind, unlikely in ((GRPOTrainer, -8.0), (Trainer, -200.0)):
        loaded = load_policy(policy)
        rows = prompts(load_tasks(DATA).split("train"), 2, by_turn=False, seed=0)
        short = EnvConfig(data=DATA, max_turns=3)
        rollouts = Rollouts(Step(short, recipe, loaded.tokenizer), loaded.live_maker(1.0), recipe)
        config = grpo_config(recipe, None, tmp_path, use_cpu=True)
        trainer = make_trainer(kind, loaded.model, loaded.tokenizer, rows, rollouts, config)
        trainer.model.train()
        inputs = dict(trainer._prepare_inputs(next(iter(trainer.get_train_dataloader()))))
        said = sampled(inputs)
        assert (~said & inputs["completion_mask"].bool()).any()
        inputs["advantages"] = -inputs["completion_mask"].sum(dim=1) / 100
        inputs["old_per_token_logps"] = torch.where(said, -8.0, unlikely)
        trainer.current_gradient_accumulation_steps = 1
        loss = trainer.compute_loss(trainer.model, inputs)
        loss.backward()
        losses.append(float(loss))
        gradients.append({n: p.grad for n, p in loaded.model.named_parameters()})
    assert losses[1] == pytest.approx(losses[0], rel=1e-5)
    assert any(gradient.abs().sum() > 0 for gradient in gradients[0].values())
    for name, gradient in gradients[0].items():
        assert torch.allclose(gradient, gradients[1][name], atol=1e-6), name
