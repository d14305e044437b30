"""A chat endpoint without a model, which fails as real ones do: for tests, and for load.

    python -m benchmarks.stub_endpoint --port 8009 --data desk:1000 --fail 0.1

It repeats the records of its data, whose dialogues it knows by what the user has said, as an agent
with `tools` and without. Every so often a request fails in another way: with status 500 or 429,
with an answer that is no JSON, or with none at all.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import cycle
from typing import Any, TypeAlias

from tasks.load import load_tasks, require_data
from tasks.types import Task
from tools.chat_endpoint import disconnect
from tools.command import run
from tools.command_line import read_options
from tools.protocol import parse
from tools.ranges import require_at_least, require_within

Body: TypeAlias = dict[str, Any]
Reply: TypeAlias = Callable[[Body], "Body | tuple[int, bytes] | None"]
"""From a request to the message that answers it; or to a status and bytes; None hangs up."""
FAULTS = (
    (500, b'{"error": "broken"}'),
    (429, b'{"error": "busy"}'),
    (200, b'{"choices": [{"mess'),
    None,
)
"""How requests fail, in turn."""


class Stub(ThreadingHTTPServer):
    """A server on the loopback that answers chat requests by a function."""

    daemon_threads = True
    request_queue_size = 1024

    def __init__(self, reply: Reply, port: int = 0, *, fail: float = 0.0) -> None:
        """Listens, and answers once it is served.

        Args:
            reply: Answers a request.
            port: Where it listens; 0 for any free port.
            fail: The share of requests that fail.
        """
        super().__init__(("127.0.0.1", port), _Handler)
        self.asked: list[Body] = []
        """The requests so far, failed ones included."""
        self.headers: list[str | None] = []
        """The `Authorization` of each."""
        self._reply, self._fail = reply, fail
        self._faults, self._owed = cycle(FAULTS), 0.0
        self._counting = threading.Lock()

    @property
    def url(self) -> str:
        """What clients take for a base URL."""
        return f"http://127.0.0.1:{self.server_address[1]}/v1"

    def answer(self, body: Body, key: str | None) -> Body | tuple[int, bytes] | None:
        """What a request gets."""
        with self._counting:
            self.asked.append(body)
            self.headers.append(key)
            self._owed += self._fail
            if self._owed >= 1:
                self._owed -= 1
                return next(self._faults)
        return self._reply(body)

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up is no error here."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"  # connections stay, as with real servers
    server: Stub

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        found = self.server.answer(body, self.headers.get("Authorization"))
        if found is None:
            self.close_connection = True
            return
        status, text = found if isinstance(found, tuple) else (200, completion(body, found))
        head = f"HTTP/1.1 {status} -\r\nContent-Type: application/json\r\nRetry-After: 0\r\n"
        self.wfile.write(f"{head}Content-Length: {len(text)}\r\n\r\n".encode() + text)

    def log_message(self, *arguments: object) -> None:
        """Keeps quiet."""


def completion(body: Body, message: Body) -> bytes:
    """A message as an endpoint answers it; a token is four characters here."""
    finish = message.pop("finish_reason", "tool_calls" if "tool_calls" in message else "stop")
    read = len(json.dumps([body["messages"], body.get("tools", [])])) // 4
    usage = {"prompt_tokens": read, "completion_tokens": len(json.dumps(message)) // 4}
    choice = {"index": 0, "message": {"role": "assistant", **message}, "finish_reason": finish}
    return json.dumps({"object": "chat.completion", "choices": [choice], "usage": usage}).encode()


@contextmanager
def serving(reply: Reply, port: int = 0, *, fail: float = 0.0) -> Iterator[Stub]:
    """A stub that answers in this process as long as the block lasts."""
    stub = Stub(reply, port, fail=fail)
    thread = threading.Thread(target=stub.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield stub
    finally:
        disconnect()
        stub.shutdown()
        stub.server_close()
        thread.join()


class Recorded:
    """Answers as the records of some tasks do."""

    def __init__(self, tasks: Sequence[Task]) -> None:
        """Takes the tasks; those that begin with the same words are told apart by later ones."""
        self._by_start: dict[str, list[Task]] = {}
        for task in tasks:
            self._by_start.setdefault(task.user_turns[0], []).append(task)

    def __call__(self, body: Body) -> Body:
        """The recorded message of this moment, as a message of the API."""
        said = [one for one in body["messages"] if one["role"] == "user"]
        users = [one["content"] for one in said if "<tool_response>" not in one["content"]]
        number = sum(one["role"] == "assistant" for one in body["messages"])
        alike = self._by_start.get(users[0], []) if users else []
        fits = [one for one in alike if list(one.user_turns[: len(users)]) == users] or alike
        if not fits or number >= len(fits[0].turns):
            return {"content": "Goodbye."}
        raw = fits[0].messages[fits[0].turns[number].index].content
        return as_answer(raw) if body.get("tools") else {"content": raw}


def as_answer(raw: str) -> Body:
    """A message of ours as an endpoint with parsers for thoughts and calls tells it."""
    parsed = parse(raw)
    calls = [
        {
            "id": f"call{number:05d}",
            "type": "function",
            "function": {"name": call.name, "arguments": json.dumps(call.arguments)},
        }
        for number, call in enumerate(parsed.calls)
    ]
    found: Body = {"content": parsed.text or None}
    if parsed.thought is not None:
        found["reasoning_content"] = parsed.thought
    return {**found, **({"tool_calls": calls} if calls else {})}


@dataclass(frozen=True, slots=True)
class StubOptions:
    """What `python -m benchmarks.stub_endpoint` takes."""

    port: int = 8009
    """Where it listens, on the loopback."""
    data: str = "desk:1000"
    """Whose records it repeats."""
    fail: float = 0.0
    """The share of requests that fail."""
    pause: float = 0.0
    """Seconds that every answer takes."""

    def __post_init__(self) -> None:
        """Refuses what is out of range."""
        require_within(self, 0, 65_535, "port")
        require_within(self, 0, 1, "fail")
        require_at_least(self, 0, "pause")


def main(argv: Sequence[str] | None = None) -> None:
    """Serves until it is stopped."""
    args = read_options(StubOptions, argv, prog="python -m benchmarks.stub_endpoint", about=__doc__)
    require_data(args.data)
    recorded = Recorded(load_tasks(args.data).tasks)

    def slowly(body: Body) -> Body:
        time.sleep(args.pause)
        return recorded(body)

    stub = Stub(slowly, args.port, fail=args.fail)
    print(stub.url, flush=True)
    stub.serve_forever(0.1)


if __name__ == "__main__":
    run(main)
