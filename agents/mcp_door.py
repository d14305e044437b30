"""Episodes behind the Model Context Protocol: each session of a client plays one of its own.

The episode's tools are the server's tools, and one more, `say`, speaks to the user. The rules and
what the user wants are the session's instructions; the latter stands in the description of `say`,
too, since many clients show no instructions to their models.

Of the protocol's two eras only the one with sessions is served: since 2026-07-28 each request may
come by itself, and no conversation could be told from another. Clients that know both fall back.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

import anyio
import anyio.to_thread
import mcp_types as types
from mcp.server.lowlevel import Server
from mcp.server.runner import serve_loop
from mcp.server.stdio import stdio_server
from mcp.shared.exceptions import MCPError
from mcp_types.version import HANDSHAKE_PROTOCOL_VERSIONS

import reasonact_env
from agents.door import LATE, Door, Seat

SAY = "say"
"""The tool that speaks to the user."""
_KEPT = "reasonact"
"""Where a connection keeps its seat."""


def say_of(seat: Seat) -> str:
    """What the tool that speaks to the user is called: a task may have a `say` of its own."""
    names = {str(tool["function"]["name"]) for tool in seat.talk.tools}  # type: ignore[call-overload,index]
    return next(name for name in (SAY, "say_to_user", "tell_the_user") if name not in names)


def tools_of(seat: Seat) -> list[types.Tool]:
    """The tools of a session."""
    wish = f"The conversation began with: {seat.talk.latest}"
    speak = types.Tool(
        name=say_of(seat),
        description=f"Says something to the user, and returns what the user answers. {wish}",
        input_schema={
            "type": "object",
            "properties": {"text": {"type": "string", "description": "What the user reads."}},
            "required": ["text"],
        },
    )
    functions: list[Any] = [tool["function"] for tool in seat.talk.tools]
    return [
        types.Tool(name=one["name"], description=one["description"], input_schema=one["parameters"])
        for one in functions
    ] + [speak]


def instructions_of(seat: Seat) -> str:
    """What the agent has to know."""
    return (
        f"{seat.talk.rules}\n\nSpeak to the user with the tool {say_of(seat)!r} alone. "
        f"The user says:\n{seat.talk.latest}"
    )


def play(seat: Seat, name: str, arguments: dict[str, Any]) -> str:
    """A tool's answer, in words."""
    if seat.is_late:
        return LATE
    if name != say_of(seat):
        return seat.talk.call_text(name, json.dumps(arguments, ensure_ascii=False))
    text = arguments.get("text")
    if not isinstance(text, str):
        given = sorted(arguments.items())
        came = ", ".join(f"{key}={json.dumps(value)[:80]}" for key, value in given) or "nothing"
        return f"Error: Expected {name} with a text, got {came}. Give it as text."
    answer = seat.talk.say(text)
    return f"The conversation has ended ({seat.talk.stop})." if answer is None else answer


def server_of(door: Door) -> Server[Any]:
    """The protocol's server, over any of its transports."""

    async def list_tools(context: Any, params: Any) -> types.ListToolsResult:
        return types.ListToolsResult(tools=tools_of(_seat(context)))

    async def call_tool(context: Any, params: types.CallToolRequestParams) -> types.CallToolResult:
        seat, before = _seat(context), _steps(context)
        text = await anyio.to_thread.run_sync(play, seat, params.name, params.arguments or {})
        if seat.talk.done:
            door.keep(seat)
        failed = len(seat.talk.rewards) == before or bool(seat.talk.info.get("call_problems"))
        state = {"done": seat.talk.done, "stop": seat.talk.stop, "total": seat.talk.total}
        content = [types.TextContent(type="text", text=text)]
        return types.CallToolResult(content=content, is_error=failed, _meta={"reasonact": state})

    server: Server[Any] = Server(
        "ReasonAct",
        version=reasonact_env.__version__,
        on_list_tools=list_tools,
        on_call_tool=call_tool,
    )
    server.middleware.append(_begins(door))
    return server


def by_standard_input(server: Server[Any]) -> None:
    """Serves one session by standard input and output, until the client leaves."""

    async def serve() -> None:
        async with server.lifespan(server) as state, stdio_server() as (incoming, outgoing):
            # Not `server.run`: a client that asks for the era without sessions first would get it.
            await serve_loop(server, incoming, outgoing, lifespan_state=state)

    anyio.run(serve)


def _begins(door: Door) -> Callable[..., Awaitable[Any]]:
    """Lets each session begin with an episode, and be told its rules."""

    async def begin(context: Any, call_next: Callable[[Any], Awaitable[Any]]) -> Any:
        if context.protocol_version not in HANDSHAKE_PROTOCOL_VERSIONS:
            raise MCPError(
                types.UNSUPPORTED_PROTOCOL_VERSION,
                "expected a session that begins with `initialize`, got a request by itself",
                {
                    "supported": list(HANDSHAKE_PROTOCOL_VERSIONS),
                    "requested": context.protocol_version,
                },
            )
        result = await call_next(context)
        if context.method != "initialize":
            return result
        connection = _connection(context)
        if _KEPT not in connection.state:
            seat = await anyio.to_thread.run_sync(_chosen, door, context.request)
            connection.state[_KEPT] = seat
            connection.exit_stack.callback(door.keep, seat)
        return {**result, "instructions": instructions_of(connection.state[_KEPT])}

    return begin


def _chosen(door: Door, request: Any) -> Seat:
    """The episode that a client asks for with `?task_id=…`, or the next one."""
    wanted = None if request is None else request.query_params.get("task_id")
    try:
        return door.sit_down(wanted)
    except ValueError as error:
        raise MCPError(types.INVALID_PARAMS, str(error)) from None


def _connection(context: Any) -> Any:
    # The SDK (2.3) gives handlers a session for each request, and the connection only through it.
    return context.session._connection


def _seat(context: Any) -> Seat:
    seat: Seat | None = _connection(context).state.get(_KEPT)
    if seat is None:
        raise MCPError(types.INVALID_REQUEST, "expected `initialize` first")
    return seat


def _steps(context: Any) -> int:
    return len(_seat(context).talk.rewards)
