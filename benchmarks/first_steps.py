r"""What GRPO's first steps do to episodes that they have not seen, by rate and by credit.

    python -m benchmarks.first_steps --policy runs/sft --episodes runs/grpo/episodes \
        --learned 2 4 --held-out 6 8 --rates 2e-5 5e-6 --credits branch episode

A run of GRPO keeps the episodes of some generations. From the policy that it began with, the
trainer learns some of these again, by each recipe, at a constant rate; then other generations tell
what that did to them: how far the policy has moved on what was said there (KL, nats a token, the
estimator exp(d) - 1 - d of the change d of a log-probability), and whether it makes what earned
more likelier than what earned less (in nats a token, summed over a group's advantages). Nothing is
played, so a recipe costs minutes. The episodes are those of a policy that had moved, too: compare
recipes by it, not days.
"""

from __future__ import annotations

import math
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path
from statistics import fmean, stdev
from typing import Annotated

import torch
from torch import Tensor

from agents.beginning import attending, recording
from agents.chat import Chat
from agents.console import console, show_table
from reasonact_env.episode import Episode
from reasonact_env.episodes.storage import read_episodes
from reasonact_env.replay.export import sft_examples
from tools.command import run
from tools.command_line import read_options
from tools.option_types import one_of
from train.models.policies import TrainedPolicy, load_policy
from train.models.precision import Use
from train.rl.bridge import grpo_config, make_trainer, on_device
from train.rl.prompts import Prompt
from train.rl.recipe import RECIPES, Recipe
from train.rl.rollouts import Sample, component_sums
from train.rl.stored import stored
from train.rl.trainer import Trainer
from train.runs.precision_option import BFLOAT16, FLOAT32

HEADS = ("credit", "rate", "moved, nats a token", "towards what earned more")


@dataclass(frozen=True, slots=True)
class FirstStepsOptions:
    """What is learned, and by which recipes."""

    policy: Path
    """The folder of the policy that the run began with."""
    episodes: Path
    """The folder of the run's episodes."""
    learned: tuple[int, ...] = (2, 4)
    """Generations to learn from, a step each."""
    held_out: tuple[int, ...] = (6, 8)
    """Generations to look at."""
    rates: tuple[float, ...] = (2e-5, 5e-6)
    """Learning rates."""
    credits: tuple[str, ...] = ("branch", "episode")
    """What advantages belong to."""
    precision: Annotated[str, one_of([FLOAT32, BFLOAT16])] = FLOAT32
    """In which numbers training and measuring compute."""


@dataclass(frozen=True, slots=True)
class Effect:
    """What some steps did to a held-out group."""

    moved: float
    """KL, in nats a token."""
    towards: float
    """Covariance of the group's returns with the changes of its episodes, in nats a token."""


def groups_of(folder: Path, number: int, chat: Chat) -> list[list[Sample]]:
    """A generation's episodes as rows, by group."""
    _, episodes = read_episodes(folder / f"{number:05d}.jsonl")
    rows = sorted((_sample(one, chat) for one in episodes), key=lambda one: one.task_id)
    return [list(group) for _, group in groupby(rows, key=lambda one: one.task_id)]


def _sample(episode: Episode, chat: Chat) -> Sample:
    """The episode as it was played, encoded anew."""
    example = next(iter(sft_examples(episode)))
    ids, said = chat.row(example["messages"], example["tools"])  # type: ignore[arg-type]
    start, end = said.index(1), len(said) - said[::-1].index(1)
    components, weighted = component_sums(episode)
    return Sample(
        prompt_ids=ids[:start],
        completion_ids=ids[start:end],
        env_mask=said[start:end],
        logprobs=[0.0] * (end - start),
        components=components,
        weighted=weighted,
        task_id=episode.task_id,
        clipped=False,
        messages=len(episode.steps),
        calling=0,
    )


def taught(
    policy: TrainedPolicy, recipe: Recipe, generations: Sequence[list[list[Sample]]]
) -> None:
    """Lets the trainer learn stored generations, at a constant rate."""
    samples = [one for groups in generations for group in groups for one in group]
    rows = [Prompt(group[0].task_id, None, 0) for groups in generations for group in groups]
    recipe = replace(recipe, trl={**recipe.trl, "lr_scheduler_type": "constant"})
    with tempfile.TemporaryDirectory() as out:
        config = grpo_config(
            recipe,
            None,
            Path(out),
            warmup_steps=0,
            save_strategy="no",
            **on_device(recipe.precision),
        )
        rollouts = stored(samples, recipe, policy.tokenizer)
        make_trainer(Trainer, policy.model, policy.tokenizer, rows, rollouts, config).train()


