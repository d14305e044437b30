"""Training in parallel is the same training."""

from pathlib import Path

import pytest

from benchmarks import processes as benchmark
from train.rl.bridge import grpo_config
from train.rl.recipe import Recipe

pytestmark = pytest.mark.filterwarnings("ignore::FutureWarning", "ignore::UserWarning")


def test_two_processes_learn_what_one_does(tmp_path: Path) -> None:
    found = benchmark.compare(tmp_path)
    assert len(found.one) == len(found.two) == 2
    assert all(min(step["grad_norm"], abs(step["loss"])) > 1e-4 for step in found.one)
    assert found.loss < 1e-5
    assert found.gradient < 1e-4
    assert found.weights < 2e-4  # Adam makes steps of 1e-3 even of rounding errors
    assert len(found.episodes[0]) == 16
    assert found.episodes[1] == found.episodes[0], "both processes' episodes are kept"
    assert found.observed[1].keys() == found.observed[0].keys() >= {"total/mean", "messages/cut"}
    assert found.observed[1] == pytest.approx(found.observed[0], abs=1e-6)


def test_a_process_plays_whole_groups(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    recipe = Recipe(generations=1, prompts=4, group=4, micro_batch=4)
    assert grpo_config(recipe, None, tmp_path, use_cpu=True).gradient_accumulation_steps == 4
    monkeypatch.setenv("WORLD_SIZE", "3")
    with pytest.raises(ValueError, match="for each of 3 processes, got 16 rows"):
        grpo_config(recipe, None, tmp_path, use_cpu=True)
