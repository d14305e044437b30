"""What one episode may say, call and write, so that no policy exhausts the machine.

What a world may become, and how long an answer may be, `tools.worlds.database` and
`tools.worlds.executor` say. All figures of real dialogues are those of the gold agent in the 626
of `apigen_mt_like_real.json`, on recorded answers, rebuilt worlds and tau-bench's databases; those
of generated tasks are of 500 each of retail and airline, 300 each of the other generators.
"""

from __future__ import annotations

from typing import NamedTuple

from tasks.types import Task

MAX_STEP = 100_000
"""Once the answers and the written rows of one message have this many characters, or as many as the
whole record, its further calls are not carried out.

Chosen by hand, to bound a step's time. Real dialogues have 17,000 at most, generated tasks 12,000.
"""
MAX_CHARACTERS = 500_000
"""A dialogue ends once its messages have this many characters, or four times those of its record.

Chosen by hand. Real dialogues have 107,202 bytes at most, generated tasks 25,710.
"""
MAX_CALLS = 1_000
"""A dialogue ends once this many calls were tried, or four times those of its record.

Chosen by hand. Real dialogues have 53 at most, generated tasks 22.
"""
MAX_WRITTEN = 2_000_000
"""A dialogue ends once its calls have written rows of this many characters, one write after the
other. Chosen by hand. Real dialogues write 48,137 at most, generated tasks 13,426.
"""


class Limits(NamedTuple):
    """What a dialogue may take; a record that is longer than others gives more room."""

    step: int
    """Characters of answers and written rows, from which on a message's calls are refused."""
    characters: int
    """Of all messages; the dialogue ends once it has as many."""
    calls: int
    """Tried, carried out or not; the same."""
    written: int
    """Characters of all rows that were written, one write after the other; the same."""

    @classmethod
    def of(cls, task: Task) -> Limits:
        """The limits for a task."""
        length = sum(len(message.content) for message in task.messages)
        calls = sum(len(turn.calls) for turn in task.turns)
        return cls(
            step=max(MAX_STEP, length),
            characters=max(MAX_CHARACTERS, 4 * length),
            calls=max(MAX_CALLS, 4 * calls),
            written=MAX_WRITTEN,
        )

    def reached(self, characters: int, calls: int, written: int) -> bool:
        """Whether a dialogue that has taken so much has to end."""
        return characters >= self.characters or calls >= self.calls or written >= self.written
