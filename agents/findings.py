"""What the doctor finds: an agent is put into each situation, and a verdict says how it copes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import median

from agents.patient import NoAnswer, Patient, Stay
from agents.play import WrongAnswers
from agents.situations import SITUATIONS, Situation, stopped
from reasonact_env.episode import StopReason
from tasks.types import Task
from tools.chat_endpoint import EndpointError
from tools.command import raised
from tools.counts import counted

SAME = "same seed, same actions"
RESET = "reset between episodes"
MANY = "many episodes at a time"
NOT_PLAIN = "it fails a plain episode"


class Verdict(StrEnum):
    """What the doctor says of an agent in a situation."""

    HANDLED = "handled"
    NOT = "not handled"
    NONE = "does not apply"


@dataclass(frozen=True, slots=True)
class Finding:
    """A row of the table."""

    situation: str
    """What was tried."""
    verdict: Verdict
    """Whether the agent copes."""
    words: str
    """Why, and how to mend it."""


def examine(patient: Patient, tasks: Sequence[Task]) -> Iterator[Finding]:
    """Puts an agent into one situation after the other; into none where a plain episode fails.

    Args:
        patient: The agent.
        tasks: Two tasks or more, of which the first is played.

    Raises:
        EndpointError: if its model does not answer in a plain episode.
    """
    task = tasks[0]
    plain = patient.play(task.id)
    if isinstance(plain.error, EndpointError):
        raise plain.error
    stays = [plain]
    first = _finding(task, plain, SITUATIONS[0], plain)
    yield first
    fails = first.verdict is Verdict.NOT
    for one in SITUATIONS[1:]:
        if fails:
            yield Finding(one.name, Verdict.NONE, NOT_PLAIN)
            continue
        stay = patient.play(task.id, one.change)
        stays.append(stay)
        yield _finding(task, stay, one, plain)
    yield _types(patient, stays)
    if fails:
        for name in (SAME, RESET, MANY):
            yield Finding(name, Verdict.NONE, NOT_PLAIN)
    else:
        again = patient.play(task.id)
        yield _same(plain, again)
        yield _reset(patient, tasks, plain, again)
        yield _many(patient, tasks, plain, again)
    yield _time(stays, patient.seconds, fails=fails)


def _finding(task: Task, stay: Stay, one: Situation, plain: Stay) -> Finding:
    if stay.error is not None:
        mend = "mend this first" if one is SITUATIONS[0] else one.mend
        return Finding(one.name, Verdict.NOT, f"{_fails(stay.error)}; {mend}")
    if stay.stop is StopReason.BAD_FORMAT and one is not SITUATIONS[0]:
        return Finding(one.name, Verdict.NOT, f"{stopped(stay)}; {one.mend}")
    if wrong := one.check(task, stay):
        return Finding(one.name, Verdict.NOT, f"{wrong}; {one.mend}")
    if why := one.missed(plain, stay):
        return Finding(one.name, Verdict.NONE, why)
    words = counted(len(stay.actions), "message")
    if one is SITUATIONS[0]:
        earned = sum(float(step.reward) for step in stay.steps)
        words = f"{words}; it earned {earned:.2f} (handled is not won)"
    return Finding(one.name, Verdict.HANDLED, words)


def _types(patient: Patient, stays: Sequence[Stay]) -> Finding:
    name = "types returned"
    if patient.agent is None:
        return Finding(name, Verdict.NONE, "it owns its loop")
    if wrong := next((one.error for one in stays if isinstance(one.error, WrongAnswers)), None):
        return Finding(name, Verdict.NOT, str(wrong))
    if not any(stay.actions for stay in stays):
        return Finding(name, Verdict.NONE, "it returned nothing")
    return Finding(name, Verdict.HANDLED, "one str a session")


def _same(first: Stay, again: Stay) -> Finding:
    name = SAME
    if again.error:
        return Finding(name, Verdict.NOT, f"{_fails(again.error)}, though not at first")
    if first.actions == again.actions:
        return Finding(name, Verdict.HANDLED, "twice alike")
    mend = "draw from a generator with a seed, or take the likeliest token"
    return Finding(name, Verdict.NOT, f"{_differs(first, again.actions)}; {mend}")


def _reset(patient: Patient, tasks: Sequence[Task], first: Stay, again: Stay) -> Finding:
    name = RESET
    if first.actions != again.actions:
        return Finding(name, Verdict.NONE, "no two episodes of it are alike anyway")
    patient.play(tasks[1].id)
    after = patient.play(tasks[0].id)
    if after.error is None and after.actions == first.actions:
        return Finding(name, Verdict.HANDLED, "alike after another task")
    mend = "keep notes in session.memory"
    return Finding(name, Verdict.NOT, f"{_differs(first, after.actions)} after another; {mend}")


def _many(patient: Patient, tasks: Sequence[Task], first: Stay, again: Stay) -> Finding:
    name = MANY
    if patient.agent is None:
        return Finding(name, Verdict.NONE, "it owns its loop")
    if first.actions != again.actions:
        return Finding(name, Verdict.NONE, "no two episodes of it are alike anyway")
    mend = "answer sessions in their order, and keep notes in session.memory"
    said = patient.together([task.id for task in tasks[:3]])
    if isinstance(said, Exception):
        return Finding(name, Verdict.NOT, f"{_fails(said)}; {mend}")
    if said[0] == first.actions:
        return Finding(name, Verdict.HANDLED, "alike beside others")
    return Finding(name, Verdict.NOT, f"{_differs(first, said[0])} beside others; {mend}")


def _time(stays: Sequence[Stay], seconds: float, *, fails: bool) -> Finding:
    name, took = "time a message", [one for stay in stays for one in stay.seconds]
    mend = "set a timeout, or --seconds"
    if late := next((stay.error for stay in stays if isinstance(stay.error, NoAnswer)), None):
        return Finding(name, Verdict.NOT, f"{late}; {mend}")
    if fails or not took:
        return Finding(name, Verdict.NONE, NOT_PLAIN if fails else "it said nothing")
    words = f"median {median(took):.3g} s, longest {max(took):.3g} s"
    if max(took) <= seconds:
        return Finding(name, Verdict.HANDLED, words)
    return Finding(name, Verdict.NOT, f"{words}, of {seconds:g}; {mend}")


def _differs(first: Stay, other: Sequence[str]) -> str:
    pairs = zip(first.actions, other, strict=False)
    at = next((i for i, (a, b) in enumerate(pairs) if a != b), min(len(first.actions), len(other)))
    return f"message {at + 1} is another one"


def _fails(error: Exception) -> str:
    """What an agent did instead of answering."""
    if isinstance(error, NoAnswer):
        return str(error)
    if isinstance(error, WrongAnswers):
        return "does not return one str a session"
    return f"raises {raised(error)}"
