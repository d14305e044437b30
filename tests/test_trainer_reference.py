"""The trainer and the reference, in a few of the benchmark's variants."""

from pathlib import Path

import pytest

from benchmarks import trainer_reference as benchmark

pytestmark = pytest.mark.filterwarnings("ignore::FutureWarning", "ignore::UserWarning")


@pytest.fixture(scope="module")
def policy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return benchmark.make_policy(tmp_path_factory.mktemp("policy"))


@pytest.mark.parametrize("name", ["branch, dialogues", "two updates, beta .1"])
def test_a_step_is_what_its_definition_says(policy: Path, tmp_path: Path, name: str) -> None:
    (variant,) = (one for one in benchmark.VARIANTS if one.name == name)
    found = benchmark.compare(variant, policy, tmp_path)
    assert found.size > 1e-4, "or there is nothing to compare"
    assert found.reward < 1e-9
    assert found.advantage < 1e-9
    assert found.logprob < 1e-4
    assert found.loss < 1e-5
    assert found.gradient < 1e-4
    assert found.entropy < 1e-4
    assert found.clipped is not None
    assert found.clipped < 1e-6


def test_sft_rows_are_what_a_policy_reads_and_says(policy: Path) -> None:
    assert benchmark.rows_that_differ(policy, "desk:20") == (0, 20)
