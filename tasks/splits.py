"""Train, validation and test splits without leaks: near copies stay in one split.

Two dialogues are near copies if they have the same rules and the words of their users' turns
overlap by 80 % or more (Jaccard over three-word shingles). MinHash (Broder 1997) finds the pairs
that may be near copies, and an exact comparison decides.

A task's side depends on the task alone, so that a part of a file, the file in another order, and
the file with others behind it all give it the same one. It is told by the hash of its *anchor*, the
first of these that the task has:

1. the `group` that its sidecar names,
2. the customer whose data the dialogue shows, or else the `user_group` that its sidecar names,
3. the rules and two smallest hashes of shingles of the user's words: a function of the words alone
   that most near copies share (two smallest hashes of 80 % equal sets agree with .8 squared).

Tasks of one group or one customer are a group, and so are near copies, and groups that share a task
are one. Where a group's tasks have several anchors, the group takes the commonest one (of equally
common ones that with the smallest hash). Only such tasks can change sides with what else is in the
file: of the near copies in the tests 4 % do when each is read alone, and 12 % would if the hash of
all words were the anchor. Without its sidecar, a task changes sides only if its group or customer
stands there and nowhere in the dialogue: 12 of 626 real ones.

The generated sets that are loaded by name, and whose tasks have a database each (desk,
kaleidoscope, procedures), keep the sides with which figures were published: by the hash of the
words and of what the task was generated from. Files with the same dialogues have other sides.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from tasks.near_copies import MAX_STEP, NearCopies
from tasks.types import Split


@dataclass(frozen=True, slots=True)
class Placed:
    """A dialogue as far as its side depends on it."""

    rules: str
    """Its rules."""
    text: str
    """The user's words."""
    group: str | None = None
    """What it was told to stay together with."""
    customer: str | None = None
    """Whose data it shows."""
    origin: str | None = None
    """What it was generated from."""


def placed(dialogues: Sequence[Placed]) -> list[tuple[str, Split]]:
    """Each dialogue's group and split."""
    texts = [(one.rules, one.text) for one in dialogues]
    copies = NearCopies.of(texts)
    anchors = [
        _anchor(one, least) for one, least in zip(dialogues, copies.least_hashes(), strict=True)
    ]
    keys = [one.group or one.customer or one.origin for one in dialogues]
    named = [_named_anchor(one) for one in dialogues]
    roots = _roots(named, copies)
    names = _names(texts, keys, roots)
    members: defaultdict[int, Counter[str]] = defaultdict(Counter)
    for root, anchor in zip(roots, anchors, strict=True):
        members[root][anchor] += 1
    chosen = {root: _commonest(counts) for root, counts in members.items()}
    known = {anchor for anchor in named if anchor is not None}
    return [
        (_hash(side)[:16] if (side := chosen[root]) in known else name, _split_of(side))
        for root, name in zip(roots, names, strict=True)
    ]


def _named_anchor(one: Placed) -> str | None:
    """What a group or a customer gives; None for a dialogue that stands alone."""
    if one.group is not None:
        return f"group {one.group}"
    return None if one.customer is None else f"customer {one.customer}"


def _anchor(one: Placed, least: tuple[int, int]) -> str:
    if (named := _named_anchor(one)) is not None:
        return named
    if one.origin is not None:
        return _content(one.rules, one.text, one.origin)[:16]
    return f"words {least[0]} {least[1]}"


def _commonest(counts: Counter[str]) -> str:
    most = max(counts.values())
    return min((anchor for anchor, count in counts.items() if count == most), key=_hash)


def near_copy_groups(dialogues: Sequence[tuple[str, str]], keys: Sequence[str | None]) -> list[str]:
    """Groups dialogues that must stay together.

    Args:
        dialogues: The rules and the user's words of each.
        keys: The group in each dialogue's sidecar, or None.

    Returns:
        The name of each dialogue's group, a hash of its members' content: the order of the
        dialogues does not matter.
    """
    return _names(dialogues, keys, _roots(keys, NearCopies.of(dialogues)))


def assign_splits(groups: Sequence[str]) -> list[Split]:
    """The split of each group's name: 80 % train, 10 % validation, 10 % test, by hash."""
    return [_split_of(group) for group in groups]


def _roots(keys: Sequence[str | None], copies: NearCopies) -> list[int]:
    """A number for each dialogue: the same for those that must stay together."""
    sets = _Sets(len(keys))
    first: dict[str, int] = {}
    for index, key in enumerate(keys):
        if key is not None:
            sets.unite(first.setdefault(key, index), index)
    _unite_near_copies(sets, copies)
    return [sets.root(index) for index in range(len(keys))]


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
    tenth = int(_hash(group)[:8], 16) % 10
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
        hashes[root].append(_content(rules, text, key))
    names = {root: min(members)[:16] for root, members in hashes.items()}
    return [names[root] for root in order]


def _content(rules: str, text: str, key: str | None) -> str:
    return _hash(f"{rules}\x00{text}\x00{key or ''}")


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
