"""Offline comparison of replies: words and facts."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Set

POLITE_REPLY = (
    "Thank you for your patience. I am happy to help you with your request. "
    "Is there anything else that I can do for you today?"
)
"""What a polite agent could always say; similarity is measured from what this earns upwards."""

MAX_BASELINE = 0.8
"""However polite the gold reply itself is, this much of the scale stays at most below zero."""

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


def similarity(reply: str, gold: str) -> float:
    """Token F1, rescaled so that the constant polite reply earns 0 and the gold reply 1."""
    if reply.strip() == gold.strip():
        return 1.0
    baseline = min(token_f1(POLITE_REPLY, gold), MAX_BASELINE)
    return max(0.0, (token_f1(reply, gold) - baseline) / (1 - baseline))


def set_f1(found: Set[str], wanted: Set[str]) -> float:
    """F1 over two sets; 1 where both are empty, so that saying nothing extra is right."""
    if not found and not wanted:
        return 1.0
    return 2 * len(found & wanted) / (len(found) + len(wanted))
