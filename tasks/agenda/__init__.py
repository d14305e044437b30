"""A user with a goal: what it knows, what it hears in a message, what it says."""
