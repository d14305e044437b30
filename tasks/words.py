"""Offline comparison of texts by their words."""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache

_WORD = re.compile(r"\w+")


def words(text: str) -> list[str]:
    """The lower-case words of a text."""
    return _WORD.findall(text.lower())


def token_f1(reply: str, gold: str) -> float:
    """F1 over the two texts' words, counted with repetition (SQuAD's measure, 1606.05250)."""
    said, wanted = _counted(reply), _counted(gold)
    if not said or not wanted:
        return float(reply.strip() == gold.strip())
    shared = sum(min(times, wanted[word]) for word, times in said.items())
    return 2 * shared / (said.total() + wanted.total())


@lru_cache(maxsize=1024)
def _counted(text: str) -> Counter[str]:
    """The counted words of a text, cached for several comparisons; callers must not change them."""
    return Counter(words(text))
