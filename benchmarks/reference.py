"""GRPO written down from its definitions, slowly; `benchmarks.trainer_reference` compares with it.

Nothing here is the trainer's: every row is read by itself, in double precision, without padding,
caches or anything left out. The definitions are those on top of `train/rl/step.py`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, stdev

import torch
from torch import Tensor, nn

EQUAL = 1e-6
"""Returns that differ by less are equal."""
SOFTENED = 1e-4
"""What is added to a standard deviation that divides."""
Scores = Mapping[str, float | None]


@dataclass(frozen=True, slots=True)
class Row:
    """One episode, as it was played."""

    prompt: Sequence[int]
    """Tokens up to the policy's first one."""
    said: Sequence[int]
    """(T,) the tokens after them."""
    mask: Sequence[int]
    """(T,) 1 where the loss counts a token."""
    total: float
    """The return, as the environment gave it."""
    scores: Scores
    """Each component's score."""


@dataclass(frozen=True, slots=True)
class Loss:
    """Which loss."""

    kind: str = "dapo"
    """TRL's `loss_type`."""
    by_sequence: bool = False
    """Whether a ratio belongs to a row."""
    low: float = 0.2
    """How far a ratio may fall."""
    high: float = 0.28
    """How far it may rise; for cispo, where it is held."""
    delta: float | None = None
    """Where a ratio is held that a negative advantage would let grow."""
    beta: float = 0.0
    """Weight of the KL to the policy that training starts from."""
    longest: int = 4096
    """The length by which dr_grpo divides."""


def returns_above(rows: Sequence[Row], group: int, scale: str) -> list[float]:
    """Each row's return above its group's mean, divided as TRL's `scale_rewards` says."""
    totals = [row.total for row in rows]
    return _normalised(totals, group, scale)


def components_above(rows: Sequence[Row], group: int, weights: Mapping[str, float]) -> list[float]:
    """Each component normalised in its group; their weighted sum normalised over all rows."""
    sums = [0.0] * len(rows)
    for name, weight in weights.items():
        for start in range(0, len(rows), group):
            column = [row.scores[name] for row in rows[start : start + group]]
            if None not in column:
                known = [float(score or 0.0) for score in column]
                for place, one in enumerate(_normalised(known, group, "group"), start):
                    sums[place] += weight * one
    spread, mean = stdev(sums), fmean(sums)
    return [(one - mean) / (spread + SOFTENED) if abs(one) > 0 else 0.0 for one in sums]


def _normalised(values: Sequence[float], group: int, scale: str) -> list[float]:
    found: list[float] = []
    for start in range(0, len(values), group):
        own = values[start : start + group]
        divisor = {"group": own, "batch": values}.get(scale)
        spread = 1.0 if divisor is None else stdev(divisor) + SOFTENED
        equal = max(own) - min(own) < EQUAL
        found += [0.0 if equal else (one - fmean(own)) / spread for one in own]
    return found


def where_they_part(
    rows: Sequence[Sequence[int]],
    returns: Sequence[float],
    group: int,
    tags: tuple[int, int] | None = None,
    thinking: Sequence[Sequence[bool]] | None = None,
) -> list[list[float]]:
    """Each token's return above those of the group that said the same until then.

    A message's token is compared with rows that said the same, whatever they thought; a thought's
    token with those of them that thought the same until then.

    Args:
        rows: B rows of tokens, a group's next to each other.
        returns: (B,) their returns.
        group: G.
        tags: The tokens that open and close a thought.
        thinking: B rows, True where a token stands in a thought that the row does not open itself.
    """
    result = [[0.0] * len(row) for row in rows]
    opened = thinking or [[False] * len(row) for row in rows]
    ways = [_apart(row, tags, within) for row, within in zip(rows, opened, strict=True)]
    spoken = [[word[0] for word in way] for way in ways]
    for i, way in enumerate(ways):
        first = i // group * group
        for k, (_, place, thought) in enumerate(way):
            alike = [
                j
                for j in range(first, min(first + group, len(rows)))
                if len(ways[j]) > k and spoken[j][:k] == spoken[i][:k]
            ]
            own = {j: ways[j][k][0] for j in alike}
            if place is not None:
                result[i][place] = _above(i, own, returns)
            for n, (_, inner) in enumerate(thought):
                same = {
                    j: ways[j][k][2][n][0]
                    for j in alike
                    if len(ways[j][k][2]) > n
                    and [w[0] for w in ways[j][k][2][:n]] == [w[0] for w in thought[:n]]
                }
                if inner is not None and (inner != place or _parts(same, returns)):
                    result[i][inner] = _above(i, same, returns)
    return result


def _parts(own: Mapping[int, int | None], returns: Sequence[float]) -> bool:
    earned = [returns[j] for j in own]
    return len(set(own.values())) > 1 and max(earned) - min(earned) >= EQUAL


def _above(row: int, own: Mapping[int, int | None], returns: Sequence[float]) -> float:
    return returns[row] - fmean(returns[j] for j in own) if _parts(own, returns) else 0.0


_Words = list[tuple[int | None, int | None, list[tuple[int | None, int | None]]]]


