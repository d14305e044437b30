"""Copies of a running environment: forks in this process, and bytes for another one.

A fork shares all that never changes. Bytes hold what an episode has changed; the task, its world
and its database are named in them, and found again by whoever reads the bytes.
"""

from __future__ import annotations

import io
import pickle
from collections.abc import Iterator, Mapping
from copy import copy
from dataclasses import dataclass, field, fields, is_dataclass, replace
from typing import Any, TypeVar, cast

import numpy as np
from gymnasium import Space

from reasonact_env.config import EnvConfig
from reasonact_env.prepared import PreparedTask
from tasks.load import load_tasks
from tasks.types import TaskSet

_DEPTH = 8
"""How deep the parts of a prepared task lie in each other, at most."""

AnySpace = TypeVar("AnySpace", bound="Space[Any]")


def copied_generator(generator: np.random.Generator) -> np.random.Generator:
    """A generator that goes on as this one would; a third of the time of a deep copy."""
    source: Any = generator.bit_generator
    bits = type(source)(0)
    bits.state = source.state
    return np.random.Generator(bits)


def copied_space(space: AnySpace) -> AnySpace:
    """A space that samples as this one would, and shares what it samples from."""
    same = object.__new__(type(space))
    same.__dict__.update(space.__dict__)
    same._np_random = space._np_random and copied_generator(space._np_random)
    return same


@dataclass(frozen=True, slots=True)
class Given:
    """A reader of data that were read already, for readers that no other process can find."""

    data: TaskSet = field(repr=False)
    """What was read."""

    def __call__(self) -> TaskSet:
        """The same again."""
        return self.data


def portable(config: EnvConfig) -> EnvConfig:
    """The configuration as another process can read it.

    Raises:
        pickle.PicklingError: if a user, a reward or a database has no place in a module.
    """
    if callable(config.data) and not _can_be_pickled(config.data):
        config = replace(config, data=Given(load_tasks(config.data, config.columns)))
    for name in ("user", "database", "rewards"):
        choice = getattr(config, name)
        if not isinstance(choice, str | None) and not _can_be_pickled(choice):
            raise pickle.PicklingError(
                f"expected {name} that another process can find, got {choice!r}, which has no "
                "place in a module; give it one, or copy the environment with fork()"
            )
    return config


def portable_spec(spec: Any, config: EnvConfig) -> Any:
    """Gymnasium's note of how an environment was made, as another process can read it."""
    if spec is None or "data" not in spec.kwargs:
        return spec
    same = copy(spec)
    same.kwargs = {**spec.kwargs, "data": config.data}
    return same


def to_bytes(state: Mapping[str, object], prepared: PreparedTask | None) -> bytes:
    """A running episode's state; parts of the prepared task are named instead of written."""
    file = io.BytesIO()
    _Pickler(file, prepared).dump(dict(state))
    return file.getvalue()


def from_bytes(data: bytes, prepared: PreparedTask | None) -> dict[str, object]:
    """Reads what `to_bytes` wrote, given the same task prepared again."""
    return cast("dict[str, object]", _Unpickler(io.BytesIO(data), prepared).load())


def fingerprint(prepared: PreparedTask) -> tuple[str, str, str]:
    """Equal where a task, its database and its goal are the same."""
    return prepared.opening.digest, prepared.start.digest, prepared.goal_digest


class _Pickler(pickle.Pickler):
    def __init__(self, file: io.BytesIO, prepared: PreparedTask | None) -> None:
        super().__init__(file, pickle.HIGHEST_PROTOCOL)
        self._names = {id(part): name for name, part in _parts(prepared)}

    def persistent_id(self, obj: object) -> str | None:
        return self._names.get(id(obj))


class _Unpickler(pickle.Unpickler):
    def __init__(self, file: io.BytesIO, prepared: PreparedTask | None) -> None:
        super().__init__(file)
        self._parts = dict(_parts(prepared))

    def persistent_load(self, pid: str) -> object:
        return self._parts[pid]


def _parts(prepared: PreparedTask | None) -> Iterator[tuple[str, object]]:
    """The parts of a prepared task that an episode may hold on to, each by the way to it."""
    if prepared is not None:
        yield from _within("", prepared, _DEPTH, set())


def _within(name: str, part: object, depth: int, seen: set[int]) -> Iterator[tuple[str, object]]:
    if id(part) in seen or isinstance(part, type):
        return
    if isinstance(part, Mapping | list) and part:
        seen.add(id(part))
        yield name, part
    elif is_dataclass(part):
        seen.add(id(part))
        yield name, part
        for one in fields(part) if depth else ():
            yield from _within(f"{name}.{one.name}", getattr(part, one.name), depth - 1, seen)


def _can_be_pickled(value: object) -> bool:
    try:
        pickle.dumps(value)
    except (pickle.PicklingError, AttributeError, TypeError):
        return False
    return True
