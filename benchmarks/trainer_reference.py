"""The trainer against a reference that is written down from the definitions.

    OMP_NUM_THREADS=1 python -m benchmarks.trainer_reference
    OMP_NUM_THREADS=1 python -m benchmarks.trainer_reference --only branch --skip-resume

A tiny random policy plays two generations of every variant and learns from them.
`benchmarks/reference.py` computes the same step, row by row and in double precision: rewards,
advantages, log-probabilities, loss, gradient, entropy and the clipped share. The table has the
largest differences. Then SFT rows are compared, token for token, with what a policy reads and says
that plays the recorded dialogues, and a pipeline is killed with -9 in every stage and begun again
(`benchmarks.resume`, the longest part).
"""

from __future__ import annotations

import copy
import tempfile
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

import torch
from torch import Tensor

from agents.console import console, plain_table, progress
from benchmarks import reference, resume
from benchmarks.machine import machine
from benchmarks.reference import Row, largest
from benchmarks.reference_learned import VARIANTS, Learned, Variant, learn, make_policy
from benchmarks.reference_rows import rows_that_differ
from reasonact_env.episode import Episode
from reasonact_env.reward import load_rewards
from tools.command import run
from tools.command_line import read_options
from tools.files import write_json
from train.models.policies import load_policy
from train.rl.credit import BRANCH, EPISODE
from train.rl.recipe import GDPO, Recipe
from train.rl.rewards import component_weights
from train.rl.step import Generation
from train.rl.tags import thought_tags

HEADS = (
    *("variant", "reward", "advantage", "log-prob", "loss", "gradient", "its size"),
    *("entropy", "clipped"),
)


@dataclass(frozen=True, slots=True)
class Differences:
    """The largest differences of a variant, over its steps."""

    reward: float
    """Of a return."""
    advantage: float
    """Of a token's advantage."""
    logprob: float
    """Of a sampled token's log-probability, in nats."""
    loss: float
    """Of a step's loss."""
    gradient: float
    """Of any entry of a step's gradient."""
    size: float
    """The largest entry of these gradients, to compare with."""
    entropy: float
    """Of the entropy that is logged, in nats."""
    clipped: float | None
    """Of the clipped share that is logged; None for losses without one."""

    @property
    def cells(self) -> list[str]:
        """A row of the table."""
        numbers = (self.reward, self.advantage, self.logprob, self.loss, self.gradient, self.size)
        last = (self.entropy, self.clipped)
        return ["-" if one is None else f"{one:.1e}" for one in (*numbers, *last)]


def compare(variant: Variant, policy: Path, out: Path) -> Differences:
    """A variant's largest differences from the reference."""
    learned, model = learn(variant, policy, out), load_policy(policy).model.double()
    weights = component_weights(None, load_rewards(tuple(variant.env.get("rewards", ()))))
    found_tags = thought_tags(load_policy(policy).tokenizer)
    tags = (found_tags.opening, found_tags.closing)
    found: list[Differences] = []
    for number, generation in enumerate(learned.generations):
        rows = _rows(generation, learned.episodes[number])
        given = _advantages(rows, learned.recipe, weights, tags)
        before = Whole(rows, given, generation, learned, model, number, 0)
        played = before.read(number * learned.recipe.updates)
        for update in range(learned.recipe.updates):
            step = number * learned.recipe.updates + update
            found.append(_step(variant, replace(before, update=update), played, step))
    return _most(found)


def _most(found: Sequence[Differences]) -> Differences:
    """The largest of each."""

    def most(name: str) -> Any:
        return max((x for one in found if (x := getattr(one, name)) is not None), default=None)

    return Differences(*(most(name) for name in Differences.__slots__))


@dataclass(frozen=True, slots=True)
class Whole:
    """All that one step of the reference needs."""

    rows: Sequence[Row]
    """The generation's rows."""
    advantages: Sequence[Sequence[float]]
    """(B, T) by the reference."""
    generation: Generation
    """What the trainer made of them."""
    learned: Learned
    """All that it did."""
    model: Any
    """A model in double precision, whose weights are set here."""
    number: int
    """The generation's number."""
    update: int
    """The number of the update within it."""

    @property
    def own(self) -> slice:
        """The update's rows."""
        size = len(self.rows) // self.learned.recipe.updates
        return slice(self.update * size, (self.update + 1) * size)

    def at(self, step: int) -> Any:
        """The model before a step."""
        model = copy.deepcopy(self.model)
        with torch.no_grad():
            for name, one in model.named_parameters():
                one.copy_(self.learned.watch.weights[step][name])
        return model

    def read(self, step: int) -> list[tuple[Tensor, Tensor]]:
        """Each row's log-probabilities and entropies before a step."""
        model, temperature = self.at(step), self.learned.recipe.temperature
        with torch.no_grad():
            return [reference.logprobs(model, row, temperature) for row in self.rows]


