r"""smolagents: the agent calls the tools, and what it gives to `final_answer` goes to the user.

pip install -e '.[doors]'
OPENAI_BASE_URL=http://localhost:8000/v1 OPENAI_API_KEY=none \
    python examples/doors/smolagents_agent.py MODEL
"""

import sys
from typing import Any

import gymnasium as gym
from smolagents import LogLevel, OpenAIModel, Tool, ToolCallingAgent

from reasonact_env import Conversation


def play(talk: Conversation, model: str) -> None:
    """Lets an agent play a conversation to its end."""
    clerk = ToolCallingAgent(
        [_Tool(talk, **tool["function"]) for tool in talk.tools],
        OpenAIModel(model),
        instructions=talk.rules,
        verbosity_level=LogLevel.OFF,
    )
    heard: str | None = talk.latest
    while heard is not None:
        heard = talk.say(str(clerk.run(heard, reset=not talk.rewards)))


class _Tool(Tool):  # type: ignore[misc]
    skip_forward_signature_validation, output_type = True, "string"

    def __init__(self, talk: Conversation, name: str, description: str, parameters: Any) -> None:
        self.talk, self.name, self.description = talk, name, description
        fields, needed = parameters["properties"], parameters.get("required", ())
        about = {key: {"description": key, "nullable": key not in needed} for key in fields}
        self.inputs = {key: about[key] | fields[key] for key in fields}
        super().__init__()

    def forward(self, **arguments: Any) -> str:
        return self.talk.call(self.name, **arguments)


if __name__ == "__main__":
    conversation = Conversation(gym.make("ReasonAct-Retail-v0"), seed=7)
    play(conversation, sys.argv[1])
    print(conversation.stop, conversation.total)
