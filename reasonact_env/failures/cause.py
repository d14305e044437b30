"""What can go wrong in an episode, by name."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """The kinds of what goes wrong; of two at one step, the earlier in this list is named."""

    CUT_OFF = "cut off"
    """A message ran into its limit of tokens, or the episode into one of its own limits."""
    FORMAT = "format"
    """A message could not be read, or was empty."""
    LOOP = "loop"
    """The agent said or called the same again and again."""
    WRONG_ARGUMENT = "wrong argument"
    """A call of the goal was tried with other arguments."""
    OUTSIDE_WRITE = "write outside the goal"
    """A write was carried out that the goal does not have."""
    HANDED_OVER = "handed over"
    """The conversation was given to a human, and nobody had asked for that."""
    FACT_WRONG = "fact told wrongly"
    """Another value was told in a fact's place."""
    CALL_MISSING = "goal call missing"
    """A call of the goal was never made."""
    FACT_MISSING = "fact not told"
    """A fact of the goal was never told."""
    RULE_BROKEN = "rule broken"
    """A rule was broken, or the procedure left."""
    USER_LOST = "user lost"
    """The user did not understand, and the conversation did not recover."""
    NOT_DUE = "call not due"
    """In turn mode: a read was called besides what was due, or where a reply was."""
    OTHER_WORDS = "other words"
    """In turn mode: the reply is too unlike the record's, and no fact says why."""
    OTHER = "other"
    """The episode failed, and none of these says why."""

    @property
    def rank(self) -> int:
        """Its place in the list, from 0."""
        return _RANKS[self]


_RANKS = {kind: rank for rank, kind in enumerate(Kind)}


@dataclass(frozen=True, slots=True)
class Cause:
    """One thing that went wrong."""

    kind: Kind
    """What went wrong."""
    step: int
    """The step, from 1: where it happened or, for something left out, where the agent went on
    without it; 0 in an episode without steps."""
    text: str
    """What happened, in a sentence without its full stop."""
    tool: str | None = None
    """The tool that it is about."""
    fact: str | None = None
    """The fact that it is about."""
    rule: str | None = None
    """The rule that was broken."""

    @property
    def order(self) -> tuple[int, int]:
        """What comes first: the earlier step, then the earlier kind."""
        return self.step, self.kind.rank

    @property
    def about(self) -> str:
        """The tool, the rule or the fact's kind that it is about, for counting; '' for none."""
        return self.tool or self.rule or ""
