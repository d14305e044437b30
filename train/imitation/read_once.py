"""What the rows of an optimiser step begin with, read once.

Dialogues of the order desk begin with the same rules and tools, more than half of their tokens.
They are read once; their keys and values are what all rows attend to (`agents.beginning`), and the
rows' gradients are summed there before they go on into the beginning. So a step costs one pass over
the beginning and one over what is each row's own, and the rows can be taken in small parts, which
keeps memory small. Where recorded dialogues come with several versions of their rules, those that
begin alike are taken together (`families`). Loss and gradients are those of whole rows, up to
rounding. Shapes: B rows of L tokens.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from typing import Any, Protocol, TypeAlias

import torch
from torch import Tensor
from transformers import PreTrainedModel

from agents.beginning import Beginning, attending, recording
from train.runs.freed import give_back_of
from train.runs.recomputation import anew_if_long, room

Batch: TypeAlias = Mapping[str, Tensor]
"""Rows in TRL's form: `input_ids`, `attention_mask` and `labels`, (B, L) each, padded right."""
COLUMNS = ("input_ids", "attention_mask", "labels")
WORTH = 32
"""A shorter beginning is read with each row: a pass of its own costs more. Chosen by hand."""


class Learn(Protocol):
    """Runs a part of a step's rows forward and backward."""

    def __call__(self, part: dict[str, Tensor], shared: int) -> Tensor:
        """Its loss, given how many tokens stand before it."""


def shared_tokens(batch: Batch) -> int:
    """How many tokens all rows begin with, so that the next one has no label either.

    What comes after the beginning is foretold by its own tokens alone. 0 where sharing saves
    nothing.
    """
    ids, labels = batch["input_ids"], batch["labels"]
    if len(ids) == 1:
        return 0
    same = (ids == ids[:1]).all(0) & batch["attention_mask"].bool().all(0)
    silent = (labels == -100).all(0)
    found = int((same & silent).long().cumprod(0).sum()) - 1
    return found if found >= WORTH else 0


def families(batch: Batch) -> list[tuple[Tensor, int]]:
    """Rows that begin alike: together they are read with the fewest tokens.

    In the order of their tokens, rows that begin alike stand next to each other; where the
    families are divided is found from the last row back.

    Args:
        batch: B rows.

    Returns:
        (rows, how many tokens they begin with) of each family; those that share nothing are one
        family, the last one, with 0 tokens.
    """
    ids = batch["input_ids"].tolist()
    order = sorted(range(len(ids)), key=ids.__getitem__)
    saved, ends, begins = [0] * (len(ids) + 1), [0] * len(ids), [0] * len(ids)
    for first in reversed(range(len(ids))):
        found = []
        for end in range(first + 1, len(ids) + 1):
            shared = shared_tokens(rows_of(batch, order[first:end]))
            found.append(((end - first - 1) * shared + saved[end], end, shared))
        saved[first], ends[first], begins[first] = max(found)
    alike, alone, at = [], [], 0
    while at < len(ids):
        some, shared, at = order[at : ends[at]], begins[at], ends[at]
        if shared:
            alike.append((torch.tensor(sorted(some)), shared))
        else:
            alone += some
    return [*alike, (torch.tensor(sorted(alone)), 0)] if alone else alike


def rows_of(batch: Batch, rows: Sequence[int] | Tensor) -> dict[str, Tensor]:
    """Some rows of a batch, in that order."""
    return {name: values[rows] for name, values in batch.items() if name in COLUMNS}


def parts(batch: Batch, shared: int, rows: int, most: int) -> Iterator[dict[str, Tensor]]:
    """What is each row's own, a few rows of like length at a time, without columns of padding.

    The masks are whole: TRL counts tokens by them.

    Args:
        batch: B rows.
        shared: How many tokens all of them begin with.
        rows: How many rows are taken at a time at most.
        most: Fewer rows are taken where their tokens would be so many.
    """
    lengths = batch["attention_mask"].sum(1)
    order = lengths.argsort(stable=True)
    for first, end in _cuts([int(lengths[row]) - shared for row in order], rows, most):
        some, longest = order[first:end], int(lengths[order[end - 1]])
        yield {
            "input_ids": batch["input_ids"][some, shared:longest],
            "labels": batch["labels"][some, shared:longest],
            "attention_mask": batch["attention_mask"][some, :longest],
        }


def _cuts(lengths: Sequence[int], rows: int, most: int) -> Iterator[tuple[int, int]]:
    """Where rows of rising lengths are divided: (first, end) of each part."""
    first = 0
    for at, length in enumerate(lengths):
        if at - first == rows or (at > first and (at - first + 1) * length >= most):
            yield first, at
            first = at
    yield first, len(lengths)


