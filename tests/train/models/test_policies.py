"""Folders that hold no policy: what to do about each, without harm to what is there."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

pytest.importorskip("torch")

from train.models.policies import load_policy  # noqa: E402


@pytest.mark.parametrize(
    ("files", "advice"),
    [
        ({}, "run `python -m train.sft --out {folder}` first"),
        ({"config.json": "{}"}, "start from it by `python -m train.sft --model {folder}`"),
        ({"model.safetensors": ""}, "start from it by `python -m train.sft --model {folder}`"),
        ({"run.json": json.dumps({"stage": "grpo"})}, "its run of grpo has not ended"),
        ({"notes.txt": ""}, "give the folder that such a command has written"),
    ],
)
def test_what_to_do_depends_on_what_is_there(
    tmp_path: Path, files: dict[str, str], advice: str
) -> None:
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    with pytest.raises(FileNotFoundError) as caught:
        load_policy(tmp_path)
    assert advice.format(folder=tmp_path) in str(caught.value)
    assert ("--out" in str(caught.value)) == (not files), "nothing is to be written over"
