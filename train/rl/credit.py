"""Which tokens of an episode deserve its return.

GRPO gives every token of an episode the same advantage. In a long dialogue most of them had no
part in what the episode earned more, or less, than its group: the five numbers that were copied
right after one that was not are blamed with it. But the episodes of a group begin alike, since
they play one task with one seed, and where they part the return can be compared among those that
were alike up to there. So a token at which episodes part has as its advantage the episode's return
minus the mean return of the group's episodes that said and did the same before it: the advantage of
a decision, estimated by those who stood before the same decision. A token that all of these chose
decided nothing, and what follows after an episode has gone a way of its own has nothing beside it:
neither is praised or blamed.

Thoughts do not count as ways. Hardly two of them have the same words, so they would part all
episodes at once, and nothing after the first words of the first thought would be praised or
blamed; and the world goes on from what was done, not from what was thought. So a token of a
message is compared among those that said and did the same before it, whatever they thought, and a
token of a thought among those of them whose thought began alike.

The idea of comparing steps from the same state is GiGPO's (arXiv 2505.10978); here the state is
all that was said and done so far, so that the baseline depends on nothing that the policy did
since, as a baseline must.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
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
    """Each deciding token's return above the mean of those that came to it the same way.

    Args:
        tokens: B rows of token ids after the prompt, a group's rows next to each other.
        returns: (B,) what each row earned.
        group: G; rows of one group have the same prompt.
        tags: The tokens that open and close a thought; what stands between parts no ways. None
            where a policy has no such tokens: all its tokens part ways.

    Returns:
        B rows as long as those of `tokens`: 0 but where rows that agree so far part. Over these
        rows the advantages sum to zero.
    """
    result = [[0.0] * len(row) for row in tokens]
    ways = [_way(row, tags) for row in tokens]
    for start in range(0, len(tokens), group):
        own = range(start, min(start + group, len(tokens)))
        for rows, step in _together({row: ways[row] for row in own}):
            _credit(result, returns, {row: ways[row][step] for row in rows})
            thoughts = {row: ways[row][step].thought for row in rows}
            for thinking, word in _together(thoughts):
                _credit(result, returns, {row: thoughts[row][word] for row in thinking})
    return result


def _credit(
    result: list[list[float]], returns: Sequence[float], chosen: Mapping[int, _Word]
) -> None:
    """Writes what each row earned above the mean of these rows, where they chose differently."""
    if len({word.token for word in chosen.values()}) == 1:
        return
    mean = sum(returns[row] for row in chosen) / len(chosen)
    for row, word in chosen.items():
        if word.place is not None:
            result[row][word.place] = returns[row] - mean


def thought_tags(tokenizer: PreTrainedTokenizerBase) -> tuple[int, int] | None:
    """The tokens that open and close a thought, or None if a tokenizer has none of its own."""
    known = tokenizer.get_vocab()
    return (known[THINK], known[END_THINK]) if THINK in known and END_THINK in known else None


class _Word(NamedTuple):
    """A token and its place in the row."""

    token: int | None
    """None for the end of a row that was cut off in a thought."""
    place: int | None
    thought: Sequence[_Word] = ()
    """Of a token that was said: the thought that it ends, itself included."""


def _way(row: Sequence[int], tags: tuple[int, int] | None) -> list[_Word]:
    """What was said, that is, the row's tokens outside its thoughts."""
    opening, closing = tags or (None, None)
    way: list[_Word] = []
    thought: list[_Word] = []
    inside = False
    for place, token in enumerate(row):
        word = _Word(token, place)
        if inside and token != closing:
            thought.append(word)
            continue
        way.append(_Word(token, place, [*thought, word]) if inside else word)
        thought = []
        inside = token == opening
    return [*way, _Word(None, None, thought)] if thought else way


def _together(rows: Mapping[int, Sequence[_Word]]) -> Iterator[tuple[list[int], int]]:
    """(names of rows, place) for every place up to which two or more rows have the same tokens."""
    waiting = [(list(rows), 0)]
    while waiting:
        names, place = waiting.pop()
        names = [name for name in names if len(rows[name]) > place]
        if len(names) < 2:
            continue
        yield names, place
        by_token: dict[int | None, list[int]] = {}
        for name in names:
            by_token.setdefault(rows[name][place].token, []).append(name)
        waiting += [(same, place + 1) for same in by_token.values()]
