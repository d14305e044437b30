"""Offline comparison of texts by their words."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from itertools import pairwise
from typing import TypeVar

from tools.remembered import remembered

T = TypeVar("T")
_WORD = re.compile(r"\w+")


def words(text: str) -> list[str]:
    """The lower-case words of a text."""
    return _WORD.findall(text.lower())


def token_f1(reply: str, gold: str) -> float:
    """F1 over the two texts' words, counted with repetition (SQuAD's measure, 1606.05250)."""
    (said, all_said), (wanted, all_wanted) = _counted(reply), _counted(gold)
    if not said or not wanted:
        return float(reply.strip() == gold.strip())
    return 2 * _shared(said, wanted) / (all_said + all_wanted)


def pair_f1(reply: str, gold: str) -> float:
    """F1 over the two texts' pairs of neighbouring words, counted with repetition; that of their
    words where one text has none or one.

    >>> pair_f1("the cat sat", "the cat sat down"), pair_f1("sat cat the", "the cat sat down")
    (0.8, 0.0)
    """
    (said, all_said), (wanted, all_wanted) = _pairs(reply), _pairs(gold)
    if not said or not wanted:
        return token_f1(reply, gold)
    return 2 * _shared(said, wanted) / (all_said + all_wanted)


def _shared(one: Mapping[T, int], other: Mapping[T, int]) -> int:
    """How many two counts have in common."""
    few, many = (one, other) if len(one) < len(other) else (other, one)
    return sum([min(few[key], many[key]) for key in few.keys() & many.keys()])


@remembered(megabytes=8)
def _pairs(text: str) -> tuple[Counter[tuple[str, str]], int]:
    """The counted pairs of a text and their sum, cached as its words are."""
    counted = Counter(pairwise(words(text)))
    return counted, counted.total()


@remembered(megabytes=8)
def _counted(text: str) -> tuple[Counter[str], int]:
    """The counted words of a text and their sum, cached for several comparisons; callers must not
    change them.
    """
    counted = Counter(words(text))
    return counted, counted.total()
