"""How well agents can talk to generated customers, and how fast tasks are generated.

    python -m benchmarks.agenda --tasks 500 --styles 10
    python -m benchmarks.agenda --world airline

Each task is played again by the gold agent in other words, with the customer in other words too;
an episode is lost to the user if the conversation goes wrong or ends elsewhere than the task's.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from time import process_time
from typing import Annotated

from tasks.generate import DOMAINS
from tasks.generation.domain import CustomerDomain
from tasks.generation.rejection import Candidate
from tasks.generation.talk import Rejected
from tools.command import run
from tools.command_line import read_options
from tools.option_types import one_of
from tools.ranges import require_at_least, require_seeds


@dataclass(slots=True)
class Figures:
    """What a run finds."""

    domain: CustomerDomain
    """Whose gold agent plays."""
    played: int = 0
    """Episodes."""
    lost: Counter[str] = field(default_factory=Counter)
    """Why episodes were lost -> number."""

    def play(self, task: Candidate, style: int, *, user_too: bool) -> None:
        """Plays a task in another style."""
        agenda = task.talk.agenda
        if user_too:
            agenda = replace(agenda, seed=agenda.seed + style)
        self.played += 1
        try:
            talk = self.domain.told_again(task, agenda, style)
        except Rejected as problem:
            self.lost[str(problem)] += 1
            return
        if talk.world.digest != task.talk.world.digest:
            self.lost["other_state"] += 1
        elif not set(task.outputs) <= set(talk.outputs):
            self.lost["not_told"] += 1

    def line(self, name: str) -> str:
        """The figures in a line."""
        lost = self.lost.total()
        reasons = ", ".join(f"{reason} {count}" for reason, count in self.lost.most_common())
        return (
            f"{name}: {lost} of {self.played:,} lost ({lost / self.played:.2%}) {reasons}".strip()
        )


@dataclass(frozen=True, slots=True)
class Options:
    """What is played."""

    world: Annotated[str, one_of(sorted(DOMAINS))] = "retail"
    """Whose tasks."""
    tasks: int = 500
    """At most this many tasks."""
    styles: int = 10
    """Other words in which each is played."""
    seed: int = 0
    """Of database and tasks."""

    def __post_init__(self) -> None:
        """Refuses what is out of range."""
        require_at_least(self, 1, "tasks", "styles")
        require_seeds(self, "seed")


def main(argv: Sequence[str] | None = None) -> tuple[Figures, Figures]:
    """Prints the figures, and returns those of agents alone and of both speakers in other words."""
    options = read_options(Options, argv, prog="python -m benchmarks.agenda", about=__doc__)
    domain = DOMAINS[options.world]
    rejection, start = domain.rejection_filter(options.seed), process_time()
    tasks = list(rejection.tasks(options.tasks))
    seconds = process_time() - start
    rate = f"{len(tasks) / seconds:.0f} a second"
    print(f"{domain.name}: {len(tasks):,} tasks in {seconds:.1f} CPU seconds ({rate})")
    whole = len(tasks) + rejection.rejected.total()
    for reason, count in rejection.rejected.most_common():
        print(f"  rejected, {reason}: {count / whole:.2%} of {whole:,} candidates")
    agent, both = Figures(domain), Figures(domain)
    for style in range(1, options.styles + 1):
        for task in tasks:
            agent.play(task, style, user_too=False)
            both.play(task, style, user_too=True)
    print(agent.line(f"{options.styles} styles of the agent"))
    print(both.line(f"{options.styles} styles of agent and user"))
    return agent, both


if __name__ == "__main__":
    run(main)
