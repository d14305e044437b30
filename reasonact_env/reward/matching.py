"""How well calls match the calls that were wanted.

The pair score is ToolRL's (arXiv 2504.13958) for one wanted and one made call; the pairing is
optimal instead of greedy, and the sum is divided by the larger number of calls, so that spraying
calls does not pay.
"""

from __future__ import annotations

from collections.abc import Sequence

from tools.jsontext import equal
from tools.types import ToolCall


def pair_score(made: ToolCall, wanted: ToolCall) -> float:
    """(1 + Jaccard of the arguments' names + number of equal values) / its maximum; 0 to 1."""
    if made.name != wanted.name:
        return 0.0
    got, keys = set(made.arguments), set(wanted.arguments)
    union = got | keys
    names = len(got & keys) / len(union) if union else 1.0
    values = sum(equal(made.arguments[key], wanted.arguments[key]) for key in got & keys)
    return (1 + names + values) / (2 + len(keys))


def match_score(made: Sequence[ToolCall], wanted: Sequence[ToolCall], attempts: int) -> float:
    """The best one-to-one matching's score over max(wanted, attempted), in [0, 1].

    Args:
        made: The readable calls.
        wanted: The recorded calls, at least one.
        attempts: Number of call blocks, the unreadable ones included.
    """
    scores = [[pair_score(call, gold) for call in made] for gold in wanted]
    return _best_assignment(scores) / max(len(wanted), attempts)


def _best_assignment(scores: Sequence[Sequence[float]]) -> float:
    """The largest sum that takes each row and each column at most once.

    The Hungarian method with potentials (Kuhn 1955; O(rows^2 columns)) on costs `-score`.
    """
    if not scores or not scores[0]:
        return 0.0
    if len(scores) > len(scores[0]):
        scores = list(zip(*scores, strict=True))
    if len(scores) == 1:
        return max(scores[0])
    rows, columns = len(scores), len(scores[0])
    row_price, column_price = [0.0] * (rows + 1), [0.0] * (columns + 1)
    owner = [0] * (columns + 1)
    for row in range(1, rows + 1):
        _augment(scores, row, row_price, column_price, owner)
    return sum(scores[owner[j] - 1][j - 1] for j in range(1, columns + 1) if owner[j])


def _augment(
    scores: Sequence[Sequence[float]],
    row: int,
    row_price: list[float],
    column_price: list[float],
    owner: list[int],
) -> None:
    """Gives one more row a column along the cheapest augmenting path (in place; 0 = nobody)."""
    columns = len(scores[0])
    slack, path, done = [float("inf")] * (columns + 1), [0] * (columns + 1), [False] * (columns + 1)
    owner[0], current = row, 0
    while owner[current]:
        done[current] = True
        here, step, following = owner[current], float("inf"), 0
        for j in range(1, columns + 1):
            if done[j]:
                continue
            cost = -scores[here - 1][j - 1] - row_price[here] - column_price[j]
            if cost < slack[j]:
                slack[j], path[j] = cost, current
            if slack[j] < step:
                step, following = slack[j], j
        for j in range(columns + 1):
            if done[j]:
                row_price[owner[j]] += step
                column_price[j] -= step
            else:
                slack[j] -= step
        current = following
    while current:
        owner[current] = owner[path[current]]
        current = path[current]
