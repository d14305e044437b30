"""Cuts a message into clauses, each of which can ask for something."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tasks.agenda.keywords import AUXILIARIES, WH
from tasks.agenda.phrases import words_of

_TOKEN = re.compile(r"[\w#@$]+(?:['.\-/][\w#@]+)*|\*+|[?!.:;,\n()•–\-]")
"""A word or code, or a mark. No separator follows another inside a word: this keeps it linear."""

_ENDS = frozenset("?!.;\n")
_BULLETS = frozenset("-*•–")
_MARKS = frozenset(",:()")
_ABBREVIATIONS = frozenset({"e.g", "i.e", "etc"})
_CONJUNCTIONS = frozenset({"and", "or", ",", "then"})
_STARTS = frozenset(
    words_of(
        "which what when where who why how would could can do does is are shall should may please"
        " i'll i need provide share tell specify confirm reply let if will"
    )
)
"""Words that begin a new clause after a conjunction."""
_ALTERNATIVES = frozenset({"would", "should", "shall", "do"})
"""Words that begin the second alternative after "or"."""


@dataclass(frozen=True, slots=True)
class Clause:
    """A part of a sentence."""

    words: tuple[str, ...]
    """Its words in lower case and the marks among them; last "?", ".", or "," within a sentence."""
    is_question: bool
    """Whether its sentence ends with a question mark."""
    is_item: bool
    """Whether it is in a line of a list."""
    opens_list: bool
    """Whether it ends with a colon that ends its line."""
    leads: bool
    """Whether it is the first clause of its sentence."""


def clauses(message: str) -> Iterator[Clause]:
    """The clauses of a message, in order."""
    for words, is_item, mark in _sentences(_tokens(message)):
        asks, leads = mark == "?", True
        ends = _cuts(words)
        for begin, end in zip([0, *ends], [*ends, len(words)], strict=True):
            is_last = end == len(words)
            part = words[begin:end] if leads else words[begin + 1 : end]
            last = ("?" if asks else ".") if is_last else ","
            opens = is_last and words[-1] == ":"
            yield Clause((*part, last), asks, is_item, opens, leads)
            leads = False


def _tokens(message: str) -> list[str]:
    text = message.replace("’", "'").replace("\\n", "\n")
    found: list[str] = _TOKEN.findall(text)
    found.append("\n")
    return found


def _sentences(tokens: list[str]) -> Iterator[tuple[list[str], bool, str]]:
    """(words, whether in a list, the mark at the end) of each sentence that has words."""
    words: list[str] = []
    is_item, in_line = False, 0
    for token in tokens:
        if token in _ENDS and not (token == "." and _goes_on(words, in_line)):
            if not _MARKS.issuperset(words):
                yield words, is_item, token
            words = []
            if token == "\n":
                is_item, in_line = False, 0
            continue
        in_line += 1
        if token in ".)" and in_line == 2 and words and words[0].isdigit():
            is_item, words = True, []
        elif token in _BULLETS:
            is_item = is_item or in_line == 1
        elif token[0] != "*" and token != ".":
            words.append(_word(token))


def _goes_on(words: list[str], in_line: int) -> bool:
    """Whether a full stop belongs to an abbreviation or to a number of a list."""
    return bool(words) and (words[-1] in _ABBREVIATIONS or (in_line == 1 and words[0].isdigit()))


def _word(token: str) -> str:
    """A word in lower case; a code of six capitals stays, so that it is recognised as a value."""
    return token if len(token) == 6 and token.isupper() else token.lower()


def _cuts(words: list[str]) -> list[int]:
    """The indices at which a conjunction or a comma begins a clause."""
    found: list[int] = []
    is_open = False
    for at, word in enumerate(words):
        is_open = is_open or word in WH
        if word not in _CONJUNCTIONS or not 0 < at < len(words) - 1:
            continue
        if at == 1 and words[0] == "or":
            continue
        follows = words[at + 1]
        goes_on = follows in _ALTERNATIVES if word == "or" else is_open and follows in AUXILIARIES
        if follows in _STARTS and not goes_on:
            found.append(at)
            is_open = False
    return found
