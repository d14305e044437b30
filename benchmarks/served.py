"""The servers of `agents.serve` in this process: for tests, and to measure them."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import uvicorn

from agents.door import Door
from agents.serve import Serving, app_of, behind_limits, server_options
from agents.web import App
from reasonact_env.config import EnvConfig


@contextmanager
def listening(app: App, options: Serving, token: str = "") -> Iterator[int]:
    """Serves an application behind its limits, as long as the block lasts.

    Yields:
        The port, any that was free.
    """
    told = {**server_options(options), "port": 0, "log_level": "critical"}
    server = uvicorn.Server(uvicorn.Config(behind_limits(app, options, token), **told))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started and thread.is_alive():
        time.sleep(0.01)
    try:
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        thread.join()


@contextmanager
def door_open(
    config: EnvConfig, path: Path, token: str = "", *, seconds: float = 3600.0, **limits: Any
) -> Iterator[int]:
    """Serves episodes as `python -m agents.serve` does.

    Args:
        config: How environments are made.
        path: The new file of episodes.
        token: What clients have to bring; "" for nothing.
        seconds: The longest time that an episode may be played.
        **limits: The command's options, `mcp=True` or `openenv=True` among them.

    Yields:
        The port.
    """
    options = Serving(**limits)
    door = Door.at(config, path, "tester", seconds=seconds)
    try:
        with listening(app_of(door, options), options, token) as port:
            yield port
    finally:
        door.close()
