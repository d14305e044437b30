"""Credit assignment: which tokens of an episode get an advantage.

GRPO gives every token of an episode the same advantage. In a long dialogue most tokens did not
cause the difference between the episode's return and its group's: if the policy copies one number
wrongly and five correctly, the five are punished with the one. But the episodes of a group begin
alike, since they play one task with one seed. At a token where they diverge, we can compare the
returns of the episodes that were equal up to it. So the advantage of such a token is the episode's
return minus the mean return of the group's episodes with the same messages and calls before it. It
estimates the advantage of a decision from all episodes that faced the same decision. A token that
all of these chose has advantage 0, and so has every token after an episode has become the only one
of its kind: there is no other episode to compare it with.

Thoughts do not count for this equality. Hardly two thoughts have the same words, so all episodes
would diverge in the first thought, and no later token would get an advantage. Besides, the world
depends on what the agent does, not on its thoughts. So a token of a message is compared among the
episodes with the same messages and calls before it, whatever their thoughts are; a token of a
thought is compared among those of them whose thoughts began alike. Where a chat template opens the
thought (Qwen3-Thinking-2507), a message begins inside it: its first tag closes, or the prompt
before it ends with a tag that opens.

The idea of comparing steps from the same state is GiGPO's (arXiv 2505.10978); here the state is all
messages and calls so far. The baseline therefore does not depend on what the
policy did afterwards, as a baseline must not.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import NamedTuple

SAME = 1e-6
"""Numbers that differ by less are equal: rounding makes such differences, no reward does."""
EPISODE, BRANCH = "episode", "branch"
"""How advantages are assigned: one for all tokens, or only where a group's episodes diverge."""


def branch_advantages(
    tokens: Sequence[Sequence[int]],
    returns: Sequence[float],
    group: int,
    tags: tuple[int, int] | None = None,
    *,
    masks: Sequence[Sequence[int]] | None = None,
    prompts: Sequence[Sequence[int]] | None = None,
) -> list[list[float]]:
    """Each deciding token's return minus the mean return of the episodes that are equal before it.

    Args:
        tokens: B rows of token ids after the prompt, a group's rows next to each other.
        returns: (B,) the return of each row.
        group: G; rows of one group have the same prompt.
        tags: The tokens that open and close a thought; rows do not diverge at the tokens between.
            None: rows may diverge at any token. `train.rl.tags` marks them where they are split.
        masks: B rows, 1 for a token that the policy sampled, 0 for one that was added: each run of
            sampled ones is a message. None where a row is one message.
        prompts: B rows of token ids before those of `tokens`; None where they open no thought.

    Returns:
        B rows as long as those of `tokens`: 0 except at tokens where rows that were equal diverge
        and earned different returns.
        Over these rows the advantages sum to zero.
    """
    result = [[0.0] * len(row) for row in tokens]
    ways = [
        _way(row, tags, masks[i] if masks else [1] * len(row), prompts[i] if prompts else ())
        for i, row in enumerate(tokens)
    ]
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
    """Writes each row's return minus the mean of these rows, at the token where they differ."""
    if len({word.token for word in chosen.values()}) == 1:
        return
    if equal([returns[row] for row in chosen]):
        return
    mean = sum(returns[row] for row in chosen) / len(chosen)
    for row, word in chosen.items():
        if word.place is not None:
            result[row][word.place] = returns[row] - mean


def equal(values: Sequence[float]) -> bool:
    """Whether numbers are equal, up to rounding."""
    return max(values) - min(values) < SAME


class _Word(NamedTuple):
    """A token and its place in the row."""

    token: int | None
    """The token's id; None for the end of a row that was cut off in a thought."""
    place: int | None
    thought: Sequence[_Word] = ()
    """The thought before a token of a message, with that token at its end."""


def _way(
    row: Sequence[int],
    tags: tuple[int, int] | None,
    mask: Sequence[int],
    prompt: Sequence[int],
) -> list[_Word]:
    """The row's tokens outside its thoughts."""
    opening, closing = tags or (None, None)
    way: list[_Word] = []
    thought: list[_Word] = []
    begun = _begun_inside(row, tags, mask) if tags else ()
    inside = _first((opening, closing), reversed(prompt)) == opening if tags else False
    for place, token in enumerate(row):
        word = _Word(token, place)
        inside = inside or place in begun
        if inside and token != closing:
            thought.append(word)
            continue
        way.append(_Word(token, place, [*thought, word]) if inside else word)
        thought = []
        inside = token == opening
    return [*way, _Word(None, None, thought)] if thought else way


def _begun_inside(row: Sequence[int], tags: tuple[int, int], mask: Sequence[int]) -> set[int]:
    """Where a message begins whose first tag closes a thought."""
    begun: set[int] = set()
    place = 0
    for sampled, run in groupby(mask):
        size = sum(1 for _ in run)
        if sampled and _first(tags, row[place : place + size]) == tags[1]:
            begun.add(place)
        place += size
    return begun


def _first(tags: tuple[int | None, int | None], tokens: Iterable[int]) -> int | None:
    """The first of some tokens that is a tag; None for none."""
    return next((token for token in tokens if token in tags), None)


def _together(rows: Mapping[int, Sequence[_Word]]) -> Iterator[tuple[list[int], int]]:
    """(indices of rows, place) for every place before which two or more rows have equal tokens."""
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
