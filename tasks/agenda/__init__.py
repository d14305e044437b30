"""A user with a goal: its knowledge, what it understands of a message, and its words."""
