"""Dialogues that each have generated tools, rules and domain, to learn to read these."""
