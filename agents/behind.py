"""What answers an agent behind the recorder: another endpoint, or a policy of ours."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any, Protocol
from uuid import uuid4

from agents.heard import message_of, tools_of
from reasonact_env.agent import Agent, Session
from tools.chat_endpoint import Endpoint
from tools.chat_passing import passed_on
from tools.command import raised
from tools.openai_form import to_openai


class Model(Protocol):
    """Answers requests."""

    @property
    def name(self) -> str:
        """What it is called."""
        ...

    def answer(self, body: Mapping[str, Any]) -> tuple[int, bytes]:
        """The status and the JSON with which a request is answered."""
        ...


def behind(name: str) -> Model:
    """The model that is named MODEL@URL, or by a policy's folder, or by an agent's MODULE:NAME.

    Raises:
        ValueError: for any other name.
    """
    if "@http" in name:
        return Elsewhere(Endpoint.of(name))
    from agents.named import UnknownAgent, agent_of

    shown = Path(name).name if Path(name).is_dir() else name
    try:
        return Here(shown, agent_of(name, (), "dialogue", "optional"))
    except UnknownAgent:
        raise ValueError(
            "expected --model with MODEL@URL, such as qwen3@http://127.0.0.1:8000/v1, or with a "
            f"policy's folder, got {name!r}"
        ) from None


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A model behind an endpoint: requests go there as they came, but for the model's name."""

    endpoint: Endpoint
    """Where it is."""

    @property
    def name(self) -> str:
        """The model's own name."""
        return self.endpoint.model

    def answer(self, body: Mapping[str, Any]) -> tuple[int, bytes]:
        """What the endpoint answers, its refusals included."""
        return passed_on(self.endpoint, body)


@dataclass(frozen=True, slots=True)
class Here:
    """An agent of ours as a model; it has its own way of sampling, and answers one by one."""

    name: str
    """What it is called."""
    agent: Agent
    """Who answers."""
    lock: Lock = field(default_factory=Lock)
    """Held while it does."""

    def answer(self, body: Mapping[str, Any]) -> tuple[int, bytes]:
        """The agent's next message, as a chat completion; it does not count its tokens."""
        messages = [dict(message_of(one).as_dict()) for one in body["messages"]]
        tools = [spec.as_dict() for spec in tools_of(body)]
        session = Session({"messages": messages, "tools": tools}, {})
        try:
            with self.lock:
                (raw,) = self.agent.act([session])
        except Exception as error:  # also of an agent of the user's own: the next one may be better
            status = 400 if isinstance(error, ValueError) else 500
            words = f"expected a request that {self.name} can answer, got {raised(error)}"
            return status, json.dumps({"error": {"message": words, "type": "agent_error"}}).encode()
        (message,) = to_openai([{"role": "assistant", "content": raw}])
        for call in message.get("tool_calls", ()):
            call["id"] = f"call_{uuid4().hex[:24]}"
        finish = "tool_calls" if "tool_calls" in message else "stop"
        choice = {
            "index": 0,
            "message": message,
            "finish_reason": "length" if session.cut else finish,
        }
        found = {
            "id": f"chatcmpl-{uuid4().hex}",
            "object": "chat.completion",
            "created": int(time.time()),
            "model": self.name,
            "choices": [choice],
        }
        return 200, json.dumps(found).encode()
