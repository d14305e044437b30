"""Finds near copies among many dialogues without comparing all pairs.

MinHash and banding (Broder 1997; Leskovec et al., "Mining of Massive Datasets", chapter 3), on
arrays: N shingles of all dialogues together, D dialogues, P hash functions.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

SIMILAR = 0.8
"""The smallest Jaccard similarity of near copies. Chosen by hand.

Splits and counts of rejected candidates depend on it. A lower value unites dialogues that only
share
phrases; a higher one leaves copies with a few other words on both sides of a split.
"""
LIKELY = 0.6
"""The smallest agreement of signatures at which a pair is compared (at .8: 99.99 % are)."""
SHINGLE = 3
"""The words of a shingle; chosen by hand, as short sentences have hardly more."""
BANDS, ROWS = 16, 4
"""The bands of a signature; a pair is a candidate if it agrees in one (99.98 % of pairs at .8)."""
MAX_STEP = 200
"""The largest distance in a bucket at which two dialogues are compared.

Chosen by hand; it bounds the time if thousands of dialogues are nearly alike.
"""

Hashes = NDArray[np.uint64]

_WORD = re.compile(r"\w+")
_FACTORS = (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9)
_MIX = (0xBF58476D1CE4E5B9, 0x94D049BB133111EB)


@dataclass(frozen=True, slots=True)
class NearCopies:
    """Dialogues, arranged for finding near copies among them."""

    hashes: Hashes
    """(N,) the hashed shingles of all dialogues, one dialogue after the other."""
    starts: NDArray[np.int64]
    """(D + 1,) the start of each dialogue's shingles; the last entry is N."""
    signatures: NDArray[np.uint32]
    """(D, P) MinHash signatures."""
    _sets: dict[int, frozenset[int]] = field(default_factory=dict)
    """Dialogue -> shingles, for the dialogues compared so far."""

    @classmethod
    def of(cls, dialogues: Sequence[tuple[str, str]], seed: int = 0) -> NearCopies:
        """Hashes dialogues.

        Args:
            dialogues: The rules and the user's words of each.
            seed: The seed of the hash functions.
        """
        hashes, starts = _shingles(dialogues)
        return cls(hashes, starts, _signatures(hashes, starts, seed))

    @classmethod
    def of_shingles(cls, dialogues: Sequence[Hashes], seed: int = 0) -> NearCopies:
        """Arranges dialogues of which only hashes of shingles were kept, one or more of each.

        Args:
            dialogues: The hashes of each dialogue.
            seed: The seed of the hash functions.
        """
        counts = [len(hashes) for hashes in dialogues]
        starts = np.concatenate(([0], np.cumsum(counts, dtype=np.int64)))
        hashes = np.concatenate([np.zeros(0, dtype=np.uint64), *dialogues])
        return cls(hashes, starts, _signatures(hashes, starts, seed))

    def least_hashes(self) -> list[tuple[int, int]]:
        """Each dialogue's smallest hash of a shingle, by two hash functions that never change.

        Near copies mostly share both. By one alone, many dialogues would share that of a phrase.
        """
        if not len(self.hashes):
            return []
        starts = self.starts[:-1]
        one = np.minimum.reduceat(self.hashes, starts).tolist()
        other = np.minimum.reduceat(_mixed(self.hashes + np.uint64(_FACTORS[0])), starts).tolist()
        return list(zip(one, other, strict=True))

    def are_near(self, a: int, b: int) -> bool:
        """Whether two dialogues are near copies."""
        return _are_near(self._set(a), self._set(b))

    def buckets(self) -> Iterator[NDArray[np.int64]]:
        """Groups of two or more dialogues that agree in a band, band by band."""
        for band in range(BANDS):
            yield from _equal_rows(self.signatures[:, band * ROWS : (band + 1) * ROWS])

    def candidates(
        self, bucket: NDArray[np.int64], step: int, labels: NDArray[np.int64]
    ) -> Iterator[tuple[int, int]]:
        """Pairs that may be near copies.

        Args:
            bucket: (K,) dialogues.
            step: The distance of a pair's dialogues in the bucket; below `MAX_STEP`.
            labels: (K,) the label of each; pairs with equal labels are left out.
        """
        places = np.flatnonzero(labels[step:] != labels[:-step])
        a, b = bucket[places], bucket[places + step]
        agreement = (self.signatures[a] == self.signatures[b]).mean(axis=1)
        likely = agreement >= LIKELY
        return zip(a[likely].tolist(), b[likely].tolist(), strict=True)

    def _set(self, index: int) -> frozenset[int]:
        if index not in self._sets:
            part = self.hashes[self.starts[index] : self.starts[index + 1]]
            self._sets[index] = frozenset(part.tolist())
        return self._sets[index]


