"""The command line: one episode with a person as the agent, or as its user."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Annotated, Any, Literal

import gymnasium
import numpy as np
from gymnasium.envs.registration import EnvSpec
from rich.console import Console, Group
from rich.rule import Rule
from rich.text import Text

import reasonact_env
from reasonact_env.agent import Agent, Session
from reasonact_env.env import ReasonActEnv
from reasonact_env.episode import Episode, Mode
from reasonact_env.episodes.storage import Header, write_episodes
from reasonact_env.inputs import data_files
from reasonact_env.named import agent_by_name
from reasonact_env.play.agent import HELP, PersonAgent
from reasonact_env.play.reading import PersonLeft
from reasonact_env.view.episode import Look, message_card
from reasonact_env.view.scores import score_view, summary
from tasks.load import EMBEDDED
from tasks.types import SPLITS
from tools.command import command, complain, line_of, sentence
from tools.command_line import read_options
from tools.counts import counted
from tools.inert import safe
from tools.option_types import Headed, Positional, one_of, shown_as
from tools.places import require_place
from tools.ranges import require_at_least, require_seeds

DEFAULT = "ReasonAct-APIGen-v0"
SCRIPTED = "scripted"
"""The user who says the recorded turns."""
PERSON = "human"
"""What a file says of an agent who is a person."""
_GIVEN = ("data", "split", "mode", "thinking", "database", "user")
"""The options that go to the environment, which has its own defaults."""
_PROG = "python -m reasonact_env.play"
_ABOUT = (
    "Plays an episode by hand and saves it: as the agent, or with --be user as the customer of "
    f"another agent.\n\n    {HELP.replace(chr(10), chr(10) + '    ')}"
)


@dataclass(frozen=True, slots=True)
class PlayOptions:
    """Which episode is played, and who by."""

    env_id: Positional[Annotated[str, shown_as("ENV_ID")]] = DEFAULT
    """The environment's id, as gymnasium.make takes it."""
    be: Literal["agent", "user"] = "agent"
    """Whom you play."""
    agent: Annotated[str, shown_as("AGENT")] = "gold"
    """With --be user: who answers you: gold, a baseline, MODULE:NAME, the folder of a policy,
    MODEL@URL, or endpoint."""
    out: Path | None = None
    """Where the episode is saved; a new file among `runs` unless given."""
    data: Annotated[str | None, Headed("which episode is played")] = None
    """As for `python -m tasks.load`; the environment's own unless given."""
    split: Annotated[str | None, one_of(SPLITS)] = None
    """Which part is played: train, validation, test or all; the environment's own unless given."""
    task: str | None = None
    """The task's id; one chosen by the seed unless given."""
    mode: Literal["dialogue", "turn"] | None = None
    """Whether whole dialogues are played, or single decisions; the environment's own unless
    given."""
    decision: int | None = None
    """In turn mode: this decision alone; all of them unless given."""
    seed: int = 0
    """Fixes everything random: the task, and what the environment draws."""
    thinking: Annotated[Literal["optional", "required"] | None, Headed("how it is played")] = None
    """Whether each message needs a thought; the environment's own unless given."""
    user: str | None = None
    """Who talks to the agent in dialogues: own (the one that a task was generated for), scripted,
    agenda, procedure, llm, llm:MODEL@URL or MODULE:NAME; own unless given."""
    database: Annotated[str | None, shown_as("DATABASE")] = None
    """What stands behind recorded dialogues: auto, recorded, rebuilt, the place of tau-bench's
    database, or MODULE:NAME; the environment's own unless given."""

    def __post_init__(self) -> None:
        """Refuses what is out of range."""
        require_at_least(self, 0, "decision")
        require_seeds(self, "seed")
        if self.be == "user" and (self.mode == "turn" or self.user is not None):
            raise ValueError(
                "expected --be user in dialogue mode, where you are the user; leave out --mode "
                "turn and --user"
            )

    def made(self) -> ReasonActEnv:
        """The environment.

        Raises:
            OSError: for data that do not exist.
            ValueError: for an environment that does not exist, is not ours, or cannot be made so.
        """
        given = {name: getattr(self, name) for name in _GIVEN}
        told: dict[str, Any] = {name: one for name, one in given.items() if one is not None}
        if self.be == "user":
            told |= {"user": "person", "mode": "dialogue"}
        elif self.user is None and self._has_scripted():
            told["user"] = "own"
        spec = gymnasium.registry.get(self.env_id)
        if spec is not None and not _is_ours(spec):
            raise ValueError(
                f"expected an environment of {reasonact_env.__name__}, got {self.env_id!r}; "
                f"{DEFAULT} is one"
            )
        try:
            env = gymnasium.make(self.env_id, disable_env_checker=True, **told).unwrapped
        except gymnasium.error.Error as error:
            known = ", ".join(name for name in gymnasium.registry if name.startswith("ReasonAct"))
            raise ValueError(f"expected one of {known}, got {self.env_id!r} ({error})") from None
        if not isinstance(env, ReasonActEnv):
            raise ValueError(f"expected an environment of {reasonact_env.__name__}, got {env}")
        return env

    def _has_scripted(self) -> bool:
        """Whether the environment's user would be the recorded one, who does not listen."""
        spec = gymnasium.registry.get(self.env_id)
        return spec is not None and spec.kwargs.get("user", SCRIPTED) == SCRIPTED


