"""What is measured of an episode: every metric as a numerator and a denominator.

A metric over many episodes is the ratio of the two sums (`train.scoring.stats`). So each decision,
call or message counts once, however long its episode is, and intervals are still clustered by task.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from reasonact_env.episode import Episode, Mode, Step, StopReason, message_of
from reasonact_env.paired_shares import share_difference
from reasonact_env.reward import COMPONENTS
from tasks.setups import InWorld
from tasks.types import Task
from tasks.words import words
from tools.protocol import Parsed
from train.scoring.almita import ALMITA
from train.scoring.decisions import decisions
from train.scoring.reasoning import thought_parts
from train.scoring.stats import NOTHING, Interval, Ratio, Ratios, difference, ratio, share

_CUT = (StopReason.BAD_FORMAT, StopReason.MAX_TURNS, StopReason.OVER_LIMIT)


class Scale(StrEnum):
    """What kind of number a metric is."""

    SHARE = "share"
    """Between 0 and 1, shown in per cent."""
    NUMBER = "number"
    """Anything else."""


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric's name in files, its name in tables, and its scale."""

    name: str
    """The key in files."""
    label: str
    """The table's words."""
    scale: Scale = Scale.SHARE
    """Share or number."""

    def estimate(self, ratios: Ratios) -> Interval:
        """The metric over all episodes, with the interval that suits its scale."""
        return share(ratios) if self.scale is Scale.SHARE else ratio(ratios)

    def difference(self, after: Ratios, before: Ratios) -> Interval:
        """The metric's paired difference, with the interval that suits its scale."""
        compare = share_difference if self.scale is Scale.SHARE else difference
        return compare(after, before)


_PAID = tuple(Metric(name, f"component {name}", Scale.NUMBER) for name in COMPONENTS)
_COMMON = (
    Metric("return", "mean return", Scale.NUMBER),
    *_PAID,
    Metric("format_rate", "well-formed messages"),
    Metric("messages_cut", "messages cut at a token limit"),
    Metric("out_of_context", "decisions beyond the context, not judged"),
    Metric("bad_calls", "failed calls"),
    Metric("thoughts", "messages with a thought"),
    Metric("thinking_words", "thought, words", Scale.NUMBER),
    Metric("thought_facts", "thought names the act's facts"),
    Metric("thought_grounded", "thought's facts are known"),
    Metric("thought_rule", "thought and act on one rule"),
    Metric("thought_agreement", "thought's words in the act"),
    Metric("messages", "messages per episode", Scale.NUMBER),
)

DIALOGUE_METRICS: tuple[Metric, ...] = (
    Metric("success", "success"),
    Metric("success_write", "success with writes"),
    Metric("success_no_write", "success without writes"),
    Metric("state_reached", "goal state reached"),
    Metric("facts_told", "all facts told"),
    Metric("tau", "tau-bench's verdict"),
    Metric("action_recall", "goal calls made"),
    Metric("followed", "procedure followed"),
    *_COMMON,
    Metric("over_call", "calls beyond the goal"),
    Metric("unfinished", "dialogues cut off"),
)
"""What is measured of a dialogue, in the order of the table."""

TURN_METRICS: tuple[Metric, ...] = (
    Metric("decision_accuracy", "decision accuracy"),
    Metric("over_call", "over-call"),
    Metric("under_call", "under-call"),
    Metric("tool_precision", "tool name precision"),
    Metric("tool_recall", "tool name recall"),
    Metric("tool_f1", "tool name F1"),
    Metric("argument_match", "arguments, right tool"),
    Metric("action_recall", "whole call exact"),
    Metric("next_action", "action recall: tool or reply"),
    Metric("answer_f1", "answer token F1"),
    *(Metric(name, label) for name, label in ALMITA.items()),
    *_COMMON,
)
"""What is measured of recorded decisions."""


def metrics_of(mode: Mode) -> tuple[Metric, ...]:
    """The metrics of a mode."""
    return DIALOGUE_METRICS if mode is Mode.DIALOGUE else TURN_METRICS


def measure(task: Task, episode: Episode) -> dict[str, Ratio]:
    """Measures an ended episode.

    Args:
        task: Its task.
        episode: What happened.

    Returns:
        A ratio for every metric of the episode's mode.
    """
    if episode.mode is Mode.DIALOGUE:
        return _measured(task, episode, _dialogue)
    kept = _within_context(episode)
    lost = len(episode.steps) - len(kept.steps)
    nothing = {metric.name: NOTHING for metric in TURN_METRICS}
    found = _measured(task, kept, decisions) if kept.steps else nothing
    return {**found, "out_of_context": (lost, len(episode.steps))}


