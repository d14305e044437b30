"""Cuts a message into the clauses that can each ask for something."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tasks.agenda.keywords import words_of

_TOKEN = re.compile(r"[\w#@$']+(?:[.\-/][\w#@]+)*|\*+|[?!.:;,\n()•–\-]")
"""A word or code, or a mark. What follows a separator inside a word never is one: linear time."""

_ENDS = frozenset("?!.;\n")
_BULLETS = frozenset("-*•–")
_ABBREVIATIONS = frozenset({"e.g", "i.e", "etc"})
_STARTS = frozenset(
    words_of(
        "which what when where who why how would could can do does is are shall should may please"
        " i'll i need provide share tell specify confirm reply let if"
    )
)
"""After "and", "or" or a comma, these begin a clause of its own."""


@dataclass(frozen=True, slots=True)
class Clause:
    """A part of a sentence."""

    words: tuple[str, ...]
    """Its words in lower case, and the marks "," ":" "(" ")"."""
    is_question: bool
    """Whether its sentence ends with a question mark."""
    is_item: bool
    """Whether it stands in a line of a list."""
    opens_list: bool
    """Whether it ends with a colon that ends its line."""
    leads: bool
    """Whether it is its sentence's first."""


def clauses(message: str) -> Iterator[Clause]:
    """The clauses of a message, in order."""
    for words, is_item, mark in _sentences(_tokens(message)):
        opens = words[-1] == ":"
        parts = list(_split(words))
        for number, part in enumerate(parts):
            last = number == len(parts) - 1
            yield Clause(tuple(part), mark == "?", is_item, opens and last, number == 0)


def _tokens(message: str) -> list[str]:
    text = message.replace("’", "'").replace("\\n", "\n")
    found: list[str] = _TOKEN.findall(text)
    found.append("\n")
    return found


def _sentences(tokens: list[str]) -> Iterator[tuple[list[str], bool, str]]:
    """(words, whether in a list, the mark at the end); never without words."""
    words: list[str] = []
    is_item = starts_line = False
    for token in tokens:
        if token in _ENDS:
            if token == "." and words and _is_no_end(words, starts_line):
                is_item = is_item or words[-1].isdigit()
                words = [] if words[-1].isdigit() else words
                continue
            if any(word not in _MARKS for word in words):
                yield words, is_item, token
            words = []
            starts_line = token == "\n"
            is_item = is_item and not starts_line
        elif token in _BULLETS and not words:
            is_item = True
        elif token[0] != "*" and token not in _BULLETS:
            words.append(_word(token))


_MARKS = frozenset(",:()")


def _is_no_end(words: list[str], starts_line: bool) -> bool:
    """Whether a full stop only belongs to an abbreviation or to a number of a list."""
    return words[-1] in _ABBREVIATIONS or (len(words) == 1 and starts_line and words[0].isdigit())


def _word(token: str) -> str:
    """Lower case; a code of six capitals keeps its form, by which it is known as a value."""
    return token if len(token) == 6 and token.isupper() else token.lower()


def _split(words: list[str]) -> Iterator[list[str]]:
    """Cuts before a conjunction or a comma that begins a clause."""
    begin = 0
    for at in range(1, len(words) - 1):
        if words[at] in ("and", "or", ",", "then") and words[at + 1] in _STARTS:
            if at > begin:
                yield words[begin:at]
            begin = at + 1
    yield words[begin:]
