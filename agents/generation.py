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
from transformers import PreTrainedModel

from agents.beginning import attending, can_share
from agents.cache import (
    append,
    begin,
    begin_in_groups,
    beginnings,
    chosen,
    growing_cache,
    rearrange,
)
from agents.groups import Groups
from agents.sampling import Completion, Sampling, draw_tokens

SLACK = 1.2
"""The cache may be this many times as wide as its longest row before the holes are squeezed out.

Holes cost attention and memory, squeezing copies the cache. Chosen by hand; only speed and memory
depend on it.
"""
FEW = 0.5
"""Where no more than this share of the rows still speak, they go on in a smaller wave.

That costs a copy of their part of the cache. Chosen by hand; only speed depends on it.
"""
APART = 0.8
"""A pass apart for the beginnings of long chunks is worth it below this share of the tokens, with
padding. Chosen by hand; only speed depends on it."""
GROUPED = 0.5
"""Where the distinct beginnings are no more than this share of the rows, each is kept once for its
rows. Otherwise only what all rows begin with is. Chosen by hand; only speed and memory depend on
it."""
ATTENDED = 1 << 26
"""Rows x new tokens x columns of one forward pass at most: the entries of its attention mask.

2^26 of them take 256 MB in float32; a longer chunk is read in parts.
"""