def opened_before(row: Row, tags: tuple[int, int] | None) -> list[bool]:
    """Where the row's thoughts begin that the template has opened.

    That is its first token, if the prompt's last tag opens a thought, and the first token of each
    message whose first tag closes one.
    """
    found = [False] * len(row.said)
    if tags is None:
        return found
    last = [token for token in row.prompt if token in tags][-1:]
    found[0] = last == [tags[0]]
    for place, mask in enumerate(row.mask):
        if mask and not (place and row.mask[place - 1]):
            end = (*row.mask, 0).index(0, place)
            first = [token for token in row.said[place:end] if token in tags][:1]
            found[place] = found[place] or first == [tags[1]]
    return found


def _apart(row: Sequence[int], tags: tuple[int, int] | None, opened: Sequence[bool]) -> _Words:
    """The row's tokens outside thoughts, each with the thought before it and itself at its end."""
    opening, closing = tags or (None, None)
    found: _Words = []
    thought: list[tuple[int | None, int | None]] = []
    inside = False
    for place, token in enumerate(row):
        inside = inside or opened[place]
        if inside and token != closing:
            thought.append((token, place))
            continue
        found.append((token, place, [*thought, (token, place)] if inside else []))
        thought, inside = [], token == opening
    return [*found, (None, None, thought)] if thought else found


def logprobs(model: nn.Module, row: Row, temperature: float) -> tuple[Tensor, Tensor]:
    """(T,) log-probabilities of what followed the prompt, and (T,) entropies, in nats."""
    ids = torch.tensor([[*row.prompt, *row.said]])
    logits = model(input_ids=ids).logits[0, len(row.prompt) - 1 : -1].double() / temperature
    every = logits.log_softmax(-1)
    return every[range(len(row.said)), list(row.said)], -(every.exp() * every).sum(-1)


def loss_of(
    kind: Loss,
    now: Sequence[Tensor],
    before: Sequence[Tensor],
    start: Sequence[Tensor],
    advantages: Sequence[Tensor],
    masks: Sequence[Tensor],
    tokens: float,
) -> tuple[Tensor, float]:
    """The loss of one update, and the share of what it clips.

    Args:
        kind: Which loss.
        now: Per row, (T,) log-probabilities with a gradient.
        before: Under the policy that played.
        start: Under the policy that training starts from.
        advantages: Per row, (T,).
        masks: Per row, (T,), 1 where a token counts.
        tokens: N, by which the losses divide that are normalised over the generation.
    """
    sums, clipped, counted = [], 0.0, 0.0
    for each, old, base, gain, mask in zip(now, before, start, advantages, masks, strict=True):
        told, out = _tokens(kind, each, old, gain, mask)
        if kind.beta:  # k3 times the ratio, so that its gradient is that of the KL
            told = told + kind.beta * ((base - each).exp() - (base - each) - 1) * (each - old).exp()
        sums.append((told * mask).sum())
        by_row = kind.by_sequence and bool((gain == gain[0]).all())
        clipped += float(out[0]) if by_row else float((out * mask).sum())
        counted += 1 if by_row else float(mask.sum())
    lengths = [max(1.0, float(mask.sum())) for mask in masks]
    whole = torch.stack(sums)
    match kind.kind:
        case "dapo" | "cispo":
            loss = whole.sum() / tokens
        case "grpo" | "sapo":
            loss = (whole / torch.tensor(lengths)).mean()
        case "bnpo":
            loss = whole.sum() / sum(lengths)
        case "dr_grpo":
            loss = whole.sum() / (len(sums) * kind.longest)
        case _:
            raise ValueError(f"expected a loss that is written down here, got {kind.kind!r}")
    return loss, clipped / max(1.0, counted)


def _tokens(
    kind: Loss, now: Tensor, old: Tensor, gain: Tensor, mask: Tensor
) -> tuple[Tensor, Tensor]:
    """(T,) each token's loss, and (T,) 1 where its ratio is clipped."""
    away = now - old
    if kind.by_sequence:
        away = ((away * mask).sum() / max(1.0, float(mask.sum()))).expand(len(now))
    ratio = away.exp()
    held = ratio if kind.delta is None else ratio.clamp(max=kind.delta)
    if kind.kind == "cispo":
        return -ratio.clamp(max=kind.high).detach() * gain * now, torch.zeros_like(now)
    if kind.kind == "sapo":
        warmth = torch.where(gain > 0, 1.0, 1.05).double()
        return -torch.sigmoid(warmth * (ratio - 1)) * 4 / warmth * gain, torch.zeros_like(now)
    out = ((held < 1 - kind.low) & (gain < 0)) | ((held > 1 + kind.high) & (gain > 0))
    range_ = ratio.clamp(1 - kind.low, 1 + kind.high)
    return -torch.minimum(held * gain, range_ * gain), out.double()


def largest(pairs: Sequence[tuple[float, float]]) -> float:
    """The largest difference; infinite where one of the two is no number."""
    apart = [abs(a - b) for a, b in pairs]
    return math.inf if any(map(math.isnan, apart)) else max(apart, default=0.0)
