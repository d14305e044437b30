"""Differences, tests and pictures of a grid, from made-up evaluations with known effects."""

import math
import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest

from reasonact_env.episode import Mode
from reasonact_env.reward import COMPONENTS
from train.scoring.metrics import DIALOGUE_METRICS
from train.scoring.report import Subject
from train.scoring.results import Results
from train.scoring.stats import Ratios
from train.studies import figures
from train.studies.figures import Curves
from train.studies.findings import Findings, Key, find
from train.studies.grids import FULL, START, ablation, sensitivity, transfer
from train.studies.report_table import main_table, other_table, show_p

DATA = "desk:9"
TASKS = 800


def evaluation(variant: str, seed: int, chance: float) -> Results:
    """Success by chance, with luck that a seed's variants share; other metrics are empty."""
    luck = np.random.default_rng(seed).random(TASKS)
    won = (luck < chance).astype(float)
    names = [f"task {i}" for i in range(TASKS)]
    none = Ratios.of(np.zeros(TASKS), np.zeros(TASKS), names)
    table = {metric.name: none for metric in DIALOGUE_METRICS}
    table |= {"success": Ratios.of(won, None, names), "messages": Ratios.of(won + 3, None, names)}
    subject = Subject("made up", f"model {variant}", "test", Mode.DIALOGUE, "sampled")
    return Results(subject, table)


@pytest.fixture(scope="module")
def found() -> Findings:
    chances = {START: 0.2, FULL: 0.4, "no-outcome": 0.3, "no-format": 0.4}
    results: dict[Key, Results] = {
        (name, seed, DATA): evaluation(name, seed, chance)
        for name, chance in chances.items()
        for seed in (0, 1)
    }
    del results["no-format", 1, DATA]
    return find(ablation(), results, Mode.DIALOGUE)


def test_every_variant_is_paired_with_the_reference_where_both_are_there(found: Findings) -> None:
    seeds = {one.variant: one.seeds for one in found.contrasts}
    assert seeds == {START: (0, 1), "no-outcome": (0, 1), "no-format": (0,)}
    by_name = {one.variant: one for one in found.contrasts}
    lost = by_name["no-outcome"]
    assert lost.gains["success"].value == pytest.approx(-0.1, abs=0.03)
    assert [one.value for one in lost.by_seed] == pytest.approx([-0.1, -0.1], abs=0.05)
    assert by_name["no-format"].gains["success"].value == 0
    assert by_name["no-format"].p == 1


def test_holm_runs_over_all_tests_of_the_grid(found: Findings) -> None:
    smallest = min(found.contrasts, key=lambda one: one.p)
    assert smallest.adjusted == pytest.approx(3 * smallest.p)
    assert "all 3 tests" in main_table(found, DATA).caption


def test_tables_show_what_is_there_and_whose_it_is(found: Findings) -> None:
    words = main_table(found, DATA)
    assert "made up, 800 tasks of its test split, dialogue mode, sampled" in words.title
    assert [row[0] for row in words.rows] == [
        "all components",
        "before GRPO",
        "without format",
        "without outcome",
    ]
    assert words.rows[0][3:] == ("", "", "")
    assert words.rows[-1][3].endswith("*")
    others = other_table(found, DATA)
    assert others.heads == ("", "messages per episode")


@pytest.mark.parametrize(("p", "words"), [(0.0004, "< .001"), (0.0312, ".031"), (math.nan, "-")])
def test_p_is_short(p: float, words: str) -> None:
    assert show_p(p) == words


def test_every_component_is_taken_away_once() -> None:
    grid = ablation()
    assert len(grid.variants) == 1 + len(COMPONENTS)
    assert grid.compared[0] == START
    assert FULL not in grid.compared
    names = [one.name for one in sensitivity([0.5, 2]).variants]
    assert len(names) == len(set(names)) == 1 + 2 * len(COMPONENTS)
    rows = transfer("desk:40", ["retail:9"])
    assert [one.data for one in rows.variants] == ["desk:40", "retail:9"]
    assert rows.reference == START


def test_pictures_are_svg_with_their_words_and_always_the_same(found: Findings) -> None:
    picture = figures.forest(found, DATA)
    assert picture == figures.forest(found, DATA)
    text = " ".join(re.findall(r">([^<>]+)</text>", picture))
    assert "without outcome" in text
    assert "success" in text
    ET.fromstring(picture)


def test_curves_and_areas_are_drawn_for_any_number_of_variants() -> None:
    rng = np.random.default_rng(0)
    some = [Curves(f"variant {i}", rng.random((2, 12))) for i in range(4)]
    ET.fromstring(figures.curves(some, some[0], "mean return"))
    ET.fromstring(figures.curves(some[:1], None, "mean return"))
    shares = {name: np.full(12, 1 / len(COMPONENTS)) for name in COMPONENTS}
    picture = figures.contributions(shares)
    assert all(name in picture for name in COMPONENTS)


def test_smoothing_is_a_mean_of_the_last_steps() -> None:
    rows = np.arange(12, dtype=float)[None]
    smooth = Curves("x", rows).smooth[0]
    assert smooth[0] == 0
    assert smooth[2] == 1
    assert smooth[11] == np.mean([7, 8, 9, 10, 11])
