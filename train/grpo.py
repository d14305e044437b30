"""GRPO: the policy plays, and what earned more than its group becomes likelier.

    python -m train.grpo --policy runs/sft
    python -m train.grpo --policy runs/sft --mode turn --aggregation gdpo --out runs/gdpo

Starts from a policy of `train.sft`; writes a policy, `metrics.jsonl` with one line an optimiser
step, and the resolved configuration. A killed run goes on from its last checkpoint by `--resume`.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from agents.console import console
from reasonact_env.config import EnvConfig
from tasks.load import load_tasks
from tasks.types import Task, TaskSet
from tools.types import Json
from train.models.policies import CARD, TrainedPolicy, load_policy
from train.rl.bridge import Rollouts, grpo_config, make_trainer, on_device
from train.rl.heldout import SPLIT, HeldOut
from train.rl.recipe import RECIPES, Recipe, add_options, changed
from train.rl.rollouts import prompts
from train.rl.task_sampler import TaskSampler
from train.rl.vllm import ADDRESS, COLOCATE, SERVER, require_vllm, settings
from train.runs import processes
from train.runs.journal import Journal
from train.runs.live import Teller, view
from train.runs.run import METRICS, Run, begin, data_identity, last_checkpoint
from train.runs.trackers import TRACKERS, require_trackers

GREEDY = 0.0
"""The temperature at which held-out tasks are played."""


@dataclass(frozen=True, slots=True)
class GrpoSettings:
    """What is trained on; the recipe says how."""

    policy: str
    """The folder to start from."""
    data: str | None = None
    """What `tasks.load.load_tasks` takes."""
    mode: str = "dialogue"
    """dialogue: an episode is a row. turn: a recorded decision is a row."""
    thinking: str = "optional"
    """Whether a thought is required."""
    weights: dict[str, float] | None = None
    """Component -> weight, for those that differ from the default."""
    batch: int | None = None
    """Episodes played at a time; None for as many as the policy's profile says."""
    max_turns: int | None = None
    """Limit on the policy's messages while it trains; None for the environment's own."""
    user: str = "own"
    """Who talks to the policy in dialogues: what `reasonact_env.users.make` knows."""
    rewards: tuple[str, ...] = ()
    """Further components, `MODULE:NAME=SHARE` each."""
    eval_every: int = 10
    """Generations between two looks at held-out tasks; 0 for none."""
    eval_tasks: int = 32
    """How many these are."""

    @property
    def by_turn(self) -> bool:
        """Whether a row is a decision and not an episode."""
        return self.mode == "turn"

    @property
    def env(self) -> EnvConfig:
        """What the environment is made with."""
        return EnvConfig(
            mode=self.mode,
            data=self.data,
            thinking=self.thinking,
            weights=self.weights,
            max_turns=self.max_turns,
            user=self.user,
            rewards=self.rewards,
        )


def grpo(
    policy: TrainedPolicy,
    setup: GrpoSettings,
    recipe: Recipe,
    out: Path,
    report_to: Sequence[str] = (),
    drawing: Mapping[str, Any] | None = None,
) -> Path:
    """Trains a policy and saves it, going on from the folder's last checkpoint if it has one.

    Args:
        policy: Where to start.
        setup: What to train on.
        recipe: How.
        out: The folder of the new policy.
        report_to: Trackers that get the journal's numbers too, by TRL's names.
        drawing: TRL's settings of what draws the messages, as `train.rl.vllm.settings` has them;
            None for the model itself.

    Returns:
        The folder.

    Raises:
        ValueError: if the folder holds another run.
    """
    tasks = load_tasks(setup.data)
    described = {"setup": asdict(setup), "recipe": asdict(recipe)}
    model: dict[str, Json] = {"name": policy.words, "sha256": policy.fingerprint}
    begin(out, Run("grpo", described, data_identity(tasks), model))
    if (out / CARD).exists():
        return out
    count = recipe.generations * recipe.prompts
    rows = prompts(tasks.split("train"), count, by_turn=setup.by_turn, seed=recipe.seed)
    rollouts = _rollouts(policy, setup, recipe, tasks, out)
    own = {**on_device(), **(drawing or {}), "report_to": list(report_to), "run_name": out.name}
    config = grpo_config(recipe, setup.weights, out / "checkpoints", extras=rollouts.extras, **own)
    title = f"GRPO of {policy.words} on {tasks.source}, {setup.mode} mode"
    held_out = _held_out(policy, setup, recipe, tasks, rollouts)
    with view() as show:
        teller = Teller(show, out, title, recipe.optimiser_steps, lambda: rollouts.episode)
        journal = Journal(out / METRICS, lambda: rollouts.observed, tell=teller)
        callbacks = [*held_out, journal]
        trainer = make_trainer(policy.model, policy.tokenizer, rows, rollouts, config, callbacks)
        trainer.train(resume_from_checkpoint=last_checkpoint(out / "checkpoints"))
    return policy.save(out, f"{policy.words}, then GRPO on {tasks.source}")


