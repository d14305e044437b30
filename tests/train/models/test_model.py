"""Models other than the demo's: what loads, as what, and what is refused by name."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")

from transformers import AutoTokenizer  # noqa: E402
from transformers.trainer_utils import logger, sort_checkpoints  # noqa: E402

from tasks.load import load_tasks  # noqa: E402
from train.models.model import load_model, tiny_model  # noqa: E402
from train.models.precision import Use, weights_dtype  # noqa: E402
from train.models.profiles import TinyModel  # noqa: E402
from train.models.tokenizer import END, PAD, train_tokenizer  # noqa: E402
from train.runs.precision_option import AUTO, BFLOAT16, FLOAT32  # noqa: E402


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A whole model with a tokenizer, as the hub would have it."""
    tokenizer = train_tokenizer(load_tasks("desk:20").tasks, 600)
    shape = TinyModel(layers=1, hidden=32, heads=2, vocabulary=600)
    tiny_model(shape, tokenizer, 0).save_pretrained(tmp_path)
    tokenizer.save_pretrained(tmp_path)
    return tmp_path


def edit(path: Path, **changes: object) -> None:
    path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | changes), "utf-8")


def test_a_base_models_tokenizer_ends_turns_as_the_template_does(folder: Path) -> None:
    edit(folder / "tokenizer_config.json", eos_token=PAD, pad_token=None)
    edit(folder / "config.json", eos_token_id=0)
    edit(folder / "generation_config.json", eos_token_id=0)
    assert AutoTokenizer.from_pretrained(folder).eos_token == PAD
    model, tokenizer = load_model(str(folder))
    assert (tokenizer.eos_token, tokenizer.pad_token) == (END, PAD)
    assert model.config.eos_token_id == tokenizer.eos_token_id
    assert set(model.generation_config.eos_token_id) == {0, tokenizer.eos_token_id}


def test_what_is_right_already_stays(folder: Path) -> None:
    before = json.loads((folder / "generation_config.json").read_text("utf-8"))
    model, tokenizer = load_model(str(folder))
    assert model.generation_config.eos_token_id == before["eos_token_id"]
    assert (tokenizer.eos_token, tokenizer.pad_token) == (END, PAD)


def test_a_model_with_fewer_rows_than_tokens_is_refused(folder: Path) -> None:
    tokenizer = AutoTokenizer.from_pretrained(folder)
    tokenizer.add_tokens([f"<extra_{i}>" for i in range(7)])
    tokenizer.save_pretrained(folder)
    with pytest.raises(ValueError, match="expected embeddings for 607 tokens.*got 600 rows"):
        load_model(str(folder))


@pytest.mark.parametrize(
    ("use", "adapters", "precision", "on_gpu", "found"),
    [
        (Use.TRAIN, False, AUTO, True, torch.float32),
        (Use.TRAIN, False, BFLOAT16, True, torch.float32),
        (Use.TRAIN, True, AUTO, True, torch.bfloat16),
        (Use.TRAIN, True, FLOAT32, True, torch.float32),
        (Use.PLAY, False, AUTO, True, torch.bfloat16),
        (Use.EXPORT, True, AUTO, True, torch.float32),
        (Use.PLAY, False, AUTO, False, torch.float32),
        (Use.TRAIN, True, BFLOAT16, False, torch.float32),
    ],
)
def test_weights_that_are_trained_or_passed_on_are_whole(
    use: Use, adapters: bool, precision: str, on_gpu: bool, found: torch.dtype
) -> None:
    assert weights_dtype(use, adapters=adapters, precision=precision, on_gpu=on_gpu) == found


def test_checkpoints_of_one_second_are_told_by_their_steps_without_a_word(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    for step in (9, 10):
        (folder / f"checkpoint-{step}").mkdir()
    type(logger).warning_once.cache_clear()  # another test may have had the only one
    logger.addHandler(caplog.handler)
    found = sort_checkpoints(str(folder), use_mtime=True)
    logger.removeHandler(caplog.handler)
    assert [Path(one).name for one in found] == ["checkpoint-9", "checkpoint-10"]
    assert caplog.messages == []
