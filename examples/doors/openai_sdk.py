r"""The OpenAI SDK's own loop: all of a message's calls are one step, malformed ones included.

pip install -e '.[doors]'
OPENAI_BASE_URL=http://localhost:8000/v1 OPENAI_API_KEY=none \
    python examples/doors/openai_sdk.py MODEL
"""

import sys

import gymnasium as gym
from openai import OpenAI

from reasonact_env import Conversation


def play(talk: Conversation, model: str) -> None:
    """Lets the model behind OPENAI_BASE_URL play a conversation to its end."""
    client = OpenAI()
    while not talk.done:
        answer = client.chat.completions.create(
            model=model, messages=talk.to_openai(), tools=talk.tools, max_tokens=1024
        )
        talk.answer(answer.choices[0].message)


if __name__ == "__main__":
    conversation = Conversation(gym.make("ReasonAct-Retail-v0"), seed=7)
    play(conversation, sys.argv[1])
    print(conversation.stop, conversation.total)
