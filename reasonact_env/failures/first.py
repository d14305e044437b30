"""Why an episode failed: the first thing that cost it its success.

What went wrong and was mended is no reason: an unreadable call that was written again, a wrong
argument that was put right. What is left is sorted by step. Something left out counts at the step
at which the agent went on without it, told from the order of the record
(`reasonact_env.failures.played.Script`).
"""

from __future__ import annotations

from collections.abc import Iterator

from reasonact_env.episode import Episode, Mode, StopReason
from reasonact_env.failures.cause import Cause, Kind
from reasonact_env.failures.decisions import wrong_decisions
from reasonact_env.failures.goal import goal_of
from reasonact_env.failures.listening import lost_at
from reasonact_env.failures.played import Move, moves_of
from reasonact_env.failures.slips import Slips, what_is_unreadable
from reasonact_env.failures.wanted import GoalRows, WantedCall, WantedFact
from tasks.types import Task
from tools.jsontext import short

LIMITS = {
    StopReason.MAX_TURNS: "the episode reached its limit of messages",
    StopReason.OVER_LIMIT: "more was said or called than an episode may",
}


MAX_SHOWN = 60
"""The most characters of a value in a sentence."""


def first_wrong(task: Task | None, episode: Episode) -> Cause | None:
    """The first thing that cost an episode its success.

    Args:
        task: The task that was played. None if its data are not at hand: then facts, writes outside
            the goal and the record's order are not known, and more is `Kind.OTHER`.
        episode: The episode.

    Returns:
        The cause; None for a success, for a dialogue that has not ended, and in turn mode for an
        episode all of whose decisions are right.
    """
    return next(iter(all_wrong(task, episode)), None)


def all_wrong(task: Task | None, episode: Episode) -> tuple[Cause, ...]:
    """All that cost an episode its success, the first one first; () where `first_wrong` is None."""
    if episode.mode is Mode.TURN:
        return tuple(wrong_decisions(task, episode)) if task else ()
    verdict = episode.outcome
    if verdict is None or verdict.success:
        return ()
    found = sorted(_causes(task, episode), key=lambda cause: cause.order)
    if not found:
        return (Cause(Kind.OTHER, len(episode.steps), _unexplained(episode)),)
    return tuple(dict.fromkeys(found))


def _causes(task: Task | None, episode: Episode) -> Iterator[Cause]:
    rows, moves = goal_of(task, episode), moves_of(episode)
    slips = Slips.of(moves, episode, rows)
    yield from slips.causes()
    for call in _needed(rows):
        yield _of_call(call, moves, slips)
    for fact in rows.untold:
        yield _of_fact(fact, moves, slips)
    for write in rows.outside:
        if not any(call.nearest and call.nearest.step == write.step for call in _needed(rows)):
            name = write.call.name
            text = f"{name} was carried out, which the goal does not have in this form"
            yield Cause(Kind.OUTSIDE_WRITE, write.step, text, tool=name)
    yield from _of_the_end(task, episode, moves)
    yield from _of_rules(task, episode)
    if task is not None and (step := lost_at(task, episode, moves)) and slips.stays_wrong(step):
        yield Cause(Kind.USER_LOST, step, "the user did not understand the agent's message")


def _needed(rows: GoalRows) -> list[WantedCall]:
    """The calls that had to be made; reads, too, if a fact was never seen that is missing."""
    return [call for call in rows.calls if not call.done and (call.required or rows.unseen)]


def _of_call(wanted: WantedCall, moves: tuple[Move, ...], slips: Slips) -> Cause:
    """Why a wanted call was not made: it was unreadable, wrong, refused, or never tried."""
    name, near = wanted.call.name, wanted.nearest
    last = len(moves)
    if wanted.unreadable is not None and (near is None or near.step < wanted.unreadable):
        step = wanted.unreadable
        kind = Kind.CUT_OFF if slips.is_cut(step) else Kind.FORMAT
        return Cause(kind, step, f"{name}: {what_is_unreadable(moves[step - 1])}", tool=name)
    if near is None:
        return Cause(Kind.CALL_MISSING, wanted.due or last, f"{name} was never called", tool=name)
    if near.call.name != name:
        text = f"{name} was called {short(near.call.name)}, which does not exist"
        return Cause(Kind.CALL_MISSING, near.step, text, tool=name)
    if near.wrong:
        parts = ", ".join(
            f"{one.name} {_shown(one.made)} instead of {_shown(one.wanted)}" for one in near.wrong
        )
        return Cause(Kind.WRONG_ARGUMENT, near.step, f"{name}: {parts}", tool=name)
    why = near.problem.text if near.problem else "once too often"
    text = f"{name} was called as wanted and not carried out ({short(why)})"
    return Cause(Kind.CALL_MISSING, near.step, text, tool=name)