def _rollouts(
    policy: TrainedPolicy, setup: GrpoSettings, recipe: Recipe, tasks: TaskSet, out: Path
) -> Rollouts:
    """What plays the generations."""
    return Rollouts(
        setup.env,
        policy.live_maker(recipe.temperature),
        recipe,
        pad_token=int(policy.tokenizer.eos_token_id),
        batch=setup.batch or policy.profile.played,
        task_sampler=_task_sampler(tasks.split("train"), setup.by_turn, recipe, out),
        episodes=out / "episodes" if processes.is_main() else None,
    )


def _held_out(
    policy: TrainedPolicy, setup: GrpoSettings, recipe: Recipe, tasks: TaskSet, rollouts: Rollouts
) -> list[HeldOut]:
    """Looks at held-out tasks, if they are wanted and there are some."""
    chosen = tasks.split(SPLIT)[: setup.eval_tasks]
    if not setup.eval_every or not chosen:
        return []
    every = setup.eval_every * recipe.updates
    maker = policy.live_maker(GREEDY)
    batch = setup.batch or policy.profile.played
    return [HeldOut(setup.env, chosen, maker, every, rollouts.note, batch)]


def _task_sampler(
    tasks: Sequence[Task], by_turn: bool, recipe: Recipe, out: Path
) -> TaskSampler | None:
    """Further tasks, where the recipe wants some.

    Raises:
        ValueError: for a curriculum in several processes.
    """
    if recipe.curriculum and processes.count() > 1:
        raise ValueError(
            f"expected one process with --curriculum, got {processes.count()}: each would see the "
            "successes of its own episodes alone; leave it out, or train in one process"
        )
    if not (recipe.resample or recipe.curriculum):
        return None
    record = out / "curriculum.jsonl" if recipe.curriculum else None
    return TaskSampler(tasks, by_turn=by_turn, seed=recipe.seed, record=record)


def main(argv: Sequence[str] | None = None) -> Path:
    """Trains as the command line says; returns the new policy's folder."""
    args = _parser().parse_args(argv)
    require_trackers(args.report_to)
    if args.vllm:
        require_vllm(args.vllm)
    policy = load_policy(args.policy)
    if not args.resume:
        _require_new(args.out)
    weights = json.loads(args.weights) if args.weights else None
    setup = GrpoSettings(
        policy=str(args.policy),
        data=args.data,
        mode=args.mode,
        thinking=args.thinking,
        weights=weights,
        batch=args.batch,
        max_turns=args.max_turns,
        user=args.user,
        rewards=tuple(args.reward),
        eval_every=args.eval_every,
        eval_tasks=args.eval_tasks,
    )
    recipe = changed(RECIPES[args.profile or policy.profile.name], args)
    drawing = settings(args.vllm, args.vllm_server, args.vllm_memory) if args.vllm else None
    out = grpo(policy, setup, recipe, args.out, args.report_to, drawing)
    console().print(f"Policy: {out}   metrics: {out / METRICS}")
    console().print(f"Evaluate: python -m train.evaluate --policy {out}")
    return out


def _require_new(out: Path) -> None:
    """Refuses to write over a run.

    Raises:
        FileExistsError: if there is one.
    """
    if (out / CARD).exists() or last_checkpoint(out / "checkpoints"):
        raise FileExistsError(
            f"expected an empty folder, but {out} holds a run: go on with it by --resume, or give "
            "another --out"
        )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m train.grpo", description=__doc__)
    parser.add_argument("--policy", type=Path, required=True, help="a folder of train.sft")
    parser.add_argument("--data", help="as for `python -m tasks.load`; default: embedded")
    parser.add_argument("--mode", default="dialogue", choices=["dialogue", "turn"])
    parser.add_argument(
        "--user",
        default="own",
        help="scripted, agenda, procedure, llm or MODULE:NAME; own: the one a task was made for",
    )
    parser.add_argument("--thinking", default="optional", choices=["optional", "required"])
    parser.add_argument("--weights", help='JSON, for example {"thinking": 0}')
    parser.add_argument("--batch", type=int, help="episodes played at a time; default: profile's")
    parser.add_argument("--max-turns", type=int, help="limit on messages while training")
    parser.add_argument("--profile", choices=list(RECIPES), help="default: the policy's own")
    parser.add_argument(
        "--reward", action="append", default=[], help="MODULE:NAME=SHARE, a further component"
    )
    parser.add_argument(
        "--eval-every", type=int, default=10, help="generations between looks at held-out tasks"
    )
    parser.add_argument("--eval-tasks", type=int, default=32, help="how many of these; 0 for none")
    parser.add_argument("--report-to", action="append", default=[], choices=list(TRACKERS))
    parser.add_argument(
        "--vllm", choices=[COLOCATE, SERVER], help="let vLLM draw the messages; needs a GPU"
    )
    parser.add_argument("--vllm-server", default=ADDRESS, help="where `vllm serve` listens")
    parser.add_argument(
        "--vllm-memory", type=float, default=0.3, help="share of the GPU for vLLM beside us"
    )
    add_options(parser)
    parser.add_argument("--seed", type=int)
    parser.add_argument("--out", type=Path, default=Path("runs/grpo"))
    parser.add_argument("--resume", action="store_true", help="go on with a killed run")
    return parser


if __name__ == "__main__":
    main()
