"""The agent that says what it was given to say."""

from __future__ import annotations

from collections.abc import Sequence

from reasonact_env.agent import Session


class Scripted:
    """Says its messages in order, from the first one in every conversation, then nothing."""

    def __init__(self, messages: Sequence[str]) -> None:
        """Takes the messages."""
        self._messages = tuple(messages)

    def act(self, sessions: Sequence[Session]) -> list[str]:
        """Answers each session with the message of its turn."""
        return [self._next(session) for session in sessions]

    def _next(self, session: Session) -> str:
        turn = session.memory.get("turn", 0)
        assert isinstance(turn, int)
        session.memory["turn"] = turn + 1
        return self._messages[turn] if turn < len(self._messages) else ""
