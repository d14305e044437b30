"""What is known of the tools of a record: declared by its world or sidecar, else told by rules."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import TypeAlias

from tasks.apigen.sidecars import DeclaredTool, Sidecar
from tasks.setups import InWorld, Recorded
from tools.effects import ToolEffect, effect_of, known_free_text
from tools.free_text import free_text_of
from tools.types import Effect, ToolSpec
from tools.worlds.world import World

Place: TypeAlias = "tuple[str, str]"
"""A tool, and the path of an argument."""


def effects_of(tools: Sequence[ToolSpec], sidecar: Sidecar) -> Mapping[str, ToolEffect]:
    """Tool name -> what is known of it; one mapping for all records of the same tools."""
    setup = sidecar.setup
    if not isinstance(setup, InWorld):
        inferred = _inferred(_content(tools), free_text=isinstance(setup, Recorded))
        return _with_declared(inferred, sidecar.effects)
    strange = [spec for spec in tools if spec.name not in setup.world.tools]
    effects = _with_strange(setup.world, _content(strange)) if strange else setup.world.effects
    return _with_declared(effects, sidecar.effects)


def without_free_text(
    effects: Mapping[str, ToolEffect], places: Collection[Place]
) -> Mapping[str, ToolEffect]:
    """The effects, but with some arguments that are no free text after all."""
    return _without(_Same(effects), frozenset(places))


class _Same:
    """A mapping that is equal to itself alone, so that a cache can know it."""

    def __init__(self, effects: Mapping[str, ToolEffect]) -> None:
        self.effects = effects

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.effects is self.effects

    def __hash__(self) -> int:
        return id(self.effects)


@lru_cache(maxsize=256)
def _without(same: _Same, places: frozenset[Place]) -> Mapping[str, ToolEffect]:
    return {
        name: replace(
            known, free_text=frozenset(p for p in known.free_text if (name, p) not in places)
        )
        if known.free_text_inferred
        else known
        for name, known in same.effects.items()
    }


def _with_declared(
    effects: Mapping[str, ToolEffect], declared: Mapping[str, DeclaredTool]
) -> Mapping[str, ToolEffect]:
    """The effects, and in their place those that somebody has declared."""
    if not declared:
        return effects
    said = {
        name: tool.over(effects.get(name) or effect_of(name)) for name, tool in declared.items()
    }
    return {**effects, **said}


@lru_cache(maxsize=4096)
def _with_strange(world: World, strange: tuple[str, ...]) -> Mapping[str, ToolEffect]:
    """The effects of a world's tools, and of those that are on offer beside to distract."""
    return {**world.effects, **_inferred(strange, free_text=True)}


def _content(tools: Sequence[ToolSpec]) -> tuple[str, ...]:
    """Each tool as text: a key for caches."""
    return tuple(json.dumps([one.name, one.description, dict(one.parameters)]) for one in tools)


@lru_cache(maxsize=256)
def _inferred(tools: tuple[str, ...], *, free_text: bool) -> Mapping[str, ToolEffect]:
    """One mapping for all records with the same tools.

    Args:
        tools: The tools as `_content` writes them.
        free_text: Whether to tell which arguments are free text; where a procedure stands behind
            the tools, its customer tells every value.
    """
    specs = [ToolSpec(*json.loads(text)) for text in tools]
    effects = {spec.name: effect_of(spec.name, spec.description) for spec in specs}
    if not free_text:
        return effects
    return {spec.name: _with_free_text(effects[spec.name], spec) for spec in specs}


def _with_free_text(known: ToolEffect, spec: ToolSpec) -> ToolEffect:
    declared = known_free_text(spec)
    if declared is not None:
        return replace(known, free_text=declared)
    writes = known.effect is Effect.WRITE or known.hands_over
    return replace(known, free_text=free_text_of(spec, writes=writes), free_text_inferred=True)
