"""A person at the console, as an agent.

python -m agents.human
python -m agents.human --mode turn --data dialogues.json --task apigen-3
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal, TextIO, cast

import numpy as np
from rich.console import Console, Group
from rich.rule import Rule
from rich.text import Text

from agents.play import play
from agents.typed_calls import BadCommand, read_call
from reasonact_env.agent import Session
from reasonact_env.config import EnvConfig
from reasonact_env.env import ReasonActEnv
from reasonact_env.episode import Episode
from reasonact_env.episodes.storage import Header, write_episodes
from reasonact_env.view.episode import Look, message_card, tool_list
from reasonact_env.view.scores import ScoreBars, score_view, summary
from reasonact_env.view.text import safe
from tasks.databases import AUTO
from tasks.types import SPLITS
from tools.command import run
from tools.command_line import read_options
from tools.files import require_place
from tools.option_types import one_of, shown_as
from tools.protocol import render
from tools.ranges import require_at_least, require_seeds
from tools.types import Message, Role, ToolSpec

HELP = r"""A line is a reply to the user; end it with \ to go on in the next line.
/call NAME key=value …   calls a tool; quote values with blanks; or: /call NAME {"key": "value"}
/tools [NAME]            the tools and their arguments; those in brackets may be left out
/rules                   the rules
/think TEXT              a thought before the next message
/raw                     a message typed exactly, up to a line with a single dot
/help                    this help
/quit                    leaves"""


class HumanLeft(Exception):
    """The person has left before the end of the episode."""


class Human:
    """Shows each conversation and asks a person for the next message."""

    def __init__(self, lines: TextIO | None = None, console: Console | None = None) -> None:
        """Takes the input and the output.

        Args:
            lines: Where the answers come from; None for standard input.
            console: Where the conversation is shown; None for standard output.
        """
        self._lines = lines
        self._console = console or Console(highlight=False)

    def act(self, sessions: Sequence[Session]) -> list[str]:
        """Asks for one message a session.

        Raises:
            HumanLeft: on `/quit` or at the end of the input.
        """
        return [self._ask(session) for session in sessions]

    def _ask(self, session: Session) -> str:
        self._show_news(session)
        thought: str | None = None
        while True:
            line = self._read("you> ")
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
                raise HumanLeft
            case "/call":
                return render([read_call(rest, _tools(session))], thought=thought)
            case "/raw":
                return self._read_raw()
            case "/tools" | "/rules" | "/help" | "":
                self._inform(session, command, rest)
                return None
            case _ if command.startswith("/"):
                raise BadCommand(f"expected a reply or a command, got {command}; /help lists them")
            case _:
                return render(text=self._read_on(line), thought=thought)

    def _inform(self, session: Session, command: str, name: str) -> None:
        if command == "/tools":
            tools = [tool for tool in _tools(session) if name in ("", tool.name)]
            self._console.print(tool_list(tools) if tools else f"there is no tool {name!r}")
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
            self._say(f"task {task} · {count} tools · /tools, /rules and /help tell more", "bold")
        self._show_scores(session)
        for number, message in enumerate(messages[seen:], seen):
            own = number == seen and message.content == session.memory.get("said")
            if message.role is not Role.SYSTEM and not own:
                self._console.print(message_card(message, Look()))
        session.memory["seen"] = len(messages)

    def _show_scores(self, session: Session) -> None:
        """Shows the components of the last message's reward, if it has any."""
        scores = cast("dict[str, float | None]", session.info.get("reward_components") or {})
        weights = cast("dict[str, float]", session.info.get("weights") or {})
        weighted = {name: score for name, score in scores.items() if score is not None}
        if weighted:
            self._console.print(ScoreBars(weighted, weights))

    def _read(self, prompt: str) -> str:
        self._console.print(Text(prompt, style="bold blue"), end="")
        lines = self._lines or sys.stdin
        line = lines.readline()
        if not lines.isatty():  # nobody saw it being typed
            self._say(line.rstrip("\n"))
        if not line:
            raise HumanLeft
        return line.rstrip("\r\n")

    def _read_on(self, line: str) -> str:
        """A reply, over several lines where they end with a backslash."""
        text = line.strip()
        while text.endswith("\\"):
            text = text[:-1] + "\n" + self._read("...> ").strip()
        return text

    def _read_raw(self) -> str:
        """Lines up to a single dot."""
        lines: list[str] = []
        while (line := self._read("raw> ")) != ".":
            lines.append(line)
        return "\n".join(lines)

    def _say(self, text: str, style: str = "") -> None:
        self._console.print(Text(safe(text), style=style))


