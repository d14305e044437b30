"""Offline comparison of replies: words and facts."""

from __future__ import annotations

from collections.abc import Set

from tasks.words import pair_f1, token_f1

POLITE_REPLY = (
    "Thank you for your patience. I am happy to help you with your request. "
    "Is there anything else that I can do for you today?"
)
"""A reply that fits everywhere; its likeness is the baseline from which similarity is measured."""

MAX_BASELINE = 0.8
"""The highest baseline of a gold reply: a fifth of the scale always stays above it.

Chosen by hand, against a division by nearly zero. Real replies stay far below: the highest baseline
of the 3,599 replies in 626 real dialogues is .37.
"""


def similarity(reply: str, gold: str) -> float:
    """Likeness, rescaled so that the constant polite reply earns 0 and the gold reply 1."""
    if reply.strip() == gold.strip():
        return 1.0
    baseline = min(_likeness(POLITE_REPLY, gold), MAX_BASELINE)
    return max(0.0, (_likeness(reply, gold) - baseline) / (1 - baseline))


def _likeness(reply: str, gold: str) -> float:
    """Half F1 over words, half over pairs of neighbours: words alone would pay in any order."""
    return (token_f1(reply, gold) + pair_f1(reply, gold)) / 2


def set_f1(found: Set[str], wanted: Set[str], more: int = 0) -> float:
    """F1 over two sets, of which the first has `more` values that are not shown; 1 if both are
    empty, so that a reply without facts is right.
    """
    if not found and not wanted:
        return 1.0
    return 2 * len(found & wanted) / (len(found) + more + len(wanted))
