"""Slips of a conversation's form: unreadable messages, cut ones, repetitions; mended or not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from reasonact_env.episode import Episode
from reasonact_env.failures.cause import Cause, Kind
from reasonact_env.failures.played import Move
from reasonact_env.failures.wanted import GoalRows
from tasks.facts import fact_tokens
from tools.jsontext import canonical, short
from tools.protocol import CALL, END_CALL, END_THINK, THINK
from tools.types import MessageKind

TIMES = 3
"""How often the same has to come in a row to be a loop. Chosen by hand: asking a second time is
common among people."""
LONGEST_ROUND = 3
"""The most messages of a round that repeats. Chosen by hand."""


@dataclass(frozen=True, slots=True)
class Slips:
    """The slips of one dialogue."""

    moves: tuple[Move, ...]
    """The agent's messages."""
    cut: frozenset[int]
    """The steps that ran into the limit of tokens, from 1."""
    progress: int
    """The last step that made a call of the goal or told a fact for the first time; 0 if none."""

    @classmethod
    def of(cls, moves: tuple[Move, ...], episode: Episode, rows: GoalRows) -> Slips:
        """Looks for them.

        Where the agent does not tell which messages were cut, those are taken that end inside a
        call or a thought.
        """
        if episode.cut is not None:
            cut = frozenset(place + 1 for place in episode.cut)
        else:
            cut = frozenset(move.number for move in moves if _is_open(move.action))
        steps = [row.step or 0 for row in rows.calls] + [row.step or 0 for row in rows.facts]
        return cls(moves, cut, max(steps, default=0))

    def is_cut(self, step: int) -> bool:
        """Whether a step's message was cut off."""
        return step in self.cut

    def stays_wrong(self, step: int) -> bool:
        """Whether nothing of the goal was achieved after a step."""
        return self.progress <= step

    def swallowed(self, fact: str) -> int | None:
        """The first step whose message has a fact and delivered nothing; None if there is none."""
        lost = (m for m in self.moves if m.parsed.kind is MessageKind.NONE)
        return next((m.number for m in lost if fact in fact_tokens(m.action)), None)

    def causes(self) -> Iterator[Cause]:
        """The slips that nobody mended."""
        for move in self.moves:
            if move.parsed.kind is MessageKind.NONE and self.stays_wrong(move.number):
                kind = Kind.CUT_OFF if self.is_cut(move.number) else Kind.FORMAT
                yield Cause(kind, move.number, what_is_unreadable(move))
                break
        if loop := _loop(self.moves):
            begin, end = loop
            if self.stays_wrong(end):
                text = f"the same again from step {begin} to step {end}"
                yield Cause(Kind.LOOP, begin, text, tool=_tool(self.moves[begin - 1]))


def what_is_unreadable(move: Move) -> str:
    """What is wrong with a message's form, in a sentence."""
    if move.parsed.problems:
        return move.parsed.problems[0].text.split(". ")[0].rstrip(".")
    if not move.action.strip():
        return "the message was empty"
    return f"the message had neither a call nor a reply: {short(move.action.strip())}"


def _is_open(action: str) -> bool:
    """Whether a message ends inside a call or a thought."""
    text = action.rstrip()
    in_call = text.rfind(CALL) > text.rfind(END_CALL) and not text.endswith("}")
    return in_call or (THINK in text and text.rfind(THINK) > text.rfind(END_THINK))


def _loop(moves: Sequence[Move]) -> tuple[int, int] | None:
    """The step at which the first loop begins to repeat, and its last step; None if none does."""
    keys = [_key(move) for move in moves]
    for start in range(len(keys)):
        for size in range(1, LONGEST_ROUND + 1):
            end = start + size
            while end < len(keys) and keys[end] == keys[end - size]:
                end += 1
            if end - start >= TIMES * size:
                return start + size + 1, end
    return None


def _key(move: Move) -> str:
    """What is repeated: the calls or the words, without the thought."""
    if move.parsed.calls:
        return canonical([[call.name, dict(call.arguments)] for call in move.parsed.calls])
    return " ".join((move.parsed.text or move.action).lower().split())


def _tool(move: Move) -> str | None:
    return move.parsed.calls[0].name if move.parsed.calls else None
