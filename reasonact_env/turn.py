"""Turn mode: the recorded decisions, each with its recorded history."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from reasonact_env.calls import carry_out
from reasonact_env.episode import Outcome, Scores, Step, StopReason
from reasonact_env.prepared import PreparedTask
from reasonact_env.reward import Decision, scale, score_decision, weighted_sum
from tasks.types import Turn
from tasks.user import UserReport
from tools.protocol import MAX_CHARS, Parsed, parse
from tools.types import Message


class TurnWalk:
    """A walk along the record, decision by decision.

    The environment carries the agent's calls out in the state that the record has reached, to show
    their answers; then the record continues unchanged. Therefore the history never contains the
    agent's messages, and unreadable messages do not end the episode.
    """

    def __init__(self, prepared: PreparedTask, decisions: Sequence[int]) -> None:
        """Begins before the first of the decisions.

        Args:
            prepared: The task.
            decisions: Indices into `task.decisions`, ascending, at least one.
        """
        self._prepared = prepared
        self._decisions = list(decisions)
        self._turns = prepared.task.decisions
        self._transcript = prepared.opening.fork()
        self._executor = prepared.start
        self._played = 0
        self.stop: StopReason | None = None
        self.outcome: Outcome | None = None
        self._go_to(self._turn.index)

    @property
    def messages(self) -> list[Message]:
        """The recorded history before the current decision."""
        return self._transcript.messages

    def show(self) -> list[dict[str, str]]:
        """The messages as observations have them."""
        return self._transcript.show()

    @property
    def observation_hash(self) -> str:
        """The digest of the current observation."""
        return self._transcript.digest

    @property
    def state_hash(self) -> str:
        """The digest of the state that the record has reached."""
        return self._executor.digest

    @property
    def turn(self) -> int:
        """The current decision's number."""
        return self._decisions[min(self._played, len(self._decisions) - 1)]

    @property
    def user_report(self) -> UserReport | None:
        """Always None: the record continues unchanged, whatever the agent says."""
        return None

    def fork(self) -> TurnWalk:
        """A walk that begins with this one, and goes its own way."""
        fork = object.__new__(TurnWalk)  # copy.copy takes longer than all else here
        fork.__dict__.update(self.__dict__)
        fork._transcript = self._transcript.fork()
        return fork

    def mark(self) -> Callable[[], None]:
        """Remembers where the walk stands; the result takes it back there, once."""
        state, said = dict(self.__dict__), self._transcript.mark()

        def undo() -> None:
            self.__dict__.update(state)
            self._transcript.back_to(said)

        return undo

    def play(self, action: str) -> Step:
        """Scores a message against the recorded decision and goes on to the next decision."""
        prepared, number = self._prepared, self.turn
        said = action[: MAX_CHARS + 1]
        parsed = parse(said, prepared.toolbox.names)
        records = carry_out(
            parsed,
            self._executor,
            prepared.toolbox,
            prepared.task.effects,
            prepared.limits.step,
        ).records
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
        """The scores of a message against the current decision."""
        prepared = self._prepared
        return score_decision(
            Decision.of(self._turn, self.messages, parsed, prepared.toolbox, prepared.thinking)
        )

    @property
    def _turn(self) -> Turn:
        return self._turns[self.turn]

    def _continue(self) -> tuple[Message, ...]:
        """Goes on to the next decision, or past the last; returns the messages in between."""
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
        """The index of the record's next assistant message, or its length."""
        later = (t.index for t in self._prepared.task.turns if t.index > self._turn.index)
        return next(later, len(self._prepared.task.messages))

    def _go_to(self, index: int) -> None:
        """Adds the record's messages up to an index, with what their calls have done."""
        self._transcript.extend(self._prepared.task.messages[len(self.messages) : index])
        self._executor = self._prepared.before(index)
