"""What comes back from a chat endpoint: read with suspicion, since some servers are broken."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from tools.jsontext import short

MOST_BYTES = 4_000_000
"""The bytes of an answer that are read; no user says as much."""


class Passing(Exception):
    """An attempt that failed, but another may succeed."""

    def __init__(self, what: str, wait: float = 0.0, *, refused: bool = False) -> None:
        """Says what came, how long the endpoint asks to wait, and whether nobody listens there."""
        super().__init__(what)
        self.wait = wait
        self.refused = refused


class Answer(NamedTuple):
    """What a model answered."""

    message: Mapping[str, Any]
    """The message of the first choice, as it came."""
    cut: bool
    """Whether it ran into the limit of tokens."""
    prompt_tokens: int | None = None
    """The tokens that the model read, where the endpoint tells."""

    @property
    def text(self) -> str:
        """The message's text; "" where it has none."""
        content = self.message.get("content")
        return content if isinstance(content, str) else ""


def in_time(parts: Iterable[bytes], seconds: float) -> Iterator[bytes]:
    """The parts of an answer, as long as they come in time and are not too many."""
    end, size = time.monotonic() + seconds, 0
    for part in parts:
        size += len(part)
        if size > MOST_BYTES:
            raise Passing(f"an answer of more than {MOST_BYTES:,} bytes")
        if time.monotonic() > end:
            raise Passing(f"no end of an answer within {seconds:g} seconds")
        yield part


def read_answer(text: bytes) -> tuple[Answer, object]:
    """An answer, and what it says of its tokens.

    Raises:
        Passing: for anything that is no chat completion: the next attempt may be better.
    """
    try:
        found = json.loads(text)
        choice = found["choices"][0]
        message, usage = choice["message"], found.get("usage")
        if not isinstance(message, dict):
            raise TypeError
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError):
        raise Passing(f"no chat completion: {short(text.decode('utf-8', 'replace'))}") from None
    read = usage.get("prompt_tokens") if isinstance(usage, dict) else None
    tokens = read if isinstance(read, int) else None
    return Answer(message, choice.get("finish_reason") == "length", tokens), usage


def encodable(message: Mapping[str, Any]) -> dict[str, Any]:
    """A message without lone halves of surrogate pairs, which no request can hold."""
    return {
        name: value.encode("utf-8", "replace").decode() if isinstance(value, str) else value
        for name, value in message.items()
    }


def seconds_of(header: str | None) -> float:
    """What `Retry-After` asks for, where it is a number."""
    try:
        return max(float(header or 0), 0.0)
    except ValueError:
        return 0.0
