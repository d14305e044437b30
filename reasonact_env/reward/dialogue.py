"""The reward of a whole dialogue, by its end state and replies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from reasonact_env.episode import Outcome, Scores, Thinking
from reasonact_env.reward.diagnostics import goals_done, harm_done, rules_broken
from reasonact_env.reward.moves import Transition
from reasonact_env.reward.progress import Progress
from reasonact_env.reward.telling import Telling
from tasks.goals import untold
from tools.protocol import Parsed
from tools.types import MessageKind

WASTE_COST = 0.25
"""The most that a dialogue's `tool` can lose in which nothing is achieved, as a share of what the
goal is worth.

Chosen by hand: small, so that a policy that hardly ever succeeds does not learn to say nothing; a
rare success is worth more than the calls that failed before it.
"""


class SentMessage(NamedTuple):  # one per step; a frozen dataclass is slower
    """One message of a dialogue, with all that its own scores depend on."""

    parsed: Parsed
    """The message."""
    thinking: Thinking
    """Whether a thought is required."""
    is_misstep: bool
    """Whether it repeats a call more often than the record does, makes a write that the goal does
    not have, or is a reply that ends the dialogue with the goal open."""
    tool: float | None
    """The share of the goal's calls that the message newly makes; None if the goal has no calls."""
    answer: float | None
    """The share of the goal's facts that the message newly tells; None if the goal has no facts."""
    outcome: float | None
    """1 if the message ends the dialogue with success, 0 if without, None if it does not end it."""

    @classmethod
    def of(
        cls,
        before: Progress,
        after: Progress,
        move: Transition,
        thinking: Thinking,
        verdict: Outcome | None,
    ) -> SentMessage:
        """Compares the progress before a message with that after it.

        Args:
            before: The progress before the message.
            after: The progress after the message.
            move: The message and its answers.
            thinking: Whether a thought is required.
            verdict: The verdict if the message ends the dialogue, else None.
        """
        target, was, now = after.target, before.called, after.called
        size, facts = target.size, target.facts
        told = 0 if after.told is before.told else len((after.told - before.told) & facts)
        lost = verdict is not None and not verdict.success
        repeats = now.tries > was.tries and after.repetitions > before.repetitions
        ended_open = lost and move.parsed.kind is MessageKind.REPLY
        return cls(
            parsed=move.parsed,
            thinking=thinking,
            is_misstep=repeats or now.outside > was.outside or ended_open,
            tool=(now.achieved - was.achieved) / size if size else None,
            answer=told / len(facts) if facts else None,
            outcome=None if verdict is None else float(verdict.success),
        )


@dataclass(frozen=True, slots=True)
class EndedDialogue:
    """An ended dialogue, with all that its scores depend on."""

    messages: Sequence[Scores]
    """Each message's own scores."""
    tool: float | None
    """The goal's calls that were made, as a share of these calls, the writes outside the goal and
    the waste, less a part of the waste:

        (achieved - WASTE_COST * waste) / (goal calls + writes outside the goal + waste)
        waste = failures + LOOK_COST * look-ups

    Where the goal has no calls, the telling of its facts stands for one: `answer` is what is
    achieved of it. None if the goal has no facts either.

    Failures and look-ups (calls that are carried out and change nothing) count only beyond as many
    as the record itself has on the same API, so that the recorded agent earns 1. Without the waste
    trying is free: a policy that does not know an argument guesses until a guess is carried out,
    since a failed guess costs nothing and asking costs a turn. With it, asking the user is free, a
    look-up that the record has is free, one more costs a little, and a wrong guess weighs more than
    a write that nobody asked for. In the denominator the first wrong guess costs most, but only
    whoever achieves something. So a part of the waste is subtracted, too: where nothing is
    achieved, as with a weak policy in most episodes, failing still costs more than asking. The
    score lies above -WASTE_COST, and is at most 1.
    """
    answer: float | None
    """F1 of the told facts against the goal's; None if the goal has no facts. More guesses than are
    free are told, too (`telling`)."""
    outcome: float
    """1 for success, else 0."""

    @classmethod
    def of(
        cls,
        progress: Progress,
        telling: Telling,
        messages: Sequence[Scores],
        verdict: Outcome,
    ) -> EndedDialogue:
        """Compares the calls and facts of a dialogue with the goal.

        Args:
            progress: The progress at the end.
            telling: What the user was told.
            messages: Each message's own scores.
            verdict: `judge` of them.
        """
        target = progress.target
        waste, called = progress.waste, progress.called
        told = telling.f1(target.facts) if target.facts else None
        achieved = called.achieved if target.size else told
        tried = (target.size or 1) + called.outside + waste
        return cls(
            messages=messages,
            tool=None if achieved is None else (achieved - WASTE_COST * waste) / tried,
            answer=told,
            outcome=float(verdict.success),
        )

    def mean(self, name: str) -> float:
        """A component's mean over the messages, times the mean of `tool` and `answer`.

        Therefore a longer dialogue does not earn more, and good form without progress earns
        nothing.
        """
        substance = [max(0.0, score) for score in (self.tool, self.answer) if score is not None]
        progress = substance or [self.outcome]
        mean = sum(scores[name] or 0.0 for scores in self.messages) / len(self.messages)
        return sum(progress) / len(progress) * mean


def judge(
    progress: Progress, moves: Sequence[Transition], telling: Telling, *, state_reached: bool
) -> Outcome:
    """Judges a dialogue by its end state and by the facts communicated.

    If the task's setup is strict, as on a procedure, any violation makes it a failure, too.

    Args:
        progress: The progress at the end.
        moves: All messages with their answers.
        telling: What they tell the user.
        state_reached: Whether the end state's digest equals the goal's.
    """
    target = progress.target
    goal = target.task.goal
    replies = [move.parsed.reply.text for move in moves if move.parsed.reply]
    reads = all(read in progress.made for read in target.reads)
    facts_told = goal.facts <= telling.passed
    broken = rules_broken(target.task, moves)
    handed_over = target.handover is None or target.handover in progress.made
    followed = not (target.task.setup.strict and broken)
    done = state_reached and facts_told and handed_over and (reads or bool(goal.writes))
    return Outcome(
        success=done and followed,
        state=state_reached,
        facts=facts_told,
        reads=reads,
        handover=handed_over,
        tau=state_reached and not untold(goal.outputs, replies),
        goal=goal.label.value,
        goals=goals_done(progress),
        harm=harm_done(target, moves),
        violations=broken,
    )
