"""What asking a model has taken: requests, tokens, time, and what that costs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import asdict, dataclass, fields
from typing import Any

from tools.types import Json


@dataclass(slots=True)
class Usage:
    """What was asked for and taken, in the words of chat endpoints."""

    requests: int = 0
    """Requests that were answered."""
    failures: int = 0
    """Attempts that failed, whether another one succeeded or none."""
    prompt_tokens: int = 0
    """Tokens that were read."""
    completion_tokens: int = 0
    """Tokens that were written, thoughts included."""
    untold: int = 0
    """Answers that do not say how many tokens they took."""
    seconds: float = 0.0
    """Time spent waiting for answers, pauses between attempts included."""

    def add(self, other: Usage) -> None:
        """Adds what another one has counted."""
        for one in fields(self):
            setattr(self, one.name, getattr(self, one.name) + getattr(other, one.name))

    def take(self, told: object) -> None:
        """Counts an answered request by what its answer says under `usage`."""
        self.requests += 1
        counts = told if isinstance(told, Mapping) else {}
        read, written = counts.get("prompt_tokens"), counts.get("completion_tokens")
        if isinstance(read, int) and isinstance(written, int):
            self.prompt_tokens += read
            self.completion_tokens += written
        else:
            self.untold += 1

    def cost(self, prices: tuple[float, float] | None) -> float | None:
        """The cost in the prices' currency; None without prices.

        Args:
            prices: Of a million tokens that are read, and of a million that are written.
        """
        if prices is None:
            return None
        return (self.prompt_tokens * prices[0] + self.completion_tokens * prices[1]) / 1e6

    def as_dict(self) -> dict[str, Json]:
        """Plain JSON values; seconds to the millisecond."""
        return {**asdict(self), "seconds": round(self.seconds, 3)}

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> Usage:
        """Reads what `as_dict` wrote."""
        return cls(**{one.name: told.get(one.name, 0) for one in fields(cls)})


_counting: ContextVar[Usage | None] = ContextVar("counting", default=None)
"""Where the requests of this thread are counted."""


@contextmanager
def counted_in(usage: Usage) -> Iterator[None]:
    """Counts in `usage` what this thread asks for in the block."""
    before = _counting.set(usage)
    try:
        yield
    finally:
        _counting.reset(before)


def counted(usage: Usage) -> None:
    """Adds a request to where the present block is counted, if anywhere."""
    if (present := _counting.get()) is not None:
        present.add(usage)
