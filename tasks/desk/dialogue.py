"""A desk dialogue while it is generated: messages, calls, and the world's answers."""

from __future__ import annotations

import json
from collections.abc import Mapping

from tools.executor import Executor
from tools.types import Json, ToolCall, ToolResult


class Dialogue:
    """Records a dialogue and runs its calls in the world."""

    def __init__(self, world: Executor) -> None:
        """Begins an empty dialogue.

        Args:
            world: The world at its beginning.
        """
        self.turns: list[dict[str, str]] = []
        """The conversation in APIGen-MT's form."""
        self.actions: list[ToolCall] = []
        """The calls, in order."""
        self.outputs: list[str] = []
        """The facts told to the user, in order, each once."""
        self.traces: list[str] = []
        """The agent's reasons, from facts and rules: one per call or reply."""
        self._world = world

    def user(self, *sentences: str) -> None:
        """Adds a message of the user; empty sentences are left out."""
        self._say("human", " ".join(filter(None, sentences)))

    def reply(self, why: str, text: str, facts: Mapping[str, Json], **words: str) -> None:
        """Adds a reply of the agent.

        Args:
            why: The facts and the rule behind the reply, also a template.
            text: A template.
            facts: Values from the tools for the templates; numbers in `text` count as told.
            words: Further words for the templates.
        """
        told = [str(v) for k, v in facts.items() if _is_number(v) and f"{{{k}}}" in text]
        self.outputs += [fact for fact in told if fact not in self.outputs]
        self.traces.append(why.format(**(dict(facts) | words)))
        self._say("gpt", text.format(**(dict(facts) | words)))

    def call(self, why: str, name: str, **arguments: Json) -> Json:
        """Adds a call of the agent.

        Args:
            why: The facts and the rule behind the call.
            name: The tool.
            arguments: The tool's arguments.

        Returns:
            The world's answer, read as JSON.

        Raises:
            AssertionError: if the world refuses: a gold call must never be refused.
        """
        result = self._run(why, ToolCall(name, arguments))
        assert result.ok, f"{name}({arguments}) was refused: {result.content}"
        self.actions.append(ToolCall(name, arguments))
        answer: Json = json.loads(result.content)
        return answer

    def try_in_vain(self, why: str, name: str, **arguments: Json) -> None:
        """Adds a call that the world refuses; the call is not part of the goal.

        Raises:
            AssertionError: if the world carries it out.
        """
        result = self._run(why, ToolCall(name, arguments))
        assert not result.ok, f"{name}({arguments}) was carried out: {result.content}"

    def _run(self, why: str, call: ToolCall) -> ToolResult:
        self.traces.append(why)
        self._world, result = self._world.run(call)
        self._say("function_call", json.dumps({"name": call.name, "arguments": call.arguments}))
        self._say("observation", result.content)
        return result

    def _say(self, speaker: str, text: str) -> None:
        self.turns.append({"from": speaker, "value": text})


def _is_number(value: Json) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
