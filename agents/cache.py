"""A key-value cache that grows in place.

The library's own cache copies all that it holds for every new token. What rows begin with may be
kept apart, once for all of them or once for each group.
Shapes: B rows, H heads of keys and values, K cached columns, D dimensions of a head.
"""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor
from transformers import PreTrainedConfig
from transformers.cache_utils import Cache, DynamicLayer

from agents.beginning import Beginning

GROWTH = 1.5
"""A full buffer is replaced by one that is this many times as wide.

So growing copies a column about twice in all, and a third of the buffer at most is empty (with 2:
once, and half of it).
"""


class GrowingLayer(DynamicLayer):  # type: ignore[misc]  # the library's class is untyped
    """One layer's keys and values, (B, H, K, D), at the beginning of wider buffers."""

    keys: Tensor
    values: Tensor

    def __init__(self) -> None:
        """Holds nothing yet."""
        super().__init__()
        self._buffers: tuple[Tensor, Tensor] | None = None
        self.beginning: Beginning | None = None

    def update(
        self, key_states: Tensor, value_states: Tensor, *args: object, **kwargs: object
    ) -> tuple[Tensor, Tensor]:
        """Appends columns; returns all keys and values, as views; a beginning is not among them."""
        # Under autocast rotated keys are float32 again, and attention would round all of them anew.
        key_states = key_states.to(value_states.dtype)
        if not self.is_initialized:
            self.lazy_initialization(key_states, value_states)
        used = self.get_seq_length()
        end = used + key_states.shape[-2]
        if self._buffers is None or end > self._buffers[0].shape[-2]:
            self._buffers = (
                _wider(self.keys, key_states, used, end),
                _wider(self.values, value_states, used, end),
            )
        for buffer, states in zip(self._buffers, (key_states, value_states), strict=True):
            buffer[:, :, used:end] = states
        self.keys, self.values = (buffer[:, :, :end] for buffer in self._buffers)
        return self.keys, self.values

    def begin(self) -> None:
        """Makes what its only row holds the beginning of all rows to come."""
        self.beginning = Beginning(self.keys.contiguous(), self.values.contiguous())
        self.keys, self.values, self._buffers = self.keys[:, :, :0], self.values[:, :, :0], None

    def begin_in_groups(self, rows: int) -> None:
        """Makes what its rows hold, with what all of them begin with, the beginnings of groups.

        Args:
            rows: The rows to come, which hold nothing of their own yet.
        """
        keys, values = self.keys, self.values
        if self.beginning is not None:
            first = (one.expand(len(keys), -1, -1, -1) for one in self.beginning)
            keys, values = (
                torch.cat(both, dim=2) for both in zip(first, (keys, values), strict=True)
            )
        self.beginning = Beginning(keys.contiguous(), values.contiguous())
        self.keys, self.values = (
            one.new_empty((rows, one.shape[1], 0, one.shape[3])) for one in (keys, values)
        )
        self._buffers = None

    def rearrange(self, rows: Tensor, columns: Tensor) -> None:
        """Keeps some rows and some of their columns.

        Args:
            rows: (R,) rows to keep.
            columns: (R, C) columns of each, in their new order.
        """
        keys, values = self._buffers or (self.keys, self.values)
        self.keys, self.values = _taken(keys, rows, columns), _taken(values, rows, columns)
        self._buffers = None

    def chosen(self, rows: Tensor, columns: Tensor) -> GrowingLayer:
        """A layer of its own with what `rearrange` would keep."""
        layer = GrowingLayer()
        layer.lazy_initialization(self.keys, self.values)
        layer.keys, layer.values, layer._buffers = self.keys, self.values, self._buffers
        layer.beginning = self.beginning
        layer.rearrange(rows, columns)
        return layer

    def append(self, rows: Tensor, other: GrowingLayer, count: int) -> None:
        """Adds another layer's last columns to some rows; the other rows get zeros there."""
        new = [self._blown_up(rows, states[:, :, -count:]) for states in (other.keys, other.values)]
        self.update(*new)

    def _blown_up(self, rows: Tensor, states: Tensor) -> Tensor:
        """(R, H, C, D) states as those of all rows."""
        everyone = states.new_zeros((len(self.keys), *states.shape[1:]))
        everyone[rows] = states
        return everyone


def _taken(states: Tensor, rows: Tensor, columns: Tensor) -> Tensor:
    """(R, H, C, D): some rows, and of each some columns.

    As one list of D-vectors, since indexing along several axes is slow.
    """
    _, heads, width, size = states.shape
    head = torch.arange(heads, device=rows.device)[:, None]
    places = (rows[:, None, None] * heads + head) * width + columns[:, None, :]
    vectors = states.reshape(-1, size).index_select(0, places.flatten())
    return vectors.view(len(rows), heads, -1, size)


def _wider(states: Tensor, like: Tensor, used: int, needed: int) -> Tensor:
    """A buffer for more columns than needed, with the used ones in place."""
    rows, heads, _, size = like.shape
    buffer = like.new_empty((rows, heads, int(GROWTH * needed), size))
    if used:
        buffer[:, :, :used] = states
    return buffer


def growing_cache(config: PreTrainedConfig) -> Cache:
    """An empty cache for a model."""
    return Cache(layers=[GrowingLayer() for _ in range(config.get_text_config().num_hidden_layers)])


def rearrange(cache: Cache, rows: Tensor, columns: Tensor) -> None:
    """Keeps some rows and some of their columns, in all layers that hold any."""
    for layer in cache.layers:
        if layer.is_initialized:
            cast("GrowingLayer", layer).rearrange(rows, columns)


def chosen(cache: Cache, rows: Tensor, columns: Tensor) -> Cache:
    """A cache of its own with some rows and some of their columns."""
    layers = [cast("GrowingLayer", layer) for layer in cache.layers]
    return Cache(layers=[layer.chosen(rows, columns) for layer in layers])


def append(cache: Cache, rows: Tensor, other: Cache, count: int) -> None:
    """Adds another cache's last columns to some rows, which are all of its rows."""
    for layer, new in zip(cache.layers, other.layers, strict=True):
        cast("GrowingLayer", layer).append(rows, cast("GrowingLayer", new), count)


def begin(cache: Cache) -> None:
    """Makes what the only row holds the beginning of all rows to come."""
    for layer in cache.layers:
        cast("GrowingLayer", layer).begin()


def begin_in_groups(cache: Cache, rows: int) -> None:
    """Makes what each row holds the beginning of a group; the rows to come hold nothing yet."""
    for layer in cache.layers:
        cast("GrowingLayer", layer).begin_in_groups(rows)


def beginnings(cache: Cache) -> dict[int, Beginning]:
    """Layer -> the beginning of all rows, or of groups; empty where there is none."""
    layers = (cast("GrowingLayer", layer) for layer in cache.layers)
    return {place: one.beginning for place, one in enumerate(layers) if one.beginning is not None}
