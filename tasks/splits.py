"""Train, validation and test without leaks: what is nearly equal stays on one side.

Two dialogues are near copies if they have the same rules and the words of their users' turns
overlap by 80 % or more (Jaccard over three-word shingles, estimated by MinHash; Broder 1997).
"""

from __future__ import annotations

import hashlib
import re
import zlib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from tasks.types import Split, Task
from tools.types import Role

SIMILAR = 0.8
"""From this Jaccard similarity on, two dialogues are near copies."""
SHINGLE = 3
"""Words a shingle."""
BANDS, ROWS = 16, 4
"""Signatures are cut into bands; a pair is compared if it agrees in one (at .8: 99.98 %)."""

_PRIME = np.uint64((1 << 31) - 1)
_WORD = re.compile(r"\w+")


def near_copy_groups(
    dialogues: Sequence[tuple[str, str]], keys: Sequence[str | None]
) -> list[str]:
    """Groups dialogues that must stay together.

    Args:
        dialogues: Rules and the user's words of each.
        keys: What a sidecar says must stay together, or None.

    Returns:
        The name of each dialogue's group: made from its members' content, so that the order of
        the dialogues does not matter.
    """
    parents = list(range(len(dialogues)))
    first: dict[str, int] = {}
    for index, key in enumerate(keys):
        if key is not None:
            _unite(parents, first.setdefault(key, index), index)
    for a, b in _near_copies(dialogues):
        _unite(parents, a, b)
    members = defaultdict(list)
    for index in range(len(dialogues)):
        members[_root(parents, index)].append(index)
    names = {root: _name(dialogues, keys, group) for root, group in members.items()}
    return [names[_root(parents, index)] for index in range(len(dialogues))]


def assign_splits(groups: Sequence[str]) -> list[Split]:
    """The split of each group's name: 80 % train, 10 % validation, 10 % test, by hash."""
    return [_split_of(group) for group in groups]


def near_copies_across(tasks: Sequence[Task]) -> list[tuple[str, str]]:
    """The ids of near copies that stand on different sides: there should be none."""
    dialogues = [
        (t.rules, "\n".join(m.content for m in t.messages if m.role is Role.USER)) for t in tasks
    ]
    return [
        (tasks[a].id, tasks[b].id)
        for a, b in _near_copies(dialogues)
        if tasks[a].split is not tasks[b].split
    ]


def _split_of(group: str) -> Split:
    tenth = int(hashlib.sha256(group.encode()).hexdigest()[:8], 16) % 10
    return Split.TEST if tenth == 9 else Split.VALIDATION if tenth == 8 else Split.TRAIN


def _near_copies(dialogues: Sequence[tuple[str, str]]) -> Iterator[tuple[int, int]]:
    """Pairs of near copies: enough of them to connect every group."""
    shingles = [_shingles(rules, text) for rules, text in dialogues]
    signatures = _signatures(shingles)
    seen: set[tuple[int, int]] = set()
    for band in range(BANDS):
        part = signatures[:, band * ROWS : (band + 1) * ROWS]
        for bucket in _buckets(part):
            for pair in pairwise(bucket):
                if pair not in seen and _jaccard(shingles[pair[0]], shingles[pair[1]]) >= SIMILAR:
                    yield pair
                seen.add(pair)


def _shingles(rules: str, text: str) -> NDArray[np.uint64]:
    """The hashed shingles of a dialogue, sorted, each once; other rules give other hashes."""
    words = _WORD.findall(text.lower())
    count = max(1, len(words) - SHINGLE + 1)
    base = zlib.crc32(rules.encode("utf-8", "surrogatepass"))
    grams = (" ".join(words[i : i + SHINGLE]) for i in range(count))
    hashes = {zlib.crc32(gram.encode("utf-8", "surrogatepass"), base) for gram in grams}
    return np.array(sorted(hashes), dtype=np.uint64)


def _signatures(shingles: Sequence[NDArray[np.uint64]]) -> NDArray[np.uint64]:
    """MinHash signatures, shape (dialogues, BANDS * ROWS)."""
    size = BANDS * ROWS
    if not shingles:
        return np.zeros((0, size), dtype=np.uint64)
    rng = np.random.default_rng(0)
    factors = rng.integers(1, int(_PRIME), size=size, dtype=np.uint64)
    shifts = rng.integers(0, int(_PRIME), size=size, dtype=np.uint64)
    flat = np.concatenate(shingles) % _PRIME
    starts = np.cumsum([0] + [len(part) for part in shingles[:-1]])
    columns = [
        np.minimum.reduceat((flat * factor + shift) % _PRIME, starts)
        for factor, shift in zip(factors, shifts, strict=True)
    ]
    return np.stack(columns, axis=1)


def _buckets(part: NDArray[np.uint64]) -> Iterator[list[int]]:
    """The rows that are equal, as lists of at least two, in ascending order."""
    buckets = defaultdict(list)
    for index, row in enumerate(part):
        buckets[row.tobytes()].append(index)
    return (bucket for bucket in buckets.values() if len(bucket) > 1)


def _jaccard(a: NDArray[np.uint64], b: NDArray[np.uint64]) -> float:
    shared = np.intersect1d(a, b, assume_unique=True).size
    return float(shared / (a.size + b.size - shared))


def _unite(parents: list[int], a: int, b: int) -> None:
    parents[_root(parents, b)] = _root(parents, a)


def _root(parents: list[int], index: int) -> int:
    while parents[index] != index:
        parents[index] = parents[parents[index]]
        index = parents[index]
    return index


def _name(
    dialogues: Sequence[tuple[str, str]], keys: Sequence[str | None], group: Sequence[int]
) -> str:
    """The smallest hash of a member's content."""
    texts = (f"{dialogues[i][0]}\x00{dialogues[i][1]}\x00{keys[i] or ''}" for i in group)
    hashes = (hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest() for text in texts)
    return min(hashes)[:16]