@torch.no_grad()
def logprobs(policy: TrainedPolicy, group: Sequence[Sample]) -> list[Tensor]:
    """(T,) the log-probabilities of each row's sampled tokens, in nats; the prompt is read once."""
    model = policy.model.eval()
    first = min((one.prompt_ids for one in group), key=len)[:-1]
    rows = [one.prompt_ids[len(first) :] + one.completion_ids for one in group]
    masks = [[0] * (len(one.prompt_ids) - len(first)) + one.env_mask for one in group]
    longest = max(map(len, rows))
    ids = torch.tensor([row + [0] * (longest - len(row)) for row in rows])
    with recording(model) as read:
        model(input_ids=torch.tensor([first]), use_cache=False, logits_to_keep=1)
    places = torch.arange(longest).expand(len(rows), -1) + len(first)
    with attending(model, read):
        hidden = model.base_model(input_ids=ids, position_ids=places, use_cache=False)[0]
    found = []
    for states, row, mask in zip(hidden, rows, masks, strict=True):
        said = torch.tensor(mask[1:], dtype=torch.bool)
        logits = model.get_output_embeddings()(states[: len(row) - 1][said]).float()
        target = torch.tensor(row[1:])[said]
        found.append(logits.log_softmax(-1).gather(1, target[:, None])[:, 0])
    return found


def effect(group: Sequence[Sample], before: Sequence[Tensor], after: Sequence[Tensor]) -> Effect:
    """What lies between two policies, on a group's episodes."""
    changes = [new - old for new, old in zip(after, before, strict=True)]
    moved = torch.cat([change.exp() - 1 - change for change in changes]).mean().item()
    mean = fmean(one.total for one in group)
    # A change a token, and not an episode: long episodes would weigh more, and they earn less.
    shares = [
        (one.total - mean) * change.mean().item()
        for one, change in zip(group, changes, strict=True)
    ]
    return Effect(moved, fmean(shares))


def measured(options: FirstStepsOptions) -> Iterator[tuple[str, ...]]:
    """A row for each recipe."""
    begun = load_policy(options.policy, Use.TRAIN, options.precision)
    chat = Chat(begun.tokenizer)
    learned = [groups_of(options.episodes, number, chat) for number in options.learned]
    held_out = [g for n in options.held_out for g in groups_of(options.episodes, n, chat)]
    half = torch.autocast("cpu", torch.bfloat16, enabled=options.precision == BFLOAT16)
    with half:
        before = [logprobs(begun, group) for group in held_out]
    prompts, group = len(learned[0]), len(learned[0][0])
    usual = replace(
        RECIPES[begun.profile.name],
        generations=len(learned),
        prompts=prompts,
        group=group,
        precision=options.precision,
    )
    for credit in options.credits:
        for rate in options.rates:
            policy = load_policy(options.policy, Use.TRAIN, options.precision)
            taught(policy, replace(usual, lr=rate, credit=credit), learned)
            with half:
                after = [logprobs(policy, one) for one in held_out]
            found = [effect(*three) for three in zip(held_out, before, after, strict=True)]
            moved, towards = ([getattr(one, n) for one in found] for n in ("moved", "towards"))
            yield credit, f"{rate:g}", f"{fmean(moved):.5f}", _with_error(towards)


def _with_error(values: Sequence[float]) -> str:
    """A mean and its standard error."""
    return f"{fmean(values):+.5f} ± {stdev(values) / math.sqrt(len(values)):.5f}"


def main(argv: Sequence[str] | None = None) -> None:
    """Prints what each recipe's steps do."""
    about = __doc__
    options = read_options(
        FirstStepsOptions, argv, prog="python -m benchmarks.first_steps", about=about
    )
    rows = []
    for row in measured(options):
        console().print("  ".join(row))
        rows.append(row)
    title = f"{len(options.learned)} steps of {options.policy}, looked at in other generations"
    show_table(title, HEADS, rows, words=2)


if __name__ == "__main__":
    run(main)
