"""What is judged of the reasoning before an action."""

from __future__ import annotations

CRITERIA = {
    "faithful": "it says nothing that the rules, the conversation and the results do not bear out",
    "supports": "it leads to the action that follows, and gives the reason for it",
    "clear": "it can be followed at the first reading",
    "brief": "it is no longer than it need be",
}
"""Name -> what full marks mean; 5 is full marks, 1 is none of it."""
LOWEST, HIGHEST = 1, 5
