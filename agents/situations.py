"""The situations in which the doctor puts an agent, and what it looks at there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby

from agents.patient import Change, Messages, Stay
from reasonact_env.dialogue import MAX_BAD_MESSAGES
from reasonact_env.episode import StopReason
from reasonact_env.failures.first import LIMITS
from tasks.types import Task
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
    missed: Callable[[Stay, Stay], str] = lambda plain, stay: ""
    """Why it shows nothing, given the plain episode and this one; empty where it does."""


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
    match stay.stop:
        case None:
            return "did not come to an end"
        case StopReason.MAX_TURNS:
            return "goes on until the limit"
        case StopReason.BAD_FORMAT | StopReason.OVER_LIMIT:
            return stopped(stay)
        case _:
            return ""


def stopped(stay: Stay) -> str:
    """Why an episode was stopped before its end, and which limit was passed."""
    if stay.stop is StopReason.OVER_LIMIT:
        return f"is stopped: {LIMITS[stay.stop]}"
    read = stay.steps[-1].answers[0].content  # what the agent is told of such a message
    why = read.removeprefix("Error: ").split(". ")[0].rstrip(".")
    times = f"{MAX_BAD_MESSAGES} messages in a row could not be read"
    return f"is stopped: {times} ({why[:1].lower()}{why[1:]})"


def _no_results(plain: Stay, stay: Stay) -> str:
    return "" if stay.results else "it never called a tool"


def _no_calls(plain: Stay, stay: Stay) -> str:
    return "" if plain.results else "it never called a tool"


def _no_answers(plain: Stay, stay: Stay) -> str:
    heard = stay.results or stay.turns > 1
    return "" if heard else "nothing was left to say after its first message"


SITUATIONS: Sequence[Situation] = (
    Situation("a plain episode", lambda one: one, "say goodbye at the end", _never_ends),
    Situation(
        "malformed results",
        _results(CUT),
        "read results as text where JSON fails",
        missed=_no_results,
    ),
    Situation(
        "failing tools",
        _results(FAILS),
        "give up after some tries, and say so",
        _goes_round,
        _no_results,
    ),
    Situation(
        "very long results",
        _results(lambda text: text + " ." * (LONG // 2)),
        "cut long results before a model reads them or a reply repeats them",
        missed=_no_results,
    ),
    Situation(
        "parallel calls", _parallel, "expect several results after one message", missed=_no_calls
    ),
    Situation("unicode", _everywhere(STRANGE), "write UTF-8, and no lone surrogates", _unsendable),
    Situation(
        "interruptions", _interrupted, "read the latest message first", _writes_at_once, _no_calls
    ),
    Situation("empty answers", _later_users_silent, "expect empty texts", missed=_no_answers),
)
"""What is tried, in order."""
