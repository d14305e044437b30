"""An OpenAI-compatible chat endpoint: each question is asked once and its answer kept."""

from __future__ import annotations

import hashlib
import http.client
import json
import os
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from tools.jsontext import canonical, short
from tools.types import Json

BASE_URL, MODEL = "REASONACT_LLM_BASE_URL", "REASONACT_LLM_MODEL"
KEY, CACHE = "REASONACT_LLM_KEY", "REASONACT_LLM_CACHE"
LONGEST_WAIT = 30.0
"""The longest pause between two attempts, in seconds."""
MOST_BYTES = 4_000_000
"""The bytes of an answer that are read; no user says as much."""
_WORTH_REPEATING = frozenset({408, 409, 425, 429, 500, 502, 503, 504})


class EndpointError(RuntimeError):
    """No answer from the endpoint: what was asked, what came, what to do."""


class _Passing(Exception):
    """An attempt that failed, but another may succeed."""

    def __init__(self, what: str, wait: float = 0.0) -> None:
        """Says what came, and how long the endpoint asks to wait."""
        super().__init__(what)
        self.wait = wait


@dataclass(frozen=True, slots=True)
class Endpoint:
    """The address of a model, and how patiently it is asked."""

    base_url: str
    """The address without `/chat/completions`; for instance `http://localhost:8000/v1`."""
    model: str
    """The model's name there."""
    key: str = field(default="", repr=False)
    """The bearer token; empty for none."""
    timeout: float = 60.0
    """Seconds for one attempt."""
    retries: int = 4
    """The number of attempts after the first."""
    backoff: float = 1.0
    """Seconds before the second attempt; doubled each time."""
    cache: str | None = None
    """A JSONL file of all answers so far; what stands there is never asked again."""

    def __post_init__(self) -> None:
        """Raises ValueError if the address does not begin with http:// or https://."""
        if not self.base_url.startswith(("http://", "https://")):
            raise ValueError(f"expected a base URL with http:// or https://, got {self.base_url!r}")

    @classmethod
    def from_environment(
        cls, wanted: str = "user='llm'", instead: str = "user='scripted'"
    ) -> Endpoint:
        """The endpoint that the environment variables name.

        Args:
            wanted: What needs the endpoint, in the words in which the user asked for it.
            instead: What the user could ask for without an endpoint.

        Raises:
            ValueError: if the address or the model is missing.
        """
        missing = [name for name in (BASE_URL, MODEL) if not os.environ.get(name)]
        if missing:
            raise ValueError(
                f"expected the environment variables {BASE_URL} and {MODEL} for {wanted} "
                f"({KEY} and {CACHE} if wanted), got no {' and no '.join(missing)}; "
                f"set them, or take {instead}"
            )
        return cls(
            base_url=os.environ[BASE_URL],
            model=os.environ[MODEL],
            key=os.environ.get(KEY, ""),
            cache=os.environ.get(CACHE) or None,
        )

    def answer(self, messages: Sequence[Mapping[str, str]]) -> str:
        """The model's answer, from the cache if it is there.

        Args:
            messages: A conversation in the chat form.

        Raises:
            EndpointError: if no attempt brought an answer.
        """
        body: dict[str, Json] = {
            "model": self.model,
            "messages": [dict(message) for message in messages],
            "temperature": 0,
        }
        known = _answers(self.cache) if self.cache else {}
        name = hashlib.sha256(canonical(body).encode("utf-8", "surrogatepass")).hexdigest()
        if name not in known:
            known[name] = self._ask(body)
            if self.cache:
                _append(Path(self.cache), {"key": name, "content": known[name]})
        return known[name]

    def _ask(self, body: Json) -> str:
        """Tries until there is an answer, or no attempt is left."""
        failures: list[str] = []
        for attempt in range(self.retries + 1):
            try:
                return self._attempt(body)
            except _Passing as failure:
                failures.append(str(failure))
                if attempt < self.retries:
                    wait = max(failure.wait, self.backoff * 2**attempt)
                    time.sleep(min(wait, LONGEST_WAIT))
        raise EndpointError(
            f"expected an answer of {self.model} at {self.base_url} in {len(failures)} attempts; "
            f"the last one brought {failures[-1]}. See whether the endpoint runs, or give it more "
            "time or attempts"
        )

    def _attempt(self, body: Json) -> str:
        try:
            with urllib.request.urlopen(self._request(body), timeout=self.timeout) as response:
                text: bytes = response.read(MOST_BYTES)
        except urllib.error.HTTPError as error:
            raise self._of_status(error) from None
        except (OSError, http.client.HTTPException) as error:
            raise _Passing(f"no connection ({error})") from None
        return _content(text)

    def _request(self, body: Json) -> urllib.request.Request:
        headers = {"Content-Type": "application/json"}
        if self.key:
            headers["Authorization"] = f"Bearer {self.key}"
        return urllib.request.Request(
            f"{self.base_url.rstrip('/')}/chat/completions",
            data=json.dumps(body).encode("ascii"),
            headers=headers,
        )

    def _of_status(self, error: urllib.error.HTTPError) -> Exception:
        with error:
            said = short(error.read(2_000).decode("utf-8", "replace"))
        what = f"status {error.code}: {said}"
        if error.code in _WORTH_REPEATING:
            return _Passing(what, _seconds(error.headers.get("Retry-After")))
        return EndpointError(
            f"expected an answer of {self.model} at {self.base_url}, got {what}. "
            f"See whether {BASE_URL}, {MODEL} and {KEY} are right"
        )


def _content(text: bytes) -> str:
    """The answer's text; raises `_Passing` for anything else: the next attempt may be better."""
    try:
        content = json.loads(text)["choices"][0]["message"]["content"]
    except (ValueError, KeyError, IndexError, TypeError, RecursionError):
        raise _Passing(f"no chat completion: {short(text.decode('utf-8', 'replace'))}") from None
    if not isinstance(content, str) or not content.strip():
        raise _Passing("an empty message")
    return content


def _seconds(header: str | None) -> float:
    """What `Retry-After` asks for, where it is a number."""
    try:
        return max(float(header or 0), 0.0)
    except ValueError:
        return 0.0


@lru_cache(maxsize=8)
def _answers(path: str) -> dict[str, str]:
    """The answers in a file; a line that a killed run left unfinished is passed over."""
    found: dict[str, str] = {}
    file = Path(path)
    for line in file.read_text("utf-8").splitlines() if file.exists() else []:
        try:
            row = json.loads(line)
            found[row["key"]] = row["content"]
        except (ValueError, KeyError, TypeError):  # asked again, if ever needed
            continue
    return found


def _append(path: Path, row: Mapping[str, str]) -> None:
    """Adds a line, in one write, so that several processes may share the file.

    The line also begins with a line end: it stays readable after an unfinished one.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab") as file:
        file.write(f"\n{json.dumps(row, ensure_ascii=True)}\n".encode("ascii"))