def _of_fact(wanted: WantedFact, moves: tuple[Move, ...], slips: Slips) -> Cause:
    """Why a wanted fact was not told: unreadable, wrong, or never said."""
    fact, last = wanted.fact, len(moves)
    if (step := slips.swallowed(fact)) is not None:
        kind = Kind.CUT_OFF if slips.is_cut(step) else Kind.FORMAT
        text = f"{fact} was not delivered: {what_is_unreadable(moves[step - 1])}"
        return Cause(kind, step, text, fact=fact)
    due = wanted.due or last
    if (step := next((move.number for move in moves if fact in move.told), None)) is not None:
        text = f"{fact} was only guessed: before any call, or among too many others"
        return Cause(Kind.FACT_MISSING, step, text, fact=fact)
    if wanted.wrong is None:
        if slips.is_cut(due):
            return Cause(Kind.CUT_OFF, due, f"the message was cut off before {fact}", fact=fact)
        seen = "" if wanted.seen is not None else ", nor looked up"
        seen = ", which follows from what was known" if wanted.worked_out else seen
        return Cause(Kind.FACT_MISSING, due, f"{fact} was not told{seen}", fact=fact)
    how = "which nobody had said" if wanted.wrong.invented else "which is something else"
    text = f"{wanted.wrong.instead} was told in place of {fact}, {how}"
    return Cause(Kind.FACT_WRONG, wanted.wrong.step, text, fact=fact)


def _of_the_end(task: Task | None, episode: Episode, moves: tuple[Move, ...]) -> Iterator[Cause]:
    """What was wrong with how the dialogue ended."""
    last = len(episode.steps)
    if episode.stop in LIMITS:
        yield Cause(Kind.CUT_OFF, last, LIMITS[episode.stop])
    elif episode.stop is StopReason.BAD_FORMAT:
        start = last
        while start > 1 and moves[start - 2].parsed.kind is moves[-1].parsed.kind:
            start -= 1
        yield Cause(Kind.FORMAT, start, what_is_unreadable(moves[start - 1]))
    elif episode.stop is StopReason.HANDOVER and task is not None and task.goal.handover is None:
        name = next((call.name for call in moves[-1].calls if call.ok), None)
        yield Cause(Kind.HANDED_OVER, last, "nobody had asked for a human", tool=name)


def _of_rules(task: Task | None, episode: Episode) -> Iterator[Cause]:
    """The broken rules, where breaking them costs success."""
    if episode.outcome is None or (task is not None and not task.setup.strict):
        return
    if task is None and not _rules_cost(episode):
        return
    for broken in episode.outcome.violations:
        yield Cause(Kind.RULE_BROKEN, broken.message, broken.text.rstrip("."), rule=broken.rule)


def _rules_cost(episode: Episode) -> bool:
    """Whether nothing but a broken rule can have cost the success of a task not at hand."""
    verdict = episode.outcome
    assert verdict is not None
    return verdict.state and verdict.facts and verdict.handover and verdict.reads


def _unexplained(episode: Episode) -> str:
    verdict = episode.outcome
    assert verdict is not None
    names = ("state", "facts", "reads", "handover")
    lacks = [name for name in names if not getattr(verdict, name)]
    words = {
        "state": "the state at the end is not the goal's",
        "facts": "some fact was not told",
        "reads": "something was not looked up",
        "handover": "the wanted hand-over was not made",
    }
    return "; ".join(words[name] for name in lacks) or "the verdict does not say why"


def _shown(value: str | None) -> str:
    if value is None:
        return "nothing"
    return value if len(value) <= MAX_SHOWN else f"{value[: MAX_SHOWN - 1]}…"
