"""Numbers in a random-looking order, without repetition.

A generated row depends on its own number alone, so its id must, too. Sampled ids would have to be
compared with all others; a permutation of the numbers cannot repeat one.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

_MASK = (1 << 64) - 1
_ROUNDS = 4


@dataclass(frozen=True, slots=True)
class Scatter:
    """A permutation of `range(left * right)`, fixed by its key.

    It is a Feistel network over two digits of the number, of base `left` and `right`: each round
    adds a hash of one digit to the other. A round can be undone, so no two numbers share a place.
    """

    left: int
    """The number of values of the first digit."""
    right: int
    """The number of values of the second digit."""
    keys: tuple[int, ...]
    """The key of each round's hash."""

    @classmethod
    def of(cls, left: int, right: int, *key: object) -> Scatter:
        """A permutation from keys whose text is the same on every machine."""
        digest = hashlib.sha256(repr(key).encode()).digest()
        keys = (int.from_bytes(digest[8 * i : 8 * i + 8], "big") for i in range(_ROUNDS))
        return cls(left, right, tuple(keys))

    def pair(self, number: int) -> tuple[int, int]:
        """The two digits of the number's place.

        Args:
            number: In `range(left * right)`.
        """
        one, other = divmod(number, self.right)
        for i in range(0, _ROUNDS, 2):
            one = (one + _mixed(other, self.keys[i])) % self.left
            other = (other + _mixed(one, self.keys[i + 1])) % self.right
        return one, other

    def __call__(self, number: int) -> int:
        """The number's place in `range(left * right)`."""
        one, other = self.pair(number)
        return one * self.right + other


def _mixed(number: int, key: int) -> int:
    """A hash of a small number: the finalizer of SplitMix64."""
    mixed = (number + key) & _MASK
    mixed = ((mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & _MASK
    return mixed ^ (mixed >> 31)
