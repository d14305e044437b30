"""Conversational tool use as Gymnasium environments.

Importing this package registers `ReasonAct-APIGen-v0`, `ReasonAct-ALMITA-v0` for ALMITA's table,
`ReasonAct-Procedures-v0` for generated conversations that follow procedures, and
`ReasonAct-Retail-v0` and `ReasonAct-Airline-v0` for generated tasks with simulated customers.
"""

from reasonact_env import guard

guard.check()

import tools.interrupts  # noqa: E402, F401 (before anything heavy)

# isort: split

from functools import partial  # noqa: E402
from typing import TYPE_CHECKING  # noqa: E402

import gymnasium  # noqa: E402

from reasonact_env.agent import Agent, Observation, Session  # noqa: E402
from reasonact_env.episode import Episode, Mode, Step, StopReason  # noqa: E402

if TYPE_CHECKING:
    from reasonact_env.conversation import Conversation
    from reasonact_env.reward.own import OwnReward

_PROCEDURES = {"mode": "turn", "data": "procedures:1000:0", "user": "own"}

# Gymnasium's checker breaks at the first step after a first reset that raised an error, as for an
# unknown task. `disable_env_checker=False` in `gymnasium.make` brings it back.
_register = partial(gymnasium.register, disable_env_checker=True)
_register(id="ReasonAct-APIGen-v0", entry_point="reasonact_env.env:ReasonActEnv")
_register(
    id="ReasonAct-ALMITA-v0",
    entry_point="reasonact_env.almita:AlmitaEnv",
    kwargs=_PROCEDURES,  # the default without a table; it warns
)
_register(
    id="ReasonAct-Procedures-v0",
    entry_point="reasonact_env.env:ReasonActEnv",
    kwargs=_PROCEDURES,
)
_register(
    id="ReasonAct-Retail-v0",
    entry_point="reasonact_env.env:ReasonActEnv",
    kwargs={"data": "retail:500:0", "user": "agenda"},
)
_register(
    id="ReasonAct-Airline-v0",
    entry_point="reasonact_env.env:ReasonActEnv",
    kwargs={"data": "airline:500:0", "user": "agenda"},
)

__version__ = "0.2.0"

__all__ = [
    "Agent",
    "Conversation",
    "Episode",
    "Mode",
    "Observation",
    "OwnReward",
    "Session",
    "Step",
    "StopReason",
]


def __getattr__(name: str) -> object:
    """Loads these two on first use: they need much more than the rest of this package's names."""
    if name == "Conversation":
        from reasonact_env.conversation import Conversation

        return Conversation
    if name == "OwnReward":
        from reasonact_env.reward.own import OwnReward

        return OwnReward
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
