"""Whether the failures of GRPO are named when they are provoked, and only then.

    python -m benchmarks.failures --policy runs/demo/sft

Trains the same policy five times: as it should be, with a reward that pays length, with one that
pays calls, with ten times the learning rate, and with a learning rate of 0, where only chance moves
anything. Prints what `train.runs.failure_detectors` says of each journal, and from which step on.
Without a policy it trains a smaller one by a little imitation.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, TypeAlias, cast

import torch

from agents.console import console, plain_table
from tasks.load import load_tasks
from tools.command import run
from tools.command_line import read_options
from tools.option_types import Repeated, one_of
from tools.places import require_place
from tools.ranges import require_above, require_at_least
from train import grpo, sft
from train.models.model import tiny_model
from train.models.policies import CARD, TrainedPolicy
from train.models.profiles import DEMO, TinyModel
from train.models.tokenizer import train_tokenizer
from train.rl.recipe import RECIPES
from train.runs.failure_detectors import Signature, failures
from train.runs.run import METRICS
from train.runs.trends import read

DATA = "desk:400:7"
SHAPE = TinyModel(layers=2, hidden=64, heads=2, vocabulary=600)
SIZE = ("--prompts", "4", "--group", "8")
LR = RECIPES["demo"].lr
"""The learning rate that goes well."""


@dataclass(frozen=True, slots=True)
class Case:
    """A run and the failure that its journal should show."""

    name: str
    """What is done to it."""
    options: tuple[str, ...]
    """Options of train.grpo."""
    expected: Signature | None
    """The failure to be named; None for none at all."""


CASES = (
    Case("healthy", ("--grpo-lr", f"{LR}"), None),
    Case("chance", ("--grpo-lr", "0"), None),
    Case(
        "length",
        ("--grpo-lr", f"{LR}", "--reward", "benchmarks.bad_rewards:pays_length=0.8333"),
        Signature.LENGTH_PAYS,
    ),
    Case(
        "calls",
        ("--grpo-lr", f"{LR}", "--reward", "benchmarks.bad_rewards:pays_calls=0.8333"),
        Signature.CALL_HAPPY,
    ),
    Case("lr-x10", ("--grpo-lr", f"{10 * LR}"), Signature.STEP_TOO_LARGE),
)


Named: TypeAlias = dict[Signature, tuple[int, str]]
"""Signature -> the step from which on it is seen, and its evidence there."""


def start(out: Path, epochs: float) -> Path:
    """A small policy that has imitated a little; it is trained once."""
    if not (out / CARD).exists():
        tokenizer = train_tokenizer(load_tasks(DATA).split("train"), SHAPE.vocabulary)
        made = TrainedPolicy(tiny_model(SHAPE, tokenizer, seed=0), tokenizer, DEMO, "random")
        base = made.save(out.with_name(f"{out.name}-base"), made.words)
        options = ["--model", str(base), "--data", DATA, "--sft-epochs", str(epochs)]
        sft.main([*options, "--out", str(out)])
    return out


def train(policy: Path, case: Case, steps: int, out: Path) -> Path:
    """A run, unless it is there; returns its journal."""
    if not (out / CARD).exists():
        size = ["--generations", str(steps), *SIZE, "--eval-tasks", "0"]
        common = ["--policy", str(policy), "--data", DATA, "--max-turns", "12"]
        grpo.main([*common, *size, *case.options, "--out", str(out)])
    return out / METRICS


def first_named(journal: Path) -> Named:
    """Each signature with the step from which on it is seen first, and its evidence there."""
    lines, found = read(journal), cast("Named", {})
    for end in range(1, len(lines) + 1):
        for failure in failures(lines[:end]):
            found.setdefault(failure.signature, (end, failure.evidence))
    return found


def said(case: Case, found: Named) -> list[tuple[str, ...]]:
    """A row for each signature."""
    steps = {str(name): str(step) for name, (step, _) in found.items()} or {"nothing": ""}
    return [(case.name, case.expected or "nothing", name, step) for name, step in steps.items()]


@dataclass(frozen=True, slots=True)
class Options:
    """What is trained."""

    policy: Path | None = None
    """A folder of train.sft; one is trained unless given."""
    generations: int = 16
    """Of each run."""
    sft_epochs: float = 1.0
    """Passes of imitation."""
    case: Repeated[tuple[Annotated[str, one_of([case.name for case in CASES])], ...]] = ()
    """These runs alone; all unless given."""
    threads: int = 1
    """CPU threads."""
    out: Path = Path("runs/failures")
    """The folder of the runs."""

    def __post_init__(self) -> None:
        """Refuses what is out of range."""
        require_at_least(self, 1, "generations", "threads")
        require_above(self, 0, "sft_epochs")


def main(argv: Sequence[str] | None = None) -> dict[str, Named]:
    """Trains what is not there yet, and prints what is said of it."""
    args = read_options(Options, argv, prog="python -m benchmarks.failures", about=__doc__)
    require_place(args.out / "policy")
    torch.set_num_threads(args.threads)
    policy = args.policy or start(args.out / "policy", args.sft_epochs)
    chosen = [case for case in CASES if case.name in (args.case or [case.name])]
    found: dict[str, Named] = {
        case.name: first_named(train(policy, case, args.generations, args.out / case.name))
        for case in chosen
    }
    heads = ("run", "expected", "named", "from step")
    rows = [row for case in chosen for row in said(case, found[case.name])]
    console().print(plain_table(f"{args.generations} steps on {DATA}", heads, rows))
    for name, named in found.items():
        for _, evidence in named.values():
            console().print(f"{name}: {evidence}.")
    return found


if __name__ == "__main__":
    run(main)
