import gymnasium as gym

import reasonact_env  # registers the environment

env = gym.make("ReasonAct-APIGen-v0", split="test")
env.action_space.seed(23)
observation, info = env.reset(seed=23)
terminated = truncated = False
while not (terminated or truncated):  # your agent goes here; this one calls at random, then stalls
    asked = observation["messages"][-1]["role"] == "user"
    action = env.action_space.sample(mask=observation["tools"]) if asked else "One moment, please."
    observation, reward, terminated, truncated, info = env.step(action)
for message in observation["messages"][1:]:  # the first one holds the rules
    print(f"{message['role']}: {message['content']}")
print(f"{info['stop']}, reward {reward:.2f}: {info['reward_components']}")
