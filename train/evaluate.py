"""Plays a split of a data set and says how well it went, with error bars.

    python -m train.evaluate --policy runs/grpo --tasks 2000
    python -m train.evaluate --agent gold --mode turn --data dialogues.json
    python -m train.evaluate --agent my_module:MyAgent --split validation

Scripted agents need the core install only; torch is imported for `--policy` alone.
"""

from __future__ import annotations

import shlex
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Annotated, Any

from agents.baselines import BASELINES
from agents.console import console
from agents.gold import gold_words
from reasonact_env.episodes.storage import merge, read_episodes
from reasonact_env.users.make import require_user
from tasks.databases import AUTO
from tasks.load import EMBEDDED, load_tasks
from tasks.summary import inferred_line
from tasks.types import Task
from tools.command import run
from tools.command_line import read_options
from tools.files import write_json
from tools.option_types import only_one, shown_as
from tools.ranges import require_at_least
from tools.types import Json
from train.models.limits import MessageLimits, limit_words
from train.runs.evaluation import JUDGE as JUDGE
from train.runs.evaluation import LEAVE
from train.runs.evaluation import EvaluationSettings as EvaluationSettings
from train.runs.folders import default_folder, undone_if_refused
from train.runs.leakage import Training, leakage
from train.runs.outside import agent_outside, outside
from train.runs.played import (
    BATCH,
    EPISODES,
    PARTS,
    STAGE,
    MakeAgent,
    clear,
    play_shards,
    read_words,
)
from train.runs.played import agent_named as agent_named
from train.runs.run import Run, begin, data_identity
from train.runs.sketches import Sketches
from train.scoring.metrics import measure
from train.scoring.report import Subject, drawn_at, evaluation_table
from train.scoring.results import Results

SHARD = 256
"""Episodes of one part; a killed run loses at most this many. Chosen by hand.

Each part has a seed of its own, so another size gives other samples.
"""


@undone_if_refused
def evaluate(
    plan: EvaluationSettings,
    subject: Subject,
    make_agent: MakeAgent,
    out: Path,
    *,
    identity: str = "",
    learned: frozenset[str] = frozenset(),
    sketches: Sketches | None = None,
    agent: Mapping[str, Json] | None = None,
    shard: int = SHARD,
) -> Results:
    """Plays the plan, going on where a killed run stopped.

    Args:
        plan: What to play.
        subject: Whose numbers these are, for tables and files.
        make_agent: Gets a seed of its own for every part, so that a resumed run goes on as an
            unbroken one does.
        out: The folder for episodes, numbers and summary.
        identity: Tells this agent from another of the same name (a checkpoint's fingerprint).
        learned: The dialogues that it was trained on, as `train.runs.learned` tells them.
        sketches: The same for near copies of them, as `train.runs.sketches` keeps them; None for
            an agent that is not trained.
        agent: What tells the agent's code from another version, as `train.runs.outside` has it.
        shard: Episodes of one file.

    Returns:
        Each episode's numbers; the summary and the episodes lie in the folder.

    Raises:
        ValueError: if the folder holds another evaluation.
    """
    run = _run(plan, subject, identity, agent or {})
    begin(out, run, _as_today, instead="give another --out, or play it again by --again")
    by_id = {task.id: task for task in plan.chosen()}
    _, played = read_episodes(_episodes(plan, subject, make_agent, out, shard))
    measured = [(measure(by_id[one.task_id], one), one.task_id) for one in played]
    results = Results.of([part for part, _ in measured], [name for _, name in measured], subject)
    results.save(out / "arrays.npz")
    told: dict[str, object] = {}
    if learned or sketches is not None:
        told = _leaked(Training(learned, sketches or Sketches()), [*by_id.values()], plan.split)
    write_json(out / "summary.json", {**results.as_dict(), **told})
    return results


def _episodes(
    plan: EvaluationSettings, subject: Subject, make_agent: MakeAgent, out: Path, shard: int
) -> Path:
    """The file of the plan's episodes: played, unless the folder has it."""
    episodes = out / EPISODES
    if episodes.exists():
        console().print(read_words(episodes), style="yellow")
        return episodes
    play_shards(plan, subject, make_agent, out / PARTS, shard)
    # A half-written part has a name that does not begin with a digit, and is left out.
    merge(sorted((out / PARTS).glob("[0-9]*.jsonl")), episodes)
    shutil.rmtree(out / PARTS)
    return episodes


def _leaked(training: Training, tasks: Sequence[Task], split: str) -> dict[str, object]:
    """Says which of the tasks were in the training data; the same for the summary."""
    found = leakage(training, tasks)
    console().print(found.words(split), style="yellow" if found.found else None)
    counted = {"tasks": len(tasks), "tasks_trained_on": len(found.found)}
    return {**counted, "leakage": found.as_dict()}


