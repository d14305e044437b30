"""Who talks to the agent."""
