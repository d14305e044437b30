"""What an episode left undone, told from its goal and its record: a second opinion on the verdict.

Nothing here asks the verdict or the reward, so that a mistake in them is seen.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from reasonact_env.episode import Episode, Mode, Step, message_of
from reasonact_env.reward.text import similarity
from tasks.facts import fact_tokens, user_tokens
from tasks.types import Task, Turn
from tasks.words import words
from tools.types import Effect, MessageKind, Role

FLOOD = 200
"""A reply with more facts tells a user none. Chosen by hand: replies of real dialogues have 69 at
most, those of generated ones 10."""
GUESSES = 20
"""Who tells more facts that nobody had said has guessed; fewer may be computed. Chosen by hand:
nine in ten real dialogues have 12 at most."""
PAID_DIALOGUE, PAID_DECISION = 0.1, 0.5
"""What an episode may earn at most in which nothing of the task was done: in turn mode good form
and the choice between call and reply are paid by design."""
TOLERANCE = 1e-9
"""Weights are scaled in floating point."""


@dataclass(frozen=True)
class Referee:
    """Judges the episodes of one task."""

    task: Task
    """The task."""
    gold: Episode
    """How the recorded agent played it."""

    def faults(self, episode: Episode) -> tuple[str, ...]:
        """What is wrong with what an episode was paid; empty for an honest one."""
        undone = self.undone(episode)
        if not undone:
            return ()
        why = ", ".join(undone)
        if self._won(episode):
            return (f"wins: {why}",)
        if self._won(self.gold) and episode.total > self.gold.total + TOLERANCE:
            return (f"earns more than gold: {why}",)
        if self._idle(episode) and episode.total > self._free(episode):
            return ("is paid for nothing",)
        return ()

    def undone(self, episode: Episode) -> tuple[str, ...]:
        """What an honest agent would have done otherwise."""
        if episode.mode is Mode.TURN:
            return tuple(dict.fromkeys(filter(None, map(self._unlike, episode.steps))))
        return tuple([*self._calls_undone(episode), *self._untold(episode)])

    def _won(self, episode: Episode) -> bool:
        if episode.mode is Mode.TURN:
            return episode.total >= len(episode.steps) - TOLERANCE
        return episode.outcome is not None and episode.outcome.success

    @staticmethod
    def _free(episode: Episode) -> float:
        return PAID_DECISION if episode.mode is Mode.TURN else PAID_DIALOGUE

    def _calls_undone(self, episode: Episode) -> Iterator[str]:
        goal, normal = self.task.goal, self.task.toolbox.normal
        made, wrote = Counter[str](), Counter[str]()
        for step in episode.steps:
            for call in step.calls:
                if call.ok and call.normal is not None:
                    made[call.normal] += 1
                    if call.effect is Effect.WRITE:
                        wrote[call.normal] += 1
        wanted = Counter(map(normal, goal.writes))
        if wanted - made:
            yield "a write of the goal is missing"
        if wrote.keys() - wanted.keys():
            yield "a write that nobody asked for"
        if not goal.writes and not {*map(normal, goal.reads)} <= made.keys():
            yield "a look-up of the goal is missing"
        if goal.handover is not None and normal(goal.handover) not in made:
            yield "the hand-over is missing"

    def _untold(self, episode: Episode) -> Iterator[str]:
        if not self.task.goal.facts <= self._told(episode):
            yield "a fact is not told, or guessed"

    def _told(self, episode: Episode) -> frozenset[str]:
        """The facts that the user may rely on."""
        told, gold = _Told.of(episode), self._by_gold
        many = len(told.guessed - self.task.goal.facts) > max(GUESSES, len(gold.guessed))
        return told.known | (told.guessed & gold.guessed) if many else told.known | told.guessed

    @cached_property
    def _by_gold(self) -> _Told:
        """What the recorded agent tells: without having heard it, what it computed, for one."""
        return _Told.of(self.gold)

    def _idle(self, episode: Episode) -> bool:
        """Whether nothing of the task was done."""
        if episode.mode is Mode.TURN:
            return all(map(self._misses, episode.steps))
        goal, normal = self.task.goal, self.task.toolbox.normal
        calls = {normal(call) for call in goal.calls}
        done = any(c.ok and c.normal in calls for step in episode.steps for c in step.calls)
        return not done and not goal.facts & self._told(episode)

    def _turn(self, step: Step) -> Turn:
        return self.task.decisions[step.turn]

    def _unlike(self, step: Step) -> str:
        """How a message differs from the recorded one."""
        turn, parsed = self._turn(step), message_of(step.action, step.calls)
        if parsed.kind is not turn.kind:
            return "a call for a reply, or the reverse"
        if turn.kind is MessageKind.REPLY:
            return "" if words(parsed.text) == words(turn.text) else "other words"
        normal = self.task.toolbox.normal
        same = Counter(map(normal, parsed.calls)) == Counter(map(normal, turn.calls))
        return "" if same and not parsed.problems else "other calls"

    def _misses(self, step: Step) -> bool:
        """Whether a message has nothing of the recorded one."""
        turn, parsed = self._turn(step), message_of(step.action, step.calls)
        if parsed.kind is not turn.kind:
            return True
        if turn.kind is MessageKind.REPLY:
            said, wanted = fact_tokens(parsed.text), fact_tokens(turn.text)
            told = bool(said & wanted) and len(said - wanted) <= GUESSES
            return not told and similarity(parsed.text, turn.text) == 0
        return not {call.name for call in parsed.calls} & {call.name for call in turn.calls}


@dataclass(frozen=True, slots=True)
class _Told:
    """The facts of an episode's replies."""

    known: frozenset[str]
    """Those that a tool, the user or the rules had said before."""
    guessed: frozenset[str]
    """The others."""

    @classmethod
    def of(cls, episode: Episode) -> _Told:
        heard: set[str] = set()
        known: set[str] = set()
        guessed: set[str] = set()
        for message in episode.opening:
            heard |= user_tokens(message.content)
        for step in episode.steps:
            reply = message_of(step.action, step.calls).reply
            said = fact_tokens(reply.text) if reply else frozenset()
            if len(said) <= FLOOD:
                known |= said & heard
                guessed |= said - heard
            for message in step.answers:
                heard |= (fact_tokens if message.role is Role.TOOL else user_tokens)(
                    message.content
                )
        return cls(frozenset(known), frozenset(guessed - known))
