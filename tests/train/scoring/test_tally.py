"""How many tasks went better and worse."""

from train.scoring.paired import Tally
from train.scoring.stats import Ratios


def test_tasks_are_counted_by_their_own_figure() -> None:
    """Of several episodes of a task their sums count; what does not apply counts nowhere."""
    tasks = ["a", "a", "b", "b", "c", "d"]
    before = Ratios.of([0, 1, 1, 1, 0, 0], [1, 1, 1, 1, 1, 0], tasks)
    after = Ratios.of([1, 1, 0, 1, 0, 1], [1, 1, 1, 1, 1, 1], tasks)
    assert Tally.of(after, before) == Tally(better=1, worse=1, alike=1)
