"""Thoughts that a strong model writes, kept where the model then acts as the record does."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from agents.console import progress
from agents.endpoint import EndpointAgent
from agents.play import play
from reasonact_env.config import EnvConfig
from reasonact_env.episode import Episode, Mode, Thinking
from tasks.types import Split, Task
from tools.chat_endpoint import Endpoint
from tools.protocol import parse
from train.imitation.lessons import Lesson, chosen
from train.imitation.thoughts import Thought

TASKS = 2_000
"""The model is asked about decisions of the first training tasks, this many.

Chosen by hand: they hold many more decisions than a cold start takes, and are listed quickly.
"""
TRIES = 3
"""For each sample that is wanted, the model is asked about this many decisions at most.

Chosen by hand; it bounds the cost at an endpoint whose model is seldom right.
"""


def written(
    tasks: Sequence[Task], data: str | None, endpoint: Endpoint, count: int, seed: int
) -> list[Thought]:
    """Asks until enough answers are kept, or no decision is left to ask about.

    Args:
        tasks: The training split.
        data: Its name, for the environment that judges.
        endpoint: Where the model is; with a cache, asking the same again costs nothing.
        count: How many thoughts are wanted.
        seed: Of the choice.
    """
    asked = chosen(_decisions(tasks[:TASKS]), TRIES * count, seed)
    kept: list[Thought] = []
    with progress("Asking", len(asked)) as advance:
        while asked and len(kept) < count:
            # No more than are still missing, since each question costs.
            now, asked = asked[: count - len(kept)], asked[count - len(kept) :]
            kept += _right_ones(now, data, endpoint)
            advance(len(now))
    return kept


def _decisions(tasks: Sequence[Task]) -> list[Lesson]:
    """Every decision by itself, its thought yet to be written."""
    return [
        Lesson(task, (Thought(task.id, number, ""),))
        for task in tasks
        for number in range(len(task.decisions))
    ]


def _right_ones(asked: Sequence[Lesson], data: str | None, endpoint: Endpoint) -> Iterator[Thought]:
    """The thoughts after which the environment finds the recorded decision."""
    config = EnvConfig(
        mode=Mode.TURN.value,
        split=Split.TRAIN.value,
        data=data,
        thinking=Thinking.REQUIRED.value,
    )
    wanted = [(lesson.task.id, lesson.learned[0]) for lesson in asked]
    for played, (task, decision) in zip(
        play(config, EndpointAgent(endpoint), wanted), wanted, strict=True
    ):
        if decision is not None and (thought := _right_thought(played.episode)):
            yield Thought(task, decision, thought)


def _right_thought(episode: Episode) -> str | None:
    """The thought, if it is well formed and led to the recorded decision.

    The component `thinking` is above 0 only where the action is right.
    """
    (step,) = episode.steps
    if step.components["format"] != 1 or not step.components["thinking"]:
        return None
    return parse(step.action).thought
