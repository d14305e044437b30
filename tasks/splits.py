"""Train, validation and test splits without leaks: near copies stay in one split.

Two dialogues are near copies if they have the same rules and the words of their users' turns
overlap by 80 % or more (Jaccard over three-word shingles). MinHash (Broder 1997) finds the pairs
that may be near copies, and an exact comparison decides.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence

import numpy as np

from tasks.near_copies import MAX_STEP, NearCopies
from tasks.types import Split


def near_copy_groups(dialogues: Sequence[tuple[str, str]], keys: Sequence[str | None]) -> list[str]:
    """Groups dialogues that must stay together.

    Args:
        dialogues: The rules and the user's words of each.
        keys: The group in each dialogue's sidecar, or None.

    Returns:
        The name of each dialogue's group, a hash of its members' content: the order of the
        dialogues does not matter.
    """
    sets = _Sets(len(dialogues))
    first: dict[str, int] = {}
    for index, key in enumerate(keys):
        if key is not None:
            sets.unite(first.setdefault(key, index), index)
    _unite_near_copies(sets, NearCopies.of(dialogues))
    return _names(dialogues, keys, [sets.root(index) for index in range(len(dialogues))])


def assign_splits(groups: Sequence[str]) -> list[Split]:
    """The split of each group's name: 80 % train, 10 % validation, 10 % test, by hash."""
    return [_split_of(group) for group in groups]


def _unite_near_copies(sets: _Sets, copies: NearCopies) -> None:
    for bucket in copies.buckets():
        for step in range(1, min(len(bucket), MAX_STEP)):
            roots = np.array([sets.root(index) for index in bucket.tolist()], dtype=np.int64)
            if (roots == roots[0]).all():
                break
            for a, b in copies.candidates(bucket, step, roots):
                if sets.root(a) != sets.root(b) and copies.are_near(a, b):
                    sets.unite(a, b)


def _split_of(group: str) -> Split:
    tenth = int(hashlib.sha256(group.encode()).hexdigest()[:8], 16) % 10
    return Split.TEST if tenth == 9 else Split.VALIDATION if tenth == 8 else Split.TRAIN


class _Sets:
    """Disjoint sets of numbers (union-find)."""

    def __init__(self, size: int) -> None:
        self._parents = list(range(size))

    def root(self, index: int) -> int:
        """The number that represents the set of `index`."""
        parents = self._parents
        while parents[index] != index:
            parents[index] = parents[parents[index]]
            index = parents[index]
        return index

    def unite(self, a: int, b: int) -> None:
        """Unites two sets; the smaller root stays, so that paths are short and predictable."""
        first, second = sorted((self.root(a), self.root(b)))
        self._parents[second] = first


def _names(
    dialogues: Sequence[tuple[str, str]], keys: Sequence[str | None], roots: Iterable[int]
) -> list[str]:
    """The smallest hash of a member's content, for each dialogue's set."""
    hashes: defaultdict[int, list[str]] = defaultdict(list)
    order = list(roots)
    for (rules, text), key, root in zip(dialogues, keys, order, strict=True):
        content = f"{rules}\x00{text}\x00{key or ''}".encode("utf-8", "surrogatepass")
        hashes[root].append(hashlib.sha256(content).hexdigest())
    names = {root: min(members)[:16] for root, members in hashes.items()}
    return [names[root] for root in order]
