"""Ordinary Gymnasium wrappers: perturbations of an environment, and a recorder.

`RecordEpisodes(env, path)` keeps what is played in a file of episodes. The others perturb:

    env = gym.make("ReasonAct-APIGen-v0")
    env = RenameTools(ShuffleTools(env, seed=1), seed=1)
    envs = gym.make_vec("ReasonAct-APIGen-v0", 8, wrappers=[functools.partial(NoisyUser, seed=1)])

They change what an agent sees, never the task: state, goal, rewards, infos and saved episodes stay
those of the wrapped environment, in its own names. An agent that understands what it sees earns as
much as before. `translate` rewrites a message with the names that the wrappers show.
The default strengths (the share of calls that fail, of words that are mistyped, …) are chosen by
hand; no figure of this project depends on them.
"""

from reasonact_env.wrappers.distractors import DistractorTools
from reasonact_env.wrappers.failures import FailTools, Latency
from reasonact_env.wrappers.noise import NoisyUser
from reasonact_env.wrappers.perturbation import Perturbation
from reasonact_env.wrappers.recorder import RecordEpisodes
from reasonact_env.wrappers.rename import RenameTools
from reasonact_env.wrappers.tools import ShuffleTools, StripDescriptions

__all__ = [
    "DistractorTools",
    "FailTools",
    "Latency",
    "NoisyUser",
    "Perturbation",
    "RecordEpisodes",
    "RenameTools",
    "ShuffleTools",
    "StripDescriptions",
]
