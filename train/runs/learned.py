"""Which dialogues a policy has learned from, so that an evaluation can say whether it knows them.

A dialogue is told by its rules and its user's words: it is the same one in another file, under
another name, and where it stands in another split.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from tasks.types import Task
from tools.files import read_object, write_json
from tools.jsontext import sha
from tools.types import Role

LEARNED = "trained_on.json"
"""The file's name in a policy's folder: the hashes of all dialogues, earlier stages included."""


def dialogue_hash(task: Task) -> str:
    """The same for equal rules and equal words of the user."""
    said = (message.content for message in task.messages if message.role is Role.USER)
    return sha("\x00".join([task.rules, *said]))


def hashes_of(tasks: Iterable[Task]) -> frozenset[str]:
    """The hashes of several dialogues."""
    return frozenset(map(dialogue_hash, tasks))


def write_learned(folder: Path, hashes: frozenset[str]) -> None:
    """Writes down what a policy has learned from."""
    write_json(folder / LEARNED, {"dialogues": sorted(hashes)})


def read_learned(folder: Path) -> frozenset[str]:
    """What a policy has learned from; nothing where its folder does not say."""
    path = folder / LEARNED
    if not path.exists():
        return frozenset()
    return frozenset(read_object(path)["dialogues"])


def known_words(known: int, tasks: int, split: str) -> str:
    """What to think of figures on dialogues that the policy has learned from; "" without any."""
    if not known:
        return ""
    return (
        f"{known} of these {tasks} tasks were in the policy's training data"
        f"{'' if split == 'train' else f', though they stand in split {split!r} here'}: "
        "the figures tell how well it remembers them, and not how well it does on new ones."
    )
