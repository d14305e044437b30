"""Which tokens of an episode deserve its return.

GRPO gives every token of an episode the same advantage. In a long dialogue most of them had no
part in what the episode earned more, or less, than its group: the five numbers that were copied
right after one that was not are blamed with it. But the episodes of a group begin alike, since
they play one task with one seed, and where they part the return can be compared among those that
were alike up to there. So a token's advantage here is the episode's return minus the mean return
of the group's episodes with the same tokens before it: the advantage of a decision, estimated by
those who stood before the same decision. What follows after an episode has gone a way of its own
is neither praised nor blamed.

The idea of comparing steps from the same state is GiGPO's (arXiv 2505.10978); here the state is
the whole of the tokens so far, so that the baseline depends on nothing that the policy did since,
as a baseline must.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

EPISODE, BRANCH = "episode", "branch"
"""How the advantage is spread: the same for all tokens, or by where a group's episodes part."""


def branch_advantages(
    tokens: Sequence[Sequence[int]], returns: Sequence[float], group: int
) -> list[list[float]]:
    """Each token's return above the mean of those that came to it the same way.

    Args:
        tokens: B rows of token ids after the prompt, a group's rows next to each other.
        returns: (B,) what each row earned.
        group: G; rows of one group have the same prompt.

    Returns:
        B rows as long as those of `tokens`. Over the rows that agree up to and with a token,
        its advantages sum to what the choice of that token was worth; where all rows of a group
        agree, to zero.
    """
    result = [[0.0] * len(row) for row in tokens]
    for start in range(0, len(tokens), group):
        for rows, place in _shared(tokens, list(range(start, min(start + group, len(tokens))))):
            mean = sum(returns[row] for row in rows) / len(rows)
            for row in rows:
                result[row][place] = returns[row] - mean
    return result


def _shared(tokens: Sequence[Sequence[int]], rows: list[int]) -> Iterator[tuple[list[int], int]]:
    """(rows, place) for every place up to which two or more rows have the same tokens."""
    waiting = [(rows, 0)]
    while waiting:
        rows, place = waiting.pop()
        rows = [row for row in rows if len(tokens[row]) > place]
        if len(rows) < 2:
            continue
        yield rows, place
        by_token: dict[int, list[int]] = {}
        for row in rows:
            by_token.setdefault(tokens[row][place], []).append(row)
        waiting += [(same, place + 1) for same in by_token.values()]
