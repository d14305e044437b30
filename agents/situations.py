"""The situations in which the doctor puts an agent, and what it looks at there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby
from statistics import median

from agents.patient import Change, Messages, Patient, Stay
from tasks.types import Task
from tools.jsontext import short
from tools.protocol import parse, render
from tools.types import Effect, MessageKind, Role, ToolCall

AGAIN = 5
"""So often in a row the same call may be made to a tool that fails. Chosen by hand."""
LONG = 200_000
"""Characters of a very long result."""
STRANGE = (
    'Zoë’s 注文 ✓ 🧾 \u202eabc\u202c e\u0301 \x00 \\u0000 "quoted" <b> {x} %s '
    "\U0001f469\u200d\U0001f680"
)
"""Letters, signs and directions of many scripts, a zero byte, and what templates trip over."""
CUT = '{"order_id": "10'
FAILS = "Error: 503 service unavailable. The call was not carried out; make it again."
STOP = "Stop, please! Do not change anything yet. I have to look something up first."


class Verdict(StrEnum):
    """What the doctor says of an agent in a situation."""

    HANDLED = "handled"
    NOT = "not"
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


@dataclass(frozen=True, slots=True)
class Situation:
    """An episode that is shown to the agent otherwise than it is."""

    name: str
    """How the table calls it."""
    change: Change
    """What the agent is shown."""
    mend: str
    """What an agent does that copes."""
    check: Callable[[Task, Stay], str] = lambda task, stay: ""
    """What else is wrong with what it did; empty for nothing."""


def _results(text: str | Callable[[str], str]) -> Change:
    """Every result of a tool becomes this text."""

    def change(messages: Messages) -> Messages:
        return [
            {**one, "content": text if isinstance(text, str) else text(one["content"])}
            if one["role"] == Role.TOOL
            else one
            for one in messages
        ]

    return change


def _everywhere(text: str) -> Change:
    """All that users and tools say has this text at its end."""

    def change(messages: Messages) -> Messages:
        return [
            {**one, "content": f"{one['content']} {text}"}
            if one["role"] in (Role.USER, Role.TOOL)
            else one
            for one in messages
        ]

    return change


def _later_users_silent(messages: Messages) -> Messages:
    """The user's later messages, and all results, are empty."""
    first = _first_user(messages)
    return [
        {**one, "content": ""} if at > first and one["role"] in (Role.USER, Role.TOOL) else one
        for at, one in enumerate(messages)
    ]


def _parallel(messages: Messages) -> Messages:
    """After the user's first message stand two calls in one message, and their answers."""
    after = _first_user(messages) + 1
    calls = [ToolCall("get_order", {"order_id": number}) for number in ("1", "2")]
    told = {"role": Role.TOOL.value, "content": "Error: There is no such order."}
    said = {"role": Role.ASSISTANT.value, "content": render(calls)}
    return [*messages[:after], said, told, told, *messages[after:]]


def _interrupted(messages: Messages) -> Messages:
    """The user goes on before the agent has answered."""
    after = _first_user(messages) + 1
    return [*messages[:after], {"role": Role.USER.value, "content": STOP}, *messages[after:]]


def _first_user(messages: Messages) -> int:
    return next(at for at, one in enumerate(messages) if one["role"] == Role.USER)


def _goes_round(task: Task, stay: Stay) -> str:
    calls = [one for one in stay.actions if parse(one).kind is MessageKind.CALL]
    most = max((len(list(same)) for _, same in groupby(calls)), default=0)
    return f"makes the same call {most} times in a row" if most > AGAIN else ""


def _writes_at_once(task: Task, stay: Stay) -> str:
    """Whether the message after the interruption changes something."""
    calls = stay.steps[0].calls if stay.steps else ()
    wrote = next((call.name for call in calls if call.effect is Effect.WRITE), None)
    return f"calls {wrote} though the user has said to wait" if wrote else ""


def _unsendable(task: Task, stay: Stay) -> str:
    for said in stay.actions:
        try:
            said.encode("utf-8")
        except UnicodeEncodeError:
            return "answers with text that no file can hold"
    return ""


def _never_ends(task: Task, stay: Stay) -> str:
    if stay.stop in (None, "max_turns"):
        return "did not come to an end" if stay.stop is None else "goes on until the limit"
    return f"is stopped: {stay.stop}" if stay.stop in ("bad_format", "over_limit") else ""