def _run(
    plan: EvaluationSettings, subject: Subject, identity: str, agent: Mapping[str, Json]
) -> Run:
    """The evaluation's identity."""
    # A caution tells how to read the numbers, and no run from another.
    described = {"plan": asdict(plan), "subject": replace(subject, caution="").as_dict()}
    model: dict[str, Json] = {"name": subject.model, "sha256": identity or None}
    others = outside({"user": plan.user, "database": plan.database, "data": plan.data})
    data = data_identity(load_tasks(plan.data))
    return Run(STAGE, described, data, model, {**others, **agent})


def _as_today(recorded: Mapping[str, Any]) -> dict[str, Any]:
    """What an older version wrote down of an evaluation, in the form of today's."""
    usual = {"database": AUTO, "limits": asdict(MessageLimits()), "failed": LEAVE}
    return {**recorded, "plan": {**usual, **recorded.get("plan", {})}}


_WHO = only_one("who plays", required=True)
_HOW = only_one("how a policy's messages are sampled")


@dataclass(frozen=True, slots=True)
class EvaluateOptions:
    """Who plays what."""

    policy: Annotated[Path | None, _WHO] = None
    """A folder written by train.sft or train.grpo."""
    agent: Annotated[str | None, shown_as("AGENT"), _WHO] = None
    """gold, a baseline, or MODULE:NAME."""
    greedy: Annotated[bool, _HOW] = False
    """The likeliest token, always."""
    temperature: Annotated[float, _HOW] = 1.0
    """Sampling temperature."""
    episodes: EvaluationSettings = field(default_factory=lambda: EvaluationSettings(tasks=2_000))
    """Which episodes are played."""
    out: Path | None = None
    """The folder for episodes, numbers and summary; one named after who plays, data, mode and
    sampling unless given."""
    again: bool = False
    """Play again what the folder holds already."""

    def __post_init__(self) -> None:
        """Refuses what is out of range, and what would do nothing."""
        require_at_least(self, 0, "temperature")
        if self.agent is None:
            return
        if self.episodes.limits != MessageLimits():
            raise ValueError(
                "expected --max-new-tokens and --max-thought-tokens with --policy, got them with "
                "--agent, which writes as much as it likes; leave them out"
            )
        if self.greedy or self.temperature != 1:
            raise ValueError(
                "expected --greedy and --temperature with --policy, got them with --agent, which "
                "chooses its words itself; leave them out"
            )


def main(argv: Sequence[str] | None = None) -> Path:
    """Plays, prints the table, and returns the folder with episodes and numbers."""
    about = f"{__doc__}\nThe baselines are {', '.join(BASELINES)}."
    args = read_options(EvaluateOptions, argv, prog="python -m train.evaluate", about=about)
    plan = replace(args.episodes, batch=args.episodes.batch or BATCH)
    require_user(plan.user)
    if args.agent is not None:
        make_agent, model = agent_named(args.agent, plan), f"agent {args.agent}"
        sampling, identity, notes = "scripted", "", []
        code = agent_outside(args.agent, make_agent(0))
        learned, sketches = frozenset[str](), None
    elif args.policy is not None:
        from train.models.policies import load_policy  # torch, for --policy alone

        policy = load_policy(args.policy)
        plan = replace(plan, batch=args.episodes.batch or policy.profile.played)
        temperature = 0.0 if args.greedy else args.temperature
        make_agent, model = policy.maker(temperature, plan.limits), policy.words
        sampling, identity = drawn_at(temperature), policy.fingerprint
        learned, sketches, code = policy.learned, policy.sketches, {}
        notes = [f"{limit_words(policy.longest(plan.limits))}; played in {policy.numbers}"]
    subject, chosen = plan.subject(model, sampling), plan.chosen()
    out = args.out or _own_folder(args, _run(plan, subject, identity, code))
    console().print(f"Folder:  {out}", soft_wrap=True)
    if args.again:
        clear(out)
    told: dict[str, Any] = {"identity": identity, "agent": code}
    told |= {"learned": learned, "sketches": sketches}
    results = evaluate(plan, subject, make_agent, out, **told)
    show_results(results, out, [*notes, inferred_line(chosen)])
    if args.agent == "gold" and (words := gold_words(chosen, plan.mode)):
        console().print(words)
    return out


def _own_folder(args: EvaluateOptions, run: Run) -> Path:
    """Where an evaluation goes that names no folder: another agent, or another one of its versions,
    has another folder.
    """
    plan = args.episodes
    how = ["greedy"] if args.greedy else []
    names = [str(args.policy or args.agent), plan.data or EMBEDDED, plan.mode, *how]
    return default_folder("eval", names, asdict(run))


def show_results(results: Results, out: Path, notes: Sequence[str] = ()) -> None:
    """The table with what has to be known of its numbers, and where everything lies."""
    screen = console()
    screen.print(evaluation_table(results.subject, results.estimates, notes))
    for name, found in results.pass_k.items():
        screen.print(f"{name}: {found['value']:.3f} [{found['low']:.3f}, {found['high']:.3f}]")
    replay = shlex.join(["python", "-m", "reasonact_env.replay", str(out / EPISODES)])
    screen.print(f"Numbers: {out / 'summary.json'}\nReplay:  {replay}", soft_wrap=True)


if __name__ == "__main__":
    run(main, goes_on=True)
