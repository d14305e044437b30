"""The commands behind the figures; one that lacks a package says in a line how to get it."""

import tools.command  # noqa: F401, I001 (first: it words what is missing)
from reasonact_env import guard

guard.require_agents()
