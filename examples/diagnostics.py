"""An agent that does what the customer wants without a word: what it changed, and what it broke."""

import gymnasium as gym

import reasonact_env  # noqa: F401  (registers the environment)
from tools.protocol import render

env = gym.make("ReasonAct-Retail-v0", data="retail:40:7", split="all")
env.reset(options={"task_id": "retail-00005"})
*_, info = env.step(render(env.get_wrapper_attr("task").goal.writes))
for change in info["changes"]:
    if not isinstance(change["before"], list):
        print(" ".join(map(str, change.values())))
while "outcome" not in info:
    *_, info = env.step("Your order is cancelled.")
print("state", info["outcome"]["state"])
for goal in info["outcome"]["goals"]:
    print(goal["call"]["name"], "done" if goal["done"] else "open")
for violation in info["outcome"]["violations"]:
    print(f"{violation['rule']}: {violation['text']}")
