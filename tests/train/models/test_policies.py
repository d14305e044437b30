"""Folders that hold no policy: what to do about each, without harm to what is there."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

pytest.importorskip("torch")

from train.models.policies import load_policy  # noqa: E402
from train.models.sources import require_model  # noqa: E402


@pytest.mark.parametrize(
    ("files", "advice"),
    [
        ({}, "run `python -m train.sft --out {folder}` first"),
        ({"config.json": "{}"}, "start from it by `python -m train.sft --model {folder}`"),
        ({"adapter_config.json": "{}"}, "it holds adapters: merge them into their base"),
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


def test_adapters_that_no_policy_names_are_not_sent_in_a_circle(tmp_path: Path) -> None:
    (tmp_path / "adapter_config.json").write_text("{}")
    with pytest.raises(ValueError, match="merge_and_unload") as caught:
        require_model(str(tmp_path))
    assert "--policy" not in str(caught.value)
