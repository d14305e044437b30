"""JSONTestSuite against the reader of messages.

A file that must be read begins with `y_`, one that must not with `n_`; `i_` is for what a reader
may do as it likes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tools.jsontext import MAX_DEPTH, MAX_DIGITS, JsonProblem, read_json

KINDS: Mapping[str, str] = {"y": "valid", "n": "invalid", "i": "either"}
"""First letter of a file's name -> what it is."""
READ = "read"
GRAMMAR = "JSON's grammar"
LIMITS: Mapping[str, str] = {
    "levels of objects": f"nests deeper than {MAX_DEPTH}",
    "numbers of at most": f"a number of more than {MAX_DIGITS} characters",
    "below 1.8e308": "a number beyond 1.8e308",
    "every key once": "a key twice",
    "surrogate pair": "half of a surrogate pair",
}
"""Words of a problem -> the limit of ours that it names. JSON itself has none of them."""


@dataclass(slots=True)
class Parsing:
    """What became of the files."""

    found: dict[str, Counter[str]] = field(default_factory=dict)
    """First letter of their names -> `READ` or why they are refused -> how many."""
    wrong: dict[str, str] = field(default_factory=dict)
    """File -> what became of it, where it must be otherwise and no limit of ours is the reason."""
    limited: dict[str, str] = field(default_factory=dict)
    """Valid file -> the limit for which it is refused."""

    def add(self, name: str, fate: str) -> None:
        """Notes what became of a file."""
        kind = name[0]
        self.found.setdefault(kind, Counter())[fate] += 1
        if kind == "y" and fate in LIMITS.values():
            self.limited[name] = fate
        elif (kind == "y" and fate != READ) or (kind == "n" and fate == READ):
            self.wrong[name] = fate

    def as_json(self) -> dict[str, object]:
        """All counts, and the files that deviate by their names."""
        counts = {KINDS[kind]: dict(fates.most_common()) for kind, fates in self.found.items()}
        return {"files": counts, "wrong": self.wrong, "refused for a limit": self.limited}


def read_all(folder: Path) -> Parsing:
    """Reads every file of the suite.

    Args:
        folder: The suite's, with `test_parsing/` in it.

    Raises:
        FileNotFoundError: if the suite is not there.
    """
    files = sorted(path for path in (folder / "test_parsing").glob("*.json"))
    if not any(path.name[0] in KINDS for path in files):
        raise FileNotFoundError(
            f"expected JSONTestSuite with test_parsing/ in it, but it is not in {folder}; pass the "
            "folder into which it was cloned"
        )
    parsing = Parsing()
    for path in files:
        if path.name[0] in KINDS:
            parsing.add(path.name, fate_of(path.read_bytes()))
    return parsing


def fate_of(data: bytes) -> str:
    """`READ`, or why the reader refuses a text."""
    try:
        read_json(data.decode("utf-8"))
    except UnicodeDecodeError:
        return "not in UTF-8"
    except JsonProblem as problem:
        text = problem.problem.text
        return next((limit for words, limit in LIMITS.items() if words in text), GRAMMAR)
    return READ
