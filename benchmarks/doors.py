"""Doors for other people's agents: what a user writes, what is paid, how long a step takes.

    python -m benchmarks.doors
    python -m benchmarks.doors --data retail:40:1 --out runs/doors.json

The record's own messages come through every door that is installed (`pip install -e '.[doors]'`),
and each reward has to be that of `step`, bit for bit. `lines` are those of an example's functions
and classes. A framework's milliseconds are its own and those of the local server that plays its
model; those of MCP and OpenEnv are client's and server's, with a session an episode.
"""

from __future__ import annotations

import ast
import importlib
import importlib.util
import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType
from typing import Any

import gymnasium as gym

from agents.console import console, plain_table
from agents.gold import Gold
from benchmarks.machine import machine
from benchmarks.scripted_model import serving
from reasonact_env.agent import Session
from reasonact_env.config import EnvConfig
from reasonact_env.conversation import Conversation
from reasonact_env.episode import Episode
from tasks.load import require_data
from tools.command import run
from tools.command_line import read_options
from tools.files import write_json
from tools.openai_form import to_openai
from tools.places import require_place
from tools.protocol import parse
from tools.ranges import require_at_least

EXAMPLES = Path(__file__).parents[1] / "examples" / "doors"
FRAMEWORKS = {
    "openai_sdk": "openai",
    "openai_agents": "agents.run",
    "langchain_agent": "langchain_openai",
    "smolagents_agent": "smolagents",
}
"""An example with a function `play` -> the module that it needs."""
HEADS = ("door", "lines", "same rewards", "steps", "ms a step", "CPU ms")

Play = Callable[[Any, Episode], tuple[float, ...]]
"""Plays an episode's messages in an environment, and returns the rewards."""


@dataclass(frozen=True, slots=True)
class Row:
    """What was measured of a door."""

    door: str
    """Its name."""
    lines: int | None
    """How many lines a user writes."""
    same: bool
    """Whether all rewards were those of `step`."""
    steps: int
    """How many messages were played."""
    milliseconds: float
    """Wall time a message."""
    cpu: float
    """Milliseconds of CPU time a message: on a busy machine, time is not all ours."""


@dataclass(frozen=True, slots=True)
class Options:
    """What is played."""

    data: str = "desk:60"
    """The data."""
    episodes: int = 20
    """How many episodes."""
    out: Path | None = None
    """A JSON file for the rows."""


def golden(env: Any, count: int) -> list[Episode]:
    """The longest episodes of the record among those with one call a message: loops that run tools
    one by one make a step of each.
    """
    gold, found = Gold(env.unwrapped.tasks), []
    for task_id in env.unwrapped.task_ids:
        observation, info = env.reset(seed=0, options={"task_id": task_id})
        while "stop" not in info:
            (action,) = gold.act([Session(observation, info)])
            observation, *_, info = env.step(action)
        episode: Episode = env.unwrapped.episode
        if all(len(step.calls) < 2 for step in episode.steps):
            found.append(episode)
    return sorted(found, key=lambda one: -len(one.steps))[:count]


def script_of(episode: Episode, *, finals: bool = False) -> Iterator[dict[str, Any]]:
    """An episode's messages in OpenAI's form; `finals` makes replies calls of `final_answer`."""
    for number, step in enumerate(episode.steps):
        (message,) = to_openai([{"role": "assistant", "content": step.action}])
        if finals and "tool_calls" not in message:
            message = _final(message["content"])
        for one in message.get("tool_calls", ()):
            one["id"] = f"call_{number}"
        yield message
    if finals:  # after a last tool, its loop ends by nothing else
        yield _final("Goodbye.")


def _final(text: str) -> dict[str, Any]:
    call = {"name": "final_answer", "arguments": json.dumps({"answer": text})}
    calls = [{"id": "call_last", "type": "function", "function": call}]
    return {"role": "assistant", "content": None, "tool_calls": calls}


