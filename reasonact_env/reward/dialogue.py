"""The reward of a whole dialogue, judged by what it brought about."""

from __future__ import annotations

from collections.abc import Sequence

from reasonact_env.episode import Outcome, Scores, Thinking
from reasonact_env.reward.diagnostics import goals_done, harm_done, policy_broken
from reasonact_env.reward.message import format_score, thinking_score
from reasonact_env.reward.progress import Progress, Transition
from reasonact_env.reward.text import set_f1
from reasonact_env.reward.turn import History
from tasks.facts import fact_tokens
from tasks.types import Task


def score_message(
    before: Progress,
    after: Progress,
    move: Transition,
    thinking: Thinking,
    *,
    ended_open: bool,
) -> Scores:
    """Scores one move for itself; nothing of this is paid.

    Args:
        before: What was done before the move.
        after: What was done with it.
        move: The move.
        thinking: Whether a thought is required.
        ended_open: Whether it is a reply that ends the dialogue with the goal open.

    Returns:
        `format`, `decision` and `thinking` of the message; `tool` and `answer` are the shares of
        the goal's calls and facts that it newly achieved (None where the goal has none).
    """
    size, facts = after.target.size, after.target.facts
    stray = after.outside > before.outside
    told = (after.told - before.told) & facts
    return {
        "format": format_score(move.parsed, thinking),
        "decision": -1.0 if after.repeated or stray or ended_open else 1.0,
        "tool": (after.achieved - before.achieved) / size if size else None,
        "answer": len(told) / len(facts) if facts else None,
        "thinking": thinking_score(move.parsed, thinking),
        "outcome": None,
    }


def score_dialogue(
    progress: Progress,
    moves: Sequence[Transition],
    messages: Sequence[Scores],
    *,
    won: bool,
) -> Scores:
    """Scores an ended dialogue; this is paid in its last step.

    Args:
        progress: All that was done.
        moves: All moves.
        messages: `score_message` of each.
        won: `judge(…).success`.

    Returns:
        Every component's score. Which are None depends on the goal alone. `format`, `decision`
        and `thinking` are means over the messages, times the mean of `tool` and `answer`, so
        that lasting longer earns nothing.
    """
    target = progress.target
    tried = target.size + progress.outside
    tool = progress.achieved / tried if target.size else None
    answer = set_f1(told_facts(target.task, moves), target.facts) if target.facts else None
    substance = [score for score in (tool, answer) if score is not None] or [float(won)]
    gate = sum(substance) / len(substance)
    return {
        "format": gate * _mean(messages, "format"),
        "decision": gate * _mean(messages, "decision"),
        "tool": tool,
        "answer": answer,
        "thinking": gate * _mean(messages, "thinking"),
        "outcome": float(won),
    }


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


def _mean(messages: Sequence[Scores], name: str) -> float:
    return sum(scores[name] or 0.0 for scores in messages) / len(messages)
