"""How well a message's calls match the recorded calls.

The score of a pair of calls is ToolRL's (arXiv 2504.13958). The pairing is the best one for few
calls and greedy for many: all 7,087 turns with calls in the recorded dialogues have exactly one
call, and then both are the same. The sum is divided by the larger number of calls,
so more calls than are wanted lower the score.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import permutations
from math import perm

from tools.jsontext import equal
from tools.types import ToolCall

MOST_PAIRINGS = 120
"""The largest number of pairings that are all tried: enough for five calls and five, for three and
six, or for one and all that a message can hold. Trying all of them takes 0.2 ms."""


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
    """A one-to-one matching's score over max(wanted, attempted), in [0, 1].

    The matching is the best one if at most `MOST_PAIRINGS` are possible, else a greedy one, which
    never scores more than the best.

    Args:
        made: The readable calls.
        wanted: The recorded calls, at least one.
        attempts: The number of call blocks, including unreadable ones.
    """
    scores = [[pair_score(call, gold) for call in made] for gold in wanted]
    if len(made) < len(wanted):
        scores = [list(column) for column in zip(*scores, strict=True)]
    pairings = perm(max(len(made), len(wanted)), len(scores))
    best = _best_pairing if pairings <= MOST_PAIRINGS else _greedy_pairing
    return best(scores) / max(len(wanted), attempts)


def _best_pairing(scores: Sequence[Sequence[float]]) -> float:
    """The largest sum that takes one score of each row and at most one of each column."""
    columns = range(len(scores[0]) if scores else 0)
    return max(
        sum(row[column] for row, column in zip(scores, order, strict=True))
        for order in permutations(columns, len(scores))
    )


def _greedy_pairing(scores: Sequence[Sequence[float]]) -> float:
    """The sum of scores when the best remaining pair is taken each time."""
    places = [(i, j) for i, row in enumerate(scores) for j in range(len(row))]
    places.sort(key=lambda place: -scores[place[0]][place[1]])
    total, rows, columns = 0.0, set[int](), set[int]()
    for i, j in places:
        if i not in rows and j not in columns:
            total += scores[i][j]
            rows.add(i)
            columns.add(j)
    return total
