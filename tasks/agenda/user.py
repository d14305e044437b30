"""The simulated customer with an agenda: no model, no memory, the same words every time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

from tasks.agenda.agenda import Agenda
from tasks.agenda.described import described
from tasks.agenda.mind import CustomerAct, Turn
from tasks.agenda.reactions import opening, react
from tasks.agenda.wording import worded
from tasks.user import UserReport, is_tried
from tools.protocol import reply_of
from tools.remembered import remembered
from tools.types import Message, Role


@dataclass(frozen=True, slots=True)
class AgendaUser:
    """A customer who answers questions, corrects, agrees, and leaves when all is settled.

    Its words depend on the agenda and on the agent's replies alone; it does not see calls and their
    results.
    """

    kind: ClassVar[str] = "agenda"
    """The name in `user=`."""

    agenda: Agenda
    """The customer's knowledge and wishes."""

    def opening(self) -> str:
        """The customer's first message."""
        return worded(self.agenda, opening(self.agenda), 0)

    def answer(self, messages: Sequence[Message]) -> str | None:
        """The customer's answer to the agent's last reply, or None when it has left.

        Args:
            messages: The conversation so far. Its last message is the agent's reply or, if the
            record
                ends with a call, the answer to a call: then the customer has more to say only if
                there are further requests.
        """
        replies = _replies(messages)
        turns = list(self.turns(replies))
        if len(turns) <= len(replies):
            return None
        if messages and messages[-1].role is Role.TOOL and turns[-1].mind.is_last(self.agenda):
            return None
        return worded(self.agenda, turns[-1], len(replies)) or None

    def turns(self, replies: Sequence[str]) -> Iterator[Turn]:
        """The customer's decisions: the opening, and one after each reply until it leaves.

        Args:
            replies: The agent's replies, in order.
        """
        turn = opening(self.agenda)
        yield turn
        for reply in replies:
            if turn.mind.left:
                return
            turn = react(self.agenda, turn.mind, reply)
            yield turn

    def heard(self, messages: Sequence[Message]) -> tuple[Turn, ...]:
        """The customer's decisions in a conversation."""
        return tuple(self.turns(_replies(messages)))

    def report(self, messages: Sequence[Message]) -> UserReport:
        """The customer's report on a conversation."""
        last = self.heard(messages)[-1]
        return UserReport(last.mind.misunderstood, last.act is CustomerAct.GIVES_UP)

    def brief(self) -> str:
        """The agenda in words."""
        return described(self.agenda)


def _replies(messages: Sequence[Message]) -> list[str]:
    """The agent's replies to the customer; those before its first message belong to the opening.

    What is answered by a tool was an attempt to call, whatever it looks like.
    """
    spoken = False
    replies: list[str] = []
    for place, message in enumerate(messages):
        spoken = spoken or message.role is Role.USER
        if spoken and message.role is Role.ASSISTANT and not is_tried(messages, place):
            text = _reply(message.content)
            if text is not None:
                replies.append(text)
    return replies


_reply = remembered(megabytes=8)(reply_of)
"""The part of an assistant's message that the customer reads; None for calls."""
