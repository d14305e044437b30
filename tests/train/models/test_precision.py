"""In which numbers training computes: chosen by a measurement, said, kept, and never lossy."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")

from transformers import PreTrainedModel  # noqa: E402

from tasks.load import load_tasks  # noqa: E402
from train.imitation.samples import dialogues, rows_of  # noqa: E402
from train.imitation.trainer import Pace, imitate  # noqa: E402
from train.models import precision  # noqa: E402
from train.models.model import tiny_model  # noqa: E402
from train.models.policies import load_policy  # noqa: E402
from train.models.precision import compared, precision_of, speeds  # noqa: E402
from train.models.profiles import DEMO, TinyModel  # noqa: E402
from train.models.tokenizer import train_tokenizer  # noqa: E402
from train.runs.precision_option import AUTO, BFLOAT16, FLOAT32  # noqa: E402
from train.runs.run import RUN  # noqa: E402
from train.sft import SftSettings, base_policy, sft  # noqa: E402

DATA = "desk:60"
PLAN = SftSettings(DEMO.name, DATA, None, 24, 1.0, 1e-4, 4_096, 0)


@pytest.fixture(scope="module")
def tokenizer():
    return train_tokenizer(load_tasks(DATA).split("train"), 600)


@pytest.fixture
def model(tokenizer) -> PreTrainedModel:
    shape = TinyModel(layers=1, hidden=32, heads=2, vocabulary=600, initial_std=0.2)
    return tiny_model(shape, tokenizer, 0)


def begun(folder: Path, **known: object) -> Path:
    """The folder of a run that has begun."""
    (folder / RUN).write_text(json.dumps({"stage": "sft", **known}), "utf-8")
    return folder


def remembered(folder: Path) -> object:
    return json.loads((folder / RUN).read_text("utf-8")).get("decided", {}).get("precision")


def test_a_measurement_leaves_model_and_dice_as_they_were(model: PreTrainedModel) -> None:
    before = {name: weight.clone() for name, weight in model.named_parameters()}
    model.train()
    state = torch.random.get_rng_state()
    found = speeds(model)
    assert set(found) == {FLOAT32, BFLOAT16}
    assert all(speed > 0 for speed in found.values())
    assert torch.equal(state, torch.random.get_rng_state())
    assert model.training
    assert all(weight.grad is None for weight in model.parameters())
    assert all(torch.equal(weight, before[name]) for name, weight in model.named_parameters())


def test_bfloat16_has_to_be_clearly_faster() -> None:
    assert compared({FLOAT32: 100.0, BFLOAT16: 130.0})[0] == BFLOAT16
    assert compared({FLOAT32: 100.0, BFLOAT16: 110.0})[0] == FLOAT32
    assert compared({FLOAT32: 100.0, BFLOAT16: 20.0})[0] == FLOAT32


def test_small_models_compute_as_ever(model: PreTrainedModel, tmp_path: Path) -> None:
    assert precision_of(begun(tmp_path), AUTO, model) == FLOAT32
    assert remembered(tmp_path) == FLOAT32


def test_a_measured_precision_is_said_and_kept(
    model: PreTrainedModel,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(precision, "SMALL", 0)
    found = precision_of(begun(tmp_path), AUTO, model)
    assert f"Precision: {found}, which trains" in capsys.readouterr().out
    assert remembered(tmp_path) == found
    other = BFLOAT16 if found == FLOAT32 else FLOAT32
    begun(tmp_path, decided={"precision": other})
    assert precision_of(tmp_path, AUTO, model) == other, "a killed run goes on as it began"
    assert "Precision" not in capsys.readouterr().out


def test_a_run_of_a_version_without_the_option_goes_on_in_float32(
    model: PreTrainedModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(precision, "SMALL", 0)
    checkpoint = begun(tmp_path) / "checkpoints" / "checkpoint-2"
    checkpoint.mkdir(parents=True)
    (checkpoint / "trainer_state.json").write_text("{}")
    assert precision_of(tmp_path, AUTO, model) == FLOAT32


def test_no_other_precision_exists(model: PreTrainedModel, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="expected precision auto or float32 or bfloat16, got 'h"):
        precision_of(tmp_path, "half", model)


def test_large_weights_move_where_it_computes_in_half_precision(tmp_path: Path) -> None:
    """Kept in bfloat16, none above 1/16 would: their neighbours are 2^-11 apart, a step is 1e-4."""
    before = load_policy(base_policy(PLAN, tmp_path / "base")).model.state_dict()
    folder = sft(replace(PLAN, precision=BFLOAT16), tmp_path / "sft")
    assert remembered(folder) == BFLOAT16
    after = load_policy(folder).model.state_dict()
    moved, large = 0, 0
    for name, weight in before.items():
        assert after[name].dtype == torch.float32
        chosen = weight.abs() > 1 / 16
        large += int(chosen.sum())
        moved += int((after[name] != weight)[chosen].sum())
    assert moved > 0.9 * large
    assert remembered(sft(PLAN, tmp_path / "plain")) == FLOAT32
    plain = load_policy(tmp_path / "plain").model.state_dict()
    assert any(not torch.equal(after[name], plain[name]) for name in plain)


def test_weights_in_half_precision_are_not_trained(
    model: PreTrainedModel, tokenizer, tmp_path: Path
) -> None:
    rows = rows_of(dialogues(load_tasks(DATA).tasks[:4]), tokenizer, 4_096)
    with pytest.raises(ValueError, match="expected float32 for the weights .* got bfloat16"):
        imitate(
            "SFT", model.to(torch.bfloat16), tokenizer, rows, DEMO, Pace(1.0, 1e-4, 0), tmp_path
        )


def test_frozen_weights_may_be_in_half_precision(
    model: PreTrainedModel, tokenizer, tmp_path: Path
) -> None:
    rows = rows_of(dialogues(load_tasks(DATA).tasks[:4]), tokenizer, 4_096)
    profile = replace(DEMO, lora_rank=2)
    pace = Pace(1.0, 1e-3, 0, BFLOAT16)
    half = model.to(torch.bfloat16)
    trained = imitate("SFT", half, tokenizer, rows, profile, pace, tmp_path)
    dtypes = {one.dtype for one in trained.parameters() if one.requires_grad}
    assert dtypes == {torch.float32}


@pytest.mark.parametrize(
    ("large", "instructions", "found"),
    [
        (True, True, torch.bfloat16),
        (True, False, torch.float32),
        (False, True, torch.float32),
    ],
)
def test_large_models_play_in_what_the_processor_computes_with(
    model: PreTrainedModel,
    monkeypatch: pytest.MonkeyPatch,
    large: bool,
    instructions: bool,
    found: torch.dtype,
) -> None:
    monkeypatch.setattr(precision, "SMALL", 1_000 if large else 10**9)
    for name in precision._INSTRUCTIONS:
        monkeypatch.setattr(torch.cpu, name, lambda: instructions, raising=False)
    assert precision.for_playing(model).dtype == found


def test_positions_are_turned_by_angles_that_are_not_rounded(
    model: PreTrainedModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(precision, "SMALL", 1_000)
    for name in precision._INSTRUCTIONS:
        monkeypatch.setattr(torch.cpu, name, lambda: True, raising=False)
    before = {name: one.clone() for name, one in model.named_buffers()}
    assert before, "its rotation has frequencies"
    after = dict(precision.for_playing(model).named_buffers())
    assert all(torch.equal(after[name], one) for name, one in before.items())
