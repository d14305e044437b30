"""The setting for activations that are computed again, under either of its names."""

from pathlib import Path

import pytest
from transformers import TrainingArguments

from train.runs.recomputation import NAMES, recomputation, recomputes


@pytest.mark.parametrize("on", [True, False])
def test_what_is_set_is_read(on: bool, tmp_path: Path) -> None:
    args = TrainingArguments(output_dir=str(tmp_path), use_cpu=True, **recomputation(on))
    assert recomputes(args) is on


def test_an_older_transformers_gets_the_older_name(monkeypatch: pytest.MonkeyPatch) -> None:
    today, older = NAMES
    fields = {k: v for k, v in TrainingArguments.__dataclass_fields__.items() if k != today}
    monkeypatch.setattr(TrainingArguments, "__dataclass_fields__", {**fields, older: None})
    assert recomputation(True) == {older: True}
