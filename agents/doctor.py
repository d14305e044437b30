"""Puts an agent into situations that go wrong, and says what it copes with.

    # an agent of your own
    python -m agents.doctor examples.own_agent:Clerk
    # one that copes with everything
    python -m agents.doctor gold
    # a policy that was trained here
    python -m agents.doctor runs/sft
    # a model behind an endpoint
    python -m agents.doctor MODEL@URL

An agent is what other commands take as one; besides, MODULE:NAME of a function that plays a
`Conversation`, its only parameter, called `talk`. It plays generated tasks of an order desk that
are shown to it otherwise than they are. A situation that did not reach it does not apply, and none
does where it fails a plain episode. The exit status is 1 where it does not cope with something.
"""

from __future__ import annotations

import tools.interrupts  # noqa: F401 (first: Ctrl-C during the others)

# isort: split

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, cast

from agents.console import console, plain_table
from agents.findings import Finding, Verdict, examine
from agents.named import agent_of
from agents.patient import Loop, Patient, owns_its_loop
from reasonact_env.config import EnvConfig
from reasonact_env.env import ReasonActEnv
from tasks.types import Task
from tools.command import run
from tools.command_line import read_options
from tools.load_object import is_object_name, load_object
from tools.option_types import Positional, shown_as
from tools.ranges import require_at_least
from tools.types import Effect

DATA = "desk:60:0"
"""What is played."""
LIMIT = 30
"""Messages of an episode at most."""
WIDTH = 80
"""Columns of the table."""


@dataclass(frozen=True, slots=True)
class DoctorOptions:
    """Who is examined."""

    agent: Positional[Annotated[str, shown_as("AGENT")]]
    """gold, a baseline, a hack, a policy's folder, MODULE:NAME, or a model behind an
    OpenAI-compatible endpoint as MODEL@URL."""
    seconds: float = 60.0
    """Seconds that a message may take at most."""

    def __post_init__(self) -> None:
        """Refuses what is out of range."""
        require_at_least(self, 0, "seconds")


def examined(name: str, seconds: float = 60.0) -> list[Finding]:
    """Examines an agent.

    Args:
        name: Its name, as commands take it, or MODULE:NAME of a function of a `Conversation`.
        seconds: A message may take so many at most.

    Raises:
        ValueError: if there is no such agent.
        EndpointError: if its model does not answer at all.
    """
    env = ReasonActEnv.of(EnvConfig(data=DATA, split="all", max_turns=LIMIT))
    tasks = sorted(env.tasks, key=_reads_first)[:3]
    return list(examine(_patient(name, env, seconds), tasks))


def _reads_first(task: Task) -> bool:
    """False for tasks that fit: they begin with two messages that change nothing."""
    effects = [task.effects[call.name].effect for turn in task.turns[:2] for call in turn.calls]
    return not task.goal.writes or Effect.WRITE in effects


def _patient(name: str, env: ReasonActEnv, seconds: float) -> Patient:
    if is_object_name(name) and owns_its_loop(found := load_object(name, "an agent")):
        return Patient(None, cast("Loop", found), env, seconds)
    agent = agent_of(name, env.tasks, env.config.mode, env.config.thinking)
    return Patient(agent, None, env, seconds)


def main(argv: Sequence[str] | None = None) -> int:
    """Prints the table; returns the exit status."""
    args = read_options(DoctorOptions, argv, prog="python -m agents.doctor", about=__doc__)
    name = args.agent
    found = examined(name, args.seconds)
    table = plain_table(
        f"{name} · {DATA}",
        ["situation", "verdict", "why, and how to mend it"],
        [[one.situation, one.verdict.value, one.words] for one in found],
    )
    table.width = WIDTH
    for column in table.columns:
        column.justify = "left"
    console().print(table)
    failed = [one for one in found if one.verdict is Verdict.NOT]
    applies = [one for one in found if one.verdict is not Verdict.NONE]
    console().print(f"copes with {len(applies) - len(failed)} of {len(applies)} that apply")
    return int(bool(failed))


if __name__ == "__main__":
    run(main)
