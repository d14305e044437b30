"""All stages, one after the other, and one report on what each of them brought.

    python -m train.pipeline --out runs/pipeline
    python -m train.pipeline --data apigen-mt_5k.json --profile qwen3-1.7b --mode turn
    python -m train.pipeline --stages SFT,SFT-longer,cold-start,GRPO-plain,GRPO --tasks 2000
    python -m train.pipeline --profile demo-tiny --rehearse kaleidoscope:2500:5
    python -m train.pipeline --thinking off --without thinking --also retail:500:9

Stages: base, SFT, cold-start, GRPO; controls: SFT-longer, which imitates more instead of GRPO, and
GRPO-plain, which skips the cold start. Every stage is evaluated on the same held-out tasks. The
same command goes on where a killed run stopped; every stage has its folder, and may be changed or
taken further by its own script.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path

from agents.console import console
from reasonact_env.episode import Mode
from reasonact_env.reward import COMPONENTS
from tasks.load import load_tasks
from train import cold_start, sft
from train.evaluate import EvaluationSettings, evaluate
from train.grpo import GrpoSettings
from train.models.policies import CARD, load_policy
from train.models.profiles import DEMO, PROFILES
from train.rl.recipe import RECIPES, add_options, changed
from train.runs.trackers import TRACKERS, require_trackers
from train.scoring.report import TEMPERATURES, Subject
from train.scoring.results import Results
from train.studies.pipeline_report import Judged, View, show, write
from train.studies.stages import FULL, Chain, Stage, ordered


@dataclass(frozen=True, slots=True)
class Pipeline:
    """What is trained, and how it is judged."""

    chain: Chain
    """The stages."""
    data: tuple[str | None, ...]
    """What is judged on: the training data's own held-out tasks first, then other data."""
    modes: tuple[Mode, ...]
    """In which modes."""
    tasks: int
    """Held-out tasks at most, of each data set."""
    samplings: tuple[str, ...]
    """How messages are drawn then."""
    note: str
    """What stands above all tables."""
    name: str = "report"
    """The report's files are called so."""

    @property
    def views(self) -> list[View]:
        """Every way in which the stages are judged; the first one is the main one."""
        ways = product(self.data, self.modes, self.samplings)
        return [View(data, mode, sampling, data == self.data[0]) for data, mode, sampling in ways]


def run(pipeline: Pipeline) -> Path:
    """Runs all stages, judges them, and reports; what is done already is not done again.

    Returns:
        The file with all numbers.
    """
    chain, views = pipeline.chain, pipeline.views
    count = len(chain.stages) + 2
    for number, stage in enumerate(chain.stages, 1):
        with _heading(f"{number}/{count}  {stage.words}"):
            chain.make(stage)
    with _heading(f"{count - 1}/{count}  Evaluation on {pipeline.tasks:,} held-out tasks"):
        found = {view: _judged(pipeline, view) for view in views}
    with _heading(f"{count}/{count}  What each stage brought"):
        show(found, pipeline.note)
        return write(found, pipeline.note, chain, pipeline.name)


def _judged(pipeline: Pipeline, view: View) -> Judged:
    return {stage: _evaluated(pipeline, view, stage) for stage in pipeline.chain.stages}


def _evaluated(pipeline: Pipeline, view: View, stage: Stage) -> Results:
    chain = pipeline.chain
    policy = load_policy(chain.place(stage))
    split = "test" if view.own else "all"
    batch = policy.profile.played
    plan = EvaluationSettings(
        data=view.data, split=split, mode=view.mode.value, tasks=pipeline.tasks, batch=batch
    )
    source = load_tasks(view.data).source
    subject = Subject(source, f"{stage} ({policy.words})", split, view.mode, view.sampling)
    make_agent = policy.maker(TEMPERATURES[view.sampling])
    folder = chain.evaluations(stage) / view.folder(stage)
    return evaluate(plan, subject, make_agent, folder, identity=policy.fingerprint)


@contextmanager
def _heading(text: str) -> Iterator[None]:
    """A stage's title before it, and its time after it."""
    started = time.monotonic()
    console().rule(text, align="left")
    yield
    console().print(f"{(time.monotonic() - started) / 60:.1f} minutes\n")


def main(argv: Sequence[str] | None = None) -> Path:
    """Runs the pipeline as the command line says; returns the file with its numbers."""
    args = _parser().parse_args(argv)
    require_trackers(args.report_to)
    pipeline = planned(args)
    stages = ", ".join(pipeline.chain.stages)
    console().print(
        f"ReasonAct pipeline: {stages}.\nEverything goes to {args.out}; the same command goes on "
        "after an interruption.\n"
    )
    return run(quick(pipeline) if args.quick else pipeline)


