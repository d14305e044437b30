"""The reward of a whole dialogue, judged by what it brought about."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from reasonact_env.episode import CallRecord, Outcome, Scores, Step, Thinking
from reasonact_env.reward.message import format_score, thinking_score
from reasonact_env.reward.text import set_f1
from reasonact_env.reward.turn import History
from tasks.facts import fact_tokens
from tasks.types import Task
from tools.jsontext import canonical
from tools.protocol import Parsed, parse
from tools.schema import Toolbox
from tools.types import Effect, Message


@dataclass(frozen=True, slots=True)
class Move:
    """One assistant message and what followed, before it is paid."""

    parsed: Parsed
    """The message."""
    calls: tuple[CallRecord, ...]
    """What became of its calls."""
    answers: tuple[Message, ...]
    """The messages that followed."""

    @classmethod
    def of(cls, step: Step) -> Move:
        """Reads a saved step, for scoring it again."""
        return cls(parse(step.action), step.calls, step.answers)


@dataclass(frozen=True, slots=True)
class Target:
    """A task's goal, made ready for comparison with what is done."""

    task: Task
    """The task."""
    calls: Counter[str]
    """Normal form -> how often the goal has it, for the calls that count as progress."""
    writes: Counter[str]
    """The same for the goal's writes."""
    reads: frozenset[str]
    """The normal forms of the goal's reads."""

    @classmethod
    def of(cls, task: Task, toolbox: Toolbox) -> Target:
        """Brings the goal's calls into normal form."""
        goal = task.goal
        return cls(
            task,
            Counter(toolbox.normal(call) for call in goal.calls),
            Counter(toolbox.normal(call) for call in goal.writes),
            frozenset(toolbox.normal(call) for call in goal.reads),
        )


def score_message(
    target: Target, moves: Sequence[Move], thinking: Thinking, *, ended_open: bool
) -> Scores:
    """Scores the last move for itself; nothing of this is paid.

    Args:
        target: The task's goal.
        moves: The moves so far, at least one.
        thinking: Whether a thought is required.
        ended_open: Whether it is a reply that ends the dialogue with the goal open.

    Returns:
        `format`, `decision` and `thinking` of the message; `tool` and `answer` are the shares of
        the goal's calls and facts that it newly achieved (None where the goal has none).
    """
    *earlier, move = moves
    repeated = _has_repetition(move, earlier)
    stray = outside_writes(target, moves) > outside_writes(target, earlier)
    calls = target.calls.total()
    gained = achieved(target, moves) - achieved(target, earlier)
    return {
        "format": format_score(move.parsed, thinking),
        "decision": -1.0 if repeated or stray or ended_open else 1.0,
        "tool": gained / calls if calls else None,
        "answer": _newly_told(target.task.goal.facts, moves),
        "thinking": thinking_score(move.parsed, thinking),
        "outcome": None,
    }


def score_dialogue(
    target: Target, moves: Sequence[Move], messages: Sequence[Scores], *, won: bool
) -> Scores:
    """Scores an ended dialogue; this is paid in its last step.

    Args:
        target: The task's goal.
        moves: All moves.
        messages: `score_message` of each.
        won: `judge(…).success`.

    Returns:
        Every component's score. Which are None depends on the goal alone. `format`, `decision`
        and `thinking` are means over the messages, times the mean of `tool` and `answer`, so
        that lasting longer earns nothing.
    """
    wanted, facts = target.calls.total(), target.task.goal.facts
    done = achieved(target, moves)
    tool = done / (wanted + outside_writes(target, moves)) if wanted else None
    answer = set_f1(told_facts(target.task, moves), facts) if facts else None
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


def judge(target: Target, moves: Sequence[Move], *, state_reached: bool) -> Outcome:
    """Judges a dialogue by its end state and by what was communicated.

    Args:
        target: The task's goal.
        moves: All moves.
        state_reached: Whether the end state's digest equals the goal's.
    """
    goal = target.task.goal
    replies = [move.parsed.reply.text for move in moves if move.parsed.reply]
    told = frozenset[str]().union(*(fact_tokens(reply) for reply in replies))
    reads = all(_normals(_records(moves))[read] for read in target.reads)
    facts_told = goal.facts <= told
    return Outcome(
        success=state_reached and facts_told and (reads or bool(goal.writes)),
        state=state_reached,
        facts=facts_told,
        reads=reads,
        tau=state_reached and _outputs_told(goal.outputs, replies),
        goal=goal.label.value,
    )


def achieved(target: Target, moves: Sequence[Move]) -> int:
    """How many of the goal's calls were carried out."""
    return (_normals(_records(moves)) & target.calls).total()


def outside_writes(target: Target, moves: Sequence[Move]) -> int:
    """How many writes were carried out that the goal does not have."""
    writes = (record for record in _records(moves) if record.effect is Effect.WRITE)
    return (_normals(writes) - target.writes).total()


def told_facts(task: Task, moves: Sequence[Move]) -> frozenset[str]:
    """The facts in the replies: what came from tools, and whatever the goal asks for."""
    said: set[str] = set()
    heard = list(task.opening)
    for move in moves:
        if reply := move.parsed.reply:
            said |= History.of(heard).facts(reply.text)
            said |= fact_tokens(reply.text) & task.goal.facts
        heard += move.answers
    return frozenset(said)


def _records(moves: Iterable[Move]) -> Iterator[CallRecord]:
    return (record for move in moves for record in move.calls)


def _normals(records: Iterable[CallRecord]) -> Counter[str]:
    return Counter(record.normal for record in records if record.ok and record.normal)


def _newly_told(facts: frozenset[str], moves: Sequence[Move]) -> float | None:
    """The share of the goal's facts that the last reply was the first to tell."""
    if not facts:
        return None
    *earlier, last = [m.parsed.reply.text if m.parsed.reply else "" for m in moves]
    before = frozenset[str]().union(*(fact_tokens(reply) for reply in earlier))
    new = (fact_tokens(last) - before) & facts
    return len(new) / len(facts)


def _has_repetition(move: Move, earlier: Sequence[Move]) -> bool:
    """Whether a call of the move was made before in the state in which it was made again."""
    made = {(record.state_before, _identity(record)) for m in earlier for record in m.calls}
    for record in move.calls:
        key = (record.state_before, _identity(record))
        if record.name is not None and key in made:
            return True
        made.add(key)
    return False


def _identity(record: CallRecord) -> str:
    return record.normal or canonical([record.name, dict(record.arguments or {})])


def _outputs_told(outputs: Sequence[str], replies: Sequence[str]) -> bool:
    """tau-bench's check: each output occurs in some reply, ignoring case and commas."""
    plain = [reply.lower().replace(",", "") for reply in replies]
    return all(any(out.lower().replace(",", "") in reply for reply in plain) for out in outputs)


def _mean(messages: Sequence[Scores], name: str) -> float:
    return sum(scores[name] or 0.0 for scores in messages) / len(messages)
