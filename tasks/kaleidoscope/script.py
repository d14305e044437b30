"""A dialogue in the making: what is said, what is called, and why."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from tools.types import Json


@dataclass(slots=True)
class Script:
    """Writes down a dialogue."""

    turns: list[dict[str, str]] = field(default_factory=list)
    """The conversation in APIGen-MT's form."""
    traces: list[str] = field(default_factory=list)
    """Why the agent did what it did, by facts and rule: one a call or reply."""

    def user(self, *sentences: str) -> None:
        """The user says these sentences; empty ones are left out."""
        self._say("human", " ".join(filter(None, sentences)))

    def reply(self, why: str, *sentences: str) -> None:
        """The agent says these sentences; empty ones are left out."""
        self.traces.append(why)
        self._say("gpt", " ".join(filter(None, sentences)))

    def call(self, why: str, name: str, arguments: dict[str, Json], answer: Json) -> None:
        """The agent calls a tool, which answers."""
        self.traces.append(why)
        self._say("function_call", json.dumps({"name": name, "arguments": arguments}))
        self._say("observation", answer if isinstance(answer, str) else json.dumps(answer))

    def _say(self, speaker: str, text: str) -> None:
        self.turns.append({"from": speaker, "value": text})
