"""The formulas of the power note against simulated experiments, analysed as ours are."""

import math
from pathlib import Path

import numpy as np
import pytest

from reasonact_env.episode import Mode
from train import power
from train.power import Aim, Noise, detectable, observed, seeds_needed, tasks_needed
from train.scoring.report import Subject
from train.scoring.results import Results
from train.scoring.stats import Ratios, difference, pooled, ratio

SUBJECT = Subject("made up", "a model", "test", Mode.DIALOGUE, "sampled")


def pairs(rng: np.random.Generator, tasks: int, gain: float, discordant: float) -> np.ndarray:
    """(2, tasks) successes before and after, with this gain and this share of disagreements."""
    kinds = rng.choice(
        3, tasks, p=[(discordant + gain) / 2, (discordant - gain) / 2, 1 - discordant]
    )
    alike = (rng.random(tasks) < 0.5).astype(float)
    before = np.where(kinds == 0, 0.0, np.where(kinds == 1, 1.0, alike))
    after = np.where(kinds == 0, 1.0, np.where(kinds == 1, 0.0, alike))
    return np.stack([before, after])


def results(success: np.ndarray) -> Results:
    return Results(SUBJECT, {"success": Ratios.of(success)})


@pytest.mark.parametrize(
    ("gain", "discordant", "seeds"), [(0.05, 0.2, 1), (0.1, 0.3, 1), (0.05, 0.2, 3)]
)
def test_the_tasks_needed_give_the_wanted_power(gain: float, discordant: float, seeds: int) -> None:
    noise = Noise(discordant, correlation=0.0, seed_spread=0.0)
    tasks = tasks_needed(Aim(gain), noise, seeds)
    rng, seen, runs = np.random.default_rng(0), 0, 600
    for _ in range(runs):
        played = [pairs(rng, tasks, gain, discordant) for _ in range(seeds)]
        before = pooled([Ratios.of(one[0]) for one in played])
        after = pooled([Ratios.of(one[1]) for one in played])
        seen += difference(after, before).excludes_zero
    assert seen / runs == pytest.approx(0.8, abs=0.05)


def test_the_seeds_needed_give_the_wanted_power() -> None:
    noise, gain, tasks = Noise(0.2, 0.0, 0.02), 0.03, 500
    seeds = seeds_needed(Aim(gain), noise, tasks)
    assert seeds is not None
    rng, seen, runs = np.random.default_rng(0), 0, 600
    for _ in range(runs):
        true = rng.normal(gain, noise.seed_spread, seeds)
        moves = [np.diff(pairs(rng, tasks, one, 0.2), axis=0).mean() for one in true]
        seen += ratio(Ratios.of(moves)).excludes_zero
    assert seen / runs == pytest.approx(0.8, abs=0.08)


def test_noise_is_found_again_in_the_evaluations_that_have_it() -> None:
    rng = np.random.default_rng(1)
    runs = [pairs(rng, 4_000, gain, 0.2) for gain in (0.02, 0.05, 0.08, 0.05)]
    found = observed([results(one[0]) for one in runs], [results(one[1]) for one in runs])
    assert found.discordant == pytest.approx(0.2, abs=0.02)
    assert found.correlation < 0.05
    assert found.seed_spread == pytest.approx(0.024, abs=0.012)


def test_more_tasks_show_smaller_differences() -> None:
    sizes = [detectable(tasks, Noise()) for tasks in (200, 1_000, 5_000)]
    assert sizes == sorted(sizes, reverse=True)
    assert tasks_needed(Aim(sizes[1]), Noise()) <= 1_000
    assert math.isnan(detectable(2, Noise()))


def test_scatter_of_seeds_is_not_mended_by_tasks() -> None:
    few = seeds_needed(Aim(0.02), Noise(seed_spread=0.03), 500)
    many = seeds_needed(Aim(0.02), Noise(seed_spread=0.03), 10**9)
    assert few is not None
    assert many is not None
    assert many > 10
    assert few >= many
    assert seeds_needed(Aim(0.001), Noise(seed_spread=0.1), 500) is None


def test_impossible_aims_are_refused() -> None:
    with pytest.raises(ValueError, match="at most the discordant share"):
        tasks_needed(Aim(0.3), Noise(0.1))
    with pytest.raises(ValueError, match=r"gain in \(0, 1\]"):
        Aim(0.0)


def test_the_note_reads_evaluations(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rng, options = np.random.default_rng(2), []
    for seed in range(2):
        for side, success in zip(("before", "after"), pairs(rng, 300, 0.05, 0.2), strict=True):
            folder = tmp_path / f"{side}-{seed}"
            folder.mkdir()
            results(success).save(folder / "arrays.npz")
    for side in ("before", "after"):
        options += [f"--{side}", *(str(tmp_path / f"{side}-{seed}") for seed in range(2))]
    found = power.main([*options, "--tasks", "300"])
    assert found.discordant == pytest.approx(0.2, abs=0.05)
    assert "300 tasks show" in capsys.readouterr().out
