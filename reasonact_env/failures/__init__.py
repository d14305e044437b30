"""What went wrong in episodes: first, most often, and in one run more than in another."""

from reasonact_env.failures.goal import arguments_of, goal_of
from reasonact_env.failures.wanted import (
    Argument,
    GoalRows,
    Nearest,
    OutsideWrite,
    WantedCall,
    WantedFact,
)

__all__ = [
    "Argument",
    "GoalRows",
    "Nearest",
    "OutsideWrite",
    "WantedCall",
    "WantedFact",
    "arguments_of",
    "goal_of",
]
