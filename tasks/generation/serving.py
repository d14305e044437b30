"""The way in which a gold agent serves a customer in any domain: request by request."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from tasks.agenda.agenda import Fact
from tasks.agenda.mind import CustomerAct
from tasks.agenda.slots import Slot
from tasks.facts import fact_tokens
from tasks.generation import courtesies
from tasks.generation.talk import Rejected, Talk
from tools.dice import Dice
from tools.types import Json

MOST = 12
"""The most rounds of serving; a bound on requests, insistences and changes of mind."""


class Refused(Exception):
    """A request that the rules forbid; its arguments are the reply and the reason."""


class Settled(Exception):
    """The customer has withdrawn the request before anything was done."""


class Again(Exception):
    """The customer has changed its mind: the agent has to serve the request anew."""


@dataclass(slots=True)
class Server:
    """An agent that knows the rules, the customer's words, and its tools' answers."""

    talk: Talk
    """The conversation."""
    dice: Dice
    """The random choices of the agent's wordings."""
    sums: dict[str, float] = field(default_factory=dict)
    """Expression -> value, for the sums that were calculated."""

    def say(self, texts: Sequence[str], why: str, **words: str) -> None:
        """Replies in one of the wordings, filled in."""
        self.tell(self.dice.pick(texts).format(**words), why)

    def tell(self, text: str, why: str, told: str = "") -> None:
        """Says a text.

        Args:
            text: The text.
            why: The facts and the rule behind it.
            told: The part of the text that the task asks for.
        """
        known = self.talk.outputs
        known += [fact for fact in sorted(fact_tokens(told)) if fact not in known]
        self.talk.reply(text, why)

    def tell_more(self, text: str, why: str, told: str = "") -> None:
        """Says a text and asks whether there is anything else."""
        self.tell(f"{text} {self.dice.pick(courtesies.MORE)}", why, told)

    def facts(self, slot: Slot) -> tuple[Fact, ...]:
        """All facts that the customer has told about a slot."""
        found = self.talk.mind.knows(self.talk.agenda, slot)
        if not found or not self.talk.told(slot):
            raise Rejected("untold")
        return found

    def fact(self, slot: Slot) -> Fact:
        """The first fact that the customer has told about a slot."""
        return self.facts(slot)[0]

    def need(self, slot: Slot, texts: Sequence[str], why: str, **words: str) -> None:
        """Asks for a slot, unless the customer has told it already."""
        intent = self.talk.request.intent
        if self.talk.told(slot):
            return
        self.say(texts, why, **words)
        if self.talk.request.intent != intent or not self.talk.told(slot):
            raise Rejected("unanswered")

    def refuse(self, texts: Sequence[str], why: str, **words: str) -> Refused:
        """The exception to raise if the rules forbid a request."""
        return Refused(self.dice.pick(texts).format(**words), why)

    def ask_for(self, tool: str, argument: str, value: str) -> None:
        """Adds an earlier look-up to the calls that the task asks for."""
        calls = [c for c in self.talk.calls if (c.name, c.arguments.get(argument)) == (tool, value)]
        if calls[0] not in self.talk.actions:
            self.talk.actions.append(calls[0])

    def calculated(self, expression: str) -> float:
        """The value of a sum, which the calculator gives once."""
        if expression not in self.sums:
            why = f"The sum has to be right: {expression}."
            text = self.talk.search("calculate", why, expression=expression)
            self.sums[expression] = float(text)
        return self.sums[expression]

    def confirm(self, text: str, why: str, told: str = "") -> None:
        """Reads back what will be done and waits for a yes.

        Raises:
            Settled: if the customer withdraws the request.
            Again: if the customer changes the request.
        """
        self.tell(f"{text} {self.dice.pick(courtesies.GO_AHEAD)}", why, told)
        match self.talk.turn.act:
            case CustomerAct.AGREES:
                return
            case CustomerAct.CHANGES:
                raise Again
            case CustomerAct.WITHDRAWS:
                raise Settled
            case _:
                raise Rejected("unconfirmed")

    def hand_over(self, why: str, summary: Json) -> None:
        """Hands the customer over to a human, which ends the conversation."""
        self.talk.search("transfer_to_human_agents", why, summary=summary)

    @property
    def has_handed_over(self) -> bool:
        """Whether a human has taken over."""
        return bool(self.talk.calls) and self.talk.calls[-1].name == "transfer_to_human_agents"


AnyServer = TypeVar("AnyServer", bound=Server)
Services = Mapping[str, Callable[[AnyServer], None]]
"""Intent -> the function that serves it."""


def serve_all(server: AnyServer, services: Services[AnyServer]) -> None:
    """Serves an identified customer until it leaves or is handed over.

    Args:
        server: The agent.
        services: The function for each intent.

    Raises:
        Rejected: if the conversation goes wrong.
    """
    if not server.talk.mind.wished:
        server.say(courtesies.ASK_REQUEST, "The customer has not said yet what is wanted.")
    for _ in range(MOST):
        if server.talk.mind.left:
            server.say(courtesies.FAREWELLS, "All is settled.")
            return
        _serve(server, services)
        if server.has_handed_over:
            return
    raise Rejected("endless")


def _serve(server: AnyServer, services: Services[AnyServer]) -> None:
    """Serves one request: does, answers or refuses it, or lets the customer withdraw it."""
    if server.talk.turn.act is CustomerAct.INSISTS:
        why = "Nothing has changed: the rules still forbid it."
        server.say(courtesies.STILL_REFUSED, why)
        return
    try:
        services[server.talk.request.intent](server)
    except Again:
        _serve(server, services)
    except Settled:
        why = "The customer called it off, so nothing is done."
        server.tell_more(server.dice.pick(courtesies.LEFT_ALONE), why)
    except Refused as refused:
        text, why = refused.args
        server.tell(_then(server, text), why)


def _then(server: Server, text: str) -> str:
    """A refusal; it asks for further wishes unless the customer has announced a fallback."""
    asks = server.talk.request.otherwise is None and server.dice.chance(0.6)
    return f"{text} {server.dice.pick(courtesies.MORE)}" if asks else text
