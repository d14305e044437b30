"""A dialogue while it is generated: an agent, its tools, and a customer with an agenda."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from tasks.agenda.agenda import Agenda, Request
from tasks.agenda.mind import CustomerAct, Mind, Turn
from tasks.agenda.reactions import opening, react
from tasks.agenda.slots import Slot
from tasks.agenda.wording import worded
from tools.executor import Executor
from tools.types import Json, ToolCall, ToolResult


class Rejected(Exception):
    """A candidate that cannot be a task; the argument names the reason."""


_AT_A_LOSS = frozenset(
    {CustomerAct.LOST, CustomerAct.REPEATS, CustomerAct.GIVES_UP, CustomerAct.WAITS}
)
"""The acts of a customer whom the agent has not served well."""


@dataclass(slots=True)
class Talk:
    """Records the messages of agent, tools and customer."""

    agenda: Agenda
    """The customer."""
    world: Executor
    """The tools, in their current state."""
    turns: list[dict[str, str]] = field(default_factory=list)
    """The conversation in APIGen-MT's form."""
    calls: list[ToolCall] = field(default_factory=list)
    """The calls that succeeded."""
    actions: list[ToolCall] = field(default_factory=list)
    """The calls that the task asks for."""
    outputs: list[str] = field(default_factory=list)
    """The texts that the agent has to tell."""
    traces: list[str] = field(default_factory=list)
    """The agent's reasons: one per call or reply."""
    turn: Turn = field(init=False)
    """The customer's last decision."""

    def __post_init__(self) -> None:
        """The customer speaks first."""
        self.turn = opening(self.agenda)
        self._say("human", worded(self.agenda, self.turn, 0))

    @property
    def mind(self) -> Mind:
        """The customer's state."""
        return self.turn.mind

    @property
    def request(self) -> Request:
        """The customer's current request."""
        return self.mind.request(self.agenda)

    def told(self, slot: Slot) -> bool:
        """Whether the customer has told a slot."""
        return slot in self.mind.given

    def reply(self, text: str, why: str) -> Turn:
        """The agent replies, and the customer answers unless it has left.

        Raises:
            Rejected: if the customer does not understand the reply, or corrects it.
        """
        self._say("gpt", text)
        self.traces.append(why)
        if self.mind.left:
            return self.turn
        before = self.mind
        self.turn = react(self.agenda, before, text)
        misread = self.turn.act is CustomerAct.CORRECTS and self.mind.bothered > before.bothered
        if misread or self.turn.act in _AT_A_LOSS or self.mind.bothered > before.bothered:
            raise Rejected("user_at_a_loss")
        said = sum(turn["from"] == "human" for turn in self.turns)
        self._say("human", worded(self.agenda, self.turn, said))
        return self.turn

    def try_call(self, name: str, why: str, /, **arguments: Json) -> ToolResult:
        """The agent makes a call that may fail; the task asks for it if it succeeds.

        Args:
            name: The tool.
            why: The facts and the rule behind it.
            arguments: The tool's arguments.
        """
        call = ToolCall(name, arguments)
        result = self._run(call, why)
        if result.ok:
            self.actions.append(call)
        return result

    def call(self, name: str, why: str, /, **arguments: Json) -> str:
        """The agent makes a call that the task asks for; returns the tool's answer.

        Raises:
            Rejected: if the call fails.
        """
        answer = self.search(name, why, **arguments)
        self.actions.append(ToolCall(name, arguments))
        return answer

    def search(self, name: str, why: str, /, **arguments: Json) -> str:
        """The agent makes a call that the task does not ask for: other agents may do without it.

        Raises:
            Rejected: if the call fails.
        """
        result = self._run(ToolCall(name, arguments), why)
        if not result.ok:
            raise Rejected("refused_by_api")
        return result.content

    def _run(self, call: ToolCall, why: str) -> ToolResult:
        self._say("function_call", json.dumps({"name": call.name, "arguments": call.arguments}))
        self.traces.append(why)
        self.world, result = self.world.run(call)
        self._say("observation", result.content)
        if result.ok:
            self.calls.append(call)
        return result

    def _say(self, speaker: str, text: str) -> None:
        self.turns.append({"from": speaker, "value": text})
