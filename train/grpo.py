"""GRPO: the policy plays, and what earned more than its group becomes likelier.

    python -m train.grpo --policy runs/sft
    python -m train.grpo --policy runs/sft --mode turn --aggregation gdpo --out runs/gdpo
    python -m train.grpo --policy runs/sft --credit episode --trl scale_rewards=none

Starts from a policy of `train.sft`; writes a policy, `metrics.jsonl` with one line an optimiser
step, and the resolved configuration. The same command goes on where a killed run stopped, from its
last checkpoint.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Annotated, Any

from agents.console import console
from reasonact_env.episode import Mode
from reasonact_env.playable import placed
from reasonact_env.reward import load_rewards
from reasonact_env.users.make import require_user
from tasks.load import EMBEDDED, load_tasks
from tasks.types import Task, TaskSet
from tools.command import command, run
from tools.command_line import read_known, read_options
from tools.option_types import FOLDER, MISSING, one_of
from tools.ranges import require_seeds
from train.models.policies import CARD, TrainedPolicy, fingerprint, load_policy
from train.models.precision import Use, precision_of, require_whole_weights
from train.models.tied import leave_out_tied
from train.rl.basis import Basis as Basis
from train.rl.bridge import Rollouts, grpo_config, make_trainer, on_device, trl_options
from train.rl.context import within_context
from train.rl.heldout import SPLIT, HeldOut
from train.rl.identity import run_as_today, run_of, tell_kl, title
from train.rl.playing import PlayingModel
from train.rl.prompts import Prompt, TaskSampler, prompts
from train.rl.recipe import RECIPES, Recipe
from train.rl.setup import GrpoSettings as GrpoSettings
from train.rl.setup import Packages, Playing
from train.rl.step import Step
from train.rl.trainer import Trainer
from train.rl.trl_effects import require_vllm
from train.runs.data import gold_tasks, taught_data
from train.runs.folders import already_done, default_folder, undone_if_refused
from train.runs.journal import Journal
from train.runs.live import Teller, view
from train.runs.run import METRICS, Run, begin, last_checkpoint

STILL = (
    "No generation told good from bad: the weights are those that it began with, bit for bit. See "
    "total/dead in the journal; a larger --group, or other tasks, make rewards differ."
)
"""What is said of a run that has learned nothing."""
GREEDY = 0.0
"""The temperature at which held-out tasks are played."""


@undone_if_refused
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
    policy = policy.in_training()
    setup = setup.of(policy)
    recipe = replace(recipe, trl=trl_options(recipe.trl))
    tasks, extras = load_tasks(setup.data), load_rewards(setup.rewards)
    require_user(setup.user)
    run = run_of(policy, setup, recipe, tasks)
    begin(out, run, run_as_today)
    if (out / CARD).exists():
        return already_done(out)
    tell_kl(recipe)
    train = _training_tasks(tasks, policy, setup)
    rows = _planned(train, setup, recipe)
    device = _device(policy, recipe, out)
    playing = PlayingModel(policy.model, half=device["bf16"])
    make_agent = policy.live_maker(recipe.temperature, setup.limits)
    rollouts = Rollouts(_step(policy, setup, recipe, train, out), make_agent, recipe, playing)
    own = {**device, **(drawing or {}), "report_to": list(report_to), "run_name": out.name}
    config = grpo_config(recipe, setup.weights, out / "checkpoints", extras=extras, **own)
    trainer = make_trainer(
        Trainer, policy.model, policy.tokenizer, rows, rollouts, config, extras=extras
    )
    if held_out := _held_out(policy, setup, recipe, tasks, playing):
        trainer.watch(held_out)
    _train(trainer, rollouts, title(policy, setup, tasks, run), out)
    return _saved(policy, run, tasks, _played(train, rows, recipe), out)


def _device(policy: TrainedPolicy, recipe: Recipe, out: Path) -> Mapping[str, Any]:
    """TRL's settings of the machine, and of the numbers in which it computes."""
    require_whole_weights(policy.model)
    leave_out_tied(policy.model)
    return on_device(precision_of(out, recipe.precision, policy.model))


def _planned(train: Sequence[Task], setup: GrpoSettings, recipe: Recipe) -> list[Prompt]:
    """What all generations play, in order."""
    count = recipe.generations * recipe.prompts
    return prompts(train, count, by_turn=setup.by_turn, seed=recipe.seed)


def _train(trainer: Trainer, rollouts: Rollouts, title: str, out: Path) -> None:
    """Trains on from the folder's last checkpoint, and shows it."""
    console().print(title)
    with view() as show:
        total = trainer.args.max_steps
        teller = Teller(show, out, title, total, lambda: rollouts.latest.episode)
        trainer.add_callback(Journal(out / METRICS, trainer.observed, tell=teller))
        trainer.train(resume_from_checkpoint=last_checkpoint(out / "checkpoints"))


