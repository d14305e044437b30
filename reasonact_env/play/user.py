"""A person at the console, as the user who talks to an agent."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from reasonact_env.play.reading import PersonLeft, Reader
from reasonact_env.view.episode import Look, message_card
from tasks.types import Task
from tools.inert import safe
from tools.protocol import parse
from tools.types import Message, MessageKind, Role

DONE = "/done"
"""What the person types when nothing is left to say."""
HELP = (
    "A line is what you say; /done ends the conversation, /brief shows who you are, /quit leaves."
)


class PersonUser:
    """Shows what the agent says, and asks the person for the answer.

    Like any user it answers the same conversation in the same way: what was said once is not asked
    for again.
    """

    def __init__(self, task: Task) -> None:
        """Takes the task; it tells the person whom to play."""
        self._task = task
        self._console = Console(highlight=False, markup=False)
        self._reader = Reader(None, self._console)
        self._said: dict[tuple[Message, ...], str | None] = {}
        self._shown = 0

    def answer(self, messages: Sequence[Message]) -> str | None:
        """What the person says; None when there is nothing left to say, "" to what is no reply.

        Raises:
            PersonLeft: on `/quit` or at the end of the input.
        """
        last = messages[-1]
        if last.role is not Role.ASSISTANT or parse(last.content).kind is not MessageKind.REPLY:
            return ""
        key = tuple(messages)
        if key not in self._said:
            self._said[key] = self._ask(messages)
        return self._said[key]

    def _ask(self, messages: Sequence[Message]) -> str | None:
        if not self._shown:
            self._console.print(Text(HELP, style="bold"))
            self._brief()
        for message in messages[self._shown :]:
            if message.role is not Role.SYSTEM:
                self._console.print(message_card(message, Look()))
        self._shown = len(messages) + 1  # one's own answer is known
        while True:
            line = self._reader.read("you> ").strip()
            match line:
                case "/quit":
                    raise PersonLeft
                case "/done":
                    return None
                case "/brief":
                    self._brief()
                case "":
                    self._console.print(Text(HELP, style="dim"))
                case _:
                    return line

    def _brief(self) -> None:
        """Whom the person plays: the customer's own brief, or what the recorded one said."""
        own = self._task.setup.user
        brief = own.brief() if own is not None else None
        turns = "\n".join(f"- {turn}" for turn in self._task.user_turns)
        words = brief or f"In the record, the customer said in this order:\n{turns}"
        self._console.print(Text(safe(words), style="italic"))
