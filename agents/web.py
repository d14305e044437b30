"""What stands before every server here: a token, limits, and no pages of other sites."""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any, TypeAlias
from urllib.parse import urlsplit

LOOPBACK = ("127.0.0.1", "localhost", "::1")
"""The hosts that only this machine reaches."""

Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
App: TypeAlias = Callable[[Message, Receive, Send], Awaitable[None]]
"""An ASGI application."""


class TooLarge(Exception):
    """A request that is larger than allowed."""


def guarded(app: App, *, host: str, max_bytes: int, token: str = "") -> App:
    """An application behind what protects it, by HTTP and by web socket alike.

    A wrong token is answered by 401, a page of another site by 403 (a browser on this machine may
    be led to open one, and it reaches the loopback), a large request by 413.

    Args:
        app: The application.
        host: Where it listens.
        max_bytes: The size of a request at most.
        token: What clients have to bring as a bearer token; "" for none.
    """

    async def guard(scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await app(scope, receive, send)
            return
        given: dict[bytes, bytes] = dict(scope.get("headers", ()))
        if refusal := _refused(given, host, max_bytes, token):
            await refuse(scope, send, *refusal)
            return
        begun = False

        async def noticed(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await app(scope, _counted(scope, receive, max_bytes), noticed)
        except TooLarge:
            if not begun:
                await refuse(scope, send, 413, f"expected at most {max_bytes:,} bytes")

    return guard


def _refused(
    given: dict[bytes, bytes], host: str, max_bytes: int, token: str
) -> tuple[int, str] | None:
    """The status and the words with which a request is refused, by its head."""
    bearer = given.get(b"authorization", b"")
    if token and not hmac.compare_digest(bearer, f"Bearer {token}".encode()):
        return 401, "expected the bearer token"
    named = [_host(b"//" + given.get(b"host", b""))]
    if b"origin" in given:
        named.append(_host(given[b"origin"]))
    allowed = LOOPBACK if host in LOOPBACK else (named[0], host)
    if any(one not in allowed for one in named):
        return 403, "expected a request to this host, and from no page of another one"
    length = given.get(b"content-length", b"0")
    if not length.isdigit() or len(length) > 15:
        return 400, "expected a content-length that is a number"
    if int(length) > max_bytes:
        return 413, f"expected at most {max_bytes:,} bytes"
    return None


def _host(url: bytes) -> str:
    """The host that an address names; "" for none."""
    try:
        return urlsplit(url.decode("latin-1")).hostname or ""
    except ValueError:
        return ""


def _counted(scope: Message, receive: Receive, max_bytes: int) -> Receive:
    """What comes, as long as it is not too much; the server limits messages of web sockets."""
    size = 0

    async def count() -> Message:
        nonlocal size
        message = await receive()
        if scope["type"] == "http":
            size += len(message.get("body", b""))
        if size > max_bytes:
            raise TooLarge
        return message

    return count


async def refuse(scope: Message, send: Send, status: int, words: str) -> None:
    """Answers a request by a status and some words; a web socket is not opened."""
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008, "reason": words})
        return
    await respond(send, status, words.encode(), b"text/plain; charset=utf-8")


async def respond(
    send: Send,
    status: int,
    body: bytes,
    kind: bytes = b"application/json",
    more: Iterable[tuple[bytes, bytes]] = (),
) -> None:
    """Answers a request."""
    headers = [(b"content-type", kind), (b"content-length", str(len(body)).encode()), *more]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def body_of(receive: Receive) -> bytes | None:
    """All of a request's body; None if the client has left meanwhile."""
    parts: list[bytes] = []
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(parts)
