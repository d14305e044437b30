"""Serves episodes to agents of any make.

    pip install 'reasonact[mcp]'
    python -m agents.serve --mcp
    python -m agents.serve --mcp --data retail:500:1 --split test --out runs/served.jsonl
    python -m agents.serve --mcp --stdio

Each session of a client (`http://127.0.0.1:8765/mcp`) plays one episode: the tasks of the split in
their order, or the one named by `?task_id=ID`. With --stdio the client starts this command, and
has its one episode by standard input and output. An episode is in the file when it ends, and one
that was left when its session ends; `python -m reasonact_env.replay` opens and verifies it.

It listens on this machine alone, unless --host says otherwise; then let clients bring the token
that is in the environment variable REASONACT_SERVE_TOKEN.
"""

from __future__ import annotations

import hmac
import os
import sys
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from reasonact_env.config import EnvConfig
from reasonact_env.users.make import OWN
from tasks.types import SPLITS
from tools.command import run
from tools.command_line import read_options
from tools.files import require_place
from tools.option_types import one_of
from tools.ranges import require_at_least, require_within

if TYPE_CHECKING:
    from agents.mcp_door import Door

TOKEN = "REASONACT_SERVE_TOKEN"
"""The environment variable with the token that clients have to bring, if it is set."""
LOOPBACK = ("127.0.0.1", "localhost", "::1")
"""The hosts that only this machine reaches."""


@dataclass(frozen=True, slots=True)
class Serving:
    """What is served, and how much of it."""

    mcp: bool = False
    """Serve the Model Context Protocol (the only one so far)."""
    stdio: bool = False
    """One episode by standard input and output instead of HTTP."""
    data: str = "retail:500:0"
    """The data, as everywhere."""
    split: Annotated[str, one_of(SPLITS)] = "test"
    """The split whose tasks are played, in order."""
    user: str = OWN
    """The user: own (who listens, where the data have one), scripted, agenda, llm, MODULE:NAME."""
    thinking: str = "optional"
    """Whether messages have to begin with a thought."""
    out: Path | None = None
    """The file of episodes; without it runs/served/TIME.jsonl."""
    agent: str = "mcp"
    """Who plays, as the file shall say."""
    seed: int = 0
    """The seed of every episode."""
    host: str = "127.0.0.1"
    """Where to listen."""
    port: int = 8765
    """The port; 0 for any that is free."""
    max_sessions: int = 64
    """How many sessions there may be at the same time."""
    max_bytes: int = 1_000_000
    """The size of a request at most."""
    max_seconds: float = 3600.0
    """How long a session may play."""
    idle_seconds: float = 600.0
    """After how long without a request a session is ended."""


def main(argv: list[str] | None = None) -> int:
    """Serves until it is interrupted, or the client of --stdio leaves."""
    options = read_options(Serving, argv, prog="python -m agents.serve", about=__doc__)
    _check(options)
    from agents.mcp_door import Door  # the SDK is an extra

    config = EnvConfig(
        split=options.split, data=options.data, user=options.user, thinking=options.thinking
    )
    path = options.out or Path("runs/served") / f"{datetime.now():%Y%m%d-%H%M%S}.jsonl"
    require_place(path)
    door = Door.at(config, path, options.agent, seed=options.seed, seconds=options.max_seconds)
    try:
        _serve(door, options, path)
    finally:
        door.close()
    return 0


def _check(options: Serving) -> None:
    """Refuses options that make no sense, before anything is loaded."""
    if not options.mcp:
        raise ValueError("expected --mcp, the door that there is so far; got none")
    require_at_least(options, 1, "max_sessions", "max_bytes", "max_seconds", "idle_seconds")
    require_within(options, 0, 65_535, "port")
    if options.out is not None and options.out.exists():
        raise FileExistsError(
            f"expected a new file for episodes, but {options.out} exists; name another with --out"
        )


def _serve(door: Door, options: Serving, path: Path) -> None:
    """Runs a transport. Standard output is the protocol's, so all words go to standard error."""
    from agents.mcp_door import by_standard_input, server_of

    server = server_of(door)
    if options.stdio:
        by_standard_input(server)
        return
    import uvicorn

    token = os.environ.get(TOKEN, "")
    if options.host not in LOOPBACK and not token:
        print(f"warning: anybody who reaches {options.host} may play; set {TOKEN}", file=sys.stderr)
    print(f"http://{options.host}:{options.port}/mcp plays {path}", file=sys.stderr)
    uvicorn.run(
        app_of(server, options, token), host=options.host, port=options.port, log_level="warning"
    )


def app_of(server: Any, options: Serving, token: str = "") -> Any:
    """The web application, with its limits; behind a token if there is one."""
    app = server.streamable_http_app(
        json_response=True,
        max_request_body_size=options.max_bytes,
        session_idle_timeout=options.idle_seconds,
        max_sessions=options.max_sessions,
        host=options.host,
    )
    if not token:
        return app
    expected = f"Bearer {token}".encode()

    async def guarded(scope: Any, receive: Any, send: Any) -> None:
        given = dict(scope.get("headers", ())).get(b"authorization", b"")
        if scope["type"] != "http" or hmac.compare_digest(given, expected):
            await app(scope, receive, send)
            return
        head = {"type": "http.response.start", "status": 401, "headers": []}
        await send(head)
        await send({"type": "http.response.body", "body": b"expected the bearer token"})

    return guarded


if __name__ == "__main__":
    run(main)
