"""What went wrong in episodes: first, most often, and in one run more than in another."""

from reasonact_env.failures.cause import Cause, Kind
from reasonact_env.failures.first import all_wrong, first_wrong
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
    "Cause",
    "GoalRows",
    "Kind",
    "Nearest",
    "OutsideWrite",
    "WantedCall",
    "WantedFact",
    "all_wrong",
    "arguments_of",
    "first_wrong",
    "goal_of",
]
