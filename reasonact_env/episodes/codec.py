"""An episode as a line of JSON, and back again without loss.

An episode of a single step, with `…` where more follows:

    {"task_id": "desk-7", "source": "embedded:desk(n=1000,seed=0)", "mode": "dialogue",
     "seed": 0, "decision": null, "opening_hash": "0f…", "stop": "finished",
     "outcome": {"success": true, …}, "rules": "7c0f…", "tools": "a41b…",
     "opening": [{"role": "user", "content": "…"}, …],
     "steps": [{"turn": 0, "action": "Done.", "calls": [], "answers": [], "reward": 1.0, …}]}

`rules` and `tools` are digests of values that stand once in a file (`Shared`). Only where the agent
tells which of its messages ran into its limit of tokens, `"cut": [0, 3]` follows, or `"cut": []`;
and only a branch of another episode has `"branch": {"episode": 7, "parent": 0, "step": 2, …}`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from operator import attrgetter
from typing import Any

import msgspec

from reasonact_env.episode import Branch, Episode, Mode, Outcome, Step, StopReason
from reasonact_env.episodes import lines
from tools.jsontext import sha
from tools.types import Json, Message, Role, ToolSpec


class Shared:
    """The values that the episodes of a file share, by digest: rules texts, and lists of tools."""

    def __init__(self, values: Mapping[str, Json] | None = None) -> None:
        """Starts with a file's values, or with nothing."""
        self.values: dict[str, Json] = dict(values or {})
        self._tools: dict[str, tuple[ToolSpec, ...]] = {}
        self._digests: dict[int, tuple[object, str]] = {}

    def put(self, value: str | tuple[ToolSpec, ...]) -> str:
        """Keeps rules or tools; returns their digest.

        Many episodes have the very same object, whose digest is computed once. The object is kept
        alive, so that no other object gets its id.
        """
        if id(value) not in self._digests:
            plain = msgspec.to_builtins(value, enc_hook=_plain)
            digest = sha(json.dumps(plain, ensure_ascii=False))
            self.values.setdefault(digest, plain)
            self._digests[id(value)] = value, digest
        return self._digests[id(value)][1]

    def rules(self, digest: str) -> str:
        """The rules of that digest; KeyError and msgspec.ValidationError as for `tools`."""
        return msgspec.convert(self.values[digest], str)

    def tools(self, digest: str) -> tuple[ToolSpec, ...]:
        """The tools of that digest.

        Raises:
            KeyError: if no value has this digest.
            msgspec.ValidationError: if the value is not a list of tools.
        """
        if digest not in self._tools:
            self._tools[digest] = msgspec.convert(self.values[digest], tuple[ToolSpec, ...])
        return self._tools[digest]


class _Line(msgspec.Struct, omit_defaults=True):
    """The fields of a line, in its order."""

    task_id: str
    source: str
    mode: Mode
    seed: int | None
    decision: int | None
    opening_hash: str
    stop: StopReason | None
    outcome: Outcome | None
    rules: str | None
    tools: str
    opening: tuple[Message, ...]
    steps: tuple[Step, ...]
    cut: tuple[int, ...] | None = None
    branch: Branch | None = None


_OWN = tuple(name for name in _Line.__struct_fields__ if name not in ("rules", "tools", "opening"))
"""The fields that a line and an episode have in the same form."""
_own = attrgetter(*_OWN)


def to_line(episode: Episode, shared: Shared) -> bytes:
    """The episode as a line; its rules (an opening system message) and its tools go to `shared`."""
    opening = episode.opening
    has_rules = bool(opening) and opening[0].role is Role.SYSTEM
    line = _Line(
        rules=shared.put(opening[0].content) if has_rules else None,
        tools=shared.put(episode.tools),
        opening=opening[has_rules:],
        **dict(zip(_OWN, _own(episode), strict=True)),
    )
    return _written_fast(line) or lines.to_line(_builtins(line))


def from_line(line: bytes, shared: Shared) -> Episode:
    """Reads what `to_line` wrote, in this version or an earlier one.

    Raises:
        KeyError: if `shared` lacks a digest.
        ValueError: if the line is not JSON, or not an episode; a msgspec.ValidationError says
            where.
        RecursionError: if it nests too deep.
    """
    read = lines.from_line(line, _Line)
    rules = () if read.rules is None else (Message(Role.SYSTEM, shared.rules(read.rules)),)
    return Episode(
        opening=rules + read.opening,
        tools=shared.tools(read.tools),
        **dict(zip(_OWN, _own(read), strict=True)),
    )


_EMPTY = b',"changes":[]}'
"""The end of a call that changed nothing, as msgspec writes it."""


def _written_fast(line: _Line) -> bytes | None:
    """The line as msgspec writes it, or None if `json` writes `_builtins` in another way.

    msgspec is faster, but it writes unusual floats differently, refuses lone surrogates, and
    cannot leave out the empty changes of a call.
    """
    if not _are_ordinary(_with_numbers(line)):
        return None
    try:
        text = _encoder.encode(line)
    except UnicodeEncodeError:  # a lone surrogate
        return None
    empty = sum(not call.changes for step in line.steps for call in step.calls)
    if text.count(_EMPTY) != empty:
        return None  # some argument contains the end of a call
    return text.replace(_EMPTY, b"}") + b"\n"


def _builtins(line: _Line) -> dict[str, Any]:
    """The line as dicts and lists; a call that changed nothing has no key `changes`."""
    value: dict[str, Any] = msgspec.to_builtins(line, enc_hook=_plain)
    for step in value["steps"]:
        for call in step["calls"]:
            if not call["changes"]:
                del call["changes"]
    return value


def _with_numbers(line: _Line) -> Iterable[object]:
    """All values of a line that may contain floats."""
    for step in line.steps:
        yield from (step.reward, step.components, step.weights, step.step_scores)
        for call in step.calls:
            yield call.arguments
            for change in call.changes:
                yield from (change.before, change.after)
    if line.outcome is not None:
        for goal in line.outcome.goals:
            yield goal.call.arguments


def _are_ordinary(values: Iterable[object]) -> bool:
    """Whether msgspec writes all floats in JSON values as `json` does.

    It writes very large and small ones with another exponent, and NaN as null.
    """
    for value in values:
        match value:
            case str() | int() | None:
                continue
            case float():
                ordinary = value == 0 or 1e-4 <= abs(value) < 1e16
            case Mapping():
                ordinary = _are_ordinary(value.values())
            case _:
                ordinary = isinstance(value, list | tuple) and _are_ordinary(value)
        if not ordinary:
            return False
    return True


def plain(part: object) -> Json:
    """A part of an episode as plain JSON values."""
    value: Json = msgspec.to_builtins(part, enc_hook=_plain)
    return value


def _plain(value: object) -> object:
    """Converts what msgspec does not accept: other mappings than dicts, NumPy's str and float."""
    match value:
        case Mapping():
            return dict(value)
        case str():
            return str(value)
        case float():
            return float(value)
    raise TypeError(f"expected a part of an episode, got {type(value).__name__}")


_encoder = msgspec.json.Encoder(enc_hook=_plain)
