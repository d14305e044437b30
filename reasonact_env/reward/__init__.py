"""The composite reward: pure functions of a task and an episode.

components   the table of components: names, weights, scores
own          your own components, by MODULE:NAME
weights      from scores to one number
turn         scores of a message against a recorded decision
dialogue     scores of a whole dialogue, by its end state and replies
telling      the facts in its replies, and what of them is made up

The five components `format`, `decision`, `tool`, `answer` and `thinking` are those that
descriptions of the paper (arXiv 2512.11277) name; `outcome` is added for whole dialogues. The
formulas and weights are ours.
"""

from reasonact_env.reward.components import (
    COMPONENTS,
    UNSCORED,
    score_decision,
    score_dialogue,
    score_message,
)
from reasonact_env.reward.dialogue import EndedDialogue, SentMessage, judge
from reasonact_env.reward.moves import Transition
from reasonact_env.reward.own import OwnReward, load_rewards, with_own
from reasonact_env.reward.progress import Progress, Target
from reasonact_env.reward.telling import Telling
from reasonact_env.reward.turn import Decision, History
from reasonact_env.reward.weights import UNWEIGHTED, resolve, scale, weighted_sum

__all__ = [
    "COMPONENTS",
    "Decision",
    "EndedDialogue",
    "History",
    "OwnReward",
    "Progress",
    "SentMessage",
    "Target",
    "Telling",
    "Transition",
    "UNSCORED",
    "UNWEIGHTED",
    "judge",
    "load_rewards",
    "resolve",
    "scale",
    "score_decision",
    "score_dialogue",
    "score_message",
    "weighted_sum",
    "with_own",
]
