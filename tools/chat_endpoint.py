"""A model behind an OpenAI-compatible chat endpoint, asked through the official SDK (`openai`).

An attempt that may pass is repeated, with growing pauses: a lost connection, a timeout, a busy or
broken server, an answer that is no chat completion. Any other refusal ends the asking at once.
"""

from __future__ import annotations

import hashlib
import os
import random
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tools import chat_reach
from tools.answer_cache import answers_in, append_to
from tools.chat_address import AUTO, checked_url, known_as, read_address
from tools.chat_answer import Answer, Passing, encodable, in_time, read_answer, seconds_of
from tools.jsontext import canonical, short
from tools.types import Json
from tools.usage import Usage, counted

if TYPE_CHECKING:
    from openai import APIStatusError, OpenAI

BASE_URL, MODEL = "REASONACT_LLM_BASE_URL", "REASONACT_LLM_MODEL"
KEY, CACHE = "REASONACT_LLM_KEY", "REASONACT_LLM_CACHE"
LONGEST_WAIT = 30.0
"""The longest pause between two attempts, in seconds."""
MAX_TOKENS = 1_024
"""Tokens of an answer unless told otherwise: without a limit a small model may write thousands."""
_WORTH_REPEATING = frozenset({408, 409, 425, 429})
"""Statuses below 500 that another attempt may change."""
_NEWER = "max_completion_tokens"
"""What some endpoints call the limit of tokens, and want instead of `max_tokens`."""


class EndpointError(RuntimeError):
    """No answer from the endpoint: what was asked, what came, what to do."""

    def __init__(self, words: str, status: int | None = None) -> None:
        """Says what came, and with which status, where the endpoint answered at all."""
        super().__init__(words)
        self.status = status