def _training_tasks(tasks: TaskSet, policy: TrainedPolicy, setup: GrpoSettings) -> Sequence[Task]:
    """What is played: where decisions are compared with the record, those that can be, alone."""
    train = gold_tasks(placed(tasks, "train", setup.database), Mode(setup.mode))
    return within_context(train, policy, setup.limits) if setup.by_turn else train


def _saved(
    policy: TrainedPolicy, run: Run, tasks: TaskSet, played: Sequence[Task], out: Path
) -> Path:
    """Saves the policy with what it has learned from; says so if its weights never moved."""
    policy = policy.having_learned(played)
    words = f"{policy.words}, then GRPO on {tasks.source}"
    lineage = policy.taught("grpo", taught_data(run.data, tasks))
    replace(policy, lineage=lineage).save(out, words)
    if fingerprint(out) == policy.fingerprint:
        console().print(STILL, style="yellow")
    return out


def _played(tasks: Sequence[Task], rows: Sequence[Prompt], recipe: Recipe) -> list[Task]:
    """The dialogues that training has played; with a sampler, all that it may have drawn."""
    planned = {row.task_id for row in rows}
    everything = recipe.resample
    return [task for task in tasks if everything or task.id in planned]


def _step(
    policy: TrainedPolicy, setup: GrpoSettings, recipe: Recipe, train: Sequence[Task], out: Path
) -> Step:
    """What plays the generations."""
    further = None
    if recipe.resample:
        further = TaskSampler(train, by_turn=setup.by_turn, seed=recipe.seed)
    return Step(
        setup.env,
        recipe,
        policy.tokenizer,
        batch=setup.batch or policy.profile.played,
        task_sampler=further,
        folder=out / "episodes",
    )


def _held_out(
    policy: TrainedPolicy,
    setup: GrpoSettings,
    recipe: Recipe,
    tasks: TaskSet,
    playing: PlayingModel,
) -> HeldOut | None:
    """Looks at held-out tasks, if they are wanted and there are some."""
    chosen = gold_tasks(placed(tasks, SPLIT, setup.database), Mode(setup.mode))[: setup.eval_tasks]
    if not setup.eval_every or not chosen:
        return None
    every = setup.eval_every * recipe.updates
    batch = setup.batch or policy.profile.played
    make = policy.live_maker(GREEDY, setup.limits)
    return HeldOut(setup.env, chosen, make, every, batch, playing)


@dataclass(frozen=True, slots=True)
class GrpoOptions:
    """What `python -m train.grpo` takes."""

    setup: GrpoSettings
    """What is trained on."""
    recipe: Recipe = field(default_factory=Recipe)
    """How GRPO optimises. Defaults are the profile's: the policy's own, or demo's where none is
    named."""
    profile: Annotated[str | None, one_of(RECIPES)] = None
    """Whose recipe it is; the policy's own unless given."""
    seed: int = 0
    """Fixes everything random."""
    out: Annotated[Path | None, FOLDER] = None
    """The folder of the new policy; one named after policy, data and mode unless given."""
    packages: Packages = field(default_factory=Packages)
    """Trackers and vLLM, where they are installed."""

    @property
    def folder(self) -> Path:
        """The folder of the new policy."""
        setup = self.setup
        told = {"setup": asdict(setup), "recipe": asdict(self.recipe), "seed": self.seed}
        told["sha256"] = fingerprint(Path(setup.policy))
        names = [setup.policy, setup.data or EMBEDDED, setup.mode]
        return self.out or default_folder("grpo", names, told)

    def __post_init__(self) -> None:
        """Refuses what is out of range."""
        require_seeds(self, "seed")
        require_vllm(self.recipe.trl, self.packages.vllm is not None)


def options(argv: Sequence[str] | None = None) -> GrpoOptions:
    """What the command line asks for; the rest of the recipe is the profile's."""
    recipe = read_known(Basis, argv).recipe
    default = GrpoOptions(GrpoSettings(policy=MISSING), recipe)
    return read_options(
        GrpoOptions, argv, prog="python -m train.grpo", about=__doc__, default=default
    )


def main(argv: Sequence[str] | None = None) -> Path:
    """Trains as the command line says; returns the new policy's folder."""
    args = options(argv)
    args.packages.require()
    policy = load_policy(args.setup.policy, Use.TRAIN, args.recipe.precision)
    recipe = replace(args.recipe, seed=args.seed)
    packages = args.packages
    out = grpo(policy, args.setup, recipe, args.folder, packages.report_to, packages.sampler)
    console().print(
        f"Policy: {out}   metrics: {out / METRICS}\nEvaluate: {judged(args.setup, out)}",
        soft_wrap=True,
    )
    return out


def judged(setup: GrpoSettings, out: Path) -> str:
    """The command that judges the policy as it was trained."""
    others = {
        name: value
        for name, value in (("user", setup.user), ("database", setup.database))
        if value != getattr(Playing(), name)
    }
    limits = {name: value for name, value in asdict(setup.limits).items() if value is not None}
    told = {"data": setup.data, "mode": setup.mode, "thinking": setup.thinking}
    return command("train.evaluate", policy=out, **told, **others, **limits)


if __name__ == "__main__":
    run(main, goes_on=True)
