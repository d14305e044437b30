"""GRPO: play, score, advantage, trim, loss; `train.rl.step` shows all of it on one page."""
