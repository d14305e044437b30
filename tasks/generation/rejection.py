"""The filter from generated dialogues to tasks: it rejects, counts and replaces unsound ones."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from tasks.agenda.agenda_json import agenda_to_json
from tasks.agenda.user import AgendaUser
from tasks.agenda.wording import worded
from tasks.facts import fact_tokens, user_tokens
from tasks.generation.talk import Rejected, Talk
from tasks.near_copies import SeenDialogues
from tools.protocol import render
from tools.types import Effect, Json, Message, Role, ToolCall, Violation
from tools.worlds.database import Base
from tools.worlds.rules.conversation import Conversation
from tools.worlds.world import World

MAX_ATTEMPTS = 500
"""The most candidates in a row for one task; if all are unsound, the database is unfit."""
_FREE = frozenset(
    {"summary", "expression", "reason", "thought", "country", "date", "flight_type", "insurance"}
)
"""Arguments that need not come from the user or a tool."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A finished dialogue with its world and notes."""

    talk: Talk
    """The dialogue."""
    base: Base
    """The database in which it began."""
    world: World
    """The world in which it happens."""
    rules: str
    """The rules of the business, as the agent reads them."""
    tools: str
    """The tools, as JSON."""
    notes: dict[str, Json]
    """The generator's notes, for the sidecar."""

    def record(self) -> dict[str, Json]:
        """The dialogue in APIGen-MT's form."""
        turns: list[Json] = [dict(turn) for turn in self.talk.turns]
        return {"conversations": turns, "tools": self.tools, "system": self.rules}

    def sidecar(self) -> dict[str, Json]:
        """The sidecar: the goal, the agenda, and the generator's notes."""
        actions: list[Json] = [
            {"name": call.name, "arguments": dict(call.arguments)} for call in self.talk.actions
        ]
        return {
            **self.notes,
            "gold": {"actions": actions, "outputs": list(self.outputs)},
            "agenda": agenda_to_json(self.talk.agenda),
            "traces": list(self.talk.traces),
        }

    @property
    def user_text(self) -> str:
        """All that the customer says."""
        return "\n".join(turn["value"] for turn in self.talk.turns if turn["from"] == "human")

    @property
    def outputs(self) -> list[str]:
        """The outputs that the customer has to be told: those that it has not said itself."""
        own = user_tokens(self.user_text)
        return [fact for fact in self.talk.outputs if fact not in own]

    @property
    def told(self) -> frozenset[str]:
        """All facts that the agent tells."""
        replies = (turn["value"] for turn in self.talk.turns if turn["from"] == "gpt")
        return fact_tokens("\n".join(replies))

    @property
    def writes(self) -> bool:
        """Whether the dialogue changes anything."""
        effects = self.world.effects
        return any(effects[call.name].effect is Effect.WRITE for call in self.talk.actions)


Maker = Callable[[int, int], Candidate]
"""A function from a task's number and the attempt's number to a candidate."""


@dataclass(slots=True)
class RejectionFilter:
    """Lets sound candidates through, and counts the others by what is wrong with them."""

    make: Maker
    """Generates the candidates."""
    rejected: Counter[str] = field(default_factory=Counter)
    """Reason -> number of rejected candidates."""
    _seen: SeenDialogues = field(default_factory=SeenDialogues)

    def tasks(self, n: int) -> Iterator[Candidate]:
        """The first tasks; a longer run begins with those of a shorter one.

        Args:
            n: The number of tasks.

        Raises:
            ValueError: if no sound candidate is found for a task.
        """
        for index in range(n):
            yield self._next(index)

    def _next(self, index: int) -> Candidate:
        for attempt in range(MAX_ATTEMPTS):
            try:
                found = self.make(index, attempt)
                check(found)
                if self._seen.is_near_copy(found.rules, found.user_text):
                    raise Rejected("near_copy")
            except Rejected as problem:
                self.rejected[str(problem)] += 1
            else:
                return found
        counts = ", ".join(f"{name} {count}" for name, count in self.rejected.most_common(3))
        raise ValueError(
            f"expected a task out of {MAX_ATTEMPTS} candidates, got none ({counts}); "
            "use a larger database or an easier level"
        )


def check(candidate: Candidate) -> None:
    """Rejects an unsound dialogue.

    Raises:
        Rejected: for `nothing_to_reach`, `untold`, `ungrounded`, `unreachable_state`,
            `unlike_user`, or with the name of the rule that is broken.
    """
    if not candidate.writes and not candidate.outputs:
        raise Rejected("nothing_to_reach")
    if not set(candidate.outputs) <= candidate.told:
        raise Rejected("untold")
    if not is_grounded(candidate.talk.turns):
        raise Rejected("ungrounded")
    if not _reaches_its_state(candidate):
        raise Rejected("unreachable_state")
    if not _is_said_again(candidate):
        raise Rejected("unlike_user")
    if broken := _broken_rules(candidate):
        raise Rejected(broken[0].rule)


def is_grounded(turns: list[dict[str, str]]) -> bool:
    """Whether each argument of a call occurs earlier, in a message of the user or a tool."""
    heard = ""
    for turn in turns:
        if turn["from"] == "function_call":
            arguments = json.loads(turn["value"])["arguments"]
            if not all(text.lower() in heard for text in _texts(arguments)):
                return False
        elif turn["from"] != "gpt":
            heard += turn["value"].lower() + "\n"
    return True


def _texts(arguments: dict[str, Json]) -> Iterator[str]:
    for name, value in arguments.items():
        if name not in _FREE:
            for text in value if isinstance(value, list) else [value]:
                if isinstance(text, str):
                    yield text


def _reaches_its_state(candidate: Candidate) -> bool:
    """Whether the gold actions alone lead to the dialogue's end state."""
    executor = candidate.world.start(candidate.base)
    for call in candidate.talk.actions:
        executor, result = executor.run(call)
        if not result.ok:
            return False
    return executor.digest == candidate.talk.world.digest


def _broken_rules(candidate: Candidate) -> tuple[Violation, ...]:
    """The places where the gold agent itself breaks the rules of its world."""
    messages = [_message(turn["from"], turn["value"]) for turn in candidate.talk.turns]
    effects = candidate.world.effects
    handovers = (call for call in candidate.talk.calls if effects[call.name].hands_over)
    goal = (*candidate.talk.actions, *handovers)
    talk = Conversation.of(messages, candidate.world.effects, goal)
    return candidate.world.violations(talk)


def _message(speaker: str, text: str) -> Message:
    """A turn of a record as a message."""
    match speaker:
        case "function_call":
            call = json.loads(text)
            return Message(Role.ASSISTANT, render([ToolCall(call["name"], call["arguments"])]))
        case "observation":
            return Message(Role.TOOL, text)
        case "gpt":
            return Message(Role.ASSISTANT, text)
        case _:
            return Message(Role.USER, text)


def _is_said_again(candidate: Candidate) -> bool:
    """Whether the agenda user repeats every word of the dialogue, given the agent's replies."""
    agenda = candidate.talk.agenda
    said = [turn["value"] for turn in candidate.talk.turns if turn["from"] == "human"]
    replies = [turn["value"] for turn in candidate.talk.turns if turn["from"] == "gpt"]
    turns = list(AgendaUser(agenda).turns(replies))
    again = [worded(agenda, turn, number) for number, turn in enumerate(turns)]
    return again == said