class Continues:
    """A model, called as TRL's loss calls it, whose rows go on after a shared beginning."""

    def __init__(self, model: Callable[..., Any], shared: int) -> None:
        """Keeps the model and the length of the beginning that it attends to."""
        self._model, self._shared = model, shared

    def __call__(self, *, input_ids: Tensor, attention_mask: Tensor, **rest: Any) -> Any:
        """The output for (B, L) tokens; padding follows a row's tokens, so that none sees it."""
        places = torch.arange(input_ids.shape[1], device=input_ids.device) + self._shared
        return self._model(
            input_ids=input_ids, position_ids=places.expand(len(input_ids), -1), **rest
        )


class OnceRead:
    """A beginning that was read once, and what has been learned about it since.

    Rows that go on after it attend to copies of its keys and values that are cut off from the pass
    that made them; so their gradients are summed there until `pass_on`.
    """

    def __init__(self, model: PreTrainedModel, ids: Tensor, after: OnceRead | None = None) -> None:
        """Reads a beginning, with gradients.

        Args:
            model: One of which `agents.beginning.can_share` is true, as training calls it.
            ids: (P,) tokens.
            after: A beginning that this one goes on after; it has to pass on later than this one.
        """
        before = 0 if after is None else len(after.ids)
        self.ids: Tensor = ids if after is None else torch.cat([after.ids, ids])
        self._model, self._after = model, after
        places = torch.arange(before, before + len(ids), device=ids.device)
        with self._recording() as self._read, anew_if_long(model, len(ids)):
            model(input_ids=ids[None], position_ids=places[None], use_cache=False, logits_to_keep=1)
        self._leaves = {
            layer: Beginning(*(one.detach().requires_grad_() for one in pair))
            for layer, pair in self._read.items()
        }

    @contextmanager
    def attended(self) -> Iterator[None]:
        """While it lasts, rows go on after this beginning."""
        with attending(self._model, self._whole()):
            yield

    def _whole(self) -> Mapping[int, Beginning]:
        """Layer -> all that rows attend to; their gradients reach the leaves of both parts."""
        if self._after is None:
            return self._leaves
        first = self._after._whole()
        return {
            layer: Beginning(*(torch.cat(both, 2) for both in zip(first[layer], own, strict=True)))
            for layer, own in self._leaves.items()
        }

    def _recording(self, *, again: bool = False) -> AbstractContextManager[Mapping[int, Beginning]]:
        before = None if self._after is None else self._after._whole()
        return recording(self._model, before, again=again)

    def pass_on(self) -> None:
        """Passes what the rows have learned on into the model; once, when all have learned."""
        pairs = [
            (state, leaf.grad)
            for layer, pair in self._read.items()
            for state, leaf in zip(pair, self._leaves[layer], strict=True)
            if leaf.grad is not None
        ]
        if not pairs:  # no row has learned anything
            return
        states, gradients = zip(*pairs, strict=True)
        with self._recording(again=True):  # for layers whose activations are computed anew
            torch.autograd.backward(states, gradients)
        give_back_of(self._model)


def through_beginning(
    model: PreTrainedModel,
    ids: Tensor,
    each: Iterator[dict[str, Tensor]],
    learn: Callable[[dict[str, Tensor]], Tensor],
) -> Tensor:
    """Learns from rows in parts, and from their beginning through what they attended to.

    Args:
        model: One of which `agents.beginning.can_share` is true, as training calls it.
        ids: (P,) the beginning.
        each: The parts.
        learn: Runs a part forward and backward, and returns its loss.

    Returns:
        The sum of the parts' losses.
    """
    once = OnceRead(model, ids)
    with once.attended():
        total = torch.stack([learn(part) for part in each]).sum()
    once.pass_on()
    return total


def through_families(
    model: PreTrainedModel,
    batch: Batch,
    rows: int,
    learn: Learn,
) -> Tensor:
    """Learns from a step's rows; what some of them begin with is read once.

    Args:
        model: As for `through_beginning`.
        batch: B rows.
        rows: How many rows are taken at a time at most.
        learn: Learns from a part.

    Returns:
        The sum of all losses.
    """
    losses = []
    for some, shared in families(batch):
        alike = rows_of(batch, some)
        after = partial(learn, shared=shared)
        each = parts(alike, shared, rows, room(model))
        if shared:
            losses.append(through_beginning(model, alike["input_ids"][0, :shared], each, after))
        else:
            losses += map(after, each)
    return torch.stack(losses).sum()
