"""GRPO: the policy plays, and what earned more than its group becomes likelier.

    python -m train.grpo --policy runs/sft
    python -m train.grpo --policy runs/sft --mode turn --aggregation gdpo --out runs/gdpo

Starts from a policy of `train.sft`; writes a policy, `metrics.jsonl` with one line an optimiser
step, and the resolved configuration. A killed run goes on from its last checkpoint with `--resume`.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from tasks.load import load_tasks
from tools.types import Json
from train.bridge import Recipe, Rollouts
from train.policies import load_policy
from train.report import console
from train.results import require_same_plan
from train.rollouts import prompts


@dataclass(frozen=True, slots=True)
class Setup:
    """What is trained on; the recipe says how."""

    policy: str
    """The folder to start from."""
    data: str | None
    """What `tasks.load.load_tasks` takes."""
    mode: str
    """dialogue: an episode is a row. turn: a recorded decision is a row."""
    thinking: str
    """Whether a thought is required."""
    weights: dict[str, float] | None
    """Component -> weight, for those that differ from the default."""
    batch: int
    """Episodes played at a time."""

    @property
    def env_kwargs(self) -> dict[str, Json]:
        """What the environment is made with."""
        weights: Json = None if self.weights is None else {**self.weights}
        return {
            "mode": self.mode,
            "split": "train",
            "data": self.data,
            "thinking": self.thinking,
            "weights": weights,
        }


def grpo(setup: Setup, recipe: Recipe, out: Path, *, resume: bool = False) -> Path:
    """Trains and saves.

    Args:
        setup: What to train on.
        recipe: How.
        out: The folder of the new policy.
        resume: Whether to go on from the folder's last checkpoint, if it has one.

    Returns:
        The folder.

    Raises:
        ValueError: if there is no policy to start from, or the folder holds another run.
    """
    require_same_plan(out / "grpo.json", {"setup": asdict(setup), "recipe": asdict(recipe)})
    policy = load_policy(Path(setup.policy))
    tasks = load_tasks(setup.data)
    rows = prompts(
        tasks.split("train"),
        recipe.steps * recipe.prompts,
        by_turn=setup.mode == "turn",
        seed=recipe.seed,
    )
    rollouts = Rollouts(
        setup.env_kwargs,
        policy.live_maker(recipe.temperature),
        recipe,
        filler=policy.tokenizer.eos_token_id,
        batch=setup.batch,
    )
    console().print(f"GRPO · {policy.words} · {tasks.source} · {setup.mode} mode")
    ...
    return policy.save(out, f"{policy.words}, GRPO")


def main(argv: Sequence[str] | None = None) -> Path:
    """Trains as the command line says; returns the new policy's folder."""
    args = _parser().parse_args(argv)
    setup = Setup(
        policy=str(args.policy),
        data=args.data,
        mode=args.mode,
        thinking=args.thinking,
        weights=json.loads(args.weights) if args.weights else None,
        batch=args.batch,
    )
    ...
