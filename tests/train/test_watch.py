"""Each signature is named when it is there, and none when nothing is wrong."""

import pytest

from train.watch import WINDOW, warnings_of

HEALTHY = {
    "total/mean": 0.5,
    "total/dead": 0.2,
    "tool/advantage": 0.5,
    "answer/advantage": 0.5,
    "grad_norm": 1.0,
    "entropy": 0.4,
    "calls/rate": 0.5,
    "length/mean": 80.0,
    "length/clipped": 0.0,
}


def run(**last: float) -> list[dict[str, float]]:
    """A run that begins healthy and ends with other numbers."""
    changed = {**HEALTHY, **{name.replace("__", "/"): value for name, value in last.items()}}
    return [HEALTHY] * (2 * WINDOW) + [changed] * WINDOW


def test_a_healthy_run_has_no_warnings() -> None:
    assert warnings_of(run(total__mean=0.7)) == []


def test_a_short_run_is_not_judged() -> None:
    assert warnings_of([{**HEALTHY, "total/dead": 1.0}] * (2 * WINDOW - 1)) == []


def test_missing_numbers_are_no_failure() -> None:
    assert warnings_of([{}] * 20) == []


@pytest.mark.parametrize(
    ("last", "name"),
    [
        ({"tool__advantage": 0.95}, "reward collapse"),
        ({"grad_norm": 50.0}, "divergence"),
        ({"total__mean": 0.3}, "divergence"),
        ({"calls__rate": 0.8}, "over-reliance"),
        ({"entropy": 0.05}, "entropy collapse"),
        ({"total__dead": 0.9}, "no signal"),
        ({"length__clipped": 0.2}, "length"),
        ({"length__mean": 160.0}, "length exploitation"),
    ],
)
def test_each_signature_is_named(last: dict[str, float], name: str) -> None:
    assert any(sentence.startswith(name) for sentence in warnings_of(run(**last)))
