"""The agent that does what was recorded."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from reasonact_env.agent import Session
from reasonact_env.episode import Mode, Thinking
from reasonact_env.reward.text import POLITE_REPLY
from tasks.types import Task
from tools.protocol import ThinkForm, parse, with_thought

THOUGHT = "I do what the record of this conversation did at this point."
"""What the agent thinks where a thought is required and the record has none."""


class Gold:
    """Repeats the recorded messages. It knows the answers, so it is no competitor."""

    def __init__(
        self, tasks: Iterable[Task], mode: str = "dialogue", thinking: str = "optional"
    ) -> None:
        """Takes the records.

        Args:
            tasks: All tasks that it will meet.
            mode: The environment's mode.
            thinking: The environment's `thinking`.
        """
        self._tasks = {task.id: task for task in tasks}
        self._mode = Mode(mode)
        self._thinking = Thinking(thinking)

    def act(self, sessions: Sequence[Session]) -> list[str]:
        """Answers each session from the record."""
        return [self._recorded(session) for session in sessions]

    def _recorded(self, session: Session) -> str:
        task = self._tasks[str(session.info["task_id"])]
        number = session.info["turn"]
        assert isinstance(number, int)
        turns = task.decisions if self._mode is Mode.TURN else task.turns
        if number >= len(turns):
            return POLITE_REPLY
        message = task.messages[turns[number].index].content
        if self._thinking is Thinking.REQUIRED and parse(message).thinking is ThinkForm.ABSENT:
            return with_thought(message, THOUGHT)
        return message


def gold_words(tasks: Sequence[Task], mode: str) -> str:
    """What has to be said next to gold's figure in dialogue mode: that some records failed.

    Gold repeats the recorded agents. Where a sidecar gives the goal, a recorded agent that missed
    it earns less than 1, and that is right.

    Args:
        tasks: What gold played.
        mode: "dialogue" or "turn".
    """
    judged = [task for task in tasks if task.succeeded is not None]
    failed = sum(not task.succeeded for task in judged)
    if not failed or Mode(mode) is Mode.TURN:
        return ""
    return (
        f"gold repeats the recorded agents: {failed:,} of {len(judged):,} failed officially, by "
        "their benchmark's own verdict, so it earns less than 1 here"
    )
