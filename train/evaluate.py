"""Plays a split of a data set and says how well it went, with error bars.

    # a policy that was trained here
    python -m train.evaluate --policy runs/grpo --tasks 2000
    # what was recorded, decision by decision
    python -m train.evaluate --agent gold --mode turn --data dialogues.json
    # an agent of your own
    python -m train.evaluate --agent my_module:MyAgent --split validation
    # a model behind an endpoint, with another one as the user
    python -m train.evaluate --agent MODEL@URL --user llm:MODEL@URL,key=VARIABLE

Episodes of agents are written as they end, and the same command plays only what is missing. The
exit status is 3 where some still are.
Scripted agents need the core install only; torch is imported for `--policy` alone.
"""

from __future__ import annotations

import shlex
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from agents.baselines import BASELINES
from agents.console import console
from agents.gold import gold_words
from reasonact_env.episodes.storage import read_episodes
from reasonact_env.users.make import require_user
from tasks.databases import AUTO
from tasks.load import EMBEDDED, load_tasks
from tasks.summary import inferred_line
from tasks.types import Task
from tools.chat_address import known_as
from tools.command import again, program, run
from tools.command_line import read_options
from tools.counts import counted
from tools.files import read_object, write_json
from tools.load_object import is_object_name
from tools.types import Json
from train.models.limits import MessageLimits
from train.runs.crashes import AgentError, crash_words, is_agents
from train.runs.evaluate_options import EvaluateOptions
from train.runs.evaluation import JUDGE as JUDGE
from train.runs.evaluation import LEAVE
from train.runs.evaluation import EvaluationSettings as EvaluationSettings
from train.runs.folders import default_folder, undone_if_refused
from train.runs.kept import Account
from train.runs.leakage import Training, leakage
from train.runs.outside import outside
from train.runs.played import (
    BATCH,
    EPISODES,
    STAGE,
    MakeAgent,
    Pace,
    all_played,
    clear,
)
from train.runs.played import agent_named as agent_named
from train.runs.players import Player, player_of
from train.runs.run import Run, begin, data_identity
from train.runs.sketches import Sketches
from train.scoring.metrics import measure
from train.scoring.report import Subject, evaluation_table
from train.scoring.results import Results

MISSING = 3
"""The exit status of an evaluation some of whose episodes are missing."""


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
    pace: Pace | None = None,
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
        pace: How many episodes are played, and written, at a time; a wave of them unless given.

    Returns:
        The numbers of each episode that was played to its end; the summary and the episodes lie
        in the folder. What is missing counts nowhere, and is played by the same call.

    Raises:
        ValueError: if the folder holds another evaluation.
        Exception: what an episode met, if none could be played.
    """
    run = _run(plan, subject, identity, agent or {})
    begin(out, run, _as_today, instead="give another --out, or play it again by --again")
    by_id = {task.id: task for task in plan.chosen()}
    _, played = read_episodes(
        all_played(plan, subject, make_agent, out, pace or Pace(plan.batch or BATCH))
    )
    measured = [(measure(by_id[one.task_id], one), one.task_id) for one in played]
    results = Results.of([part for part, _ in measured], [name for _, name in measured], subject)
    results.save(out / "arrays.npz")
    told: dict[str, object] = {}
    if learned or sketches is not None:
        told = _leaked(Training(learned, sketches or Sketches()), [*by_id.values()], plan.split)
    told |= account(plan, out).as_dict()
    write_json(out / "summary.json", {**results.as_dict(), **told})
    return results


def account(plan: EvaluationSettings, out: Path) -> Account:
    """What is missing from an evaluation, and what models behind endpoints took."""
    _, played = read_episodes(out / EPISODES)
    return Account.of(out, played, plan.wanted, plan.user)


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
    described: dict[str, Any] = {
        "plan": asdict(plan),
        "subject": replace(subject, caution="").as_dict(),
    }
    model: dict[str, Json] = {"name": subject.model, "sha256": identity or None}
    others = outside({"user": plan.user, "database": plan.database, "data": plan.data})
    described["plan"]["user"] = known_as(plan.user)
    data = data_identity(load_tasks(plan.data))
    return Run(STAGE, described, data, model, {**others, **agent})


def _as_today(recorded: Mapping[str, Any]) -> dict[str, Any]:
    """What an older version wrote down of an evaluation, in the form of today's."""
    usual = {"database": AUTO, "limits": asdict(MessageLimits()), "failed": LEAVE}
    return {**recorded, "plan": {**usual, **recorded.get("plan", {})}}


