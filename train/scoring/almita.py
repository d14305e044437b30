"""ALMITA-style metrics of recorded decisions: arXiv 2409.15934 names them, we define them.

A *test* is one decision, a *conversation* one task with all its tests. As everywhere, a metric is a
ratio of sums over episodes, and intervals are clustered by conversation.
"""

from __future__ import annotations

from collections import Counter

from reasonact_env.episode import Episode, Step
from tasks.types import Task, Turn
from tools.protocol import parse
from tools.schema.toolbox import Toolbox
from tools.types import MessageKind
from train.scoring.stats import Ratio

CORRECT_REPLY = 0.75
"""A reply is correct if the component `answer` is at least this: half of it is similarity of words
(0 for a constant polite reply), half F1 over facts. So with facts wrong no reply is correct, and
with all facts right (or none to tell) it is correct from a similarity of .5 on. No model judges."""

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
        `reply_recall`: replies, among the tests that want one; `correct_reply`: correct ones,
        among those replies; `api_recall`: calls, among the tests that want one; `correct_api`: the
        right APIs and no other, among those calls; `correct_parameters`: all arguments right too,
        among the latter; `test_correct`: a correct reply, or right APIs with right arguments.
    """
    made = float(parse(step.action).kind is gold.kind)
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
    toolbox = Toolbox.of(task.tools)
    wanted = Counter(toolbox.normal(call) for call in gold.calls)
    return wanted == Counter(call.normal for call in step.calls)


def conversation_part(task: Task, episode: Episode) -> Ratio:
    """Whether all tests of a conversation were passed; nothing where some were not played."""
    if len(episode.steps) != len(task.decisions):
        return 0.0, 0.0
    passed = (is_correct(task, task.decisions[step.turn], step) for step in episode.steps)
    return float(all(passed)), 1.0


def _names(gold: Turn) -> Counter[str | None]:
    return Counter(call.name for call in gold.calls)
