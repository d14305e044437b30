"""A dialogue while it is generated: messages, calls, and the agent's reasons."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from tools.types import Json


@dataclass(slots=True)
class Script:
    """Records a dialogue."""

    turns: list[dict[str, str]] = field(default_factory=list)
    """The conversation in APIGen-MT's form."""
    traces: list[str] = field(default_factory=list)
    """The agent's reasons, from facts and rules: one per call or reply."""

    def user(self, *sentences: str) -> None:
        """Adds a message of the user; empty sentences are left out."""
        self._say("human", " ".join(filter(None, sentences)))

    def reply(self, why: str, *sentences: str) -> None:
        """Adds a reply of the agent; empty sentences are left out."""
        self.traces.append(why)
        self._say("gpt", " ".join(filter(None, sentences)))

    def call(self, why: str, name: str, arguments: dict[str, Json], answer: Json) -> None:
        """Adds a call of the agent, and its answer."""
        self.traces.append(why)
        self._say("function_call", json.dumps({"name": name, "arguments": arguments}))
        self._say("observation", answer if isinstance(answer, str) else json.dumps(answer))

    def _say(self, speaker: str, text: str) -> None:
        self.turns.append({"from": speaker, "value": text})
