"""A user played by a language model."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tasks.types import Task
from tasks.user import UserReport, is_tried
from tools.chat_endpoint import Endpoint, EndpointError
from tools.protocol import parse, without_thoughts
from tools.types import Message, MessageKind, Role

AGAIN = 3
"""A customer who has said the same this often in a row goes round in circles.

Chosen by hand: twice may be a question that was not answered. A circle of two or three messages
counts, too.
"""
END = "[END]"
"""The text that the model writes when the customer is done."""
_PART = (
    "You play a customer who writes to a service desk. Write only what the customer says next: one "
    "short message, in the customer's own words, without quotation marks. Tell only what is asked "
    "for, a little at a time. Never make up what does not stand below: say that you do not know. "
    "Never say that you are a model, and never play the desk. When everything below is settled, or "
    f"the desk hands you over to somebody else, write {END} and nothing else."
)


@dataclass(frozen=True, slots=True)
class LlmUser:
    """A user whose answers a model writes.

    With a cache file the same conversation gets the same answer without an endpoint, so saved
    episodes can be played again. The model does not see calls and their results, as no customer
    sees them, and the agent does not see the model's thoughts. A model that goes round in circles
    is not asked again: the customer leaves, and `report` says so.
    """

    goal: str
    """The customer's knowledge and wishes, in words."""
    endpoint: Endpoint
    """The model's endpoint."""

    @classmethod
    def of(cls, task: Task, endpoint: Endpoint) -> LlmUser:
        """The user of a task; the model follows the task's agenda, or else its recorded turns."""
        own = task.setup.user
        brief = own.brief() if own is not None else None
        return cls(brief or _script(task.user_turns), endpoint)

    def answer(self, messages: Sequence[Message]) -> str | None:
        """The model's answer for the customer, or None when it has written `END`.

        If the agent's last message is not a reply, there is nothing to answer: the text is empty.

        Raises:
            EndpointError: if the endpoint does not answer.
        """
        last = messages[-1]
        if last.role is not Role.ASSISTANT or parse(last.content).kind is not MessageKind.REPLY:
            return ""
        if goes_round(messages):
            return None
        prompt = {"role": "system", "content": f"{_PART}\n\n{self.goal}"}
        said = self.endpoint.answer([prompt, *_seen_by_customer(messages)])
        aloud = without_thoughts(said)
        if not aloud:
            raise EndpointError(
                f"expected what the customer says from {self.endpoint.name}, got thoughts alone; "
                "give it a larger max_tokens, or a model that thinks less"
            )
        return None if END in aloud else aloud

    def report(self, messages: Sequence[Message]) -> UserReport:
        """Whether the customer left since the model went round in circles."""
        return UserReport(misunderstood=0, gave_up=goes_round(messages))


def goes_round(messages: Sequence[Message]) -> bool:
    """Whether the customer's last messages are one, two or three messages again and again."""
    said = [" ".join(one.content.casefold().split()) for one in messages if one.role is Role.USER]
    return any(
        len(said) >= AGAIN * circle and said[-AGAIN * circle :] == said[-circle:] * AGAIN
        for circle in (1, 2, 3)
    )


def _seen_by_customer(messages: Sequence[Message]) -> Iterator[dict[str, str]]:
    """The messages that the customer sees, with roles exchanged: the model is the customer."""
    for place, message in enumerate(messages):
        if message.role is Role.USER:
            yield {"role": "assistant", "content": message.content}
        elif message.role is not Role.ASSISTANT or is_tried(messages, place):
            continue
        elif reply := parse(message.content).reply:
            yield {"role": "user", "content": reply.text}


def _script(turns: Sequence[str]) -> str:
    lines = [f"{number}. {turn}" for number, turn in enumerate(turns, 1)]
    return "\n".join(["In another conversation, the same customer said, in this order:", *lines])
