"""Sessions of the Model Context Protocol that nobody uses, and what they would keep occupied.

The SDK (2.3) gives a session to whoever is answered with status 200, and a refusal in the
protocol's own words has that, too. It ends sessions that are idle, but none with an open stream,
whose client may have vanished. Both would lock others out, so these sessions are ended here.
"""

from __future__ import annotations

import json
import time
from typing import Any

from agents.web import App, Message, Receive, Send

SESSION = b"mcp-session-id"
"""The header that names a session."""


class Slots:
    """An application of the SDK's, with sessions ended that keep others out."""

    def __init__(self, app: App, seconds: float) -> None:
        """Takes the application.

        Args:
            app: The SDK's.
            seconds: After how long any session is ended, where another one wants its place.
        """
        self._app, self._seconds = app, seconds
        self._begun: dict[bytes, float] = {}

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Serves a request."""
        opens = scope["type"] == "http" and scope["method"] == "POST"
        if not opens or SESSION in dict(scope["headers"]):
            await self._app(scope, receive, send)
            return
        await self._end_old(scope)
        answer: list[Message] = []

        async def collect(message: Message) -> None:
            answer.append(message)

        await self._app(scope, receive, collect)
        if answer and (session := _session_of(answer[0])):
            if _is_refusal(answer):
                await self._end(scope, session)
            else:
                self._begun[session] = time.monotonic()
        for message in answer:
            await send(message)

    async def _end_old(self, scope: Message) -> None:
        limit = time.monotonic() - self._seconds
        for session in [one for one, begun in self._begun.items() if begun < limit]:
            del self._begun[session]
            await self._end(scope, session)

    async def _end(self, scope: Message, session: bytes) -> None:
        """Ends a session as its client would."""
        headers = [(name, value) for name, value in scope["headers"] if name != b"content-length"]

        async def nothing() -> Message:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def unheard(message: Message) -> None:
            pass

        request = {**scope, "method": "DELETE", "headers": [*headers, (SESSION, session)]}
        await self._app(request, nothing, unheard)


def _session_of(start: Message) -> bytes | None:
    return dict(start.get("headers", ())).get(SESSION)


def _is_refusal(answer: list[Message]) -> bool:
    """Whether an answer says in the protocol's words that there is no session."""
    body = b"".join(one.get("body", b"") for one in answer)
    try:
        found: Any = json.loads(body)
    except ValueError:
        return False
    return isinstance(found, dict) and "error" in found
