"""The protocol of a running episode, in either mode."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, Self

from reasonact_env.episode import Outcome, Step, StopReason
from tasks.user import UserReport
from tools.types import Message


class Game(Protocol):
    """An episode while it is played: `Dialogue` in dialogue mode, `TurnWalk` in turn mode."""

    stop: StopReason | None
    """Why the episode ended, or None while it runs."""
    outcome: Outcome | None
    """The verdict on an ended dialogue."""

    @property
    def messages(self) -> list[Message]:
        """The messages of the next observation."""
        ...

    def show(self) -> list[dict[str, str]]:
        """The messages of the next observation, in dicts that their reader may change."""
        ...

    @property
    def observation_hash(self) -> str:
        """The digest of the current observation."""
        ...

    @property
    def state_hash(self) -> str:
        """The digest of the API's current state."""
        ...

    @property
    def turn(self) -> int:
        """The number of the next decision or message."""
        ...

    @property
    def user_report(self) -> UserReport | None:
        """The user's report so far; None if no user listens."""
        ...

    def fork(self) -> Self:
        """An episode that begins with this one, and goes its own way."""
        ...

    def mark(self) -> Callable[[], None]:
        """Remembers where the episode stands; the result takes it back there, once."""
        ...

    def play(self, action: str) -> Step:
        """Plays one raw assistant message, which may end the episode."""
        ...
