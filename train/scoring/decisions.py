"""What is measured of single decisions: what was done, beside what the record does."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from reasonact_env.episode import CallRecord, Episode, Step, message_of
from tasks.types import Task, Turn
from tasks.words import token_f1
from tools.protocol import Parsed
from tools.schema.toolbox import Toolbox
from tools.types import MessageKind
from train.scoring.almita import conversation_part, parts_of_test
from train.scoring.stats import NOTHING, Ratio


def decisions(task: Task, episode: Episode) -> dict[str, Ratio]:
    """Sums over the decisions that were played."""
    sums: dict[str, list[float]] = {}
    for step in episode.steps:
        for name, (above, below) in _decision(task, _gold(task, step), step).items():
            total = sums.setdefault(name, [0.0, 0.0])
            total[0] += above
            total[1] += below
    parts = {name: (above, below) for name, (above, below) in sums.items()}
    return {**parts, "conversation_correct": conversation_part(task, episode)}


def _decision(task: Task, gold: Turn, step: Step) -> dict[str, Ratio]:
    parsed = message_of(step.action, step.calls)
    is_call, made_call = gold.kind is MessageKind.CALL, parsed.kind is MessageKind.CALL
    reply = parsed.reply.text if parsed.reply else ""
    return {
        "decision_accuracy": (parsed.kind is gold.kind, 1.0),
        "over_call": NOTHING if is_call else (made_call, 1.0),
        "under_call": (not made_call, 1.0) if is_call else NOTHING,
        "next_action": (_same_action(gold, parsed), 1.0),
        "answer_f1": NOTHING if is_call else (token_f1(reply, gold.text), 1.0),
        **_names(gold, [call.name for call in parsed.calls]),
        **_calls(task.toolbox, gold, step.calls),
        **parts_of_test(task, gold, step),
    }


def _same_action(gold: Turn, made: Parsed) -> bool:
    """Whether the message does what the record does next: calls the same tools, or replies.

    Our reading of the action recall of Pre-Act (arXiv 2505.09970), which counts next actions, a
    tool's name or the answer; what is called with stands in other metrics.
    """
    names = sorted(call.name for call in gold.calls)
    return made.kind is gold.kind and names == sorted(call.name for call in made.calls)


def _names(gold: Turn, made: Sequence[str]) -> dict[str, Ratio]:
    wanted = Counter(call.name for call in gold.calls)
    hits = (wanted & Counter(made)).total()
    return {
        "tool_precision": (hits, len(made)),
        "tool_recall": (hits, wanted.total()),
        "tool_f1": (2 * hits, len(made) + wanted.total()),
    }


def _calls(toolbox: Toolbox, gold: Turn, made: Sequence[CallRecord]) -> dict[str, Ratio]:
    """Exact calls: among gold's calls, and among those of them whose tool was called at all."""
    wanted = Counter(toolbox.normal(call) for call in gold.calls)
    exact = (wanted & Counter(call.normal for call in made if call.normal)).total()
    names = Counter(call.name for call in gold.calls)
    named = (names & Counter(call.name for call in made if call.name)).total()
    return {"action_recall": (exact, wanted.total()), "argument_match": (exact, named)}


def _gold(task: Task, step: Step) -> Turn:
    return task.decisions[step.turn]
