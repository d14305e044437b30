"""Models behind an OpenAI-compatible endpoint, as agents."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from reasonact_env.agent import Observation, Session
from tools.chat_address import AUTO, NATIVE, TEXT
from tools.chat_answer import Answer
from tools.chat_endpoint import Endpoint, EndpointError
from tools.chat_messages import in_text, raw_message, with_tool_calls
from tools.protocol import CALL, END_CALL, with_thought
from tools.types import Json

_FORM = re.compile(r"\s*Thought:\s*(?P<thought>.+?)\s*\n\s*Act:\s*(?P<act>.+)", re.DOTALL)
_NO_TOOLS = frozenset({400, 404, 405, 422, 500, 501})
"""Statuses with which servers refuse `tools` that they cannot parse."""
_FEW = 16
"""Tokens of an answer that nobody reads; some endpoints refuse smaller limits."""
_PROBE: dict[str, Json] = {
    "type": "function",
    "function": {
        "name": "look_up_weather",
        "description": "Tells the weather of a city on a day, in words and in degrees.",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string"}, "day": {"type": "string"}},
            "required": ["city"],
        },
    },
}


@dataclass(frozen=True, slots=True)
class LlmAgent:
    """A model as it is: it sees the rules, the conversation and the tools, and nothing else.

    What it answers is passed on as it came; thoughts that the server has split off stand before it.
    Its own earlier thoughts are not shown to it, as chat templates do.
    """

    endpoint: Endpoint
    """Where the model is. `tools="auto"` sends the tools as `tools`, which is right wherever
    `with_known_tools` has not found otherwise."""

    def act(self, sessions: Sequence[Session]) -> list[str]:
        """Answers each session, one after the other.

        Raises:
            EndpointError: if the endpoint does not answer.
        """
        return [self._answer(session) for session in sessions]

    def _answer(self, session: Session) -> str:
        messages, tools = session.observation["messages"], session.observation["tools"]
        if self.endpoint.tools == TEXT or not tools:
            answer = self.endpoint.ask(in_text(messages, tools) if tools else messages)
        else:
            answer = self.endpoint.ask(with_tool_calls(messages), tools)
        session.cut = answer.cut
        return raw_message(answer.message)


def with_known_tools(endpoint: Endpoint) -> Endpoint:
    """The endpoint with `tools` decided: asked twice where that is left open.

    Text is right where the server refuses `tools`, or takes them and does not show them to the
    model: then a question with a tool has no more tokens than the same one without.

    Raises:
        EndpointError: if the endpoint does not answer: no episode needs to be lost to learn that.
    """
    if endpoint.tools != AUTO:
        return endpoint
    short = replace(endpoint, max_tokens=_FEW)
    question = [{"role": "user", "content": "Hello"}]
    bare = short.ask(question)
    try:
        told = short.ask(question, [_PROBE])
    except EndpointError as error:
        if error.status not in _NO_TOOLS and error.status is not None:
            raise
        return replace(endpoint, tools=TEXT)
    return replace(endpoint, tools=NATIVE if _shown(bare, told) else TEXT)


def _shown(bare: Answer, told: Answer) -> bool:
    """Whether the model saw the tool; where the server does not count, it is taken at its word."""
    if bare.prompt_tokens is None or told.prompt_tokens is None:
        return True
    return told.prompt_tokens > bare.prompt_tokens


@dataclass(frozen=True, slots=True)
class EndpointAgent:
    """Asks a strong model for a thought and a message, one conversation at a time.

    The form that it asks for has no thinking tags: many servers cut those out on their own. An
    answer of another form is passed on as it is.
    """

    endpoint: Endpoint = field(default_factory=Endpoint.from_environment)
    """Where the model is."""

    def act(self, sessions: Sequence[Session]) -> list[str]:
        """Answers each session."""
        return [
            _read(self.endpoint.answer(list(_asked(session.observation)))) for session in sessions
        ]


def _asked(observation: Observation) -> Iterator[dict[str, Any]]:
    rules, *said = observation["messages"]
    yield {"role": "system", "content": f"{rules['content']}\n\n{_part(observation)}"}
    for message in said:
        if message["role"] == "tool":
            yield {"role": "user", "content": f"The tool answers: {message['content']}"}
        else:
            yield {"role": message["role"], "content": message["content"]}


def _part(observation: Observation) -> str:
    """What the model is asked for, after the rules."""
    tools = "\n".join(json.dumps(tool["function"]) for tool in observation["tools"])
    call = CALL + '{"name": "…", "arguments": {…}}' + END_CALL
    return (
        "You serve customers by the rules above, with the tools below, a JSON line each:\n"
        f"{tools}\n\nAnswer in exactly this form, in plain text:\n"
        "Thought: one or two short sentences. Name the facts of this conversation and the rule "
        "that together decide what to do now, and nothing else.\n"
        f"Act: either one message to the customer, or the next call as {call}, alone."
    )


def _read(answer: str) -> str:
    found = _FORM.fullmatch(answer)
    return with_thought(found["act"], found["thought"]) if found else answer
