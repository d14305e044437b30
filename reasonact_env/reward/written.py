"""Weights of reward components as a command line writes them: `tool=1,format=0`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, TypeAlias

from reasonact_env.reward.weights import resolve
from tools.option_types import written_as


def read_weights(text: str) -> dict[str, float]:
    """Component -> weight, for those that differ from the default.

    Raises:
        ValueError: for another form, a component that there is not, or one that is named twice.

    >>> read_weights("tool=2,format=0")
    {'tool': 2.0, 'format': 0.0}
    """
    found: dict[str, float] = {}
    for part in text.split(","):
        name, _, value = (one.strip() for one in part.partition("="))
        if name in found:
            raise ValueError(f"expected each component once, got {name!r} twice")
        try:
            found[name] = float(value)
        except ValueError:
            raise ValueError(
                f"expected COMPONENT=NUMBER,… (tool=1,format=0), got {text!r}"
            ) from None
    resolve(found)
    return found


def write_weights(weights: Mapping[str, float]) -> str:
    """What `read_weights` reads."""
    return ",".join(f"{name}={value:g}" for name, value in weights.items())


Weights: TypeAlias = Annotated[
    Mapping[str, float] | None, written_as(read_weights, "COMPONENT=NUMBER,…", write_weights)
]
"""An option for weights; None for the default ones."""
