"""Which tokens of an episode deserve its return.

GRPO gives every token of an episode the same advantage. In a long dialogue most of them had no
part in what the episode earned more, or less, than its group: the five numbers that were copied
right after one that was not are blamed with it. But the episodes of a group begin alike, since
they play one task with one seed, and where they part the return can be compared among those that
were alike up to there. So a token's advantage here is the episode's return minus the mean return
of the group's episodes that said and did the same before it: the advantage of a decision,
estimated by those who stood before the same decision. What follows after an episode has gone a
way of its own is neither praised nor blamed.

Thoughts do not count as ways. Hardly two of them have the same words, so they would part all
episodes at once, and nothing after the first words of the first thought would be praised or
blamed; and the world goes on from what was done, not from what was thought. A thought deserves
what its episode earned above those who stood before the same decision.

The idea of comparing steps from the same state is GiGPO's (arXiv 2505.10978); here the state is
all that was said and done so far, so that the baseline depends on nothing that the policy did
since, as a baseline must.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from tools.protocol import END_THINK, THINK

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

EPISODE, BRANCH = "episode", "branch"
"""How the advantage is spread: the same for all tokens, or by where a group's episodes part."""


def branch_advantages(
    tokens: Sequence[Sequence[int]],
    returns: Sequence[float],
    group: int,
    tags: tuple[int, int] | None = None,
) -> list[list[float]]:
    """Each token's return above the mean of those that came to it the same way.

    Args:
        tokens: B rows of token ids after the prompt, a group's rows next to each other.
        returns: (B,) what each row earned.
        group: G; rows of one group have the same prompt.
        tags: The tokens that open and close a thought; what stands between parts no ways. None
            where a policy has no such tokens: all its tokens part ways.

    Returns:
        B rows as long as those of `tokens`. Over the rows that agree up to a token, its
        advantages sum to zero.
    """
    result = [[0.0] * len(row) for row in tokens]
    ways = [_way(row, tags) for row in tokens]
    for start in range(0, len(tokens), group):
        for rows, step in _shared(ways, list(range(start, min(start + group, len(tokens))))):
            mean = sum(returns[row] for row in rows) / len(rows)
            for row in rows:
                for place in ways[row][step].places:
                    result[row][place] = returns[row] - mean
    return result


def thought_tags(tokenizer: PreTrainedTokenizerBase) -> tuple[int, int] | None:
    """The tokens that open and close a thought, or None if a tokenizer has none of its own."""
    known = tokenizer.get_vocab()
    return (known[THINK], known[END_THINK]) if THINK in known and END_THINK in known else None


class _Step(NamedTuple):
    """One token that was said, and where it stands with the thought before it."""

    token: int | None
    places: list[int]


def _way(row: Sequence[int], tags: tuple[int, int] | None) -> list[_Step]:
    """The row's tokens outside its thoughts; a thought belongs to the tag that ends it."""
    opening, closing = tags or (None, None)
    way: list[_Step] = []
    thought: list[int] = []
    inside = False
    for place, token in enumerate(row):
        inside = inside and token != closing
        if inside:
            thought.append(place)
            continue
        way.append(_Step(token, [*thought, place]))
        thought = []
        inside = token == opening
    return [*way, _Step(None, thought)] if thought else way


def _shared(ways: Sequence[Sequence[_Step]], rows: list[int]) -> Iterator[tuple[list[int], int]]:
    """(rows, step) for every step up to which two or more rows have the same tokens."""
    waiting = [(rows, 0)]
    while waiting:
        rows, step = waiting.pop()
        rows = [row for row in rows if len(ways[row]) > step]
        if len(rows) < 2:
            continue
        yield rows, step
        by_token: dict[int | None, list[int]] = {}
        for row in rows:
            by_token.setdefault(ways[row][step].token, []).append(row)
        waiting += [(same, step + 1) for same in by_token.values()]
