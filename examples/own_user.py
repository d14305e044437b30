"""A user of your own, wherever `user=` is asked for: this one says the first sentence of each turn.

python -m train.evaluate --agent gold --user examples.own_user:Curt --tasks 50
"""

from collections.abc import Sequence

import gymnasium as gym

import reasonact_env
from tasks.types import Task
from tools.types import Message, Role


class Curt:
    """Made once a task; what it says follows from the messages alone, so that episodes replay."""

    def __init__(self, task: Task) -> None:
        self.turns = task.user_turns

    def answer(self, messages: Sequence[Message]) -> str | None:
        """What it says next, or None when it is done."""
        said = sum(message.role is Role.USER for message in messages)
        return self.turns[said].split(". ")[0] if said < len(self.turns) else None


if __name__ == "__main__":
    env = gym.make("ReasonAct-APIGen-v0", user="own_user:Curt")  # or user=Curt
    env.reset(seed=5)
    print(env.step("Could you tell me more?")[0]["messages"][-1]["content"])
