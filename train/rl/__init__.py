"""GRPO: play, score, advantage, trim, loss; `train.rl.step` shows the whole algorithm."""
