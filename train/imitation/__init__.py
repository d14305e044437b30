"""Imitation: SFT and the cold start, from recorded dialogues and thoughts."""
