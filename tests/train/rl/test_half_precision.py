"""GRPO in bfloat16: it plays in the numbers in which it learns, and keeps float32 weights."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")

from safetensors.torch import load_file  # noqa: E402

from tasks.load import load_tasks  # noqa: E402
from train.grpo import GrpoSettings, grpo  # noqa: E402
from train.models import precision as numbers  # noqa: E402
from train.models.model import tiny_model  # noqa: E402
from train.models.policies import TrainedPolicy, load_policy  # noqa: E402
from train.models.precision import Use  # noqa: E402
from train.models.profiles import DEMO, TinyModel  # noqa: E402
from train.models.tokenizer import train_tokenizer  # noqa: E402
from train.rl.playing import PlayingModel  # noqa: E402
from train.rl.recipe import Recipe  # noqa: E402
from train.runs import recomputation  # noqa: E402
from train.runs.precision_option import BFLOAT16, FLOAT32  # noqa: E402
from train.runs.run import METRICS, RUN  # noqa: E402

pytestmark = [
    pytest.mark.usefixtures("one_thread"),
    pytest.mark.filterwarnings("ignore::FutureWarning", "ignore::UserWarning"),
]

DATA = "desk:40"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    tokenizer = train_tokenizer(load_tasks(DATA).split("train"), 600)
    shape = TinyModel(layers=1, hidden=32, heads=2, vocabulary=600, initial_std=0.2)
    made = TrainedPolicy(tiny_model(shape, tokenizer, seed=0), tokenizer, DEMO, "random weights")
    return made.save(tmp_path_factory.mktemp("policy"), made.words)


def plays_as(monkeypatch: pytest.MonkeyPatch, *, large: bool) -> None:
    """Lets this processor be one that computes with bfloat16, and the tiny model large."""
    monkeypatch.setattr(numbers, "SMALL", 1_000 if large else 10**9)
    for name in numbers._INSTRUCTIONS:
        monkeypatch.setattr(torch.cpu, name, lambda: True, raising=False)


def test_a_copy_plays_with_the_weights_of_now(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plays_as(monkeypatch, large=True)
    model = load_policy(folder, Use.TRAIN, BFLOAT16).model
    playing = PlayingModel(model, half=True)
    with torch.no_grad():
        model.get_submodule("model.norm").weight += 1
    model.train()
    with playing(model, lambda: pytest.fail("nothing surrounds a copy")) as player:
        assert player is not model
        assert not player.training
        for (name, one), (other, of) in zip(
            player.named_parameters(), model.named_parameters(), strict=True
        ):
            assert name == other
            assert torch.equal(one, of.bfloat16()), name
    assert model.training
    assert {weight.dtype for weight in model.parameters()} == {torch.float32}


@pytest.mark.parametrize(
    ("precision", "computed"), [(BFLOAT16, torch.bfloat16), (FLOAT32, torch.float32)]
)
@pytest.mark.parametrize("large", [False, True])
def test_it_plays_looks_and_learns_in_one_precision(
    folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    precision: str,
    computed: torch.dtype,
    large: bool,
) -> None:
    """A large model, with a copy of its weights: as near to what is learned as autocast is."""
    plays_as(monkeypatch, large=large)
    policy = load_policy(folder, Use.TRAIN, precision)
    seen: dict[bool, set[torch.dtype]] = {True: set(), False: set()}
    inner = policy.model.get_submodule("model.layers.0.mlp.down_proj")
    inner.register_forward_hook(lambda _, __, found: seen[torch.is_grad_enabled()].add(found.dtype))
    setup = GrpoSettings(policy=str(folder), data=DATA, mode="turn", eval_every=1, eval_tasks=2)
    recipe = Recipe(
        generations=2, prompts=4, group=4, micro_batch=8, lr=1e-2, save_every=1, precision=precision
    )
    out = grpo(policy, setup, recipe, tmp_path)
    assert seen == {True: {computed}, False: {computed}}
    assert json.loads((out / RUN).read_text("utf-8"))["decided"]["precision"] == precision
    lines = [json.loads(line) for line in (out / METRICS).read_text("utf-8").splitlines()]
    drift = [line["ratio/drift"] for line in lines if "ratio/drift" in line]
    assert drift
    assert max(drift) < (0.1 if precision == BFLOAT16 else 1e-3), "trained as it was sampled"
    before, after = (load_file(place / "model.safetensors") for place in (folder, out))
    assert {weight.dtype for weight in after.values()} == {torch.float32}
    assert any(not torch.equal(before[name], after[name]) for name in before)


@pytest.mark.parametrize("precision", [BFLOAT16, FLOAT32])
def test_long_rows_that_are_computed_anew_teach_the_same(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, precision: str
) -> None:
    plays_as(monkeypatch, large=False)
    setup = GrpoSettings(policy=str(folder), data=DATA, mode="turn", eval_every=0)
    recipe = Recipe(
        generations=2, prompts=4, group=4, updates=2, micro_batch=2, lr=1e-2, precision=precision
    )
    found = []
    for kept in (recomputation.KEPT, 1):
        monkeypatch.setattr(recomputation, "KEPT", kept)
        policy = load_policy(folder, Use.TRAIN, precision)
        anew: list[bool] = []
        inner = policy.model.get_submodule("model.layers.0.mlp")
        inner.register_forward_pre_hook(
            lambda module, _, anew=anew: anew.append(torch.is_grad_enabled())
        )
        out = grpo(policy, setup, recipe, tmp_path / str(kept))
        found.append((sum(anew), load_file(out / "model.safetensors")))
    (passes, plain), (more, computed) = found
    assert more > passes, "nothing was computed anew"
    for name, one in plain.items():
        torch.testing.assert_close(computed[name], one, rtol=1e-4, atol=1e-5)
