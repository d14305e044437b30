r"""openai-agents: its runner calls the tools, and its final output goes to the user.

pip install -e '.[doors]'
OPENAI_BASE_URL=http://localhost:8000/v1 OPENAI_API_KEY=none \
    python examples/doors/openai_agents.py MODEL
"""

import sys
from typing import Any

import gymnasium as gym

import agents
from reasonact_env import Conversation


def play(talk: Conversation, model: str) -> None:
    """Lets an agent play a conversation to its end."""
    agents.set_default_openai_api("chat_completions")
    tools = [_tool(talk, **tool["function"]) for tool in talk.tools]
    clerk = agents.Agent("clerk", instructions=talk.rules, tools=tools, model=model)
    heard: list[Any] = [{"role": "user", "content": talk.latest}]
    while not talk.done:
        found = agents.Runner.run_sync(clerk, heard, max_turns=50)
        answer = talk.say(str(found.final_output))
        heard = [*found.to_input_list(), {"role": "user", "content": answer or ""}]


def _tool(talk: Conversation, name: str, description: str, parameters: dict[str, Any]) -> Any:
    async def called(context: object, arguments: str) -> str:
        return talk.call_text(name, arguments)

    return agents.FunctionTool(name, description, parameters, called, strict_json_schema=False)


if __name__ == "__main__":
    agents.set_tracing_disabled(True)  # or every run is sent to OpenAI
    conversation = Conversation(gym.make("ReasonAct-Retail-v0"), seed=7)
    play(conversation, sys.argv[1])
    print(conversation.stop, conversation.total)