_NOBODY: Mapping[str, Any] = {"identity": "", "agent": {}}
"""What tells an agent from another, where nothing does."""


def main(argv: Sequence[str] | None = None) -> Path:
    """Plays, prints the table, and returns the folder with episodes and numbers."""
    about = f"{__doc__}\nThe baselines are {', '.join(BASELINES)}."
    args = read_options(EvaluateOptions, argv, prog="python -m train.evaluate", about=about)
    plan = args.plan
    require_user(plan.user)
    plan, who = player_of(args, plan)
    subject, chosen = plan.subject(who.model, who.sampling), plan.chosen()
    known = {name: who.told[name] for name in ("identity", "agent") if name in who.told}
    out = args.out or _own_folder(args, _run(plan, subject, **{**_NOBODY, **known}))
    console().print(f"Folder:  {out}", soft_wrap=True)
    if args.again:
        clear(out)
    results = _evaluated(args, plan, subject, who, out)
    taken = account(plan, out)
    notes = [*who.notes, inferred_line(chosen), *taken.words(args.prices)]
    if plan.tasks is not None and len(chosen) < plan.tasks:
        there = counted(len(chosen), "task")
        notes.append(f"{there}: all that split {plan.split} has ({plan.tasks:,} were asked for).")
    if taken.missing and plan.trials > 1:
        notes.append(
            "pass^k is not shown: all tasks have to be played as often, and some are missing."
        )
    show_results(results, out, notes)
    if args.agent == "gold" and (words := gold_words(chosen, plan.mode)):
        console().print(words)
    return out


def _evaluated(
    args: EvaluateOptions, plan: EvaluationSettings, subject: Subject, who: Player, out: Path
) -> Results:
    """The numbers; a crash of somebody's own agent is told in one line."""
    try:
        return evaluate(plan, subject, who.make(out), out, pace=who.pace, **who.told)
    except (Exception, SystemExit) as error:
        name = str(args.agent)
        if not (is_object_name(name) and is_agents(error)):
            raise
        code = who.told.get("agent", {})
        words = crash_words(
            error,
            name,
            out,
            code,
            is_named=args.out is not None,
            leaves_out=args.workers is not None,
        )
        raise AgentError(words) from error


def command() -> int:
    """The command: its exit status is 3 where episodes are missing, which is said last."""
    lost = read_object(main() / "summary.json").get("lost")
    if lost is None:
        return 0
    words = f"{lost['episodes']:,} of {lost['of']:,} episodes are missing; to play them: {again()}"
    print(f"{program()}: {words}", file=sys.stderr)
    return MISSING


def _own_folder(args: EvaluateOptions, run: Run) -> Path:
    """Where an evaluation goes that names no folder: another agent, or another one of its versions,
    has another folder.
    """
    plan = args.episodes
    how = ["greedy"] if args.greedy else []
    who = str(args.policy or known_as(str(args.agent)))
    return default_folder("eval", [who, plan.data or EMBEDDED, plan.mode, *how], asdict(run))


def show_results(results: Results, out: Path, notes: Sequence[str] = ()) -> None:
    """The table with what has to be known of its numbers, and where everything lies."""
    screen = console()
    screen.print(evaluation_table(results.subject, results.estimates, notes))
    for name, found in results.pass_k.items():
        screen.print(f"{name}: {found['value']:.3f} [{found['low']:.3f}, {found['high']:.3f}]")
    replay = shlex.join(["python", "-m", "reasonact_env.replay", str(out)])
    screen.print(f"Numbers: {out / 'summary.json'}\nReplay:  {replay}", soft_wrap=True)


if __name__ == "__main__":
    run(command, goes_on=True)
