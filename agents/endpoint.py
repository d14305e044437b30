"""A strong model behind an OpenAI-compatible endpoint, as an agent that thinks aloud."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from reasonact_env.agent import Observation, Session
from tools.chat_endpoint import Endpoint
from tools.protocol import CALL, END_CALL, with_thought

_FORM = re.compile(r"\s*Thought:\s*(?P<thought>.+?)\s*\n\s*Act:\s*(?P<act>.+)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class EndpointAgent:
    """Asks the endpoint for a thought and a message, one conversation at a time.

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


def _asked(observation: Observation) -> Iterator[dict[str, str]]:
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
