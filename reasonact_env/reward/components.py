"""The components of the reward in one table: their weights, and their scores.

To add a component, add one entry to `TABLE`. Weights, infos, files of episodes and training read
the names from here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from operator import attrgetter

from reasonact_env.episode import Scores
from reasonact_env.reward.dialogue import EndedDialogue, SentMessage
from reasonact_env.reward.message import format_score, thinking_score
from reasonact_env.reward.turn import Decision


@dataclass(frozen=True, slots=True)
class Component:
    """One component. Each of its scores is a float, or None if it does not apply.

    Whether it applies depends on the task and the decision alone, never on the policy's message:
    otherwise a policy could choose how it is judged.
    """

    name: str
    """The component's name in infos and files."""
    weight: float
    """The default weight, before scaling."""
    of_decision: Callable[[Decision], float | None]
    """Turn mode: the score of a message against a recorded decision; weighted in every step."""
    of_message: Callable[[SentMessage], float | None]
    """Dialogue mode: the score of a message by itself; reported in `step_scores`, not weighted."""
    of_dialogue: Callable[[EndedDialogue], float | None]
    """Dialogue mode: the score of the whole dialogue; weighted in the last step."""


TABLE = (
    Component(
        "format",
        0.1,
        of_decision=format_score,
        of_message=format_score,
        of_dialogue=lambda one: one.mean("format"),
    ),
    Component(
        "decision",
        0.2,
        of_decision=lambda one: 1.0 if one.parsed.kind is one.turn.kind else -1.0,
        of_message=lambda one: -1.0 if one.is_misstep else 1.0,
        of_dialogue=lambda one: one.mean("decision"),
    ),
    Component(
        "tool",
        0.6,
        of_decision=attrgetter("tool"),
        of_message=attrgetter("tool"),
        of_dialogue=attrgetter("tool"),
    ),
    Component(
        "answer",
        0.6,
        of_decision=attrgetter("answer"),
        of_message=attrgetter("answer"),
        of_dialogue=attrgetter("answer"),
    ),
    Component(
        "thinking",
        0.1,
        of_decision=lambda one: thinking_score(one) * one.is_right,
        of_message=thinking_score,
        of_dialogue=lambda one: one.mean("thinking"),
    ),
    Component(
        "outcome",
        1.0,
        of_decision=lambda one: None,
        of_message=attrgetter("outcome"),
        of_dialogue=attrgetter("outcome"),
    ),
)
"""All components, in the order in which they are summed.

The weights are ours; the paper's are not public. Calls, answers and outcome (`tool`, `answer`,
`outcome`) have the largest weights. Good form (`format`, `thinking`) is easy to learn and has the
smallest, so that it never outweighs a wrong call. `decision` is between: it is a choice of two, to
call or to reply.
"""

COMPONENTS: tuple[str, ...] = tuple(component.name for component in TABLE)
"""The components' names, in that order."""
UNSCORED: Scores = dict.fromkeys(COMPONENTS)
"""The components of a step without a reward, all None; copy it before changing it."""


_OF_DECISION = tuple((one.name, one.of_decision) for one in TABLE)
_OF_MESSAGE = tuple((one.name, one.of_message) for one in TABLE)
_OF_DIALOGUE = tuple((one.name, one.of_dialogue) for one in TABLE)


def score_decision(decision: Decision) -> Scores:
    """Every component's score of a message in turn mode."""
    return {name: score(decision) for name, score in _OF_DECISION}


def score_message(message: SentMessage) -> Scores:
    """Every component's score of a message in dialogue mode."""
    return {name: score(message) for name, score in _OF_MESSAGE}


def score_dialogue(dialogue: EndedDialogue) -> Scores:
    """Every component's score of an ended dialogue."""
    return {name: score(dialogue) for name, score in _OF_DIALOGUE}
