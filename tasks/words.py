"""Offline comparison of texts by their words."""

from __future__ import annotations

import re
from collections import Counter

_WORD = re.compile(r"\w+")


def words(text: str) -> list[str]:
    """The lower-case words of a text."""
    return _WORD.findall(text.lower())


def token_f1(reply: str, gold: str) -> float:
    """F1 over the two texts' words, counted with repetition (SQuAD's measure, 1606.05250)."""
    said, wanted = Counter(words(reply)), Counter(words(gold))
    if not said or not wanted:
        return float(reply.strip() == gold.strip())
    shared = (said & wanted).total()
    return 2 * shared / (said.total() + wanted.total())