class Wave:
    """The cache of a batch of conversations."""

    def __init__(self, model: PreTrainedModel, rows: int) -> None:
        """Begins with empty conversations."""
        self._model = model
        self._cache = growing_cache(model.config)
        self._mask = torch.zeros((rows, 0), dtype=torch.long, device=model.device)
        self._lengths = torch.zeros(rows, dtype=torch.long, device=model.device)
        self.begun = torch.zeros_like(self._lengths)
        """(B,) how many tokens each row begins with that are kept once for several rows; `width`
        and a row's length do not count them."""
        self._groups: Groups | None = None

    @property
    def width(self) -> int:
        """K, the columns of the cache, holes included."""
        return int(self._mask.shape[1])

    def keep(self, rows: Sequence[int]) -> None:
        """Forgets all other rows and, where there are many, the holes.

        The order of a row's tokens stays, and their rotary positions lie in the keys already, so
        what is kept can move to the right end.
        """
        lengths = self._lengths[list(rows)]
        longest = int(lengths.max())
        if self.width <= SLACK * longest and list(rows) == list(range(len(self._lengths))):
            return
        kept = torch.tensor(rows, device=self._mask.device)
        columns = self._columns(kept)
        rearrange(self._cache, kept, columns)
        self._mask, self._lengths = self._mask[kept].gather(1, columns), lengths
        self._begin_like(self, kept)

    def forget(self, row: int, count: int) -> None:
        """Forgets a row's last tokens; they become holes."""
        if not count:
            return
        from_the_end = self._mask[row].flip(0).cumsum(0).flip(0)
        self._mask[row] &= from_the_end > count
        self._lengths[row] -= count

    def read(self, chunks: Sequence[Sequence[int]]) -> Tensor:
        """Appends tokens to every row.

        Args:
            chunks: New tokens a row, at least one each.

        Returns:
            (B, V) float32 logits after each row's last token.
        """
        has_begun = self.width > 0 or bool(self.begun.any())
        return self._read(chunks) if has_begun else self._begin(chunks)

    def _begin(self, chunks: Sequence[Sequence[int]]) -> Tensor:
        """Reads once what all rows begin with, then once what the episodes of a group begin with.

        Rules and tools are the same for all tasks of a domain, the first request within a group.
        """
        numbers: dict[tuple[int, ...], int] = {}
        places = [numbers.setdefault(tuple(chunk), len(numbers)) for chunk in chunks]
        distinct = list(numbers)
        shared = _shared(distinct, len(chunks))
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

    def _divide(self, places: Sequence[int]) -> None:
        """Makes what each row has read the beginning of a group; and of rows, these groups'."""
        numbers = torch.tensor(places, device=self._mask.device)
        lengths = self.begun + self._lengths
        shared = self._mask.new_ones((len(lengths), int(self.begun.max())))
        seen = torch.cat([shared, self._mask], dim=1).bool()
        begin_in_groups(self._cache, len(numbers))
        self._groups, self.begun = Groups.of(numbers, seen), lengths[numbers]
        self._mask = self._mask.new_zeros((len(numbers), 0))
        self._lengths = torch.zeros_like(self.begun)

    def _begin_like(self, other: Wave, rows: Tensor) -> None:
        """Lets rows begin with what some rows, (B,), of a wave begin with."""
        self.begun = other.begun[rows]
        self._groups = other._groups and other._groups.chosen(rows)

    def _hand_on(self, shared: int, rows: int) -> None:
        """Lets some rows begin with what the only one has read."""
        if not can_share(self._model):
            return self._become([0] * rows)
        begin(self._cache)
        self._mask = self._mask.new_zeros((rows, 0))
        self._lengths = self._lengths.new_zeros(rows)
        self.begun = self._lengths + shared
        return None

    def _become(self, places: Sequence[int]) -> None:
        """Takes rows anew, some of them perhaps more than once."""
        rows = torch.tensor(places, device=self._mask.device)
        columns = torch.arange(self.width, device=rows.device).expand(len(rows), -1)
        rearrange(self._cache, rows, columns)
        self._mask, self._lengths = self._mask[rows], self._lengths[rows]
        self._begin_like(self, rows)

    def _read(self, chunks: Sequence[Sequence[int]]) -> Tensor:
        """Reads chunks of different lengths; what the long ones have more is read before, apart."""
        lengths = [len(chunk) for chunk in chunks]
        uneven = self.width > 0 and self._mask.device.type == "cpu"
        last = _cut(lengths) if uneven else max(lengths)
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
        positions = self.begun[:, None] + own
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

    def _apart(self, few: Tensor) -> Wave:
        """Some rows, (R,), in a wave of their own."""
        part = Wave(self._model, len(few))
        part._begin_like(self, few)
        columns, part._lengths = self._columns(few), self._lengths[few]
        part._cache = chosen(self._cache, few, columns)
        part._mask = self._mask[few].gather(1, columns)
        return part

    def _take_over(self, few: Tensor, part: Wave, count: int) -> None:
        """Adds to some rows, (R,), what they read in the last columns of a wave of their own."""
        append(self._cache, few, part._cache, count)
        read = self._mask.new_zeros((len(self._mask), count))
        read[few] = part._mask[:, -count:]
        self._mask = torch.cat([self._mask, read], dim=1)
        self._lengths[few] = part._lengths

    def _columns(self, rows: Tensor) -> Tensor:
        """(R, C) the columns that rows fill, in order; C is the longest row's length."""
        order = self._mask[rows].argsort(dim=1, stable=True)
        return order[:, self.width - int(self._lengths[rows].max()) :]


def _cut(lengths: Sequence[int]) -> int:
    """How many of their last tokens rows read together, so that little padding is read.

    >>> _cut([10] * 60 + [100] * 4)  # 64 x 10 + 4 x 90 instead of 64 x 100
    10
    >>> _cut([80, 90, 100])  # not worth a pass of its own
    100
    """

    def cost(length: int) -> int:
        longer = [one - length for one in lengths if one > length]
        return len(lengths) * length + len(longer) * max(longer, default=0)

    longest = max(lengths)
    best = min({*lengths}, key=cost)
    return best if cost(best) < APART * cost(longest) else longest


def common(left: Sequence[int], right: Sequence[int]) -> int:
    """How many tokens both begin with."""
    pairs = enumerate(zip(left, right, strict=False))
    return next((i for i, (a, b) in pairs if a != b), min(len(left), len(right)))


def _shared(chunks: Sequence[tuple[int, ...]], rows: int) -> int:
    """How many tokens several rows begin with, of these chunks; each row goes on after them."""
    if rows == 1:
        return 0
    return min(common(min(chunks), max(chunks)), min(map(len, chunks)) - 1)


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
