"""The scores of a message that do not depend on the task."""

from __future__ import annotations

from typing import Protocol

from reasonact_env.episode import Thinking
from tasks.words import words
from tools.protocol import Parsed, ThinkForm
from tools.types import MessageKind

SHORTEST, LONGEST = 5, 150
"""The lengths of thoughts with a full score, in words; the lower bound holds only if thoughts
are required.

Chosen by hand and never tuned; only the component `thinking` depends on it. A longer thought gets
no bonus: a bonus for length made actions worse in ToolRL (arXiv 2504.13958). 150 leaves room: the
68 calls of a think tool in 626 real dialogues have 22 to 114 words. 5 excludes thoughts without
content; most traces of the generators have 5 to 24 words.
"""


class Said(Protocol):
    """A message, and whether it has to begin with a thought."""

    @property
    def parsed(self) -> Parsed:
        """The message."""
        ...

    @property
    def thinking(self) -> Thinking:
        """Whether a thought is required."""
        ...


def format_score(said: Said) -> float:
    """1 if the message is well formed, else 0.

    A well-formed message has no malformed thought block (and begins with a thought if one is
    required), then at least one call or a reply, and no unreadable call.
    """
    parsed = said.parsed
    thought = parsed.thinking is ThinkForm.WELL_FORMED or (
        parsed.thinking is ThinkForm.ABSENT and said.thinking is Thinking.OPTIONAL
    )
    return float(thought and parsed.kind is not MessageKind.NONE and not parsed.problems)


def thinking_score(said: Said) -> float:
    """1 for a thought whose length lies in the band, falling linearly to 0 outside it.

    Below the band the score reaches 0 at no words, above it at twice the upper bound.
    """
    thought = said.parsed.thought
    if not thought:
        return 0.0 if said.thinking is Thinking.REQUIRED else 1.0
    length = len(words(thought))
    if said.thinking is Thinking.REQUIRED and length < SHORTEST:
        return length / SHORTEST
    return max(0.0, min(1.0, 2 - length / LONGEST))
