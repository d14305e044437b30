"""Serves episodes to agents of any make, or records what an agent does elsewhere.

    # what --mcp needs
    pip install 'reasonact[mcp]'
    # episodes for clients of the Model Context Protocol
    python -m agents.serve --mcp
    # other tasks, in a file of your choice
    python -m agents.serve --mcp --data retail:500:1 --split test --out runs/served.jsonl
    # one episode, for a client that starts the command itself
    python -m agents.serve --mcp --stdio
    # episodes for clients of OpenEnv
    python -m agents.serve --openenv
    # records what an agent and its model say to each other
    python -m agents.serve --openai --model qwen3@http://127.0.0.1:8000/v1
    # the same with a policy as the model; dialogues on these tasks are judged
    python -m agents.serve --openai --model runs/grpo --data retail:500:1

With --mcp and --openenv each session of a client (`http://127.0.0.1:8765`; `/mcp`) plays an episode
of its own: the tasks of the split in their order, or the one that it names by `?task_id=ID`, in
OpenEnv by `reset(task_id=ID)`. With --stdio the client starts this command, and has its one episode
by standard input and output. An episode is in the file when it ends, and one that was left when
its session ends; `python -m reasonact_env.replay` opens and verifies it.

With --openai an agent takes `http://127.0.0.1:8765/v1` for its model's address. Its requests are
passed on to the model, and become episodes when nothing has been added for --idle-seconds, or when
this command ends. No environment stands behind them, so nobody here can say what they earn, with
one exception: what an agent plays through `Conversation` on a task of --data, word for word, is
judged, too, and goes to a file of its own.

It listens on this machine alone, unless --host says otherwise; then let clients bring the token
that is in the environment variable REASONACT_SERVE_TOKEN.
"""

from __future__ import annotations

import tools.interrupts  # noqa: F401 (first: Ctrl-C during the others)

# isort: split

import errno
import os
import socket
import sys
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from agents.web import LOOPBACK, App, guarded
from reasonact_env.config import EnvConfig
from reasonact_env.users.make import OWN
from tasks.types import SPLITS
from tools.command import run
from tools.command_line import read_options
from tools.option_types import Headed, one_of, only_one
from tools.places import require_place
from tools.ranges import require_at_least, require_within

if TYPE_CHECKING:
    from agents.door import Door

TOKEN = "REASONACT_SERVE_TOKEN"
"""The environment variable with the token that clients have to bring, if it is set."""
_WHAT = only_one("what is served")


@dataclass(frozen=True, slots=True)
class Serving:
    """What is served, and how much of it."""

    mcp: Annotated[bool, _WHAT] = False
    """Serve episodes by the Model Context Protocol."""
    openenv: Annotated[bool, _WHAT] = False
    """Serve episodes by OpenEnv's protocol."""
    openai: Annotated[bool, _WHAT] = False
    """Stand between an agent and its model, and record what the agent does."""
    model: str | None = None
    """With --openai: the model behind it, MODEL@URL as train.evaluate takes it, or a policy's
    folder."""
    stdio: bool = False
    """With --mcp: one episode by standard input and output instead of HTTP."""
    out: Path | None = None
    """The file of episodes; runs/served/TIME.jsonl unless given."""
    name: str | None = None
    """Who plays, as the file of episodes shall say; the door's name unless given."""
    data: Annotated[str, Headed("which episodes are played")] = "retail:500:0"
    """As for `python -m tasks.load`."""
    split: Annotated[str, one_of(SPLITS)] = "test"
    """Which part is played, in order: train, validation, test or all."""
    user: str = OWN
    """Who talks to the agent in dialogues: own (the one that a task was generated for), scripted,
    agenda, procedure, llm, llm:MODEL@URL or MODULE:NAME."""
    thinking: Annotated[str, one_of(["optional", "required"])] = "optional"
    """Whether each message needs a thought."""
    seed: int = 0
    """Fixes everything random, in every episode, unless a client chooses a seed."""
    host: Annotated[str, Headed("where it listens, and how much it bears")] = "127.0.0.1"
    """The address where it listens."""
    port: int = 8765
    """The port; 0 for any that is free."""
    max_sessions: int = 64
    """Sessions at the same time at most."""
    max_bytes: int = 1_000_000
    """Bytes of a request at most."""
    max_seconds: float = 3600.0
    """Seconds for which an episode may be played at most."""
    idle_seconds: float = 600.0
    """Seconds without a request after which a session is ended."""

    @property
    def door(self) -> str:
        """What is served, by name."""
        return next((name for name in ("mcp", "openenv", "openai") if getattr(self, name)), "")


def main(argv: list[str] | None = None) -> int:
    """Serves until it is interrupted, or the client of --stdio leaves."""
    options = read_options(Serving, argv, prog="python -m agents.serve", about=__doc__)
    _check(options)
    path = options.out or Path("runs/served") / f"{datetime.now():%Y%m%d-%H%M%S}.jsonl"
    require_place(path)
    with ExitStack() as closing:
        place = None if options.stdio else closing.enter_context(_bound(options))
        if options.openai:
            from agents.recorder_app import record  # needs a server, which is an extra

            record(options, path, lambda app: _listen(app, options, place, f"/v1 records {path}"))
        else:
            _play(options, path, place)
    return 0


