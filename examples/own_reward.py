"""Your own reward: `python -m train.grpo --policy P --reward examples.own_reward:brevity=0.2`."""

import gymnasium as gym

from reasonact_env import Episode


def brevity(task: object, episode: Episode) -> float:
    """1 for a last message of up to 200 characters, less for longer ones; None: no score."""
    return min(1.0, 200 / max(1, len(episode.steps[-1].action)))


if __name__ == "__main__":
    rewards = ["own_reward:brevity=0.2"]  # or [OwnReward(brevity, 0.2)]
    env = gym.make("ReasonAct-APIGen-v0", mode="turn", rewards=rewards)
    env.reset(seed=1)
    print(env.step("One moment, please.")[4]["weights"])
