"""Tools that belong to no world in particular: sums, thoughts, handing over.

A tool's first parameter is the world's state; these tools do not use it.
"""

from __future__ import annotations

from tools.types import Json
from tools.worlds.arithmetic import SumError, calculated
from tools.worlds.functions import ApiError, FreeText, Handover


def calculate(state: object, expression: str) -> Json:
    """Calculates the result of an arithmetic expression.

    Args:
        expression: Numbers, the operators + - * /, parentheses and spaces, for example
            '2 * (3 + 4)'.
    """
    try:
        return calculated(expression)
    except SumError as error:
        raise ApiError(f"Error: {error}") from None


def think(state: object, thought: FreeText) -> Json:
    """Writes a thought down, which finds out nothing and changes nothing; for complicated cases.

    Args:
        thought: The thought.
    """
    return ""


def transfer_to_human_agents(state: object, summary: FreeText) -> Handover:
    """Hands the user over to a human agent. Do so only if the user asks for a human, or if the
    tools and rules at hand cannot solve the problem.

    Args:
        summary: The user's problem in short.
    """
    return Handover("Transfer successful")
