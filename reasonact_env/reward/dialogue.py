"""The reward of a whole dialogue, judged by what it brought about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from reasonact_env.episode import Outcome, Scores, Thinking
from reasonact_env.reward.diagnostics import goals_done, harm_done, policy_broken
from reasonact_env.reward.progress import Progress, Transition
from reasonact_env.reward.text import set_f1
from reasonact_env.reward.turn import History
from tasks.facts import fact_tokens
from tasks.types import Task
from tools.protocol import Parsed
from tools.types import MessageKind


class SentMessage(NamedTuple):  # every step makes one, and a frozen dataclass takes longer
    """One message of a dialogue, ready to be scored for itself."""

    parsed: Parsed
    """The message."""
    thinking: Thinking
    """Whether a thought is required."""
    is_misstep: bool
    """Whether it repeats a call in the same state, makes a write that the goal does not have, or
    is a reply that ends the dialogue with the goal open."""
    tool: float | None
    """The share of the goal's calls that it newly makes; None where the goal has none."""
    answer: float | None
    """The share of the goal's facts that it newly tells; None where the goal has none."""
    outcome: float | None
    """1 if it ends the dialogue with the goal reached, 0 if with the goal open, else None."""

    @classmethod
    def of(
        cls,
        before: Progress,
        after: Progress,
        move: Transition,
        thinking: Thinking,
        verdict: Outcome | None,
    ) -> SentMessage:
        """Compares what was done before a message with what was done after it.

        Args:
            before: What was done before.
            after: What was done with it.
            move: The message and what followed.
            thinking: Whether a thought is required.
            verdict: The verdict where the message ends the dialogue, else None.
        """
        size, facts = after.target.size, after.target.facts
        told = (after.told - before.told) & facts
        lost = verdict is not None and not verdict.success
        ended_open = lost and move.parsed.kind is MessageKind.REPLY
        return cls(
            parsed=move.parsed,
            thinking=thinking,
            is_misstep=after.repeated or after.outside > before.outside or ended_open,
            tool=(after.achieved - before.achieved) / size if size else None,
            answer=len(told) / len(facts) if facts else None,
            outcome=None if verdict is None else float(verdict.success),
        )


@dataclass(frozen=True, slots=True)
class EndedDialogue:
    """An ended dialogue, ready to be scored."""

    messages: Sequence[Scores]
    """Each message's own scores."""
    tool: float | None
    """The share of the goal's calls that were made, less for writes outside the goal; None where
    the goal has none."""
    answer: float | None
    """F1 of the facts told over the goal's; None where the goal has none."""
    outcome: float
    """1 for success, else 0."""

    @classmethod
    def of(
        cls,
        progress: Progress,
        moves: Sequence[Transition],
        messages: Sequence[Scores],
        verdict: Outcome,
    ) -> EndedDialogue:
        """Compares what was done and told with the goal.

        Args:
            progress: All that was done.
            moves: All messages and what followed.
            messages: Each message's own scores.
            verdict: `judge` of them.
        """
        target = progress.target
        tried = target.size + progress.outside
        told = set_f1(told_facts(target.task, moves), target.facts) if target.facts else None
        return cls(
            messages=messages,
            tool=progress.achieved / tried if target.size else None,
            answer=told,
            outcome=float(verdict.success),
        )

    def mean(self, name: str) -> float:
        """A component's mean over the messages, times the mean of `tool` and `answer`.

        Thus a dialogue that lasts longer earns no more, and good form without progress nothing.
        """
        substance = [score for score in (self.tool, self.answer) if score is not None]
        progress = substance or [self.outcome]
        mean = sum(scores[name] or 0.0 for scores in self.messages) / len(self.messages)
        return sum(progress) / len(progress) * mean


def judge(progress: Progress, moves: Sequence[Transition], *, state_reached: bool) -> Outcome:
    """Judges a dialogue by its end state and by what was communicated.

    Where the task's setup is strict, as on a procedure, a violation loses the dialogue, too.

    Args:
        progress: All that was done.
        moves: All moves.
        state_reached: Whether the end state's digest equals the goal's.
    """
    target = progress.target
    goal = target.task.goal
    replies = [move.parsed.reply.text for move in moves if move.parsed.reply]
    reads = all(read in progress.made for read in target.reads)
    facts_told = goal.facts <= progress.told
    broken = policy_broken(target.task, moves)
    followed = not (target.task.setup.strict and broken)
    return Outcome(
        success=state_reached and facts_told and followed and (reads or bool(goal.writes)),
        state=state_reached,
        facts=facts_told,
        reads=reads,
        tau=state_reached and _outputs_told(goal.outputs, replies),
        goal=goal.label.value,
        goals=goals_done(progress),
        harm=harm_done(target, moves),
        violations=broken,
    )


def told_facts(task: Task, moves: Sequence[Transition]) -> frozenset[str]:
    """The facts in the replies: what came from tools, and whatever the goal asks for."""
    said: set[str] = set()
    heard = list(task.opening)
    for move in moves:
        if reply := move.parsed.reply:
            said |= History.of(heard).facts(reply.text)
            said |= fact_tokens(reply.text) & task.goal.facts
        heard += move.answers
    return frozenset(said)


def _outputs_told(outputs: Sequence[str], replies: Sequence[str]) -> bool:
    """tau-bench's check: each output occurs in some reply, ignoring case and commas.

    As in `tau_bench/envs/base.py` (`tools.worlds.retail.variants` names the revision), but without
    the outputs' own commas: there an output that has one is never found.
    """
    plain = [reply.lower().replace(",", "") for reply in replies]
    return all(any(out.lower().replace(",", "") in reply for reply in plain) for out in outputs)
