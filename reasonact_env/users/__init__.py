"""The users who talk to the agent."""
