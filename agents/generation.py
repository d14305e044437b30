"""Sampling many growing conversations at once, with one key-value cache for all of them.

All rows of a wave advance together: each chunk of new tokens is padded on the left to the longest
one, and the padding stays in the cache as masked holes until there are too many of them. So the
model reads every token once, however long the turns are. When half of the rows have ended their
message, the others go on in a smaller wave; what that one reads is added to the cache in the end.
What all rows begin with is read once, and so is what the episodes of a group begin with. Where the
model can attend to it so (`agents.beginning`), it is kept once, too.
Shapes: B rows, L new tokens, K cached columns, V vocabulary.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import torch
from torch import Tensor

from agents.beginning import attending, can_share
from agents.cache import beginnings
from agents.cached_rows import CachedRows
from agents.chunks import all_begin_with, cut
from agents.sampling import Completion, Sampling, draw_tokens

FEW = 0.5
"""Where no more than this share of the rows still speak, they go on in a smaller wave.

That costs a copy of their part of the cache. Chosen by hand; only speed depends on it.
"""
GROUPED = 0.5
"""Where the distinct beginnings are no more than this share of the rows, each is kept once for its
rows. Otherwise only what all rows begin with is. Chosen by hand; only speed and memory depend on
it."""
ATTENDED = 1 << 26
"""Rows x new tokens x columns of one forward pass at most: the entries of its attention mask.

2^26 of them take 256 MB in float32; a longer chunk is read in parts.
"""


class Wave(CachedRows):
    """A batch of conversations that are read and sampled together."""

    def read(self, chunks: Sequence[Sequence[int]]) -> Tensor:
        """Appends tokens to every row.

        Args:
            chunks: New tokens a row, at least one each.

        Returns:
            (B, V) float32 logits after each row's last token.
        """
        has_begun = self.width > 0 or bool(self.kept_once.any())
        return self._read(chunks) if has_begun else self._begin(chunks)

    def _begin(self, chunks: Sequence[Sequence[int]]) -> Tensor:
        """Reads once what all rows begin with, then once what the episodes of a group begin with.

        Rules and tools are the same for all tasks of a domain, the first request within a group.
        """
        numbers: dict[tuple[int, ...], int] = {}
        places = [numbers.setdefault(tuple(chunk), len(numbers)) for chunk in chunks]
        distinct = list(numbers)
        shared = all_begin_with(distinct, len(chunks))
        if shared:
            self._become([0])
            self._read([distinct[0][:shared]])
            self._hand_on(shared, len(distinct))
        else:
            self._become(range(len(distinct)))
        logits = self._read([chunk[shared:] for chunk in distinct])
        if len(distinct) <= GROUPED * len(chunks) and can_share(self._model):
            self._divide(places)
        elif len(distinct) < len(chunks):
            self._become(places)
        return logits[places]

    def _read(self, chunks: Sequence[Sequence[int]]) -> Tensor:
        """Reads chunks of different lengths; what the long ones have more is read before, apart."""
        lengths = [len(chunk) for chunk in chunks]
        uneven = self.width > 0 and self._mask.device.type == "cpu"
        last = cut(lengths) if uneven else max(lengths)
        if last < max(lengths):
            few = [row for row, length in enumerate(lengths) if length > last]
            rows = torch.tensor(few, device=self._mask.device)
            part = self._apart(rows)
            before = part.width
            part._read([chunks[row][:-last] for row in few])
            self._take_over(rows, part, part.width - before)
            chunks = [chunk[-last:] for chunk in chunks]
        return self._read_padded(chunks)

    def _read_padded(self, chunks: Sequence[Sequence[int]]) -> Tensor:
        width = max(map(len, chunks))
        ids = torch.tensor([[0] * (width - len(c)) + list(c) for c in chunks])
        real = torch.tensor([[0] * (width - len(c)) + [1] * len(c) for c in chunks])
        ids, real = ids.to(self._mask.device), real.to(self._mask.device)
        part = max(1, ATTENDED // (len(ids) * (self.width + width)))
        for start in range(0, width, part):
            logits = self._forward(ids[:, start : start + part], real[:, start : start + part])
        return logits

    def _forward(self, ids: Tensor, real: Tensor) -> Tensor:
        """Runs the model over (B, L) new tokens; those that `real` does not mark are padding."""
        own = (self._lengths[:, None] + real.cumsum(1) - 1).clamp(min=0)
        positions = self.kept_once[:, None] + own
        self._mask = torch.cat([self._mask, real], dim=1)
        self._lengths = self._lengths + real.sum(1)
        with attending(self._model, beginnings(self._cache), self._groups):
            output = self._model(
                input_ids=ids,
                attention_mask=self._mask,
                position_ids=positions,
                past_key_values=self._cache,
                use_cache=True,
                logits_to_keep=1,
            )
        logits: Tensor = output.logits[:, -1].float()
        return logits

    def draw(
        self, logits: Tensor, sampling: Sampling, end: int, random: torch.Generator
    ) -> list[Completion]:
        """Samples a message for every row.

        The last token of each row is not read into the cache; the next chunk begins with it.

        Args:
            logits: (B, V) after the last token read.
            sampling: How to draw.
            end: The token that ends a message.
            random: The source of randomness.
        """
        rows = [Completion([], []) for _ in range(len(logits))]
        going = torch.ones(len(logits), dtype=torch.bool, device=logits.device)
        for step in range(sampling.max_new_tokens):
            tokens, *measured = draw_tokens(logits, sampling, random)
            _collect(rows, going, tokens, *measured)
            going = going & (tokens != end)
            left = sampling.max_new_tokens - step - 1
            count = int(going.sum())
            if not left or not count:
                break
            if count <= FEW * len(rows):
                few = going.nonzero()[:, 0]
                rest = replace(sampling, max_new_tokens=left)
                for row, more in zip(
                    few.tolist(), self._draw_few(few, tokens, rest, end, random), strict=True
                ):
                    rows[row].ids += more.ids
                    rows[row].logprobs += more.logprobs
                    rows[row].entropies += more.entropies
                break
            logits = self._forward(tokens[:, None], going[:, None].long())
        return rows

    def _draw_few(
        self, few: Tensor, tokens: Tensor, sampling: Sampling, end: int, random: torch.Generator
    ) -> list[Completion]:
        """Goes on with some rows in a wave of their own, and takes over what it read.

        Args:
            few: (R,) the rows.
            tokens: (B,) the last token of every row, not read yet.
            sampling: How to draw what is left.
            end: The token that ends a message.
            random: The source of randomness.
        """
        part = self._apart(few)
        before = part.width
        logits = part._forward(tokens[few, None], torch.ones_like(few)[:, None])
        sampled = part.draw(logits, sampling, end, random)
        self._take_over(few, part, part.width - before)
        return sampled


def _collect(
    rows: list[Completion], going: Tensor, tokens: Tensor, logprobs: Tensor, entropies: Tensor
) -> None:
    """Notes the tokens of the rows that still run."""
    columns = (one.tolist() for one in (going, tokens, logprobs, entropies))
    for row, runs, token, logprob, entropy in zip(rows, *columns, strict=True):
        if runs:
            row.ids.append(token)
            row.logprobs.append(logprob)
            row.entropies.append(entropy)
