"""An agent of your own: one method, and it plays wherever `MODULE:NAME` is asked for.

One instance plays many conversations at a time: notes on one belong into its `session.memory`, a
dict that is empty at its start, never into `self`.

python examples/own_agent.py
python -m train.evaluate --agent examples.own_agent:Clerk --tasks 50
"""

import json
import re
from collections.abc import Sequence
from statistics import mean

from agents.play import play
from reasonact_env import Session
from reasonact_env.agent import load_agent
from reasonact_env.config import EnvConfig
from tasks.load import load_tasks
from tools.protocol import render
from tools.types import ToolCall

DATA = "desk:60"
"""Sixty generated order-desk dialogues."""


class Clerk:
    """Looks up the customer's orders and reads them out; it changes nothing."""

    def act(self, sessions: Sequence[Session]) -> list[str]:
        """Answers each waiting conversation with one raw assistant message."""
        return [self._answer(session) for session in sessions]

    def _answer(self, session: Session) -> str:
        last = session.observation["messages"][-1]
        if last["role"] == "tool":
            return render(text=_read_out(last["content"]))
        if order := re.search(r"\b\d{3}\b", last["content"]):
            return render([ToolCall("get_order", {"order_id": order[0]})])
        return render(text="What is the number of your order?")


def _read_out(result: str) -> str:
    """The tool's answer in words, or an apology where it is an error."""
    try:
        found = json.loads(result)
    except ValueError:
        return "I am sorry, I cannot find that."
    orders = found if isinstance(found, list) else [found]
    return ", ".join(f"Your {o['item']} is {o['status']}" for o in orders) + ". Anything else?"


def main() -> None:
    """Plays the test split and says how it went."""
    agent = load_agent("own_agent:Clerk")
    tasks = load_tasks(DATA).split("test")
    played = list(
        play(EnvConfig(data=DATA, split="test"), agent, [(task.id, None) for task in tasks])
    )
    for one in played[:3]:
        print(f"{one.episode.task_id}: {one.episode.stop}, return {one.episode.total:.2f}")
    print(f"mean return over {len(played)} episodes: {mean(p.episode.total for p in played):.3f}")


if __name__ == "__main__":
    main()
