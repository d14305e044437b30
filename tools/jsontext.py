"""Reading and writing the JSON inside messages, however wild.

`json.loads` is lenient where an exact environment cannot be: it takes NaN, keeps the last of two
equal keys, accepts half of a surrogate pair, and dies of deep nesting. Here each of these is a
named problem, found in linear time.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Iterable

from tools.types import CallProblem, Json, ProblemKind

MAX_DEPTH = 32
"""Objects and lists may stand this deep in each other."""
MAX_DIGITS = 400
"""A number may have this many characters (Python refuses to read integers beyond 4,300)."""
MAX_EXCERPT = 80
"""Foreign text is quoted in messages up to this many characters."""

_STRING = re.compile(r'"(?:[^"\\]|\\.)*+(?:"|\\?\Z)', re.DOTALL)
_LONG_NUMBER = re.compile(rf"[0-9eE.+-]{{{MAX_DIGITS + 1}}}")
_INTEGRAL = re.compile(r"\.0(?!\d)|\de\+")
"""Where the text of a JSON value may have a float that is a whole number."""
_BRACKET = re.compile(r"[\[\]{}]")
_SURROGATE = re.compile("[\ud800-\udfff]")


class JsonProblem(ValueError):
    """A text that is no JSON value, with the problem by name."""

    def __init__(self, kind: ProblemKind, text: str) -> None:
        """Wraps the problem that the model will read."""
        super().__init__(text)
        self.problem = CallProblem(kind, text)


def read_json(text: str) -> Json:
    """Reads one JSON value.

    Args:
        text: The whole text; blanks around the value are allowed.

    Raises:
        JsonProblem: `not_json` where it breaks JSON's grammar, uses NaN or Infinity, repeats a key
            or holds a lone surrogate; `too_large` where it nests too deep or a number is too long.
    """
    _check_size(text)
    try:
        value: Json = json.loads(
            text,
            object_pairs_hook=_object,
            parse_constant=_refuse_constant,
            parse_float=_finite,
        )
    except json.JSONDecodeError as error:
        came = short(text[max(0, error.pos - 20) : error.pos + 20])
        raise JsonProblem(
            ProblemKind.NOT_JSON,
            f"Expected JSON, but at character {error.pos} near {came}: {error.msg}. "
            "Write one JSON object with double quotes and nothing after it.",
        ) from None
    if "\\u" in text or _SURROGATE.search(text):
        _check_surrogates(value)
    return value


def canonical(value: Json) -> str:
    """The one text of a JSON value: sorted keys, no blanks, ASCII, integral floats as integers."""
    text = _encode(value)
    if not _INTEGRAL.search(text):  # most values have no such float, and walking them is slow
        return text
    return _encode(_plain(value))


_encode = json.JSONEncoder(sort_keys=True, separators=(",", ":")).encode


def short(value: object) -> str:
    """A printable excerpt of anything, for messages: at most 80 characters, ASCII."""
    text = value if isinstance(value, str) else repr(value)
    cut = text[:MAX_EXCERPT]
    quoted = ascii(cut)
    return quoted if len(text) <= MAX_EXCERPT else f"{quoted}… ({len(text)} characters)"


def sha(text: str) -> str:
    """The first 16 hex characters of the text's SHA-256; lone surrogates are allowed."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _check_size(text: str) -> None:
    """Refuses what would exhaust the reader: deep nesting and endless numbers."""
    if text.count("[") + text.count("{") > MAX_DEPTH and _is_deep(text):
        raise JsonProblem(
            ProblemKind.TOO_LARGE,
            f"Expected at most {MAX_DEPTH} levels of objects and lists in each other, got more. "
            "Write flat arguments, as the schema says.",
        )
    if len(text) > MAX_DIGITS and _LONG_NUMBER.search(_STRING.sub('""', text)):
        raise JsonProblem(
            ProblemKind.TOO_LARGE,
            f"Expected numbers of at most {MAX_DIGITS} characters, got a longer one. "
            "Write a number of ordinary size.",
        )


def _is_deep(text: str) -> bool:
    """Whether brackets outside strings stand deeper in each other than allowed."""
    depth = 0
    for match in _BRACKET.finditer(_STRING.sub('""', text)):
        depth += 1 if match[0] in "[{" else -1
        if depth > MAX_DEPTH:
            return True
    return False


def _object(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    """Builds an object and refuses a key that stands twice."""
    result = dict(pairs)
    if len(result) < len(pairs):
        twice = _first_repeated(name for name, _ in pairs)
        raise JsonProblem(
            ProblemKind.NOT_JSON,
            f"Expected every key once, but {short(twice)} stands twice in one object. Keep one.",
        )
    return result


def _first_repeated(names: Iterable[str]) -> str:
    """The first name that came before; there must be one."""
    seen: set[str] = set()
    for name in names:
        if name in seen:
            return name
        seen.add(name)
    raise AssertionError("no name stands twice")


def _finite(text: str) -> float:
    value = float(text)
    if math.isinf(value):
        raise JsonProblem(
            ProblemKind.TOO_LARGE,
            f"Expected a number below 1.8e308, got {short(text)}. Write one of ordinary size.",
        )
    return value


def _refuse_constant(name: str) -> Json:
    raise JsonProblem(
        ProblemKind.NOT_JSON,
        f"Expected a JSON number, got {name}, which JSON does not have. Write a finite number.",
    )


def _check_surrogates(value: Json) -> None:
    """Refuses halves of surrogate pairs: no UTF-8 text can hold them."""
    match value:
        case str() if _SURROGATE.search(value):
            raise JsonProblem(
                ProblemKind.NOT_JSON,
                f"Expected Unicode text, got half of a surrogate pair in {short(value)}. "
                "Write the character itself.",
            )
        case list():
            for item in value:
                _check_surrogates(item)
        case dict():
            for key, item in value.items():
                _check_surrogates(key)
                _check_surrogates(item)


def _plain(value: Json) -> Json:
    """The value with floats that are whole numbers as integers."""
    match value:
        case float() if value.is_integer():
            return int(value)
        case list():
            return [_plain(item) for item in value]
        case dict():
            return {key: _plain(item) for key, item in value.items()}
        case _:
            return value
