"""Conversations in shared memory, so that `make_vec(…, "async")` works with its defaults.

Gymnasium reads the shared memory once, when it makes the vector environment. From then on it treats
the result as a live view, which it deep-copies for its caller. An array is a live view by nature;
for conversations `LiveBatch` is one. An observation that does not fit into its slot travels in a
temporary file.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import tempfile
from collections.abc import Iterator, Sequence
from ctypes import c_char
from multiprocessing.sharedctypes import SynchronizedArray
from types import ModuleType
from typing import TypeAlias, cast, overload

from gymnasium.vector.utils import (
    create_shared_memory,
    read_from_shared_memory,
    write_to_shared_memory,
)

from reasonact_env.agent import Observation
from reasonact_env.spaces import ConversationSpace

SLOT = 1 << 20
"""Bytes of shared memory per environment; a long conversation with its tools takes a tenth.

Chosen by hand; a larger observation travels in a file, more slowly.
"""
HEADER = 9
"""Bytes of a slot's header: one that tells text from file name, and eight for the length."""

_Slots: TypeAlias = "SynchronizedArray[c_char]"


class LiveBatch(Sequence[Observation]):
    """The environments' current observations, read on access; a deep copy is a tuple."""

    def __init__(self, slots: _Slots, count: int) -> None:
        """Keeps the slots without reading them."""
        self._slots = slots
        self._count = count
        self._spilled: dict[int, tuple[str, Observation]] = {}

    def __len__(self) -> int:
        """The number of environments."""
        return self._count

    @overload
    def __getitem__(self, index: int) -> Observation: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Observation]: ...
    def __getitem__(self, index: int | slice) -> Observation | Sequence[Observation]:
        """The environment's last observation; before the first one, an empty conversation."""
        if isinstance(index, slice):
            return tuple(self)[index]
        return self._read(range(self._count)[index])

    def __iter__(self) -> Iterator[Observation]:
        """Reads all of them."""
        return (self._read(index) for index in range(self._count))

    def __deepcopy__(self, memo: dict[int, object]) -> tuple[Observation, ...]:
        """The observations as values that no longer change, for the caller of `step`."""
        return tuple(self)

    def _read(self, index: int) -> Observation:
        kind, text = _get(self._slots, index)
        if not text:
            return {"messages": [], "tools": []}
        if kind == b"F":
            return self._read_spilled(index, text.decode())
        return cast("Observation", json.loads(text))

    def _read_spilled(self, index: int, path: str) -> Observation:
        """Reads and removes an observation's file; keeps the observation for later reads."""
        if self._spilled.get(index, ("", None))[0] != path:
            with open(path, encoding="ascii") as file:
                self._spilled[index] = (path, cast("Observation", json.load(file)))
            os.unlink(path)
        return self._spilled[index][1]


@create_shared_memory.register(ConversationSpace)
def _create(space: ConversationSpace, n: int = 1, ctx: ModuleType = multiprocessing) -> _Slots:
    return cast("_Slots", ctx.Array(c_char, n * SLOT))


@read_from_shared_memory.register(ConversationSpace)
def _view(space: ConversationSpace, shared_memory: _Slots, n: int = 1) -> LiveBatch:
    return LiveBatch(shared_memory, n)


@write_to_shared_memory.register(ConversationSpace)
def _write(space: ConversationSpace, index: int, value: Observation, shared_memory: _Slots) -> None:
    text = json.dumps(value).encode("ascii")
    if HEADER + len(text) <= SLOT:
        _put(shared_memory, index, b"T", text)
    else:
        _put(shared_memory, index, b"F", _spill(text).encode())


def _put(slots: _Slots, index: int, kind: bytes, text: bytes) -> None:
    start = index * SLOT
    with memoryview(slots.get_obj()).cast("B") as view:
        view[start : start + HEADER + len(text)] = kind + len(text).to_bytes(8, "big") + text


def _get(slots: _Slots, index: int) -> tuple[bytes, bytes]:
    start = index * SLOT
    with memoryview(slots.get_obj()).cast("B") as view:
        head = bytes(view[start : start + HEADER])
        length = int.from_bytes(head[1:], "big")
        return head[:1], bytes(view[start + HEADER : start + HEADER + length])


def _spill(text: bytes) -> str:
    """Writes an observation that is too long for its slot to a file, and names the file."""
    handle, path = tempfile.mkstemp(prefix="reasonact-", suffix=".json")
    with os.fdopen(handle, "wb") as file:
        file.write(text)
    return path
