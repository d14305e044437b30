"""vLLM itself on a CPU, where there is one: it draws as it says, and ends where a turn ends."""

from __future__ import annotations

import os

import pytest

torch = pytest.importorskip("torch")

from agents.sampling import Completion  # noqa: E402
from benchmarks import vllm_cpu  # noqa: E402
from benchmarks.vllm_agreement import ends_right  # noqa: E402
from train.rl.vllm import installed  # noqa: E402

VARIABLE, FOLDER = "REASONACT_VLLM", "REASONACT_VLLM_MODEL"
END, LIMIT = 2, 3


@pytest.mark.parametrize(
    ("ids", "right"),
    [
        ([7, END], True),
        ([7, 7, 7], True),
        ([7, 7, END], True),
        ([7], False),
        ([7, END, 7], False),
        ([7, 7, 7, 7], False),
    ],
)
def test_a_message_ends_at_its_first_end_or_at_its_limit(ids: list[int], right: bool) -> None:
    assert ends_right([([1], Completion(ids, []))], END, LIMIT) is right


@pytest.mark.filterwarnings("ignore")
def test_vllm_draws_as_it_says() -> None:
    where = os.environ.get(VARIABLE)
    if not where or not installed():
        pytest.skip(
            f"needs vLLM in this environment, and {VARIABLE}: colocate, or the address of "
            f"`vllm serve FOLDER --dtype float32` with {FOLDER}=FOLDER (docs/results.md)"
        )
    server = [] if where == "colocate" else ["--vllm-server", where]
    model = os.environ.get(FOLDER, "train/weights/reasonact-tiny")
    small = ["--tasks", "4", "--turns", "1", "--max-new-tokens", "24"]
    found = dict(vllm_cpu.main(["--model", model, *small, *server]))
    assert "NO" not in found.values()
    own = found["log-probabilities, beside float32"]
    assert float(own.split()[1].rstrip(",")) < 1e-3
    for what in (
        "a full cache of prefixes, beside an empty one",
        "temperature 0, beside ours in float32",
    ):
        assert found[what].startswith("4 of 4")
