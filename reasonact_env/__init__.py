"""Conversational tool use as Gymnasium environments.

Importing this package registers `ReasonAct-APIGen-v0` and `ReasonAct-ALMITA-v0`.
"""

from reasonact_env import guard

guard.check()

import gymnasium  # noqa: E402

from reasonact_env.agent import Agent, Observation, Session  # noqa: E402
from reasonact_env.episode import Episode, Mode, Step, StopReason  # noqa: E402

gymnasium.register(id="ReasonAct-APIGen-v0", entry_point="reasonact_env.env:ReasonActEnv")
gymnasium.register(
    id="ReasonAct-ALMITA-v0",
    entry_point="reasonact_env.env:ReasonActEnv",
    kwargs={"mode": "turn", "data": "procedures:1000:0"},
)

__version__ = "0.1.0"

__all__ = [
    "Agent",
    "Episode",
    "Mode",
    "Observation",
    "Session",
    "Step",
    "StopReason",
]
