"""Gymnasium spaces for messages; Gymnasium's `Text` rejects blanks, accents and empty strings."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from gymnasium import Space
from numpy.typing import NDArray

from reasonact_env.agent import Observation
from tools.jsontext import canonical
from tools.protocol import MAX_CHARS, render
from tools.sampling.calls import sample_call
from tools.types import Json, Role, ToolSpec

_ROLES = frozenset(role.value for role in Role)


class MessageSpace(Space[str]):
    """Raw assistant messages: strings of bounded length.

    `sample()` returns a schema-valid call of one of the data set's tools, `sample(mask=tools)` of
    one of an observation's tools.
    """

    def __init__(
        self, tools: Iterable[ToolSpec], seed: int | np.random.Generator | None = None
    ) -> None:
        """Keeps the tools to sample calls of.

        Args:
            tools: The tools; tools of equal content count once.
            seed: The seed of the space's own random generator.
        """
        self._specs = distinct(tools)
        super().__init__(shape=None, dtype=None, seed=seed)

    @property
    def is_np_flattenable(self) -> bool:
        """Text has no place in an array."""
        return False

    def sample(
        self, mask: Sequence[dict[str, Json]] | None = None, probability: None = None
    ) -> str:
        """Samples a message with one schema-valid call.

        Args:
            mask: The `tools` of an observation, to sample from these alone; None for all.
            probability: Not supported.

        Raises:
            ValueError: if a probability is given or there is no tool to sample from.
        """
        if probability is not None:
            raise ValueError("expected sample() or sample(mask=tools), got a probability")
        specs = self._specs if mask is None else [ToolSpec.from_dict(tool) for tool in mask]
        if not specs:
            raise ValueError("expected at least one tool to sample a call of, got none")
        spec = specs[int(self.np_random.integers(len(specs)))]
        return render([sample_call(spec, self.np_random)])

    def contains(self, x: object) -> bool:
        """Whether it is a string short enough for `step` to read."""
        return isinstance(x, str) and len(x) <= MAX_CHARS

    def __eq__(self, other: object) -> bool:
        """Whether both spaces sample calls of the same tools."""
        return isinstance(other, MessageSpace) and self._specs == other._specs

    def __repr__(self) -> str:
        """Names the number of tools."""
        return f"MessageSpace({len(self._specs)} tools)"


class ConversationSpace(Space[Observation]):
    """Observations: a conversation and its tools, in the Hugging Face chat form."""

    def __init__(self, seed: int | np.random.Generator | None = None) -> None:
        """Takes only a seed: conversations have no bounds."""
        super().__init__(shape=None, dtype=None, seed=seed)

    @property
    def is_np_flattenable(self) -> bool:
        """Text has no place in an array."""
        return False

    def sample(self, mask: None = None, probability: None = None) -> Observation:
        """Samples a short conversation without tools.

        Raises:
            ValueError: if a mask or a probability is given.
        """
        if mask is not None or probability is not None:
            raise ValueError("expected sample() alone, got a mask or a probability")
        letters: NDArray[np.int64] = self.np_random.integers(97, 123, size=8)
        text = "".join(chr(code) for code in letters)
        return {"messages": [{"role": "user", "content": text}], "tools": []}

    def contains(self, x: object) -> bool:
        """Whether it has the two keys, and messages with a role and a text."""
        if not isinstance(x, dict) or set(x) != {"messages", "tools"}:
            return False
        messages, tools = x["messages"], x["tools"]
        return (
            isinstance(messages, list)
            and isinstance(tools, list)
            and all(_is_message(message) for message in messages)
            and all(isinstance(tool, dict) and "function" in tool for tool in tools)
        )

    def __eq__(self, other: object) -> bool:
        """All conversation spaces are equal."""
        return isinstance(other, ConversationSpace)

    def __repr__(self) -> str:
        """Has no parameters to show."""
        return "ConversationSpace()"


def _is_message(value: object) -> bool:
    return (
        isinstance(value, dict)
        and value.get("role") in _ROLES
        and isinstance(value.get("content"), str)
    )


def distinct(tools: Iterable[ToolSpec]) -> tuple[ToolSpec, ...]:
    """Tools of different content, in an order that depends on the content alone."""
    found = {_content(spec): spec for spec in tools}
    return tuple(found[key] for key in sorted(found))


def _content(spec: ToolSpec) -> str:
    return canonical(spec.as_dict())
