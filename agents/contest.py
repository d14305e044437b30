"""Several agents on the same tasks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from agents.console import progress
from agents.play import Played, Wanted, play
from reasonact_env.agent import Agent
from reasonact_env.config import EnvConfig
from reasonact_env.episode import Episode
from tasks.types import Task


def contest(
    config: EnvConfig,
    tasks: Sequence[Task],
    agents: Mapping[str, Agent],
    *,
    batch_size: int = 64,
) -> Iterator[tuple[str, Iterator[Episode]]]:
    """Lets each agent play all tasks, with one progress bar.

    Args:
        config: What the environments are made with.
        tasks: What is played, in order.
        agents: Name -> agent.
        batch_size: Episodes at a time.

    Yields:
        An agent's name and its episodes. The caller takes all of them before the next agent plays.
    """
    wanted: list[Wanted] = [(task.id, None) for task in tasks]
    with progress("agents", len(agents) * len(tasks)) as advance:
        for name, agent in agents.items():
            yield name, counted(play(config, agent, wanted, batch_size=batch_size), advance)


def counted(played: Iterable[Played], advance: Callable[[int], None]) -> Iterator[Episode]:
    """The episodes; each one moves the progress bar on."""
    for one in played:
        yield one.episode
        advance(1)
