"""Requests of others, passed on to a chat endpoint as they came."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from tools.chat_answer import Passing, in_time
from tools.chat_endpoint import Endpoint, client_of


def passed_on(endpoint: Endpoint, body: Mapping[str, Any]) -> tuple[int, bytes]:
    """The status and the text with which an endpoint answers a request.

    The request is the caller's own, but for the model's name and the key. It is asked once: whoever
    made the request knows whether to repeat it. No answer at all is status 502.

    Args:
        endpoint: Where it goes.
        body: The request, with `messages`, not streamed.
    """
    import openai

    asking = client_of(endpoint.base_url, endpoint.key, endpoint.timeout).chat.completions
    headers: Any = {} if endpoint.key else {"Authorization": openai.omit}
    request = {**body, "model": endpoint.model}
    named = {name: request.pop(name) for name in ("model", "messages")}
    try:
        with asking.with_streaming_response.create(
            **named, extra_body=request, extra_headers=headers
        ) as response:
            text = b"".join(in_time(response.iter_bytes(), endpoint.timeout))
            return 200, _hushed(text, endpoint.key)
    except openai.APIStatusError as error:
        return error.status_code, _hushed(error.response.content, endpoint.key)
    except (openai.APIError, OSError, Passing) as error:
        words = f"no answer of {endpoint.model}: {error.__cause__ or error}"
    except Exception as error:  # of the SDK's HTTP, while a body is read
        if type(error).__module__.partition(".")[0] not in ("httpx", "httpx2", "httpcore2"):
            raise
        words = f"no answer of {endpoint.model}: {error}"
    failed = {"error": {"message": words, "type": "upstream_error"}}
    return 502, _hushed(json.dumps(failed).encode(), endpoint.key)


def _hushed(text: bytes, key: str) -> bytes:
    return text.replace(key.encode(), b"[key]") if key else text
