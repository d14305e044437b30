"""GRPO: the policy plays, and what earned more than its group becomes likelier.

    python -m train.grpo --policy runs/sft
    python -m train.grpo --policy runs/sft --mode turn --aggregation gdpo --out runs/gdpo
    python -m train.grpo --policy runs/sft --trl loss_type=dr_grpo --trl scale_rewards=none

Starts from a policy of `train.sft`; writes a policy, `metrics.jsonl` with one line an optimiser
step, and the resolved configuration. A killed run goes on from its last checkpoint by `--resume`.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from agents.console import console
from reasonact_env.config import EnvConfig
from reasonact_env.reward import load_rewards
from tasks.load import load_tasks
from tasks.types import TaskSet
from tools.types import Json
from train.models.policies import CARD, TrainedPolicy, load_policy
from train.rl.bridge import Rollouts, grpo_config, make_trainer, on_device, trl_options
from train.rl.heldout import SPLIT, HeldOut
from train.rl.recipe import RECIPES, Recipe, add_options, as_today, changed
from train.rl.rollouts import prompts
from train.rl.step import Step
from train.rl.task_sampler import TaskSampler
from train.rl.trainer import Trainer
from train.rl.vllm import ADDRESS, COLOCATE, SERVER, require_vllm, settings
from train.runs import processes
from train.runs.journal import Journal
from train.runs.live import Teller, view
from train.runs.run import METRICS, Run, begin, data_identity, last_checkpoint
from train.runs.trackers import TRACKERS, require_trackers

OPTIONAL, REQUIRED = "optional", "required"
"""Whether a message without a thought is as good as one with one."""
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
    thinking: str | None = None
    """`required` or `optional` thoughts; None for `required` of a policy that was taught to think
    (`policy.json` says so), and `optional` of another."""
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

    def of(self, policy: TrainedPolicy) -> GrpoSettings:
        """The settings, with what they leave to the policy filled in."""
        return self if self.thinking else replace(self, thinking=thinking_of(policy))

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
            thinking=self.thinking or OPTIONAL,
            weights=self.weights,
            max_turns=self.max_turns,
            user=self.user,
            rewards=self.rewards,
        )


def thinking_of(policy: TrainedPolicy) -> str:
    """Whether thoughts are required of a policy: of one that was taught to think they are."""
    return REQUIRED if policy.thinking else OPTIONAL


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
    setup = setup.of(policy)
    recipe = replace(recipe, trl=trl_options(recipe.trl))
    tasks = load_tasks(setup.data)
    described = {"setup": asdict(setup), "recipe": asdict(recipe)}
    model: dict[str, Json] = {"name": policy.words, "sha256": policy.fingerprint}
    begin(out, Run("grpo", described, data_identity(tasks), model), _as_today)
    if (out / CARD).exists():
        return out
    count = recipe.generations * recipe.prompts
    rows = prompts(tasks.split("train"), count, by_turn=setup.by_turn, seed=recipe.seed)
    extras = load_rewards(setup.rewards)
    step = _step(policy, setup, recipe, tasks, out)
    rollouts = Rollouts(step, policy.live_maker(recipe.temperature), recipe)
    own = {**on_device(), **(drawing or {}), "report_to": list(report_to), "run_name": out.name}
    config = grpo_config(recipe, setup.weights, out / "checkpoints", extras=extras, **own)
    trainer = make_trainer(
        Trainer, policy.model, policy.tokenizer, rows, rollouts, config, extras=extras
    )
    if held_out := _held_out(policy, setup, recipe, tasks):
        trainer.watch(held_out)
    title = f"GRPO of {policy.words} on {tasks.source}, {setup.mode} mode"
    with view() as show:
        total = recipe.optimiser_steps
        teller = Teller(show, out, title, total, lambda: rollouts.latest.episode)
        trainer.add_callback(Journal(out / METRICS, trainer.observed, tell=teller))
        trainer.train(resume_from_checkpoint=last_checkpoint(out / "checkpoints"))
    return policy.save(out, f"{policy.words}, then GRPO on {tasks.source}")


def _step(
    policy: TrainedPolicy, setup: GrpoSettings, recipe: Recipe, tasks: TaskSet, out: Path
) -> Step:
    """What plays the generations."""
    train, further = tasks.split("train"), None
    if recipe.resample:
        further = TaskSampler(train, by_turn=setup.by_turn, seed=recipe.seed)
    return Step(
        setup.env,
        recipe,
        policy.tokenizer,
        batch=setup.batch or policy.profile.played,
        task_sampler=further,
        folder=out / "episodes" if processes.is_main() else None,
    )


def _held_out(
    policy: TrainedPolicy, setup: GrpoSettings, recipe: Recipe, tasks: TaskSet
) -> HeldOut | None:
    """Looks at held-out tasks, if they are wanted and there are some."""
    chosen = tasks.split(SPLIT)[: setup.eval_tasks]
    if not setup.eval_every or not chosen:
        return None
    every = setup.eval_every * recipe.updates
    batch = setup.batch or policy.profile.played
    return HeldOut(setup.env, chosen, policy.live_maker(GREEDY), every, batch)


def _as_today(recorded: Mapping[str, Any]) -> dict[str, Any]:
    """What an older version wrote down of a run, in the form of today's."""
    return {**recorded, "recipe": as_today(recorded.get("recipe", {}))}


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
    parser.add_argument(
        "--thinking",
        choices=[OPTIONAL, REQUIRED],
        help="whether thoughts are; default: required of a policy that was taught to think",
    )
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
