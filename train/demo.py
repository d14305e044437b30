"""The whole chain on two CPU cores: base, SFT, GRPO, and how much each of them brought.

    python -m train.demo

Everything is small and generated: a tiny Qwen3 from random weights, the order desk's dialogues.
It shows that the chain works and that learning is measured honestly; it is not the real thing. A
killed run goes on where it stopped. Its steps are those that a user takes with a real model and
real dialogues: `train.sft`, `train.grpo`, `train.evaluate`.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from datasets.utils.logging import disable_progress_bar

from agents.console import console
from reasonact_env.episode import Mode
from tasks.load import load_tasks
from train import sft
from train.evaluate import Plan, evaluate
from train.grpo import Setup, grpo
from train.metrics import DIALOGUE_METRICS, Metric
from train.policies import CARD, load_policy
from train.profiles import DEMO
from train.recipe import RECIPES, Recipe
from train.report import Subject, stage_table, write_json
from train.results import Results, gains

DATA = "desk:20000:1"
"""Generated dialogues: 16,000 to train on, 2,000 held out."""
NOTE = "a tiny Qwen3 from random weights on generated order-desk dialogues, not the real thing"
TEMPERATURES = {"greedy": 0.0, "sampled": 1.0}
"""How the policies are judged."""
STAGES = ("base", "SFT", "GRPO")
MAX_TURNS = 12
"""Messages of an episode of GRPO at most: what is longer here is a loop, and teaches little."""
SHOWN = (
    "success",
    "success_write",
    "success_no_write",
    "action_recall",
    "facts_told",
    "return",
    "format_rate",
    "bad_calls",
    "messages",
)
"""The rows of the last table."""


@dataclass(frozen=True, slots=True)
class Demo:
    """What is run."""

    out: Path
    """Where everything goes."""
    data: str
    """Which dialogues."""
    tasks: int
    """Held-out tasks of each evaluation."""
    sft: sft.Plan
    """How the first stage learns."""
    grpo: Recipe
    """How the second one does."""

    def place(self, name: str) -> Path:
        """A stage's folder."""
        return self.out / name


def run(demo: Demo) -> Mapping[tuple[str, str], Results]:
    """All stages; what is done already is not done again.

    Returns:
        (stage, sampling) -> results on the held-out tasks.
    """
    with _heading("1/5  Base: random weights"):
        base = sft.base_policy(demo.sft, demo.place("base"))
    with _heading("2/5  SFT: imitating dialogues"):
        imitator = sft.sft(demo.sft, demo.place("sft"))
    with _heading("3/5  GRPO: learning from episodes of its own"):
        learner = _grpo(demo, imitator)
    with _heading(f"4/5  Evaluation on {demo.tasks:,} held-out tasks"):
        folders = dict(zip(STAGES, (base, imitator, learner), strict=True))
        return {
            (stage, sampling): _evaluated(demo, folder, stage, sampling)
            for sampling in TEMPERATURES
            for stage, folder in folders.items()
        }


def report(demo: Demo, found: Mapping[tuple[str, str], Results]) -> Path:
    """The last tables: stages side by side, and what GRPO added to SFT, in pairs.

    Returns:
        The file with the same numbers.
    """
    files = {}
    with _heading("5/5  What each stage brought"):
        for sampling in TEMPERATURES:
            results = {stage: found[stage, sampling] for stage in STAGES}
            gain = gains([results["GRPO"]], [results["SFT"]])
            subject = results["GRPO"].subject
            title = f"{sampling} · {subject.source} · {subject.split} split · {NOTE}"
            estimates = {stage: one.estimates for stage, one in results.items()}
            console().print(stage_table(title, estimates, _shown(), {"GRPO - SFT, paired": gain}))
            files[sampling] = {
                **{stage: one.as_dict() for stage, one in results.items()},
                "GRPO - SFT": {name: interval.as_dict() for name, interval in gain.items()},
            }
    episodes = demo.place("eval-GRPO-greedy") / "episodes.jsonl"
    console().print(f"Episodes: {demo.out}/eval-*/episodes.jsonl   numbers: {demo.out}/demo.json")
    console().print(f"Replay:   python -m reasonact_env.replay {episodes}")
    return write_json(demo.out / "demo.json", {"note": NOTE, **files})


def _shown() -> list[Metric]:
    return [metric for metric in DIALOGUE_METRICS if metric.name in SHOWN]


def _grpo(demo: Demo, start: Path) -> Path:
    out = demo.place("grpo")
    if (out / CARD).exists():
        return out
    setup = Setup(policy=str(start), data=demo.data, max_turns=MAX_TURNS)
    return grpo(load_policy(start), setup, demo.grpo, out)


def _evaluated(demo: Demo, folder: Path, stage: str, sampling: str) -> Results:
    policy = load_policy(folder)
    plan = Plan(data=demo.data, tasks=demo.tasks, batch=128)
    source = load_tasks(demo.data).source
    subject = Subject(source, f"{stage} ({policy.words})", plan.split, Mode.DIALOGUE, sampling)
    out = demo.place(f"eval-{stage}-{sampling}")
    make_agent = policy.maker(TEMPERATURES[sampling])
    return evaluate(plan, subject, make_agent, out, identity=policy.fingerprint)


@contextmanager
def _heading(text: str) -> Iterator[None]:
    """A stage's title before it, and its time after it."""
    started = time.monotonic()
    console().rule(text, align="left")
    yield
    console().print(f"{(time.monotonic() - started) / 60:.1f} minutes\n")


def main(argv: Sequence[str] | None = None) -> Path:
    """Runs the demonstration; returns the file with its numbers."""
    args = _parser().parse_args(argv)
    demo = planned(args.out, args.data, args.tasks, args.seed, args.steps)
    if args.quick:
        demo = quick(demo)
    _silence()
    console().print(
        f"ReasonAct demo: {NOTE}.\nEverything goes to {demo.out}; the same command "
        "goes on after an interruption.\n"
    )
    return report(demo, run(demo))


def _silence() -> None:
    """Turns `datasets`' own progress bars off; each stage has one of ours."""
    disable_progress_bar()


def planned(
    out: Path, data: str, tasks: int, seed: int, steps: int = RECIPES[DEMO.name].steps
) -> Demo:
    """The demonstration as it is shown; `steps` are GRPO's generations."""
    imitation = sft.Plan(
        profile=DEMO.name,
        data=data,
        model=None,
        tasks=DEMO.sft_tasks,
        epochs=DEMO.sft_epochs,
        lr=DEMO.sft_lr,
        max_length=DEMO.max_length,
        seed=seed,
    )
    recipe = replace(RECIPES[DEMO.name], seed=seed, steps=steps)
    return Demo(out, data, tasks, imitation, recipe)


def quick(demo: Demo) -> Demo:
    """The same chain in a minute, too short to learn anything; for trying it out."""
    return replace(
        demo,
        data="desk:200:1",
        tasks=16,
        sft=replace(demo.sft, data="desk:200:1", tasks=64),
        grpo=replace(demo.grpo, steps=2, prompts=2, group=4, save_every=1),
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m train.demo", description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("runs/demo"))
    parser.add_argument("--data", default=DATA, help="which generated dialogues")
    parser.add_argument("--tasks", type=int, default=300, help="held-out tasks")
    parser.add_argument(
        "--steps", type=int, default=RECIPES[DEMO.name].steps, help="GRPO's generations"
    )
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--quick", action="store_true", help="a minute, nothing learned")
    return parser


if __name__ == "__main__":
    main()
