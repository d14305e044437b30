"""What is heard in the questions of recorded agents, and in a labelled sample.

    python -m benchmarks.hearing
    python -m benchmarks.hearing --data dialogues.json --misses 100

Without labels, only silence can be counted: messages with a question mark, or with a word that
asks, in which nothing is heard.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tasks.agenda.hearing import heard
from tasks.load import load_tasks, require_data
from tools.command import run
from tools.command_line import read_options
from tools.protocol import parse
from tools.types import MessageKind, Role

SAMPLE = Path(__file__).parent.parent / "tests/data/questions.jsonl"
HELD_BACK = 3
"""Every third line is held back: nobody read its misses while the phrases were collected.

One author wrote sample and phrases, though, and knew the sentences: the figure does not measure how
strange agents are heard.
"""
_ASKING = ("?", "please provide", "please confirm", "i'll need", "i need", "please tell")


@dataclass(frozen=True, slots=True)
class Hits:
    """How well the labels of a sample were found."""

    questions: int
    """How many messages."""
    exact: float
    """Share of messages in which just the labelled slots are heard."""
    all_found: float
    """Share of messages in which all labelled slots are heard."""
    recall: float
    """Share of all labels that are heard."""
    extra: int
    """How many slots are heard that are not labelled."""


def hits(rows: Sequence[tuple[str, frozenset[str]]]) -> Hits:
    """Compares what is heard with the labels."""
    pairs = [(frozenset(slot.value for slot in heard(text)), wanted) for text, wanted in rows]
    found = sum(len(got & wanted) for got, wanted in pairs)
    return Hits(
        len(pairs),
        sum(got == wanted for got, wanted in pairs) / len(pairs),
        sum(got >= wanted for got, wanted in pairs) / len(pairs),
        found / sum(len(wanted) for _, wanted in pairs),
        sum(len(got - wanted) for got, wanted in pairs),
    )


def sample(path: Path = SAMPLE) -> list[tuple[str, frozenset[str]]]:
    """The labelled messages, in order."""
    rows = map(json.loads, path.read_text("utf-8").splitlines())
    return [(row["text"], frozenset(row["slots"])) for row in rows]


def replies(data: str) -> Iterator[str]:
    """What the recorded agents of a data set say to users."""
    for task in load_tasks(data).tasks:
        for message in task.messages:
            if message.role is Role.ASSISTANT and parse(message.content).kind is MessageKind.REPLY:
                yield message.content


def unheard(messages: Iterable[str]) -> tuple[Counter[str], list[str], int]:
    """Slot -> number of messages; the questions in which nothing is heard; how many questions."""
    counts: Counter[str] = Counter()
    misses, questions = [], 0
    for message in messages:
        slots = heard(message)
        counts.update(slot.value for slot in slots)
        if any(word in message.lower() for word in _ASKING):
            questions += 1
            misses += [] if slots else [message]
    return counts, misses, questions


@dataclass(frozen=True, slots=True)
class Options:
    """What is heard."""

    data: str | None = None
    """As for `python -m tasks.load`; only the sample unless given."""
    misses: int = 0
    """Unheard questions to print."""


def main(argv: Sequence[str] | None = None) -> Hits:
    """Prints what is heard; returns the figures of the part that was held back."""
    args = read_options(Options, argv, prog="python -m benchmarks.hearing", about=__doc__)
    require_data(args.data)
    rows = sample()
    seen = hits([row for number, row in enumerate(rows) if number % HELD_BACK != HELD_BACK - 1])
    held = hits(rows[HELD_BACK - 1 :: HELD_BACK])
    print(f"tuned on     {seen}\nheld back    {held}")
    if args.data:
        _print_data(list(replies(args.data)), args.misses)
    return held


def _print_data(messages: Sequence[str], shown: int) -> None:
    begin = time.process_time()
    counts, misses, questions = unheard(messages)
    each = (time.process_time() - begin) / len(messages) * 1e6
    print(f"{len(messages)} messages, {each:.0f} us each; heard: {dict(counts.most_common())}")
    print(f"{questions} questions; nothing heard in {len(misses)} ({len(misses) / questions:.1%})")
    for message in misses[:shown]:
        print("-", " / ".join(message.split("\n"))[-400:])


if __name__ == "__main__":
    run(main)