def planned(args: argparse.Namespace) -> Pipeline:
    """What the command line asks for."""
    profile = PROFILES[args.profile]
    stages = ordered(args.stages.split(","))
    if args.thinking == "off":
        stages = tuple(stage for stage in stages if stage is not Stage.COLD)
    setup = GrpoSettings(
        "",
        args.data,
        args.mode,
        weights=weighted(args),
        max_turns=args.max_turns,
        eval_every=args.eval_every,
        eval_tasks=args.eval_tasks,
    )
    chain = Chain(
        out=args.out,
        stages=stages,
        sft=sft.planned(
            profile,
            args.data,
            args.seed,
            model=args.model,
            tasks=args.sft_tasks,
            lr=args.sft_lr,
            rehearsed=args.rehearse,
        ),
        longer=args.longer,
        cold=cold_start.ColdStartSettings(
            "",
            args.data,
            args.thoughts,
            args.samples,
            unit=args.unit,
            epochs=args.cold_epochs,
            lr=args.cold_lr,
            seed=args.seed,
            rehearsed=args.rehearse,
        ),
        setup=setup,
        recipe=changed(RECIPES[profile.name], args),
        report_to=tuple(args.report_to),
        shared_sft=sft_folder(args.sft) if args.sft else None,
    )
    modes = tuple(map(Mode, args.judge or [args.mode]))
    note = f"profile {profile.name}, seed {args.seed}"
    data = (args.data, *args.also)
    return Pipeline(chain, data, modes, args.tasks, tuple(args.sampling), note)


def sft_folder(folder: Path) -> Path:
    """The folder, if an SFT policy is in it.

    Raises:
        FileNotFoundError: if there is none.
    """
    if not (folder / CARD).exists():
        raise FileNotFoundError(
            f"expected a policy of train.sft in {folder}, found no {CARD}; --sft takes the folder "
            "that holds it, or leave it out to train one"
        )
    return folder


def weighted(args: argparse.Namespace) -> dict[str, float] | None:
    """The components' weights: as given, and 0 for those that are left out."""
    given: dict[str, float] = {}
    for text in args.weight or ():
        name, _, value = text.partition("=")
        given[name] = float(value)
    return {**given, **dict.fromkeys(args.without or (), 0.0)} or None


def quick(pipeline: Pipeline) -> Pipeline:
    """The same chain in a minute, too short to learn anything; for trying it out."""
    chain = pipeline.chain
    small = pipeline.data[0] or "desk:200:1"
    recipe = replace(chain.recipe, generations=2, prompts=2, group=4, save_every=1)
    return replace(
        pipeline,
        chain=replace(
            chain,
            sft=replace(chain.sft, data=small, tasks=64),
            cold=replace(chain.cold, data=small, samples=min(8, chain.cold.samples), epochs=2.0),
            setup=replace(chain.setup, data=small),
            recipe=recipe,
        ),
        data=(small, *pipeline.data[1:]),
        tasks=16,
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m train.pipeline",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    what = parser.add_argument_group("what is trained and judged")
    what.add_argument("--out", type=Path, default=Path("runs/pipeline"))
    what.add_argument("--profile", default=DEMO.name, choices=list(PROFILES))
    what.add_argument("--model", help="folder or hub name of the weights to start from")
    what.add_argument("--data", help="as for `python -m tasks.load`; default: embedded")
    what.add_argument("--also", nargs="*", default=[], help="further data to judge on")
    what.add_argument("--stages", default=",".join(FULL), help=f"of {', '.join(Stage)}")
    what.add_argument("--tasks", type=int, default=2000, help="held-out tasks to judge on")
    what.add_argument("--judge", nargs="+", choices=list(Mode), help="modes; default: --mode")
    what.add_argument(
        "--sampling", nargs="+", choices=list(TEMPERATURES), default=list(TEMPERATURES)
    )
    what.add_argument("--seed", type=int, default=0)
    what.add_argument("--quick", action="store_true", help="a minute, nothing learned")
    imitation = parser.add_argument_group("imitation")
    imitation.add_argument("--sft", type=Path, help="folder of an SFT policy to share, not train")
    imitation.add_argument("--sft-tasks", type=int, help="training dialogues at most")
    imitation.add_argument("--sft-lr", type=float, help="peak learning rate of SFT")
    imitation.add_argument(
        "--rehearse", metavar="DATA", help="other data to learn beside, against forgetting"
    )
    imitation.add_argument("--longer", type=float, default=2.0, help="SFT-longer's passes, times")
    imitation.add_argument("--thinking", default="on", choices=["on", "off"], help="cold start")
    imitation.add_argument("--thoughts", default=cold_start.AUTO, help="as train.cold_start's")
    cold = cold_start.ColdStartSettings("")
    imitation.add_argument("--samples", type=int, default=cold.samples, help="fewer than 100")
    imitation.add_argument(
        "--unit", default=cold.unit, choices=cold_start.UNITS, help="what one of them is"
    )
    imitation.add_argument("--cold-epochs", type=float, help="passes over them")
    imitation.add_argument("--cold-lr", type=float, help="its peak learning rate")
    learning = parser.add_argument_group("GRPO")
    learning.add_argument("--mode", default="dialogue", choices=list(Mode))
    learning.add_argument("--max-turns", type=int, help="limit on messages while training")
    learning.add_argument("--weight", action="append", help="COMPONENT=NUMBER, more than once")
    learning.add_argument("--without", action="append", choices=COMPONENTS, help="weight 0")
    learning.add_argument(
        "--eval-every", type=int, default=10, help="generations between looks at held-out tasks"
    )
    learning.add_argument("--eval-tasks", type=int, default=32, help="how many; 0 for none")
    learning.add_argument("--report-to", action="append", default=[], choices=list(TRACKERS))
    add_options(learning)
    return parser


if __name__ == "__main__":
    main()
