"""Whether a reward is honest: hacks, a search for more of them, and how far noise moves results."""
