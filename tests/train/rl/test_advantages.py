"""Advantages by their definition; equal returns have none, to the last bit."""

import math
from statistics import fmean, stdev

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reasonact_env.reward import COMPONENTS, resolve
from train.rl.advantages import advantages
from train.rl.credit import BRANCH
from train.rl.recipe import GDPO, Recipe
from train.rl.rollouts import Sample
from train.rl.tags import Tags

WEIGHTS = resolve(None)
TAGS = Tags(-1, -2)
GROUP = 8
KINDS = [
    *({"trl": {"scale_rewards": scale}} for scale in ("group", "batch", "none")),
    {"aggregation": GDPO},
    {"credit": BRANCH},
]
"""All ways to an advantage."""
SCORES = st.floats(-1, 1, allow_subnormal=False)


def sample(scores: dict[str, float | None], token: int = 2) -> Sample:
    """A row of two tokens with these scores, weighted as the environment does."""
    components = dict.fromkeys(COMPONENTS) | scores
    weighted = {
        name: None if score is None else WEIGHTS[name] * score for name, score in components.items()
    }
    return Sample([1], [token, 3], [1, 1], [-0.5, -0.5], components, weighted, "t", False, 1, 1)


def recipe(**kind: object) -> Recipe:
    return Recipe(generations=1, prompts=2, group=GROUP, micro_batch=1, **kind)  # type: ignore[arg-type]


def flat(found: list[float] | list[list[float]]) -> list[float]:
    return [x for one in found for x in (one if isinstance(one, list) else [one])]


@pytest.mark.parametrize("kind", KINDS, ids=str)
@settings(max_examples=25)
@given(st.lists(st.fixed_dictionaries(dict.fromkeys(COMPONENTS, SCORES)), min_size=2, max_size=2))
def test_equal_rewards_have_no_advantage_at_all(kind: dict, scores: list[dict]) -> None:
    rows = [sample(one, token) for one in scores for token in range(GROUP)]
    assert set(flat(advantages(rows, recipe(**kind), WEIGHTS, TAGS))) == {0.0}


@pytest.mark.parametrize("kind", [kind for kind in KINDS if "aggregation" not in kind], ids=str)
def test_returns_that_differ_by_rounding_alone_are_equal(kind: dict) -> None:
    def one(token: int, parts: tuple[float, float]) -> Sample:
        row = sample({"tool": 1.0}, token)
        weighted = dict.fromkeys(COMPONENTS) | dict(zip(("tool", "answer"), parts, strict=True))
        return Sample(
            **{**{name: getattr(row, name) for name in row.__slots__}, "weighted": weighted}
        )

    parts = [(0.1 + 0.2, 0.4), (0.3, 0.4)] * GROUP
    rows = [one(token, each) for token, each in enumerate(parts)]
    assert len({row.total for row in rows}) == 2
    assert set(flat(advantages(rows, recipe(**kind), WEIGHTS, TAGS))) == {0.0}


def test_a_dead_group_stays_dead_next_to_one_that_is_alive() -> None:
    dead = [sample({"tool": 0.1, "format": 0.7}, token) for token in range(GROUP)]
    alive = [sample({"tool": token / 7, "format": 0.7}, token) for token in range(GROUP)]
    for kind in KINDS:
        found = advantages(dead + alive, recipe(**kind), WEIGHTS, TAGS)
        assert set(flat(found[:GROUP])) == {0.0}
        assert any(flat(found[GROUP:]))


@settings(max_examples=25)
@given(st.lists(SCORES, min_size=2 * GROUP, max_size=2 * GROUP))
def test_an_advantage_is_what_its_definition_says(scores: list[float]) -> None:
    rows = [sample({"tool": score}, i) for i, score in enumerate(scores)]
    totals = [row.total for row in rows]
    for scale in ("group", "batch", "none"):
        found = advantages(rows, recipe(trl={"scale_rewards": scale}), WEIGHTS, TAGS)
        for i, got in enumerate(found):
            own = totals[i // GROUP * GROUP :][:GROUP]
            divisor = {"group": stdev(own), "batch": stdev(totals), "none": 1 - 1e-4}[scale] + 1e-4
            expected = (totals[i] - fmean(own)) / divisor
            assert got == pytest.approx(expected, abs=2e-2 if max(own) - min(own) < 1e-6 else 1e-9)


def test_components_are_normalised_one_by_one_and_those_that_do_not_apply_left_out() -> None:
    tools = [0.0, 1.0] * (GROUP // 2)
    rows = [
        *(sample({"tool": tool, "format": 1.0}, i) for i, tool in enumerate(tools)),
        *(sample({"answer": i / 10}, i) for i in range(GROUP)),
    ]
    found = flat(advantages(rows, recipe(aggregation=GDPO), WEIGHTS, TAGS))
    parts = [WEIGHTS["tool"] * (tool - 0.5) / (stdev(tools) + 1e-4) for tool in tools]
    answers = [i / 10 for i in range(GROUP)]
    parts += [
        WEIGHTS["answer"] * (one - fmean(answers)) / (stdev(answers) + 1e-4) for one in answers
    ]
    assert found == pytest.approx([part / (stdev(parts) + 1e-4) for part in parts])
    assert math.isclose(sum(found), 0, abs_tol=1e-9)


def test_what_nothing_judges_has_no_advantage() -> None:
    rows = [sample({}, i) for i in range(GROUP)] + [
        sample({"tool": i / 7}, i) for i in range(GROUP)
    ]
    for kind in (*KINDS[:3], {"aggregation": GDPO}):
        found = flat(advantages(rows, recipe(**kind), WEIGHTS, TAGS))
        assert set(found[:GROUP]) == {0.0}
        assert all(map(math.isfinite, found))
