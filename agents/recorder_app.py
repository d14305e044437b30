"""The recorder as a chat endpoint: an agent's requests go on to its model, and are noted.

`POST /v1/chat/completions` and `GET /v1/models`. A model is asked without streaming; an agent that
wants a stream gets its answer as one, in a piece.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agents.behind import Model, behind
from agents.heard import problem_of
from agents.recorder import Judge, Recorder, judged_path
from agents.web import App, Message, Receive, Send, body_of, respond
from tools.chat_address import is_llm
from tools.chat_answer import Passing, read_answer
from tools.jsontext import short

if TYPE_CHECKING:
    from agents.serve import Serving

_STREAM = b"text/event-stream"


def record(options: Serving, path: Path, listen: Callable[[App], None]) -> None:
    """Records until `listen` returns.

    Args:
        options: Which model, and the limits.
        path: Where episodes go.
        listen: Serves an application.
    """
    from agents.serve import config_of

    assert options.model is not None
    model = behind(options.model)
    # A user that is a model would not say the same again.
    judge = None if is_llm(options.user) else Judge(config_of(options), options.seed)
    agent = options.name or f"unknown on {model.name}"
    recorder = Recorder(path, agent, most=options.max_sessions, judge=judge)
    try:
        listen(RecorderApp(model, recorder, idle_seconds=options.idle_seconds))
    finally:
        recorder.close()
        found = [str(one) for one in (path, judged_path(path)) if one.exists()]
        print(" and ".join(found) or "nothing was recorded", file=sys.stderr)


class RecorderApp:
    """The endpoint."""

    def __init__(self, model: Model, recorder: Recorder, *, idle_seconds: float) -> None:
        """Takes its parts.

        Args:
            model: What answers.
            recorder: Where exchanges are noted.
            idle_seconds: After how long without a request a conversation has ended.
        """
        self._model, self._recorder, self._idle = model, recorder, idle_seconds

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Serves a request, or the server's own beginning and end."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            place = (scope["method"], str(scope["path"]).removeprefix("/v1").rstrip("/"))
            if place == ("GET", "/models"):
                await respond(send, 200, _models(self._model.name))
            elif place == ("POST", "/chat/completions"):
                await _complete(self._model, self._recorder, receive, send)
            else:
                words = "expected POST /v1/chat/completions or GET /v1/models"
                await respond(send, 404, _error(words))

    async def _live(self, receive: Receive, send: Send) -> None:
        """Writes what has ended, as long as the server runs."""
        watching: asyncio.Task[None] | None = None
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                watching = asyncio.create_task(self._watch())
            elif watching is not None:
                watching.cancel()
            await send({"type": f"{message['type']}.complete"})
            if message["type"] == "lifespan.shutdown":
                return

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(min(self._idle / 4, 10.0))
            await asyncio.to_thread(self._recorder.write, self._idle)


async def _complete(model: Model, recorder: Recorder, receive: Receive, send: Send) -> None:
    """Answers a request."""
    text = await body_of(receive)
    if text is None:
        return
    try:
        body: Any = json.loads(text)
        problem = problem_of(body)
    except (ValueError, RecursionError):
        problem = f"expected JSON, got {short(text[:60].decode('utf-8', 'replace'))}"
    if problem:
        await respond(send, 400, _error(problem))
        return
    streams = bool(body.pop("stream", False))
    told = body.pop("stream_options", None)
    status, answer = await asyncio.to_thread(model.answer, body)
    if status != 200:
        await respond(send, status, answer)
        return
    try:
        read, _ = read_answer(answer)
        found = json.loads(answer)
        await asyncio.to_thread(recorder.add, body, read.message, cut=read.cut)
    except (Passing, TypeError, ValueError, RecursionError) as error:
        await respond(send, 502, _error(f"expected an answer of {model.name}, got {error}"))
        return
    if streams:
        usage = isinstance(told, Mapping) and bool(told.get("include_usage"))
        await respond(send, 200, b"".join(_stream(found, usage=usage)), _STREAM)
    else:
        await respond(send, 200, answer)


def _stream(answer: Mapping[str, Any], *, usage: bool) -> Iterator[bytes]:
    """An answer as a stream would tell it, each message in a piece."""
    head = {name: answer.get(name) for name in ("id", "created", "model")}
    head["object"] = "chat.completion.chunk"
    for choice in answer["choices"]:
        if not isinstance(choice, Mapping):
            continue
        message = choice.get("message")
        delta = dict(message) if isinstance(message, Mapping) else {}
        calls = delta.get("tool_calls")
        if isinstance(calls, list):
            numbered = enumerate(one for one in calls if isinstance(one, Mapping))
            delta["tool_calls"] = [{"index": at, **one} for at, one in numbered]
        at = choice.get("index", 0)
        end = {"index": at, "delta": {}, "finish_reason": choice.get("finish_reason")}
        yield _event({**head, "choices": [{"index": at, "delta": delta, "finish_reason": None}]})
        yield _event({**head, "choices": [end]})
    if usage:
        yield _event({**head, "choices": [], "usage": answer.get("usage")})
    yield b"data: [DONE]\n\n"


def _event(chunk: Mapping[str, Any]) -> bytes:
    return b"data: " + json.dumps(chunk).encode() + b"\n\n"


def _models(name: str) -> bytes:
    one = {"id": name, "object": "model", "created": int(time.time()), "owned_by": "reasonact"}
    return json.dumps({"object": "list", "data": [one]}).encode()


def _error(words: str) -> bytes:
    return json.dumps({"error": {"message": words, "type": "invalid_request_error"}}).encode()
