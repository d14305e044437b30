"""Fixed phrases, and their positions among words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

Meaning = TypeVar("Meaning")


@dataclass(frozen=True, slots=True)
class Phrases(Generic[Meaning]):
    """Phrases with their meanings, indexed by their first words, the longest first."""

    by_first: Mapping[str, tuple[tuple[tuple[str, ...], Meaning], ...]]
    """First word -> (all words, the meaning), longest first."""

    @classmethod
    def of(cls, meanings: Mapping[Meaning, str]) -> Phrases[Meaning]:
        """Builds it from meaning -> phrases, separated by "|"; each phrase has one meaning."""
        found: dict[str, list[tuple[tuple[str, ...], Meaning]]] = {}
        for meaning, phrases in meanings.items():
            for phrase in phrases.split("|"):
                words = tuple(phrase.split())
                found.setdefault(words[0], []).append((words, meaning))
        return cls({w: tuple(sorted(p, key=lambda e: -len(e[0]))) for w, p in found.items()})

    def over(self, general: Phrases[Meaning]) -> Phrases[Meaning]:
        """These and the general ones; of two with the same words, the one of these counts."""
        merged = dict(general.by_first)
        for first, own in self.by_first.items():
            both = (*own, *general.by_first.get(first, ()))
            merged[first] = tuple(sorted(both, key=lambda entry: -len(entry[0])))
        return Phrases(merged)

    def find(self, words: tuple[str, ...]) -> Iterator[tuple[int, int, Meaning]]:
        """(begin, end, meaning) of each phrase, from left to right, without overlap."""
        known, behind = self.by_first, 0
        for at, word in enumerate(words):
            if word in known and at >= behind:
                for phrase, meaning in known[word]:
                    end = at + len(phrase)
                    if words[at:end] == phrase:
                        behind = end
                        yield at, end, meaning
                        break

    def meanings(self, words: tuple[str, ...]) -> frozenset[Meaning]:
        """The meanings of all phrases, including overlapping ones."""
        known, found = self.by_first, []
        for at, word in enumerate(words):
            if word in known:
                for phrase, meaning in known[word]:
                    if words[at : at + len(phrase)] == phrase:
                        found.append(meaning)
        return frozenset(found)


def words_of(text: str) -> list[str]:
    """The words of a table, separated by blanks."""
    return text.split()


def each(before: str, after: str) -> str:
    """Every phrase of `before` (separated by "|") followed by every word of `after`."""
    return "|".join(f"{one} {two}" for one in before.split("|") for two in words_of(after))
