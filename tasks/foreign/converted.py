"""A record of another form, put into APIGen-MT's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tools.types import Json


@dataclass(frozen=True, slots=True)
class Converted:
    """A record, as `tasks.apigen.rows` reads it."""

    record: Json
    """The record in APIGen-MT's form, or as it came."""
    form: str = ""
    """The form that it had; empty for APIGen-MT's own, and for none that is known."""
    sidecar: Mapping[str, Json] = field(default_factory=dict)
    """What a sidecar would say; where the record has one, that counts."""
    mended: frozenset[str] = frozenset()
    """What had to be repaired."""
