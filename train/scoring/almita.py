"""ALMITA-style metrics of recorded decisions: arXiv 2409.15934 names them, we define them.

A *test* is one decision, a *conversation* one task with all its tests. As everywhere, a metric is a
ratio of sums over episodes, and its interval is clustered by conversation.
"""

from __future__ import annotations

from collections import Counter

from reasonact_env.episode import Episode, Step, message_of
from tasks.types import Task, Turn
from tools.types import MessageKind
from train.scoring.stats import Ratio

CORRECT_REPLY = 0.75
"""A reply is correct if the component `answer` is at least this. No model judges.

Half of `answer` is the similarity of words (0 for a constant polite reply), half is F1 over facts.
So a reply whose facts are all wrong is never correct, and a reply whose facts are all right (or
that has none to tell) is correct from a similarity of .5 on. Chosen by hand for that; the
ALMITA-style correctness of replies, tests and conversations depends on it, and no reward does.
"""

ALMITA = {
    "reply_recall": "ALMITA-style reply recall",
    "correct_reply": "ALMITA-style correct reply, offline",
    "api_recall": "ALMITA-style API recall",
    "correct_api": "ALMITA-style correct API",
    "correct_parameters": "ALMITA-style correct parameters",
    "test_correct": "ALMITA-style test correctness",
    "conversation_correct": "ALMITA-style conversation correctness",
}
"""Name -> the table's words."""


def parts_of_test(task: Task, gold: Turn, step: Step) -> dict[str, Ratio]:
    """Measures one test.

    Returns:
        `reply_recall`: share of replies among the tests that want a reply.
        `correct_reply`: share of correct ones among those replies.
        `api_recall`: share of calls among the tests that want a call.
        `correct_api`: share of those calls that name the right APIs and no other.
        `correct_parameters`: share of those with the right APIs whose arguments are right, too.
        `test_correct`: whether the reply is correct, or APIs and arguments are right.
    """
    made = float(message_of(step.action, step.calls).kind is gold.kind)
    right = float(is_correct(task, gold, step))
    if gold.kind is MessageKind.REPLY:
        parts = {"reply_recall": (made, 1.0), "correct_reply": (right, made)}
    else:
        named = made * (_names(gold) == Counter(call.name for call in step.calls))
        parts = {
            "api_recall": (made, 1.0),
            "correct_api": (named, made),
            "correct_parameters": (right, named),
        }
    return {**parts, "test_correct": (right, 1.0)}


def is_correct(task: Task, gold: Turn, step: Step) -> bool:
    """Whether a test is passed."""
    if gold.kind is MessageKind.REPLY:
        return (step.step_scores["answer"] or 0.0) >= CORRECT_REPLY
    toolbox = task.toolbox
    wanted = Counter(toolbox.normal(call) for call in gold.calls)
    return wanted == Counter(call.normal for call in step.calls)


def conversation_part(task: Task, episode: Episode) -> Ratio:
    """Whether all tests of a conversation are passed; (0, 0) where some were not played."""
    if len(episode.steps) != len(task.decisions):
        return 0.0, 0.0
    passed = (is_correct(task, task.decisions[step.turn], step) for step in episode.steps)
    return float(all(passed)), 1.0


def _names(gold: Turn) -> Counter[str | None]:
    return Counter(call.name for call in gold.calls)