def _within_context(episode: Episode) -> Episode:
    """The decisions that the policy had room for: to the others it has given no answer.

    An empty message that was cut is none: the history before it left no room (`agents.policy`).
    """
    cut = episode.cut or ()
    full = {number for number in cut if not episode.steps[number].action}
    if not full:
        return episode
    kept = [number for number in range(len(episode.steps)) if number not in full]
    places = {number: place for place, number in enumerate(kept)}
    return replace(
        episode,
        steps=tuple(episode.steps[number] for number in kept),
        cut=tuple(places[number] for number in cut if number in places),
    )


def _measured(
    task: Task, episode: Episode, own: Callable[[Task, Episode], dict[str, Ratio]]
) -> dict[str, Ratio]:
    messages = [message_of(step.action, step.calls) for step in episode.steps]
    thoughts = thought_parts(task, episode, messages)
    return {**own(task, episode), **_common(episode, messages), **thoughts}


def _common(episode: Episode, messages: Sequence[Parsed]) -> dict[str, Ratio]:
    steps, calls = episode.steps, [call for step in episode.steps for call in step.calls]
    formats = [step.step_scores["format"] or 0.0 for step in steps]
    thought = sum(len(words(message.thought or "")) for message in messages)
    paid = {name: _paid(steps, name) for name in COMPONENTS}
    units = 1.0 if episode.mode is Mode.DIALOGUE else float(len(steps))
    return {
        "return": (episode.total, units),
        **paid,
        "format_rate": (sum(formats), len(steps)),
        "messages_cut": NOTHING if episode.cut is None else (len(episode.cut), len(steps)),
        "bad_calls": (sum(not call.ok for call in calls), len(calls)),
        "thinking_words": (thought, len(steps)),
        "messages": (len(steps), 1.0),
    }


def _paid(steps: Iterable[Step], name: str) -> Ratio:
    scores = [score for step in steps if (score := step.components.get(name)) is not None]
    return sum(scores), len(scores)


def _dialogue(task: Task, episode: Episode) -> dict[str, Ratio]:
    verdict = episode.outcome
    if verdict is None:
        raise ValueError(f"expected an ended dialogue, got one of {task.id!r} without a verdict")
    won, writes = float(verdict.success), float(bool(task.goal.writes))
    return {
        "success": (won, 1.0),
        "success_write": (won * writes, writes),
        "success_no_write": (won * (1 - writes), 1 - writes),
        "state_reached": (verdict.state, 1.0),
        "facts_told": (verdict.facts, 1.0) if task.goal.facts else NOTHING,
        "tau": (verdict.tau, 1.0),
        **_goal_calls(task, episode),
        "followed": (not verdict.violations, 1.0) if _has_procedure(task) else NOTHING,
        "unfinished": (episode.stop in _CUT, 1.0),
    }


def _has_procedure(task: Task) -> bool:
    """Whether a procedure decides; in a world that is strict, outputs do that were not told."""
    return task.setup.strict and not isinstance(task.setup, InWorld)


def _goal_calls(task: Task, episode: Episode) -> dict[str, Ratio]:
    """How many of the goal's calls the agent made, and how many of its own the goal does not need.

    A read that the goal or the record has is not needless: the goal's writes rest on it.
    """
    toolbox = task.toolbox
    wanted = Counter(toolbox.normal(call) for call in task.goal.calls)
    useful = Counter(toolbox.normal(call) for call in (*task.goal.writes, *task.goal.reads))
    calls = [call for step in episode.steps for call in step.calls]
    made = Counter(call.normal for call in calls if call.ok and call.normal)
    needless = len(calls) - (made & useful).total()
    return {
        "action_recall": ((made & wanted).total(), wanted.total()),
        "over_call": (needless, len(calls)),
    }


def table_of(
    parts: Sequence[Mapping[str, Ratio]], tasks: Sequence[str], mode: Mode
) -> dict[str, Ratios]:
    """Many episodes' parts as one array a metric.

    Args:
        parts: `measure` of each episode.
        tasks: The task of each episode.
        mode: Which metrics to expect.
    """

    def gather(metric: Metric, pick: Callable[[Ratio], float]) -> list[float]:
        return [pick(part.get(metric.name, NOTHING)) for part in parts]

    return {
        metric.name: Ratios.of(
            gather(metric, lambda part: part[0]), gather(metric, lambda part: part[1]), tasks
        )
        for metric in metrics_of(mode)
    }


def estimates(table: Mapping[str, Ratios], mode: Mode) -> dict[str, Interval]:
    """Every metric that applies to some episode, with its interval."""
    known = [metric for metric in metrics_of(mode) if metric.name in table]
    found = {metric.name: metric.estimate(table[metric.name]) for metric in known}
    return {name: interval for name, interval in found.items() if interval.n}
