"""What a conversation tells the user: which facts, where they come from, and what is made up."""

from __future__ import annotations

from collections.abc import Iterable, Set
from typing import NamedTuple

from reasonact_env.reward.moves import Transition
from reasonact_env.reward.text import set_f1
from tasks.facts import fact_tokens, user_tokens
from tasks.types import Task
from tools.types import Role

FREE_GUESSES = 20
"""So many facts that nobody had said cost nothing: sums, counts, times of day in other words.

Chosen by hand. Nine in ten real dialogues have at most 12, one has 40; a record may have more, and
then as many are free. Without a limit an agent that counts to 3,000 tells all small numbers: it
earned .72 for `answer` at the airline, and won where nothing else was asked for.
"""
LONGEST_LIST = 200
"""A reply of more facts tells none: nobody reads it. A record may have longer ones, and then as
many are read. Chosen by hand: the longest reply of 626 real dialogues has 69."""


class Telling(NamedTuple):
    """The facts in a conversation's replies."""

    passed: frozenset[str] = frozenset()
    """Those that came from tools and not from the user, and whatever the goal asks for."""
    guesses: int = 0
    """How many others there are that neither tools nor user nor rules had said before."""
    longest: int = 0
    """How many facts the longest reply has."""
    free: int = FREE_GUESSES
    """How many guesses cost nothing."""

    @classmethod
    def of(cls, task: Task, moves: Iterable[Transition], record: Telling | None = None) -> Telling:
        """Reads the replies.

        A fact of the goal that nobody had said before may have been computed. It counts if a tool
        had been called by then, and if it is not one among more guesses than are free.

        Args:
            task: The task.
            moves: All messages with their answers.
            record: What the recorded agent tells: as much may be guessed, and listed at once; None
                where it is the record that is read.
        """
        free = FREE_GUESSES if record is None else max(FREE_GUESSES, record.guesses)
        most = None if record is None else max(LONGEST_LIST, record.longest)
        reader = _Reader(task, most)
        for move in moves:
            if (reply := move.parsed.reply) and (said := fact_tokens(reply.text)):
                reader.read(said)
            reader.hear(move)
        passed = reader.passed | reader.computed if len(reader.guessed) <= free else reader.passed
        return cls(frozenset(passed), len(reader.guessed), reader.longest, free)

    def f1(self, goal: frozenset[str]) -> float:
        """F1 of what was told against the goal's facts, at least one; guesses beyond those that are
        free are told, too.
        """
        return set_f1(self.passed, goal, max(0, self.guesses - self.free))


class _Reader:
    """Reads a conversation, message by message."""

    def __init__(self, task: Task, most: int | None) -> None:
        """Begins with the rules and the user's first message.

        Args:
            task: The task.
            most: A reply of more facts tells none; None where all are read.
        """
        self._goal, self._most = task.goal.facts, most
        self._tools, self._user, self._rules = set[str](), set[str](), set[str]()
        self._called = False
        self.passed, self.computed, self.guessed = set[str](), set[str](), set[str]()
        self.longest = 0
        for message in task.opening:
            by_user = message.role is Role.USER
            (self._user if by_user else self._rules).update(user_tokens(message.content))

    def read(self, said: Set[str]) -> None:
        """Sorts the facts of a reply by where they come from."""
        self.longest = max(self.longest, len(said))
        if self._most is not None and len(said) > self._most:
            self.guessed |= said
            return
        news = said - self._tools - self._user - self._rules
        self.passed |= (said & self._tools) - self._user | (said & self._goal) - news
        self.guessed |= news - self._goal
        if self._called:
            self.computed |= news & self._goal

    def hear(self, move: Transition) -> None:
        """Notes what was said to the agent."""
        self._called = self._called or bool(move.calls)
        for message in move.answers:
            if message.role is Role.TOOL:
                self._tools.update(fact_tokens(message.content))
            elif message.role is Role.USER:
                self._user.update(user_tokens(message.content))
