"""GRPO: play, score, advantage, loss."""