def _tools(session: Session) -> list[ToolSpec]:
    return [ToolSpec.from_dict(tool) for tool in session.observation["tools"]]


def _message(message: Mapping[str, str]) -> Message:
    return Message(Role(message["role"]), message["content"])


@dataclass(frozen=True, slots=True)
class HumanOptions:
    """Which episode is played."""

    data: str | None = None
    """As for `python -m tasks.load`; the embedded set unless given."""
    split: Annotated[str, one_of(SPLITS)] = "train"
    """train, validation, test, or all."""
    task: str | None = None
    """The task's id; one chosen by the seed unless given."""
    mode: Literal["dialogue", "turn"] = "dialogue"
    """Whether a whole dialogue is played, or single decisions."""
    decision: int | None = None
    """In turn mode: this decision alone."""
    thinking: Literal["optional", "required"] = "optional"
    """Whether each message needs a thought."""
    database: Annotated[str, shown_as("DATABASE")] = AUTO
    """What stands behind recorded dialogues: auto, recorded, rebuilt, the place of tau-bench's
    database, or MODULE:NAME."""
    seed: int = 0
    """Chooses the task, and what the environment draws."""
    out: Path = Path("runs/human.jsonl")
    """Where the episode is saved."""

    def __post_init__(self) -> None:
        """Refuses what is out of range."""
        require_at_least(self, 0, "decision")
        require_seeds(self, "seed")


def main(argv: Sequence[str] | None = None) -> int:
    """Plays one episode by hand and saves it.

    Returns:
        0 for a saved episode, 1 if the person left before its end, 2 if there is no such task.
    """
    about = (
        f"Plays an episode by hand and saves it.\n\n    {HELP.replace(chr(10), chr(10) + '    ')}"
    )
    args = read_options(HumanOptions, argv, prog="python -m agents.human", about=about)
    console = Console(highlight=False)
    try:
        require_place(args.out)  # before an episode is played that could not be saved
        config = EnvConfig(
            mode=args.mode,
            split=args.split,
            data=args.data,
            thinking=args.thinking,
            database=args.database,
        )
        task_id = args.task or _any_task(config, args.seed)
        wanted = [(task_id, args.decision)]
        (played,) = play(config, Human(console=console), wanted, batch_size=1, seed=args.seed)
    except (HumanLeft, KeyboardInterrupt):
        console.print("\nThe episode had not ended, so nothing was saved.")
        return 1
    except (OSError, ValueError) as error:
        Console(stderr=True, soft_wrap=True, highlight=False).print(
            Text(safe(f"python -m agents.human: error: {error}"))
        )
        return 2
    _show_end(played.episode, console)
    header = Header(config.to_json(), played.episode.source, "human")
    write_episodes(args.out, header, [played.episode])
    console.print(Text(f"Saved. Replay: python -m reasonact_env.replay {args.out}"), soft_wrap=True)
    return 0


def _any_task(config: EnvConfig, seed: int) -> str:
    ids = ReasonActEnv.of(config).task_ids
    return ids[int(np.random.default_rng(seed).integers(len(ids)))]


def _show_end(episode: Episode, console: Console) -> None:
    """What followed the last message, and how it went."""
    step = episode.steps[-1]
    followed = [message_card(message, Look()) for message in step.answers]
    console.print(Group(*followed, Rule(style="dim"), summary(episode, "human"), score_view(step)))


if __name__ == "__main__":
    run(main)
