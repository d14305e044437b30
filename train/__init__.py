"""Training and evaluation.

TRL is known to five modules: `rl.bridge` and `rl.trainer` (GRPO), `imitation.trainer` (SFT),
`imitation.compact` (a switch of its output head) and `models.tokenizer` (its chat template).
"""

from reasonact_env import guard

guard.require_agents()
