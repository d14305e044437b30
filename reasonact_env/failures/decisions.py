"""What was wrong in turn mode, decision by decision."""

from __future__ import annotations

from collections.abc import Iterator

from reasonact_env.episode import Episode, Step
from reasonact_env.failures.cause import Cause, Kind
from reasonact_env.failures.goal import decision_rows
from reasonact_env.failures.played import Move, moves_of
from reasonact_env.failures.slips import what_is_unreadable
from reasonact_env.failures.told import alike, worked_out
from reasonact_env.failures.wanted import GoalRows
from reasonact_env.reward.turn import RIGHT_ANSWER
from tasks.facts import fact_tokens
from tasks.types import Task, Turn
from tools.jsontext import short
from tools.types import Effect, Message, MessageKind, Role


def is_right(step: Step) -> bool:
    """Whether a decision is right: its calls equal the recorded ones, or its reply is close."""
    tool, answer = step.step_scores.get("tool"), step.step_scores.get("answer")
    return tool == 1.0 if tool is not None else (answer or 0.0) > RIGHT_ANSWER


def wrong_decisions(task: Task, episode: Episode) -> Iterator[Cause]:
    """One cause for each decision that is not right, in order."""
    cut = frozenset(episode.cut or ())
    for move, step in zip(moves_of(episode), episode.steps, strict=True):
        if is_right(step):
            continue
        turn = task.decisions[step.turn]
        if move.parsed.kind is MessageKind.NONE or move.parsed.problems:
            kind = Kind.CUT_OFF if move.number - 1 in cut else Kind.FORMAT
            yield Cause(kind, move.number, what_is_unreadable(move), tool=_first_name(turn))
        elif turn.kind is MessageKind.CALL:
            yield _of_calls(turn, move, decision_rows(task, turn, move))
        else:
            yield _of_reply(task, turn, move, is_cut=move.number - 1 in cut)


def _of_calls(turn: Turn, move: Move, rows: GoalRows) -> Cause:
    """Calls were recorded, and others were made, or none."""
    missing = rows.missing
    if move.parsed.reply is not None:
        name = turn.calls[0].name
        return Cause(Kind.CALL_MISSING, move.number, f"replied where {name} was due", tool=name)
    for wanted in missing:
        near = wanted.nearest
        if near is not None and near.call.name == wanted.call.name:
            names = ", ".join(one.name for one in near.wrong) or "the same arguments once more"
            text = f"{wanted.call.name}: other {names}"
            return Cause(Kind.WRONG_ARGUMENT, move.number, text, tool=wanted.call.name)
    if missing:
        name, called = missing[0].call.name, move.parsed.calls[0].name
        text = f"called {short(called)} where {name} was due"
        return Cause(Kind.CALL_MISSING, move.number, text, tool=name)
    return _too_much(move, "besides what was due")


def _of_reply(task: Task, turn: Turn, move: Move, *, is_cut: bool) -> Cause:
    """A reply was recorded, and another one was given, or a call made."""
    if move.parsed.reply is None:
        return _too_much(move, "where a reply was due")
    if is_cut:
        return Cause(Kind.CUT_OFF, move.number, "the reply was cut off")
    rows = decision_rows(task, turn, move)
    for wanted in rows.untold:
        known = frozenset[str]().union(*map(_tokens, task.messages[: turn.index]))
        new = [token for token in sorted(move.told - known) if not worked_out(token, known)]
        odd = [token for token in new if alike(token, wanted.fact)]
        if odd:
            text = f"{odd[0]} was told in place of {wanted.fact}, which nobody had said"
            return Cause(Kind.FACT_WRONG, move.number, text, fact=wanted.fact)
    for wanted in rows.untold:
        text = f"{wanted.fact} was not told"
        return Cause(Kind.FACT_MISSING, move.number, text, fact=wanted.fact)
    return Cause(Kind.OTHER_WORDS, move.number, "the reply has other words than the record's")


def _too_much(move: Move, where: str) -> Cause:
    """A call that was not due."""
    writes = [call for call in move.calls if call.effect is Effect.WRITE]
    kind = Kind.OUTSIDE_WRITE if writes else Kind.NOT_DUE
    name = next((call.name for call in writes or move.calls), None)
    return Cause(kind, move.number, f"called {short(name)} {where}", tool=name)


def _first_name(turn: Turn) -> str | None:
    return turn.calls[0].name if turn.calls else None


def _tokens(message: Message) -> frozenset[str]:
    if message.role is Role.ASSISTANT:
        return frozenset()
    return fact_tokens(message.content)
