"""A person at the console, as an agent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TextIO, cast

from rich.console import Console
from rich.text import Text

from reasonact_env.agent import Session
from reasonact_env.play.completion import completions
from reasonact_env.play.reading import PersonLeft, Reader
from reasonact_env.play.typed_calls import BadCommand, read_move
from reasonact_env.view.episode import Look, message_card, tool_list
from reasonact_env.view.scores import ScoreBars
from tools.counts import counted
from tools.inert import safe
from tools.nearest import did_you_mean
from tools.types import Message, Role, ToolSpec

HELP = r"""A line is a reply to the user; end it with \ to go on in the next line.
/call NAME key=value …   calls a tool; quote values with blanks
/call NAME {"key": …}    the same, with the arguments as JSON
/tools [NAME]            the tools and their arguments; those in brackets may be left out
/rules                   the rules
/think TEXT              a thought before the next message
/raw                     a message typed exactly, up to a line with a single dot
/show LINE               the raw message that LINE would be, as a model would write it; or F2
/help                    this help
/quit                    leaves
Tab completes commands, tools, arguments, and values that a schema lists."""


class PersonAgent:
    """Shows each conversation and asks a person for the next message."""

    def __init__(self, lines: TextIO | None = None, console: Console | None = None) -> None:
        """Takes the input and the output.

        Args:
            lines: Where the answers come from; None for standard input.
            console: Where the conversation is shown; None for standard output.
        """
        self._console = console or Console(highlight=False, markup=False)
        self._reader = Reader(lines, self._console)

    def act(self, sessions: Sequence[Session]) -> list[str]:
        """Asks for one message a session.

        Raises:
            PersonLeft: on `/quit` or at the end of the input.
        """
        return [self._ask(session) for session in sessions]

    def _ask(self, session: Session) -> str:
        self._show_news(session)
        tools = _tools(session)
        thought: str | None = None
        while True:
            line = self._reader.read("you> ", lambda typed: completions(typed, tools))
            command, _, rest = line.strip().partition(" ")
            try:
                if command == "/think":
                    thought = rest.strip()
                    continue
                message = self._obey(session, command, rest.strip(), line, thought)
            except BadCommand as problem:
                self._say(str(problem), "red")
                continue
            if message is not None:
                session.memory["said"] = message
                return message

    def _obey(
        self, session: Session, command: str, rest: str, line: str, thought: str | None
    ) -> str | None:
        """The message that a line means; None for a command that only shows something."""
        match command:
            case "/quit":
                raise PersonLeft
            case "/raw":
                return self._read_raw()
            case "/show":
                self._say(read_move(rest, _tools(session), thought), "dim")
                return None
            case "/tools" | "/rules" | "/help" | "":
                self._inform(session, command, rest)
                return None
            case "/call":
                return read_move(line, _tools(session), thought)
            case _ if command.startswith("/"):
                raise BadCommand(f"expected a reply or a command, got {command}; /help lists them")
            case _:
                return read_move(self._read_on(line), _tools(session), thought)

    def _inform(self, session: Session, command: str, name: str) -> None:
        if command == "/tools":
            names = [tool.name for tool in _tools(session)]
            tools = [tool for tool in _tools(session) if name in ("", tool.name)]
            if tools:
                self._console.print(tool_list(tools))
            else:
                self._say(f"there is no tool {name!r}{did_you_mean(name, names)}")
        elif command == "/rules":
            first = session.observation["messages"][0]
            self._console.print(message_card(_message(first), Look(folded=False)))
        else:
            self._say(HELP if command else "an empty line says nothing; /help tells what to type")

    def _show_news(self, session: Session) -> None:
        """Shows what was said since the person's last message."""
        messages = [_message(m) for m in session.observation["messages"]]
        seen = cast(int, session.memory.get("seen", 0))
        if not seen:
            count = len(_tools(session))
            task = session.info.get("task_id", "")
            self._say(
                f"task {task} · {counted(count, 'tool')} · /tools, /rules and /help tell more",
                "bold",
            )
        self._show_scores(session)
        for number, message in enumerate(messages[seen:], seen):
            own = number == seen and message.content == session.memory.get("said")
            if message.role is not Role.SYSTEM and not own:
                self._console.print(message_card(message, Look()))
        session.memory["seen"] = len(messages)

    def _show_scores(self, session: Session) -> None:
        """Shows what the last message is paid, or its own scores where that is paid later."""
        info = session.info
        weights = cast("dict[str, float]", info.get("weights") or {})
        if weighted := _given(info.get("reward_components")):
            self._console.print(ScoreBars(weighted, weights))
        elif own := _given(info.get("step_scores")):
            self._say("paid at the end; this message's own scores:", "dim")
            self._console.print(ScoreBars(own))

    def _read_on(self, line: str) -> str:
        """A reply, over several lines where they end with a backslash."""
        text = line.strip()
        while text.endswith("\\"):
            text = text[:-1] + "\n" + self._reader.read("...> ").strip()
        return text

    def _read_raw(self) -> str:
        """Lines up to a single dot."""
        lines: list[str] = []
        while (line := self._reader.read("raw> ")) != ".":
            lines.append(line)
        return "\n".join(lines)

    def _say(self, text: str, style: str = "") -> None:
        self._console.print(Text(safe(text), style=style))


def _tools(session: Session) -> list[ToolSpec]:
    return [ToolSpec.from_dict(tool) for tool in session.observation["tools"]]


def _message(message: Mapping[str, str]) -> Message:
    return Message(Role(message["role"]), message["content"])


def _given(scores: object) -> dict[str, float]:
    """The components that have a score."""
    told = cast("dict[str, float | None]", scores or {})
    return {name: score for name, score in told.items() if score is not None}
