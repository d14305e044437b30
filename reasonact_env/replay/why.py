"""Why an episode went as it did: its goal, its gold, and what went wrong first."""

from __future__ import annotations

from dataclasses import dataclass

from reasonact_env.episode import Episode, Mode
from reasonact_env.failures import Cause, GoalRows, first_wrong


@dataclass(frozen=True, slots=True)
class Why:
    """An episode beside what it should have been."""

    goal: GoalRows
    """The goal, call by call and fact by fact."""
    cause: Cause | None
    """The first thing that went wrong; None if nothing did."""
    gold: Episode | None
    """What the recorded agent did in its place; None if its data are not at hand."""
    missing: str
    """Why there are no data: they are being read, or where they are missed; empty with them."""
    looking: bool = False
    """Whether the cause is not known yet: None may become another one."""


def alone(
    episode: Episode, kept: tuple[Cause | None, bool], *, ready: bool
) -> tuple[Cause | None, bool]:
    """What went wrong first in an episode whose task is not at hand.

    Args:
        episode: The episode.
        kept: What its index says of that, with the task at hand, and whether it says anything.
        ready: Whether all has been read, so that the task will not come any more.

    Returns:
        The cause, and whether it is not known yet.
    """
    own, (known, says) = first_wrong(None, episode), kept
    if not says:
        return (own, False) if ready else (None, own is not None or episode.mode is Mode.TURN)
    if known is None or own is None:
        return known, False
    same = (known.kind, known.step, known.about) == (own.kind, own.step, own.about)
    return (own if same else known), False