def _bound(options: Serving) -> socket.socket:
    """The place where to listen, taken before anything is loaded, written or said.

    Raises:
        ValueError: if the port is taken, or the host is no address of this machine.
    """
    family = socket.AF_INET6 if ":" in options.host else socket.AF_INET
    place = socket.socket(family)
    place.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        place.bind((options.host, options.port))
        place.listen()  # whoever comes before the server waits
    except OSError as error:
        place.close()
        why = (error.strerror or str(error)).lower()
        if isinstance(error, socket.gaierror) or error.errno == errno.EADDRNOTAVAIL:
            raise ValueError(
                f"expected --host with an address of this machine, got {options.host!r}: {why}"
            ) from None
        raise ValueError(
            f"expected a free port, got {options.port}: {why}; give another --port, or 0 for any"
        ) from None
    return place


def _play(options: Serving, path: Path, place: socket.socket | None) -> None:
    """Serves episodes."""
    from agents.door import Door

    door = Door.at(
        config_of(options),
        path,
        options.name or options.door,
        seed=options.seed,
        seconds=options.max_seconds,
    )
    try:
        _serve(door, options, path, place)
    finally:
        door.close()


def config_of(options: Serving) -> EnvConfig:
    """How an environment is made."""
    return EnvConfig(
        split=options.split, data=options.data, user=options.user, thinking=options.thinking
    )


def _check(options: Serving) -> None:
    """Refuses options that make no sense, before anything is loaded."""
    if not options.door:
        raise ValueError(
            "expected --mcp, --openenv or --openai; got none of them, so: python -m agents.serve "
            "--mcp"
        )
    if options.openai and options.model is None:
        raise ValueError(
            "expected --model MODEL@URL or --model FOLDER with --openai, got none; such as --model "
            "qwen3@http://127.0.0.1:8000/v1"
        )
    if options.model is not None and not options.openai:
        raise ValueError(
            f"expected --model with --openai, where it answers the agent, got --{options.door}; "
            f"leave it out: python -m agents.serve --{options.door}"
        )
    if options.stdio and not options.mcp:
        raise ValueError(
            f"expected --stdio with --mcp, got --{options.door}; leave it out, or: python -m "
            "agents.serve --mcp --stdio"
        )
    require_at_least(options, 1, "max_sessions", "max_bytes", "max_seconds", "idle_seconds")
    require_within(options, 0, 65_535, "port")
    if options.out is not None and options.out.exists():
        raise FileExistsError(
            f"expected a new file for episodes, but {options.out} exists; name another with --out"
        )


def _serve(door: Door, options: Serving, path: Path, place: socket.socket | None) -> None:
    """Runs a transport. Standard output is the protocol's, so all words go to standard error."""
    if place is None:
        from agents.mcp_door import by_standard_input, server_of

        by_standard_input(server_of(door))
        return
    below = "/mcp" if options.mcp else ""
    _listen(app_of(door, options), options, place, f"{below} plays {path}")


def _listen(app: App, options: Serving, place: socket.socket | None, words: str) -> None:
    """Serves by HTTP."""
    import uvicorn

    token = os.environ.get(TOKEN, "")
    if options.host not in LOOPBACK and not token:
        print(f"warning: anybody who reaches {options.host} may play; set {TOKEN}", file=sys.stderr)
    assert place is not None
    port = place.getsockname()[1]
    print(f"http://{options.host}:{port}{words}", file=sys.stderr)
    config = uvicorn.Config(behind_limits(app, options, token), **server_options(options))
    with suppress(KeyboardInterrupt):  # which ends it in order, before it is raised again
        uvicorn.Server(config).run(sockets=[place])


def server_options(options: Serving) -> dict[str, Any]:
    """What the web server is told."""
    return {
        "host": options.host,
        "port": options.port,
        "log_level": "warning",
        "ws_max_size": options.max_bytes,
    }


def behind_limits(app: App, options: Serving, token: str = "") -> App:
    """The web application behind its limits, and behind a token if there is one."""
    return guarded(app, host=options.host, max_bytes=options.max_bytes, token=token)


def app_of(door: Door, options: Serving) -> App:
    """The web application of a door, with its sessions limited."""
    if options.openenv:
        from agents.openenv_door import app_of

        openenv: App = app_of(
            door, max_sessions=options.max_sessions, idle_seconds=options.idle_seconds
        )
        return openenv
    from agents.mcp_door import server_of
    from agents.mcp_slots import Slots

    app = server_of(door).streamable_http_app(
        json_response=True,
        max_request_body_size=options.max_bytes,
        session_idle_timeout=options.idle_seconds,
        max_sessions=options.max_sessions,
        host=options.host,
    )
    return Slots(app, options.max_seconds + options.idle_seconds)


if __name__ == "__main__":
    run(main)
