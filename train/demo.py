"""The whole chain on two CPU cores: base, SFT, GRPO, and how much each one brought.

    python -m train.demo

Everything is small and generated: a tiny Qwen3 from random weights, the order desk's dialogues.
It shows that the chain works and that learning is measured honestly; it is not the real thing. A
killed run goes on where it stopped. The steps are those a user takes with a real model and data:
`train.sft`, `train.grpo`, `train.evaluate`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from train.metrics import DIALOGUE_METRICS
from train.report import console, stage_table, write_json
from train.results import Results, gains

DATA = "desk:20000:1"
"""Generated dialogues: 16,000 to train on, 2,000 held out."""
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
NOTE = "a tiny Qwen3 from random weights on generated order-desk dialogues: not the real thing"


@dataclass(frozen=True, slots=True)
class Demo:
    """What is run."""

    out: Path
    """Where everything goes."""
    data: str = DATA
    """Which dialogues."""
    tasks: int = 1000
    """Held-out tasks of each evaluation."""
    seed: int = 0
    """Of training and sampling."""

    def place(self, name: str) -> Path:
        """A stage's folder."""
        return self.out / name


def run(demo: Demo) -> dict[str, Results]:
    """All stages, each skipped if it is done.

    Returns:
        "stage, sampling" -> results on the held-out tasks.
    """
    base = _stage("1/5  Base: random weights", demo.place("base"), lambda out: _base(demo, out))
    trained = _stage(
        "2/5  SFT: imitating dialogues", demo.place("sft"), lambda out: _sft(demo, out)
    )
    learned = _stage(
        "3/5  GRPO: learning from its own episodes",
        demo.place("grpo"),
        lambda out: _grpo(demo, trained, out),
    )
    _heading("4/5  Held-out tasks, three policies, greedy and sampled")
    stages = {"base": base, "SFT": trained, "GRPO": learned}
    return {
        f"{stage}, {sampling}": _evaluate(demo, policy, sampling)
        for sampling in ("greedy", "sampled")
        for stage, policy in stages.items()
        if (stage, sampling) != ("base", "sampled")
    }


def report(demo: Demo, found: Mapping[str, Results]) -> None:
    """The last table: stages side by side, and what GRPO added, in pairs."""
    _heading("5/5  What each stage brought")
    metrics = [metric for metric in DIALOGUE_METRICS if metric.name in SHOWN]
    files = {}
    for sampling in ("greedy", "sampled"):
        stages = {k: r for k, r in found.items() if k.endswith(sampling)}
        after, before = found[f"GRPO, {sampling}"], found[f"SFT, {sampling}"]
        gain = gains([after], [before])
        subject = after.subject
        title = f"{sampling}, {subject.source}, {subject.split} split, {NOTE}"
        estimates = {key.split(",")[0]: results.estimates for key, results in stages.items()}
        console().print(stage_table(title, estimates, metrics, {"GRPO - SFT, paired": gain}))
        files[sampling] = {name: interval.as_dict() for name, interval in gain.items()}
    write_json(demo.out / "gains.json", {"note": NOTE, "gains": files})
    episodes = demo.place("eval-grpo-greedy") / "episodes"
    console().print(f"Episodes of every evaluation: {demo.out}/eval-*/episodes")
    console().print(f"Replay one file:  python -m reasonact_env.replay {episodes}/00000.jsonl")