@dataclass(frozen=True, slots=True)
class Endpoint:
    """The address of a model, and how it is asked."""

    base_url: str
    """The address without `/chat/completions`; for instance `http://localhost:8000/v1`."""
    model: str
    """The model's name there."""
    key: str = field(default="", repr=False)
    """The bearer token; empty for none."""
    temperature: float = 0.0
    """Of the sampling."""
    max_tokens: int = MAX_TOKENS
    """Tokens of one answer at most."""
    tools: str = AUTO
    """How the model is shown its tools: one of `tools.chat_address.TOOL_FORMS`."""
    prices: tuple[float, float] | None = None
    """Of a million tokens that are read, and of a million that are written; None if unknown."""
    timeout: float = 60.0
    """Seconds for one attempt."""
    retries: int = 4
    """The number of attempts after the first."""
    backoff: float = 1.0
    """Seconds before the second attempt, doubled each time; up to half as much is left out, so that
    many who wait do not come back at once."""
    cache: str | None = None
    """A JSONL file of all texts so far; what stands there is never asked again."""
    name: str = ""
    """As `read_address` reads it: how runs and files name it; model and address unless given."""

    def __post_init__(self) -> None:
        """Raises ValueError for an address that is none, or holds a secret."""
        checked_url(self.base_url)
        if not self.name:
            object.__setattr__(self, "name", f"{self.model}@{self.base_url}")

    @classmethod
    def of(cls, name: str, **others: Any) -> Endpoint:
        """The endpoint of a name such as `smollm2@http://127.0.0.1:8000/v1,key=MY_KEY`.

        Args:
            name: As `tools.chat_address` says.
            **others: Further fields, for what the name does not say.

        Raises:
            ValueError: for a name of another form, or a variable that is not set.
        """
        told = read_address(name)
        variable = told.pop("key", None)
        key = os.environ.get(str(variable), "") if variable else ""
        if variable and not key:
            raise ValueError(
                f"expected the key of {told['model']} in the environment variable {variable}, "
                "which is not set; set it, or leave out key="
            )
        given: dict[str, Any] = {"cache": os.environ.get(CACHE) or None, **others, **told}
        return cls(key=key, name=known_as(name), **given)

    @classmethod
    def from_environment(
        cls, wanted: str = "user='llm'", instead: str | None = "user='scripted'"
    ) -> Endpoint:
        """The endpoint that the environment variables name.

        Args:
            wanted: What needs the endpoint, in the words in which the user asked for it.
            instead: What the user could ask for without an endpoint; None if nothing else would do.

        Raises:
            ValueError: if the address or the model is missing.
        """
        missing = [name for name in (BASE_URL, MODEL) if not os.environ.get(name)]
        if missing:
            raise ValueError(
                f"expected the environment variables {BASE_URL} and {MODEL} for {wanted} "
                f"({KEY} and {CACHE} if wanted), got no {' and no '.join(missing)}; "
                f"set them{f', or take {instead}' if instead else ''}"
            )
        return cls(
            base_url=os.environ[BASE_URL],
            model=os.environ[MODEL],
            key=os.environ.get(KEY, ""),
            cache=os.environ.get(CACHE) or None,
        )

    def answer(self, messages: Sequence[Mapping[str, str]]) -> str:
        """The text of the model's answer, from the cache if it is there.

        Args:
            messages: A conversation in the chat form.

        Raises:
            EndpointError: if no attempt brought a text.
        """
        body = self._body(messages, ())
        known = answers_in(self.cache) if self.cache else {}
        name = hashlib.sha256(canonical(body).encode("utf-8", "surrogatepass")).hexdigest()
        if name not in known:
            known[name] = self._asked(body, needs_text=True).text
            if self.cache:
                append_to(Path(self.cache), {"key": name, "content": known[name]})
        return known[name]

    def ask(
        self, messages: Sequence[Mapping[str, Any]], tools: Sequence[Mapping[str, Json]] = ()
    ) -> Answer:
        """What the model answers, perhaps nothing or a call; never from the cache.

        Args:
            messages: A conversation in the chat form.
            tools: What it may call, in the function envelope.

        Raises:
            EndpointError: if no attempt brought an answer.
        """
        return self._asked(self._body(messages, tools), needs_text=False)

    def _body(
        self, messages: Sequence[Mapping[str, Any]], tools: Sequence[Mapping[str, Json]]
    ) -> dict[str, Any]:
        return {
            "model": self.model,
            "messages": [encodable(message) for message in messages],
            "temperature": self.temperature,
            "max_tokens": self.max_tokens,
            **({"tools": list(tools)} if tools else {}),
        }

    def _asked(self, body: Mapping[str, Any], *, needs_text: bool) -> Answer:
        """Tries until there is an answer, or no attempt is left; counts what it took."""
        usage, began = Usage(), time.monotonic()
        try:
            for attempt in count(1):
                try:
                    return self._attempt(body, usage, needs_text)
                except Passing as failure:
                    usage.failures += 1
                    self._wait(attempt, failure)
            raise AssertionError  # `_wait` ends it
        finally:
            usage.seconds = time.monotonic() - began
            counted(usage)

    def _wait(self, attempt: int, failure: Passing) -> None:
        """Waits before the next attempt, where there is one left."""
        tries = self.retries + 1
        if failure.refused:
            tries = chat_reach.attempts(self.base_url, tries)
        if attempt >= tries:
            if failure.refused:
                chat_reach.give_up(self.base_url)
            raise EndpointError(
                f"expected an answer of {self.model} at {self.base_url} in {attempt} "
                f"attempt{'s' * (attempt > 1)}; the last one brought {failure}. See whether the "
                "endpoint runs, or give it more time or attempts"
            ) from None
        if failure.refused:
            chat_reach.waiting(self.model, self.base_url, attempt + 1, tries)
        pause = self.backoff * 2 ** (attempt - 1) * random.uniform(0.5, 1)
        time.sleep(min(max(failure.wait, pause), LONGEST_WAIT))

    def _attempt(self, body: Mapping[str, Any], usage: Usage, needs_text: bool) -> Answer:
        import openai

        asking = client_of(self.base_url, self.key, self.timeout).chat.completions
        headers: Any = {} if self.key else {"Authorization": openai.omit}
        try:
            with asking.with_streaming_response.create(**body, extra_headers=headers) as response:
                chat_reach.reached(self.base_url)
                text = b"".join(in_time(response.iter_bytes(), self.timeout))
        except openai.APIStatusError as error:
            chat_reach.reached(self.base_url)
            if error.status_code == 400 and "max_tokens" in body and _NEWER in error.message:
                renamed = {_NEWER if k == "max_tokens" else k: v for k, v in body.items()}
                return self._attempt(renamed, usage, needs_text)
            raise self._of_status(error, usage) from None
        except (openai.APIError, OSError) as error:
            refused = type(error.__cause__).__name__ == "ConnectError"
            what = f"no connection ({self._hushed(error.__cause__ or error)})"
            raise Passing(what, refused=refused) from None
        except Exception as error:
            # The SDK's HTTP has errors of its own, which it passes on while a body is read.
            if type(error).__module__.partition(".")[0] not in ("httpx", "httpx2", "httpcore2"):
                raise
            raise Passing(f"no connection ({self._hushed(error)})") from None
        if self.key:  # a server that tells what it was sent
            text = text.replace(self.key.encode(), b"[key]")
        answer, told = read_answer(text)
        if needs_text and not answer.text.strip():
            raise Passing("an empty message")
        usage.take(told)
        return answer

    def _of_status(self, error: APIStatusError, usage: Usage) -> Exception:
        status = error.status_code
        what = f"status {status}: {short(self._hushed(error.response.text))}"
        if status in _WORTH_REPEATING or status >= 500:
            return Passing(what, seconds_of(error.response.headers.get("Retry-After")))
        usage.failures += 1
        return EndpointError(
            f"expected an answer of {self.model} at {self.base_url}, got {what}. "
            f"See whether address, model and key are right, and whether the conversation fits",
            status,
        )

    def _hushed(self, words: object) -> str:
        """Words of others, without the key."""
        text = str(words)
        return text.replace(self.key, "[key]") if self.key else text


_clients: dict[tuple[str, str, float], OpenAI] = {}
"""The SDK's clients, each of which keeps connections for all threads."""


def client_of(base_url: str, key: str, timeout: float) -> OpenAI:
    """The SDK's client for an endpoint."""
    known = base_url, key, timeout
    if known not in _clients:
        from openai import OpenAI

        made = OpenAI(
            base_url=base_url,
            api_key=key or "none",  # the SDK wants one; a request without a key omits it
            timeout=timeout,
            max_retries=0,  # broken answers have to be asked for again, too: `_asked` does both
        )
        _clients.setdefault(known, made)
    return _clients[known]


def disconnect() -> None:
    """Closes the connections to all endpoints; another request opens new ones."""
    while _clients:
        _clients.popitem()[1].close()
