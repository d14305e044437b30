"""Reading and writing the JSON inside messages, however wild.

`json.loads` is lenient where an exact environment cannot be: it accepts NaN, keeps the last of two
equal keys, accepts half of a surrogate pair, and fails on deep nesting. Here each of these is a
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
"""The largest depth of nested objects and lists."""
MAX_DIGITS = 400
"""The largest number of characters in a number (Python refuses integers beyond 4,300)."""
MAX_EXCERPT = 80
"""The largest number of characters of foreign text that a message quotes."""

_STRING = re.compile(r'"(?:[^"\\]|\\.)*+(?:"|\\?\Z)', re.DOTALL)
_CLOSED_STRING = re.compile(r'"(?:[^"\\]|\\.)*+"', re.DOTALL)
_LONG_NUMBER = re.compile(rf"[0-9eE.+-]{{{MAX_DIGITS + 1}}}")
_WHOLE = re.compile(r"\.0(?!\d)")
"""What a JSON text contains if it has a float that is a whole number; large ones have `e+`."""
_BRACKET = re.compile(r"[\[\]{}]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_BLANKS = re.compile(r"[ \t\n\r]*+")
_scan = json.JSONDecoder().raw_decode


class JsonProblem(ValueError):
    """A text that is not a JSON value; `problem` says why."""

    def __init__(self, kind: ProblemKind, text: str) -> None:
        """Stores the problem that the model will read."""
        super().__init__(text)
        self.problem = CallProblem(kind, text)


def read_json(text: str) -> Json:
    """Reads one JSON value.

    Args:
        text: The whole text; blanks around the value are allowed.

    Raises:
        JsonProblem: `not_json` if the text breaks JSON's grammar, uses NaN or Infinity, repeats a
            key or holds a lone surrogate; `too_large` if it nests too deep or a number is too long.
    """
    _check_size(text)
    try:
        value: Json = _decode(text)
    except json.JSONDecodeError as error:
        came = short(text[max(0, error.pos - 20) : error.pos + 20])
        raise JsonProblem(
            ProblemKind.NOT_JSON,
            f"Expected JSON, but at character {error.pos} near {came}: {error.msg}. "
            "Write one JSON object with double quotes and nothing after it.",
        ) from None
    if "\\u" in text or not text.isascii():
        _check_surrogates(value)
    return value


def end_of_json(text: str, start: int) -> int | None:
    """Where the JSON value ends that begins at a place, perhaps after blanks; None without one."""
    try:
        return _scan(text, _BLANKS.match(text, start).end())[1]  # type: ignore[union-attr]
    except (ValueError, RecursionError):
        return None


def open_string(text: str) -> bool:
    """Whether a part of a JSON text ends inside a string."""
    if "\\" in text:
        return '"' in _CLOSED_STRING.sub("", text)
    return text.count('"') % 2 == 1


def canonical(value: Json) -> str:
    """The canonical text of a JSON value: sorted keys, no blanks, ASCII, whole floats as ints."""
    text = _encode(value)
    if "e+" in text or ".0" in text and _WHOLE.search(text):
        return _encode(_plain(value))
    return text  # most values have no float that is a whole number, and walking them is slow


def equal(one: Json, other: Json) -> bool:
    """Whether two values have the same canonical text: 1 equals 1.0, but not true."""
    return one == other and canonical(one) == canonical(other)  # in Python, 1 == True


_encode = json.JSONEncoder(sort_keys=True, separators=(",", ":"), check_circular=False).encode


def finite(value: object) -> object:
    """A plain value with null for numbers that JSON does not have: NaN and the infinities.

    >>> finite({"mean": float("nan"), "all": (1.0, float("inf"))})
    {'mean': None, 'all': [1.0, None]}
    """
    if isinstance(value, dict):
        return {key: finite(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [finite(one) for one in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


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
    """Refuses texts that would exhaust the reader: deep nesting and very long numbers."""
    if is_deeper(text, MAX_DEPTH):
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


def is_deeper(text: str, most: int) -> bool:
    """Whether the brackets of a JSON text, outside strings, nest deeper than `most` levels."""
    if text.count("[") + text.count("{") <= most:
        return False
    depth = 0
    for match in _BRACKET.finditer(_STRING.sub('""', text)):
        depth += 1 if match[0] in "[{" else -1
        if depth > most:
            return True
    return False


def _object(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    """Builds an object; refuses a repeated key."""
    result = dict(pairs)
    if len(result) < len(pairs):
        twice = _first_repeated(name for name, _ in pairs)
        raise JsonProblem(
            ProblemKind.NOT_JSON,
            f"Expected every key once, but {short(twice)} stands twice in one object. Keep one.",
        )
    return result


def _first_repeated(names: Iterable[str]) -> str:
    """The first repeated name; the caller makes sure that there is one."""
    seen: set[str] = set()
    for name in names:
        if name in seen:
            return name
        seen.add(name)
    raise AssertionError("no name is repeated")


def _ordinary(text: str) -> float:
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
    """Refuses lone halves of surrogate pairs, which UTF-8 cannot encode."""
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


_decode = json.JSONDecoder(
    object_pairs_hook=_object, parse_constant=_refuse_constant, parse_float=_ordinary
).decode


def _plain(value: Json) -> Json:
    """The value with floats that are whole numbers as integers."""
    if isinstance(value, dict):
        return {key: i if isinstance(i, str) else _plain(i) for key, i in value.items()}
    if isinstance(value, list):
        return [i if isinstance(i, str) else _plain(i) for i in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value
