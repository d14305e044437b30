"""Looking ahead: every message is tried on a fork first; what is played is kept in a file."""

import sys
import tempfile

import gymnasium as gym

import reasonact_env  # registers the environment
from reasonact_env.env import ReasonActEnv
from reasonact_env.wrappers import RecordEpisodes

path = sys.argv[1] if len(sys.argv) > 1 else tempfile.mkstemp(suffix=".jsonl")[1]
env = RecordEpisodes(gym.make("ReasonAct-Retail-v0", data="retail:20"), path)
below = env.unwrapped
assert isinstance(below, ReasonActEnv)
env.action_space.seed(1)
observation, info = env.reset(seed=1)
terminated = truncated = False
while not (terminated or truncated):
    tried = [env.action_space.sample(mask=observation["tools"]) for _ in range(5)]
    tried.append("Could you tell me more?")
    forks = [below.fork().step(action) for action in tried]  # nothing happens to `env`
    accepted = [all(result["ok"] for result in fork[4]["results"]) for fork in forks]
    best = tried[accepted.index(True)]
    observation, reward, terminated, truncated, info = env.step(best)
env.close()
print(f"{info['stop']}, reward {reward:.2f}; see it: python -m reasonact_env.replay {path}")
