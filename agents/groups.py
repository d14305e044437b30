"""Rows that begin alike, in groups: each group's beginning is kept once.

Shapes: B rows in G groups of at most R rows, Q heads, L new tokens, P shared columns, D dimensions
of a head.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True, slots=True, eq=False)
class Groups:
    """Which rows share a beginning."""

    numbers: Tensor
    """(B,) each row's group."""
    seen: Tensor
    """(G, P) True where a group's beginning has a token, False where it has padding."""
    rows: Tensor
    """(G R,) the rows of each group in turn; where it has fewer than R, row 0 stands."""
    places: Tensor
    """(B,) where each row stands among these."""

    @classmethod
    def of(cls, numbers: Tensor, seen: Tensor) -> Groups:
        """Arranges rows, given each one's group, (B,), and the groups' tokens, (G, P)."""
        sizes = numbers.bincount(minlength=len(seen))
        most, order = int(sizes.max()), numbers.argsort(stable=True)
        in_turn = numbers[order]
        before = sizes.cumsum(0) - sizes
        places = torch.empty_like(numbers)
        places[order] = (
            in_turn * most + torch.arange(len(order), device=numbers.device) - before[in_turn]
        )
        rows = numbers.new_zeros(len(seen) * most)
        rows[places] = torch.arange(len(numbers), device=numbers.device)
        return cls(numbers, seen, rows, places)

    def chosen(self, rows: Tensor) -> Groups:
        """The same groups of some rows, (B',)."""
        return Groups.of(self.numbers[rows], self.seen)

    def together(self, states: Tensor) -> Tensor:
        """(B, Q, L, D) as a row a group, (G, Q, R L, D)."""
        _, heads, length, size = states.shape
        rows = states[self.rows].view(len(self.seen), -1, heads, length, size)
        return rows.transpose(1, 2).reshape(len(self.seen), heads, -1, size)

    def apart(self, states: Tensor, length: int) -> Tensor:
        """(G, Q, R L, D) as (B, Q, L, D)."""
        groups, heads, _, size = states.shape
        rows = states.view(groups, heads, -1, length, size).transpose(1, 2)
        return rows.reshape(-1, heads, length, size)[self.places]
