"""The composite reward: pure functions of a task and what was done in it.

The five components `format`, `decision`, `tool`, `answer` and `thinking` are those that
descriptions of the paper (arXiv 2512.11277) name; `outcome` is added for whole dialogues. The
formulas and weights are ours.
"""

from reasonact_env.reward.dialogue import judge, score_dialogue, score_message
from reasonact_env.reward.progress import Progress, Target, Transition
from reasonact_env.reward.turn import History, score_turn
from reasonact_env.reward.weights import COMPONENTS, DEFAULT_WEIGHTS, resolve, scale, weighted_sum

__all__ = [
    "COMPONENTS",
    "DEFAULT_WEIGHTS",
    "History",
    "Transition",
    "Progress",
    "Target",
    "judge",
    "weighted_sum",
    "resolve",
    "scale",
    "score_dialogue",
    "score_message",
    "score_turn",
]