SITUATIONS: Sequence[Situation] = (
    Situation("a plain episode", lambda one: one, "say goodbye at the end", _never_ends),
    Situation("malformed results", _results(CUT), "read results as text where JSON fails"),
    Situation(
        "failing tools", _results(FAILS), "give up after some tries, and say so", _goes_round
    ),
    Situation(
        "very long results",
        _results(lambda text: text + " ." * (LONG // 2)),
        "cut results to what the model can read",
    ),
    Situation("parallel calls", _parallel, "expect several results after one message"),
    Situation("unicode", _everywhere(STRANGE), "write UTF-8, and no lone surrogates", _unsendable),
    Situation("interruptions", _interrupted, "read the latest message first", _writes_at_once),
    Situation("empty answers", _later_users_silent, "expect empty texts"),
)
"""What is tried, in order."""


def examine(patient: Patient, tasks: Sequence[Task], seconds: float) -> Iterator[Finding]:
    """Puts an agent into one situation after the other.

    Args:
        patient: The agent.
        tasks: Two tasks or more, of which the first is played.
        seconds: What a message may take.
    """
    task = tasks[0]
    stays = []
    for one in SITUATIONS:
        stay = patient.play(task.id, one.change)
        stays.append(stay)
        if stays[0].error is not None and stay is not stays[0] and _alike(stay, stays[0]):
            yield Finding(one.name, Verdict.NONE, "fails as in a plain episode")
        else:
            yield _finding(task, stay, one)
    yield _types(patient, stays)
    again = patient.play(task.id)
    yield _same(stays[0], again)
    yield _reset(patient, tasks, stays[0], again)
    yield _many(patient, tasks, stays[0], again)
    yield _time(stays, seconds)


def _finding(task: Task, stay: Stay, one: Situation) -> Finding:
    if stay.error is not None:
        mend = "mend this first" if one is SITUATIONS[0] else one.mend
        return Finding(one.name, Verdict.NOT, f"raises {_error(stay.error)}; {mend}")
    if wrong := one.check(task, stay):
        return Finding(one.name, Verdict.NOT, f"{wrong}; {one.mend}")
    return Finding(one.name, Verdict.HANDLED, _count(len(stay.actions), "message"))


def _alike(one: Stay, other: Stay) -> bool:
    """Whether two episodes fail in the same way."""
    return type(one.error) is type(other.error) and str(one.error) == str(other.error)


def _types(patient: Patient, stays: Sequence[Stay]) -> Finding:
    name = "types returned"
    if patient.agent is None:
        return Finding(name, Verdict.NONE, "it owns its loop")
    errors = [str(stay.error) for stay in stays if isinstance(stay.error, ValueError)]
    if wrong := next((one for one in errors if one.startswith("expected a list of one str")), ""):
        return Finding(name, Verdict.NOT, wrong)
    return Finding(name, Verdict.HANDLED, "one str a session")


def _same(first: Stay, again: Stay) -> Finding:
    name = "same seed, same actions"
    if first.error or again.error:
        return Finding(name, Verdict.NONE, "it raises errors in a plain episode")
    if first.actions == again.actions:
        return Finding(name, Verdict.HANDLED, "twice alike")
    mend = "draw from a generator with a seed, or take the likeliest token"
    return Finding(name, Verdict.NOT, f"{_differs(first, again.actions)}; {mend}")


def _reset(patient: Patient, tasks: Sequence[Task], first: Stay, again: Stay) -> Finding:
    name = "reset between episodes"
    if first.error or first.actions != again.actions:
        return Finding(name, Verdict.NONE, "no two episodes of it are alike anyway")
    patient.play(tasks[1].id)
    after = patient.play(tasks[0].id)
    if after.error is None and after.actions == first.actions:
        return Finding(name, Verdict.HANDLED, "alike after another task")
    mend = "keep notes in session.memory"
    return Finding(name, Verdict.NOT, f"{_differs(first, after.actions)} after another; {mend}")


def _many(patient: Patient, tasks: Sequence[Task], first: Stay, again: Stay) -> Finding:
    name = "many episodes at a time"
    if patient.agent is None:
        return Finding(name, Verdict.NONE, "it owns its loop")
    if first.error or first.actions != again.actions:
        return Finding(name, Verdict.NONE, "no two episodes of it are alike anyway")
    mend = "answer sessions in their order, and keep notes in session.memory"
    try:
        said = patient.together([task.id for task in tasks[:3]])[0]
    except Exception as error:  # whatever an agent raises is what is to be told
        return Finding(name, Verdict.NOT, f"raises {_error(error)}; {mend}")
    if said == first.actions:
        return Finding(name, Verdict.HANDLED, "alike beside others")
    return Finding(name, Verdict.NOT, f"{_differs(first, said)} beside others; {mend}")


def _time(stays: Sequence[Stay], seconds: float) -> Finding:
    name, took = "time a message", [one for stay in stays for one in stay.seconds]
    if not took:
        return Finding(name, Verdict.NONE, "it said nothing")
    words = f"median {median(took):.3g} s, longest {max(took):.3g} s"
    if max(took) <= seconds:
        return Finding(name, Verdict.HANDLED, words)
    return Finding(name, Verdict.NOT, f"{words}, of {seconds:g}; set a timeout, or --seconds")


def _differs(first: Stay, other: Sequence[str]) -> str:
    pairs = zip(first.actions, other, strict=False)
    at = next((i for i, (a, b) in enumerate(pairs) if a != b), min(len(first.actions), len(other)))
    return f"message {at + 1} is another one"


def _error(error: Exception) -> str:
    return f"{type(error).__name__}: {short(' '.join(str(error).split()))}"


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
