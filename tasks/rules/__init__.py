"""Whether a conversation kept to the policy of its world, rule by rule.

talk       a conversation as the rules see it
rules      the rules that retail and airline share
retail     the shop's rules
airline    the airline's rules

A rule is a function of a talk that yields a violation wherever it was broken. Rules read what was
said and answered, nothing else; where words leave it open whether a rule was kept, it was.
"""

from __future__ import annotations

from collections.abc import Mapping

from tasks.rules.airline import AIRLINE_RULES
from tasks.rules.conversation import AgentMessage, Conversation, Deed, Violation
from tasks.rules.retail import RETAIL_RULES
from tasks.rules.shared import Rule

__all__ = ["AgentMessage", "Deed", "Rule", "Conversation", "Violation", "rules_of", "violations"]

_RULES: Mapping[str, tuple[Rule, ...]] = {"retail": RETAIL_RULES, "airline": AIRLINE_RULES}


def rules_of(world: str | None) -> tuple[Rule, ...]:
    """The rules of a world's policy; none where we know of none."""
    return _RULES.get((world or "").split("-")[0], ())


def violations(world: str | None, talk: Conversation) -> tuple[Violation, ...]:
    """Where a conversation broke its policy, in the order of its messages.

    Args:
        world: The world's name.
        talk: The conversation.
    """
    found = [broken for rule in rules_of(world) for broken in rule(talk)]
    return tuple(sorted(found, key=lambda broken: broken.message))
