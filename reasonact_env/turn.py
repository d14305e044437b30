"""Turn mode: the recorded decisions, each with its recorded history."""

from __future__ import annotations

from collections.abc import Sequence

from reasonact_env.calls import carry_out
from reasonact_env.episode import Outcome, Scores, Step, StopReason
from reasonact_env.prepared import PreparedTask
from reasonact_env.reward import Decision, scale, score_decision, weighted_sum
from tasks.types import Turn
from tasks.user import UserReport
from tools.executor import Executor
from tools.protocol import MAX_CHARS, Parsed, parse
from tools.types import Message


class TurnWalk:
    """A walk along the record, decision by decision.

    The agent's calls are carried out in the state that the record has reached, to show what they
    would have answered; then the record goes on as it was. So no message of the agent's ever
    stands in the history, and unreadable ones end nothing.
    """

    def __init__(self, prepared: PreparedTask, decisions: Sequence[int]) -> None:
        """Begins before the first of the decisions.

        Args:
            prepared: The task.
            decisions: Numbers into `task.decisions`, ascending, at least one.
        """
        self._prepared = prepared
        self._decisions = list(decisions)
        self._transcript = prepared.opening.fork()
        self._executor = prepared.start
        self._played = 0
        self.stop: StopReason | None = None
        self.outcome: Outcome | None = None
        self._go_to(self._turn.index)

    @property
    def messages(self) -> list[Message]:
        """The recorded history before the present decision."""
        return self._transcript.messages

    @property
    def observation_hash(self) -> str:
        """The digest of the present observation."""
        return self._transcript.digest

    @property
    def state_hash(self) -> str:
        """The digest of the state that the record has reached."""
        return self._executor.digest

    @property
    def turn(self) -> int:
        """The present decision's number."""
        return self._decisions[min(self._played, len(self._decisions) - 1)]

    @property
    def user_report(self) -> UserReport | None:
        """None: the record goes on as it was, whatever is said."""
        return None

    def play(self, action: str) -> Step:
        """Scores a message against the recorded decision and goes on along the record."""
        prepared, number = self._prepared, self.turn
        said = action[: MAX_CHARS + 1]
        parsed = parse(said)
        _, records = carry_out(parsed, self._executor, prepared.toolbox, prepared.task.effects)
        scores = self._score(parsed)
        weights = scale(prepared.weights, scores)
        return Step(
            action=said,
            calls=records,
            answers=self._continue(),
            reward=weighted_sum(weights, scores),
            components=scores,
            weights=weights,
            step_scores=dict(scores),
            state_hash=self.state_hash,
            observation_hash=self.observation_hash,
            turn=number,
        )

    def _score(self, parsed: Parsed) -> Scores:
        """The message against the present decision."""
        prepared = self._prepared
        return score_decision(
            Decision.of(self._turn, self.messages, parsed, prepared.toolbox, prepared.thinking)
        )

    @property
    def _turn(self) -> Turn:
        return self._prepared.task.decisions[self.turn]

    def _continue(self) -> tuple[Message, ...]:
        """Moves on to the next decision, or past the last one; returns what the record adds."""
        before = len(self.messages)
        self._played += 1
        limit = self._prepared.config.max_turns
        if self._played == len(self._decisions):
            self.stop = StopReason.FINISHED
            self._go_to(self._end_of_answer())
        else:
            if limit is not None and self._played >= limit:
                self.stop = StopReason.MAX_TURNS
            self._go_to(self._turn.index)
        return tuple(self.messages[before:])

    def _end_of_answer(self) -> int:
        """Where the record's next assistant message stands, or its end."""
        later = (t.index for t in self._prepared.task.turns if t.index > self._turn.index)
        return next(later, len(self._prepared.task.messages))

    def _go_to(self, index: int) -> None:
        """Adds the record up to a message, and brings the state to where it then was."""
        start = len(self.messages)
        self._transcript.extend(self._prepared.task.messages[start:index])
        for turn in self._prepared.task.turns:
            if start <= turn.index < index:
                self._executor = _replay(self._executor, self._prepared, turn)


def _replay(executor: Executor, prepared: PreparedTask, turn: Turn) -> Executor:
    """Carries out a recorded turn's valid calls."""
    for call in turn.calls:
        if prepared.toolbox.check(call) is None:
            executor, _ = executor.run(call)
    return executor