class SeenDialogues:
    """Says for one dialogue after the other whether it is a near copy of an earlier one."""

    def __init__(self) -> None:
        """Begins without dialogues."""
        self._sets: list[frozenset[int]] = []
        self._bands: dict[tuple[int, bytes], list[int]] = {}

    def is_near_copy(self, rules: str, text: str) -> bool:
        """Compares a dialogue with those before it, and remembers it unless it is a near copy.

        Args:
            rules: The dialogue's rules.
            text: The user's words.
        """
        one = NearCopies.of([(rules, text)])
        own = frozenset(one.hashes.tolist())
        parts = one.signatures[0].reshape(BANDS, ROWS)
        keys = [(band, part.tobytes()) for band, part in enumerate(parts)]
        likely = {place for key in keys for place in self._bands.get(key, ())}
        if any(_are_near(own, self._sets[place]) for place in sorted(likely)):
            return True
        for key in keys:
            self._bands.setdefault(key, []).append(len(self._sets))
        self._sets.append(own)
        return False


def _are_near(one: frozenset[int], other: frozenset[int]) -> bool:
    shared = len(one & other)
    return shared >= SIMILAR * (len(one) + len(other) - shared)


def _shingles(dialogues: Sequence[tuple[str, str]]) -> tuple[Hashes, NDArray[np.int64]]:
    """All dialogues' hashed shingles (N,) and the start of each dialogue's (D + 1,).

    A shingle's hash depends on the rules, so dialogues with different rules share no shingles.
    """
    numbers = _Numbers()
    texts = [[numbers.of(word) for word in _WORD.findall(text.lower())] for _, text in dialogues]
    for words in texts:
        words += [0] * (SHINGLE - len(words))
    counts = np.array([len(words) - SHINGLE + 1 for words in texts], dtype=np.int64)
    starts = np.concatenate(([0], np.cumsum(counts)))
    flat = np.array([number for words in texts for number in words], dtype=np.uint64)
    rules = np.array([numbers.of(rules) for rules, _ in dialogues], dtype=np.uint64)
    # Each dialogue has SHINGLE - 1 words more than shingles: each text shifts the starts by that.
    texts_before = np.repeat(np.arange(len(texts)), counts)
    places = np.arange(counts.sum()) + (SHINGLE - 1) * texts_before
    hashes = np.repeat(rules, counts)
    for offset, factor in enumerate(_FACTORS):
        hashes = hashes + flat[places + offset] * np.uint64(factor)
    return _mixed(hashes), starts


class _Numbers:
    """Numbers for texts, the same on any machine."""

    def __init__(self) -> None:
        self._known: dict[str, int] = {}

    def of(self, text: str) -> int:
        """The first eight bytes of the text's hash."""
        number = self._known.get(text)
        if number is None:
            digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()
            number = self._known[text] = int.from_bytes(digest, "little")
        return number


def _mixed(hashes: Hashes) -> Hashes:
    """Spreads each bit over all others (the finaliser of splitmix64)."""
    hashes = (hashes ^ (hashes >> np.uint64(30))) * np.uint64(_MIX[0])
    hashes = (hashes ^ (hashes >> np.uint64(27))) * np.uint64(_MIX[1])
    return hashes ^ (hashes >> np.uint64(31))


def _signatures(hashes: Hashes, starts: NDArray[np.int64], seed: int) -> NDArray[np.uint32]:
    """MinHash signatures (D, P), by multiplication and shift (Dietzfelbinger et al. 1997)."""
    size = BANDS * ROWS
    if not len(hashes):
        return np.zeros((0, size), dtype=np.uint32)
    rng = np.random.default_rng(seed)
    factors = rng.integers(0, 1 << 64, size=size, dtype=np.uint64) | np.uint64(1)
    shifts = rng.integers(0, 1 << 64, size=size, dtype=np.uint64)
    signatures = np.empty((len(starts) - 1, size), dtype=np.uint32)
    for column, (factor, shift) in enumerate(zip(factors, shifts, strict=True)):
        permuted = (hashes * factor + shift) >> np.uint64(32)
        signatures[:, column] = np.minimum.reduceat(permuted, starts[:-1])
    return signatures


def _equal_rows(part: NDArray[np.uint32]) -> Iterator[NDArray[np.int64]]:
    """Groups of two or more equal rows, each in ascending order."""
    keys = part.astype(np.uint64)
    folded = keys[:, 0]
    for column in range(1, keys.shape[1]):
        folded = _mixed(folded) + keys[:, column]
    order = np.argsort(folded, kind="stable")
    starts = np.flatnonzero(np.diff(folded[order], prepend=folded[order[:1]] + np.uint64(1)))
    ends = np.append(starts[1:], len(order))
    for place in np.flatnonzero(ends - starts > 1).tolist():
        yield order[starts[place] : ends[place]]