def example(name: str) -> ModuleType:
    """An example of a door, as a module."""
    spec = importlib.util.spec_from_file_location(f"door_{name}", EXAMPLES / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def lines_of(name: str) -> int:
    """The lines of an example's functions and classes, without docstrings and empty lines."""
    text = (EXAMPLES / f"{name}.py").read_text("utf-8")
    kinds = (ast.FunctionDef, ast.ClassDef)
    found = [node for node in ast.parse(text).body if isinstance(node, kinds)]
    written = "\n".join(ast.unparse(node) for node in found)
    body = [line for line in written.splitlines() if line.strip() and '"""' not in line]
    return len(body)


def stepped(env: Any, episode: Episode) -> tuple[float, ...]:
    """The environment's own loop."""
    env.reset(seed=0, options={"task_id": episode.task_id})
    return tuple(env.step(step.action)[1] for step in episode.steps)


def called(env: Any, episode: Episode) -> tuple[float, ...]:
    """`call` and `say`."""
    talk = Conversation(env, task_id=episode.task_id, seed=0)
    for step in episode.steps:
        read = parse(step.action)
        for call in read.calls:
            talk.call(call.name, **call.arguments)
        if not read.calls:
            talk.say(read.text)
    return talk.rewards


def answered(env: Any, episode: Episode) -> tuple[float, ...]:
    """`answer`, with messages in OpenAI's form."""
    talk = Conversation(env, task_id=episode.task_id, seed=0)
    for message in script_of(episode):
        talk.answer(message)
    return talk.rewards


def framework(name: str) -> Play:
    """An example, with a model that says what the record has."""
    module = example(name)

    def play(env: Any, episode: Episode) -> tuple[float, ...]:
        talk = Conversation(env, task_id=episode.task_id, seed=0)
        with serving(list(script_of(episode, finals=name == "smolagents_agent"))) as (url, _):
            os.environ["OPENAI_BASE_URL"] = url
            module.play(talk, "scripted")
        return talk.rewards

    return play


def by_mcp(port: int) -> Play:
    """The SDK's own client, a session an episode; what was paid stands beside each answer."""

    def play(env: Any, episode: Episode) -> tuple[float, ...]:
        import anyio
        from mcp.client.client import Client

        totals = [0.0]

        async def talk() -> None:
            url = f"http://127.0.0.1:{port}/mcp?task_id={episode.task_id}"
            async with Client(url) as client:
                for step in episode.steps:
                    read = parse(step.action)
                    calls = [(one.name, dict(one.arguments)) for one in read.calls]
                    for name, arguments in calls or [("say", {"text": read.text})]:
                        result = await client.call_tool(name, arguments)
                        totals.append(result.meta["reasonact"]["total"])

        anyio.run(talk)
        return tuple(after - before for before, after in pairwise(totals))

    return play


def by_openenv(port: int) -> Play:
    """OpenEnv's own client, a session an episode."""

    def play(env: Any, episode: Episode) -> tuple[float, ...]:
        from openenv import GenericEnvClient

        with GenericEnvClient(base_url=f"http://127.0.0.1:{port}").sync() as client:
            client.reset(task_id=episode.task_id, seed=0)
            return tuple(client.step({"message": step.action}).reward for step in episode.steps)

    return play


def doors(config: EnvConfig) -> Iterator[tuple[str, int | None, Play]]:
    """All doors that are installed: name, lines, and how they play.

    Args:
        config: How the environment is made that they play.
    """
    yield "step", None, stepped
    yield "Conversation: call, say", None, called
    yield "Conversation: answer", None, answered
    for name, needed in FRAMEWORKS.items():
        if _is_there(needed):
            yield name, lines_of(name), framework(name)
    for name, needed, play in (("mcp", "mcp_types", by_mcp), ("openenv", "openenv", by_openenv)):
        if _is_there(needed):
            from benchmarks.served import door_open  # needs a server

            with TemporaryDirectory() as folder:
                what: dict[str, Any] = {name: True}
                with door_open(config, Path(folder) / "served.jsonl", **what) as port:
                    yield f"agents.serve --{name}", None, play(port)


def _is_there(module: str) -> bool:
    try:
        importlib.import_module(module)
    except ImportError:
        return False
    return True


def measure(env: Any, episodes: Sequence[Episode]) -> Iterator[Row]:
    """A row a door, each of which plays all episodes."""
    for name, lines, play in doors(env.unwrapped.config):
        play(env, episodes[0])  # what is made once is not a step's
        same, begin, begun = True, time.perf_counter(), time.process_time()
        for episode in episodes:
            same &= play(env, episode) == tuple(step.reward for step in episode.steps)
        seconds, cpu = time.perf_counter() - begin, time.process_time() - begun
        steps = sum(len(episode.steps) for episode in episodes)
        yield Row(name, lines, same, steps, 1000 * seconds / steps, 1000 * cpu / steps)


def main(argv: list[str] | None = None) -> int:
    """Measures, prints the table, and returns 1 where a door pays other rewards."""
    options = read_options(Options, argv, prog="python -m benchmarks.doors", about=__doc__)
    require_data(options.data)
    require_at_least(options, 1, "episodes")
    if options.out is not None:
        require_place(options.out)
    os.environ.update(OPENAI_API_KEY="none", OPENAI_AGENTS_DISABLE_TRACING="1")
    env = gym.make("ReasonAct-APIGen-v0", data=options.data, split="all")
    rows = list(measure(env, golden(env, options.episodes)))
    title = f"{options.data} · {options.episodes} episodes"
    console().print(plain_table(title, HEADS, [_cells(row) for row in rows]))
    if options.out is not None:
        write_json(options.out, {"machine": machine(), "rows": [asdict(row) for row in rows]})
    return int(not all(row.same for row in rows))


def _cells(row: Row) -> tuple[str, ...]:
    lines, same = "" if row.lines is None else str(row.lines), "yes" if row.same else "NO"
    times = f"{row.milliseconds:.2f}", f"{row.cpu:.2f}"
    return row.door, lines, same, f"{row.steps:,}", *times


if __name__ == "__main__":
    run(main)