def main(argv: Sequence[str] | None = None) -> int:
    """Plays one episode with a person and saves it, as far as it went.

    Returns:
        0 for a whole episode, 1 if the person left before its end, 2 if it could not be played.
    """
    args = read_options(PlayOptions, argv, prog=_PROG, about=_ABOUT)
    console = Console(highlight=False, markup=False)
    try:
        out = args.out or _new_file()
        _require_new(out, data_files(args.data, args.database))  # before anything is played
        _say_what_is_made(args, console)
        env = args.made()
        if args.be == "agent":
            console.print(Text(user_words(env), style="bold"))
        agent, name = _agent(args, env, console)
        played = _play(env, agent, args)
    except (OSError, ValueError, ImportError) as error:
        return complain(_PROG, error)
    if played.problem and not played.said:
        return complain(_PROG, played.problem)
    if played.left and not played.said:
        console.print("\nNothing was said, so nothing was saved.")
        return 1
    kept = _keep(out, Header(env.config.to_json(), env.source, name), env.episode)
    _show_end(env.episode, name, console, seen=played.left and played.problem is None)
    saved = "The episode has not ended; saved as far as it went." if played.left else "Saved."
    told = f"{saved}\nReplay: {command('reasonact_env.replay', kept.path)}"
    console.print(Text(safe(told)), soft_wrap=True)
    if problem := kept.problem or played.problem:
        complain(_PROG, problem)
    return int(played.left or bool(kept.problem))


def _say_what_is_made(args: PlayOptions, console: Console) -> None:
    """What a person waits for: hundreds of tasks take a while."""
    spec = gymnasium.registry.get(args.env_id)
    if spec is not None and _is_ours(spec):
        data = args.data or spec.kwargs.get("data", EMBEDDED)
        console.print(Text(safe(f"{args.env_id}: preparing its tasks, {data} …"), style="dim"))


def _is_ours(spec: EnvSpec) -> bool:
    return str(spec.entry_point).startswith(f"{reasonact_env.__name__}.")


@dataclass(frozen=True, slots=True)
class _Kept:
    """Where an episode is."""

    path: Path
    """The file."""
    problem: str = ""
    """Why it is not the one that was named; empty if it is."""


def _require_new(out: Path, inputs: Iterable[str | Path]) -> None:
    """Refuses a file that exists, or cannot be written: nobody plays the same episode twice."""
    require_place(out, inputs)
    if out.is_file():
        raise FileExistsError(
            f"expected a new file for the episode, got {out}, which exists; give another path with "
            "--out"
        )


def _keep(out: Path, header: Header, episode: Episode) -> _Kept:
    """Writes an episode or, where that fails, writes it among the temporary files.

    Raises:
        OSError: if neither can be done.
    """
    try:
        write_episodes(out, header, [episode])
    except (OSError, ValueError) as error:  # also of a pipe whose reader has left
        path = Path(tempfile.mkdtemp(prefix="reasonact-")) / "episode.jsonl"
        write_episodes(path, header, [episode])
        return _Kept(
            path, f"expected to write {out}, but {sentence(error)}; the episode is in {path}"
        )
    return _Kept(out)


def _new_file() -> Path:
    """The first of `runs/human-1.jsonl`, `runs/human-2.jsonl`, … that does not exist."""
    names = (Path("runs") / f"human-{number}.jsonl" for number in count(1))
    return next(name for name in names if not name.exists())


def user_words(env: ReasonActEnv) -> str:
    """Who talks to a person who plays the agent."""
    user = env.config.user
    if env.config.mode == Mode.TURN:
        return "user: the record goes on, whatever you say"
    listens = sum(task.setup.user is not None for task in env.tasks)
    if user == SCRIPTED or (user == "own" and not listens):
        return "user: says the recorded turns in order, whatever you say"
    if user == "own" and listens < len(env.tasks):
        tasks = counted(len(env.tasks), "task")
        return f"user: listens in {listens:,} of {tasks}, recorded in the others"
    name = "the task's own" if user == "own" else safe(str(user))
    return f"user: {name}, who listens; --user {SCRIPTED} says the recorded turns instead"


def _agent(args: PlayOptions, env: ReasonActEnv, console: Console) -> tuple[Agent, str]:
    """Who answers, and the name for the file."""
    if args.be == "agent":
        return PersonAgent(console=console), PERSON
    config = env.config
    return agent_by_name(args.agent, env.tasks, config.mode, config.thinking), args.agent


@dataclass(frozen=True, slots=True)
class _Played:
    """How far an episode has come."""

    left: bool
    """Whether it was left before its end."""
    said: bool
    """Whether anything was said in it."""
    problem: Exception | None = None
    """What stopped it: an agent that fails, such as an endpoint; None if a person left."""


def _play(env: ReasonActEnv, agent: Agent, args: PlayOptions) -> _Played:
    """Plays an episode; what was said stays in the environment, whatever stops it."""
    ids = env.task_ids
    chosen = args.task or ids[int(np.random.default_rng(args.seed).integers(len(ids)))]
    options: dict[str, Any] = {"task_id": chosen, "decision": args.decision}
    observation, info = env.reset(seed=args.seed, options=options)
    session, ended = Session(observation, info), False
    while not ended:
        try:
            (action,) = agent.act([session])
            session.observation, _, terminated, truncated, session.info = env.step(action)
        except (PersonLeft, KeyboardInterrupt):
            return _Played(True, bool(env.episode.steps))
        except Exception as error:
            if line_of(error) is None:
                raise
            return _Played(True, bool(env.episode.steps), error)
        ended = terminated or truncated
    return _Played(False, True)


def _show_end(episode: Episode, name: str, console: Console, *, seen: bool) -> None:
    """What followed the last message, unless the person has seen it, and how it went."""
    step = episode.steps[-1]
    followed = [message_card(message, Look()) for message in step.answers if not seen]
    console.print(Group(*followed, Rule(style="dim"), summary(episode, name), score_view(step)))
