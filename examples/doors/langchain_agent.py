r"""LangChain: the agent's graph calls the tools, and its last message goes to the user.

pip install -e '.[doors]'
OPENAI_BASE_URL=http://localhost:8000/v1 OPENAI_API_KEY=none \
    python examples/doors/langchain_agent.py MODEL
"""

import sys
from typing import Any

import gymnasium as gym
from langchain.agents import create_agent
from langchain_core.tools import StructuredTool
from langchain_openai import ChatOpenAI

from reasonact_env import Conversation


def play(talk: Conversation, model: str) -> None:
    """Lets an agent play a conversation to its end."""
    tools = [_tool(talk, **tool["function"]) for tool in talk.tools]
    clerk = create_agent(ChatOpenAI(model=model), tools, system_prompt=talk.rules)
    heard: list[Any] = [("user", talk.latest)]
    while not talk.done:
        heard = clerk.invoke({"messages": heard}, {"recursion_limit": 100})["messages"]
        heard.append(("user", talk.say(str(heard[-1].content))))


def _tool(talk: Conversation, name: str, description: str, parameters: dict[str, Any]) -> Any:
    def called(**arguments: Any) -> str:
        return talk.call(name, **arguments)

    return StructuredTool(name=name, description=description, args_schema=parameters, func=called)


if __name__ == "__main__":
    conversation = Conversation(gym.make("ReasonAct-Retail-v0"), seed=7)
    play(conversation, sys.argv[1])
    print(conversation.stop, conversation.total)
