"""Whether a recorded answer says that its call failed.

Nothing in a record marks failures, so all of this is inferred. Two rules:

`looks_like_error` holds for any call, and only takes what no answer with data would say.

`write_failed` holds for writes, whose answers say how they went: a write that failed changed
nothing, and no goal may ask for it. It takes what `looks_like_error` does, and

- a text that begins as failures do: `Failed to …`, `Unable to …`, `The booking was rejected`,
  `Permission denied`, `False`, `status: failed`;
- a JSON object, also one in quotes, in a code block, or under `result`, `data`, `item` and the
  like, in which a flag such as `success`, `ok` or `done` is false, or that of the call's own verb
  (`book_room` answers `"booked": false`), a flag such as `failed` is true, a status is a failure
  (`failed`, `rejected`, `not found`, `404`), or a message begins as such a text does;
- a list of nothing but such objects.

A status is no failure if the call itself speaks of it: `reject_offer` answers `rejected`, and
`set_status(status="failed")` answers `failed`. A message is none beside a flag or a status that
says that all went well. On 1,233 dialogues of tau-bench, tau2-bench, STAR and NeMo, `write_failed`
adds to `looks_like_error` 339 answers of STAR, such as `Request Failed`, `That time is unavailable`
or `We are unable to change your trip`, and nothing else; nor does it on 2,200 generated dialogues,
but for eight of procedures whose API answers `refused` or `rejected`.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping, Sequence
from typing import cast

from tools.failure_words import (
    AROUND,
    BAD,
    BAD_FLAGS,
    CODES,
    ERROR_MARKS,
    ERROR_TEXT,
    FAILURE_TEXT,
    FENCED,
    GOOD_FLAGS,
    MAX_AROUND,
    MAX_ERROR,
    MESSAGES,
    NOT_DONE,
    PAIR,
    PARTICIPLES,
    PAST,
    STATUSES,
    TOLD,
    TRANSIENT,
    WELL,
    WORDS,
)
from tools.jsontext import JsonProblem, canonical, read_json
from tools.types import Json, ToolCall


def is_transient(observation: str) -> bool:
    """Whether a recorded failure says nothing of the call: the same call may succeed at once."""
    return TRANSIENT.match(observation) is not None


def looks_like_error(observation: str) -> bool:
    """Whether a recorded observation says that the call failed, be it a read or a write.

    Such are texts that begin with `Error` or an HTTP failure, and JSON objects with an `error`,
    with `"success": false` or `"ok": false`, with `"status": "error"`, or with an HTTP status code
    from 400 on. An empty answer is none.
    """
    if ERROR_TEXT.match(observation):
        return True
    if len(observation) > MAX_ERROR or not observation[:64].lstrip().startswith("{"):
        return False
    for mark in ERROR_MARKS:  # any() would take three times as long, and each step asks
        if mark in observation:
            return _is_error_json(observation)
    return False


def write_failed(call: ToolCall, observation: str) -> bool:
    """Whether a recorded observation says that a write failed: by the module's second rule."""
    if looks_like_error(observation):
        return True
    if len(observation) > MAX_ERROR:
        return False
    return _says_failed(_value(observation), call, 0)


def _is_error_json(observation: str) -> bool:
    value = _value(observation)
    if not isinstance(value, dict):
        return False
    if any(value.get(key) for key in ("error", "errors", "Error", "error_message", "isError")):
        return True
    if value.get("success") is False or value.get("ok") is False or value.get("status") == "error":
        return True
    return any(_plain(key) in CODES and _is_code(part) for key, part in value.items())


def _value(observation: str) -> Json:
    """What was answered: a value of JSON, or of Python as `str` writes it, or just a text."""
    fenced = FENCED.fullmatch(observation) if observation.lstrip().startswith("```") else None
    found = _decoded(fenced[1] if fenced else observation)
    if isinstance(found, str) and found.lstrip()[:1] in ("{", "["):
        return _decoded(found)
    return found


def _decoded(observation: str) -> Json:
    try:
        return read_json(observation)
    except JsonProblem:
        pass
    text = observation.strip()
    if not text.startswith(("{'", "[{'", '{"')):
        return text
    try:
        return cast("Json", ast.literal_eval(text))
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return text


def _says_failed(value: Json, call: ToolCall, depth: int) -> bool:
    """Whether an answer, or what stands in its place inside of one, says that the call failed."""
    if isinstance(value, list):
        return bool(value) and all(_says_failed(part, call, depth) for part in value)
    if isinstance(value, str):
        return _is_failure_text(value, call)
    if not isinstance(value, dict):
        return value is False
    inner = [part for key, part in value.items() if _plain(key) in AROUND]
    objects = [part for part in inner if isinstance(part, dict) or _holds_objects(part)]
    return _is_failure(value, call) or (
        depth < MAX_AROUND and any(_says_failed(part, call, depth + 1) for part in objects)
    )