def _step(
    variant: Variant, whole: Whole, played: Sequence[tuple[Tensor, Tensor]], step: int
) -> Differences:
    recipe, learned, model = whole.learned.recipe, whole.learned, whole.at(step)
    rows = whole.rows[whole.own]
    now = [reference.logprobs(model, row, recipe.temperature)[0] for row in rows]
    start = [one[0] for one in (whole.read(0) if variant.loss.beta else played)[whole.own]]
    masks = [torch.tensor(row.mask).double() for row in rows]
    gains = [torch.tensor(one).double() for one in whole.advantages[whole.own]]
    tokens = sum(sum(row.mask) for row in whole.rows) / recipe.updates
    before = [one[0] for one in played[whole.own]]
    kind = replace(variant.loss, longest=recipe.max_tokens)
    loss, clipped = reference.loss_of(kind, now, before, start, gains, masks, tokens)
    torch.autograd.backward(loss)
    ours, log = learned.watch.gradients[step], learned.log[step]
    theirs = {name: one.grad for name, one in model.named_parameters()}
    logged = log.get("clip_ratio/region_mean")
    return Differences(
        reward=largest([_reward(one) for one in whole.learned.episodes[whole.number]]),
        advantage=_apart(whole),
        logprob=_sampled_apart(whole, [one[0] for one in played]),
        loss=abs(float(loss) - log["loss"]),
        gradient=max(float((ours[name] - one).abs().max()) for name, one in theirs.items()),
        size=max(float(one.abs().max()) for one in theirs.values()),
        entropy=abs(_entropy(whole, [one[1] for one in played]) - log["entropy"]),
        clipped=None if logged is None else abs(logged - clipped),
    )


def _rows(generation: Generation, episodes: Sequence[Episode]) -> list[Row]:
    """The generation's rows, their rewards as the environment tells them."""
    return [
        Row(one.prompt_ids, one.completion_ids, one.env_mask, episode.total, _scores(episode))
        for one, episode in zip(generation.samples, episodes, strict=True)
    ]


def _scores(episode: Episode) -> dict[str, float | None]:
    found: dict[str, float | None] = {}
    for step in episode.steps:
        for name, score in step.components.items():
            known = found.get(name)
            found[name] = known if score is None else (known or 0.0) + score
    return found


def _reward(episode: Episode) -> tuple[float, float]:
    """The return, and the sum of weights times scores."""
    paid = [
        step.weights[name] * score
        for step in episode.steps
        for name, score in step.components.items()
        if score is not None
    ]
    return episode.total, sum(paid)


def _advantages(
    rows: Sequence[Row], recipe: Recipe, weights: Mapping[str, float], tags: tuple[int, int] | None
) -> list[list[float]]:
    """(B, T) each token's advantage by the reference."""
    if recipe.credit == BRANCH:
        said, totals = [row.said for row in rows], [row.total for row in rows]
        opened = [reference.opened_before(row, tags) for row in rows]
        return reference.where_they_part(said, totals, recipe.group, tags, opened)
    assert recipe.credit == EPISODE
    if recipe.aggregation == GDPO:
        each = reference.components_above(rows, recipe.group, weights)
    else:
        scale = str(recipe.trl.get("scale_rewards", "group"))
        each = reference.returns_above(rows, recipe.group, scale)
    return [[one] * len(row.said) for one, row in zip(each, rows, strict=True)]


def _apart(whole: Whole) -> float:
    """The largest difference of an advantage."""
    pairs: list[tuple[float, float]] = []
    for ours, theirs in zip(whole.generation.advantages, whole.advantages, strict=True):
        own = ours if isinstance(ours, list) else [float(cast("float", ours))] * len(theirs)
        pairs += zip(own, theirs, strict=True)
    return largest(pairs)


def _sampled_apart(whole: Whole, fresh: Sequence[Tensor]) -> float:
    """The largest difference between kept log-probabilities and those of a fresh forward pass."""
    pairs: list[tuple[float, float]] = []
    for sample, row in zip(whole.generation.samples, fresh, strict=True):
        told = zip(sample.logprobs, row.tolist(), strict=True)
        pairs += [(kept, new) for kept, new in told if kept]  # 0 where others spoke
    return largest(pairs)


def _entropy(whole: Whole, entropies: Sequence[Tensor]) -> float:
    """The mean over all sampled tokens, those included that carry no loss."""
    said = [torch.tensor(sample.logprobs) != 0 for sample in whole.generation.samples]
    every = [row[mask] for row, mask in zip(entropies, said, strict=True)]
    return float(torch.cat(every).mean())


@dataclass(frozen=True, slots=True)
class Options:
    """What is compared."""

    only: str | None = None
    """Only variants with this in their name."""
    skip_resume: bool = False
    """Without the pipeline that is killed."""
    out: Path = Path("runs/trainer-reference")
    """Where figures and runs are written."""

    def __post_init__(self) -> None:
        """Refuses a name that no variant has."""
        if not self.chosen:
            names = "; ".join(one.name for one in VARIANTS)
            raise ValueError(f"expected --only with a part of a name of {names}; got {self.only!r}")

    @property
    def chosen(self) -> list[Variant]:
        """The variants that are compared."""
        return [one for one in VARIANTS if self.only is None or self.only in one.name]


def main(argv: Sequence[str] | None = None) -> dict[str, Differences]:
    """Prints the table, writes it as JSON, and returns the differences."""
    about = __doc__
    args = read_options(Options, argv, prog="python -m benchmarks.trainer_reference", about=about)
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        policy = make_policy(folder / "policy")
        with progress("Variants", len(args.chosen)) as advance:
            found = {}
            for one in args.chosen:
                found[one.name] = compare(one, policy, folder / one.name)
                advance(1)
        unlike, count = rows_that_differ(policy)
    rows = [(name, *one.cells) for name, one in found.items()]
    console().print(plain_table("Trainer and reference, largest differences", HEADS, rows))
    console().print(f"SFT rows that differ from what a policy reads and says: {unlike} of {count}")
    resumed = None if args.skip_resume else resume.main(["--out", str(args.out / "resume")])
    variants = {
        name: {field: getattr(one, field) for field in one.__slots__} for name, one in found.items()
    }
    figures = {"variants": variants, "rows": {"differ": unlike, "of": count}, "resumed": resumed}
    path = write_json(args.out / "trainer_reference.json", {**figures, "machine": machine()})
    console().print(f"Numbers: {path}")
    return found


if __name__ == "__main__":
    run(lambda: main() and None)
