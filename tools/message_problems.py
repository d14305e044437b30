"""What a message can get wrong, each with how to mend it, for the model to read."""

from __future__ import annotations

from tools.jsontext import short
from tools.tags import CALL, END_CALL, END_THINK, MAX_CALLS, MAX_CHARS
from tools.types import CallProblem, ProblemKind


def message_too_large() -> CallProblem:
    """A message of too many characters."""
    return CallProblem(
        ProblemKind.TOO_LARGE,
        f"Expected a message of at most {MAX_CHARS:,} characters, got a longer one. Write less.",
    )


def too_many_calls() -> CallProblem:
    """A message of too many calls."""
    return CallProblem(
        ProblemKind.TOO_LARGE,
        f"Expected at most {MAX_CALLS} calls in one message; the further ones were not made. "
        "Make them in your next message.",
    )


def unclosed(block: str) -> CallProblem:
    """A call without its closing tag."""
    return CallProblem(
        ProblemKind.NOT_JSON,
        f"Expected {END_CALL} after the call, got the end of the message after {short(block)}. "
        f"Close each call with {END_CALL}.",
    )


def unopened() -> CallProblem:
    """A closing tag without a call."""
    return CallProblem(
        ProblemKind.NOT_JSON,
        f"Expected {CALL} before the call, got {END_CALL} alone. Write {CALL}, then the call, then "
        f"{END_CALL}; or a reply without tags.",
    )


def double_encoded(what: str, came: str) -> CallProblem:
    """JSON in a string instead of JSON."""
    return CallProblem(
        ProblemKind.DOUBLE_ENCODED,
        f"Expected {what} as a JSON object, got a string that holds one: {short(came)}. "
        "Write the object itself, without quotes around it.",
    )


def not_an_object(came: str) -> CallProblem:
    """JSON that is no call."""
    return CallProblem(
        ProblemKind.NOT_AN_OBJECT,
        'Expected a call of the form {"name": "…", "arguments": {…}}, '
        f"got {came}. Give a name and an object of arguments, and nothing else.",
    )


def in_other_syntax(came: str) -> CallProblem:
    """A call in another syntax."""
    return CallProblem(
        ProblemKind.OTHER_SYNTAX,
        f"Expected a call between {CALL} and {END_CALL}, got {came}. Write {CALL}, then "
        f'{{"name": "…", "arguments": {{…}}}}, then {END_CALL}.',
    )


def in_thought() -> CallProblem:
    """A call inside a thought."""
    return CallProblem(
        ProblemKind.IN_THOUGHT,
        f"Expected a call after the thought, got one inside it. Close the thought with "
        f"{END_THINK}, then write the call.",
    )