def _holds_objects(value: Json) -> bool:
    return isinstance(value, list) and all(isinstance(part, dict) for part in value)


def _is_failure(answer: Mapping[str, Json], call: ToolCall) -> bool:
    parts = {_plain(key): part for key, part in answer.items() if key not in call.arguments}
    good = [_flag(part) for key, part in parts.items() if _is_good_flag(key, call)]
    bad = [
        _flag(part)
        for key, part in parts.items()
        if key in BAD_FLAGS and not _speaks_of(key.removeprefix("is"), call)
    ]
    statuses = [part for key, part in parts.items() if key in STATUSES or _is_status(key)]
    if False in good or True in bad or any(parts.get(key) for key in TOLD):
        return True
    texts = [part for key, part in parts.items() if key in MESSAGES | AROUND]
    codes = {*CODES, "status", *(["code"] if texts else [])}
    if any(_is_code(part) for key, part in parts.items() if key in codes):
        return True
    if parts.get("type") in ("error", "exception", "failure") or _any_bad(statuses, call):
        return True
    words = [part for part in statuses if isinstance(part, str)]
    if True in good:
        return False
    if any(_is_failing(text, call) for text in words):
        return True
    if any(_last(text) in WELL for text in words):
        return False
    return any(isinstance(text, str) and _is_failing(text, call) for text in texts)


def _is_good_flag(key: str, call: ToolCall) -> bool:
    """Whether a flag tells that the call was carried out, unless the call is to undo just that."""
    stem = re.sub(r"e?d$", "", key)
    if re.search(rf"(?:in|un|dis|de|non)_?{stem}", call.name, re.IGNORECASE):
        return False
    return key in GOOD_FLAGS or _is_done(key, call)


def _is_done(word: str, call: ToolCall) -> bool:
    """Whether a word is the participle of the call's own verb: booked, of `book_room`."""
    verb = next(iter(WORDS.findall(call.name)), "").lower()
    regular = (f"{verb}d", f"{verb}ed", f"{verb}{verb[-1:]}ed", f"{verb[:-1]}ied")
    return bool(verb) and word.lower() in (*regular, PARTICIPLES.get(verb))


def _any_bad(statuses: Sequence[Json], call: ToolCall) -> bool:
    return any(_is_bad(part, call) for part in statuses)


def _is_status(key: str) -> bool:
    return key.endswith("status") and key not in CODES and PAST.match(key) is None


def _is_bad(status: Json, call: ToolCall) -> bool:
    """Whether a status says that the call failed, and not what the call was to bring about."""
    if not isinstance(status, str):
        return status is False
    words = status.strip(" .!").lower().replace("_", " ").replace("-", " ")
    if re.match(r"[45](?:\d\d|xx)\b", words):
        return True
    found = words if words in BAD else _last(status)
    return found in BAD and len(words.split()) <= 3 and not _speaks_of(found, call)


def _is_failing(text: str, call: ToolCall) -> bool:
    """Whether a text inside of an answer says that the call failed, perhaps in JSON."""
    if text.lstrip()[:1] in ("{", "["):
        return _says_failed(_decoded(text), call, MAX_AROUND)
    return _is_failure_text(text.replace("_", " "), call)


def _is_failure_text(text: str, call: ToolCall) -> bool:
    if (pair := PAIR.fullmatch(text)) and not ERROR_TEXT.match(text):
        return _is_failure({pair[1]: pair[2]}, call) or _begins_as_failures(text, call)
    return _begins_as_failures(text, call)


def _begins_as_failures(text: str, call: ToolCall) -> bool:
    if (cannot := NOT_DONE.match(text)) and _is_done(cannot[1], call):
        return True
    found = FAILURE_TEXT.match(text)
    if found is None:
        return bool(ERROR_TEXT.match(text))
    words = [word for word in WORDS.findall(found[0]) if word.lower() in BAD]
    return not any(_speaks_of(word, call) for word in words)


def _speaks_of(word: str, call: ToolCall) -> bool:
    """Whether a call's name or arguments have a word of the same stem: reject, rejected."""
    stem = re.sub(r"(?:i?ed|den|ure)$", "", word.lower())
    told = " ".join([call.name, canonical(dict(call.arguments))])
    return any(known.lower().startswith(stem) for known in WORDS.findall(told))


def _last(status: str) -> str:
    words = WORDS.findall(status)
    return words[-1].lower() if words else ""


def _is_code(value: Json) -> bool:
    """Whether it is an HTTP status code of a failure."""
    if isinstance(value, str) and re.fullmatch(r"[45]\d\d", value.strip()):
        return True
    return isinstance(value, int) and not isinstance(value, bool) and 400 <= value <= 599


def _flag(value: Json) -> Json:
    """A flag's truth, also where it is written as a text."""
    words = {"true": True, "yes": True, "false": False, "no": False}
    return words.get(value.lower(), value) if isinstance(value, str) else value


def _plain(key: str) -> str:
    return key.replace("_", "").replace("-", "").lower()
