"""Dialogue mode: the agent's own conversation, judged at its end."""

from __future__ import annotations

from collections.abc import Callable

from reasonact_env.calls import Carried, carry_out
from reasonact_env.episode import CallRecord, Outcome, Scores, Step, StopReason
from reasonact_env.prepared import PreparedTask
from reasonact_env.rehearsal import hands_over
from reasonact_env.reward import (
    UNSCORED,
    UNWEIGHTED,
    EndedDialogue,
    Progress,
    SentMessage,
    Telling,
    Transition,
    judge,
    scale,
    score_dialogue,
    score_message,
    weighted_sum,
)
from reasonact_env.users.make import report_of
from tasks.user import UserReport
from tools.protocol import MAX_CHARS, Parsed, parse
from tools.types import Message, MessageKind, Role

MAX_BAD_MESSAGES = 3
"""The number of unreadable or empty messages in a row that ends the dialogue.

Chosen by hand: errors say how to mend a message, and three leaves two chances to do so.
"""
MIN_TURN_LIMIT = 30
"""The smallest limit on turns; the limit is twice the record's length if that is larger.

Chosen by hand: an agent may take detours. The recorded dialogues have 12
turns in the median, 106 at most.
"""

_EMPTY = (
    "Error: Expected a tool call or a reply to the user, got neither. "
    "Write <tool_call> with a JSON object, or the text that the user should read."
)


class Dialogue:
    """A running conversation: task, transcript, and the API's state."""

    def __init__(self, prepared: PreparedTask) -> None:
        """Begins with the rules and the user's first message."""
        self._prepared = prepared
        self._executor = prepared.start
        self._transcript = prepared.opening.fork()
        self._moves: list[Transition] = []
        self._scores: list[Scores] = []
        self._progress = Progress(prepared.target)
        self._bad_in_a_row = 0
        self._handovers = 0
        self._calls = self._written = 0
        self.max_turns = prepared.config.max_turns or max(
            MIN_TURN_LIMIT, 2 * len(prepared.task.turns)
        )
        """The limit on the agent's messages."""
        self.stop: StopReason | None = None
        self.outcome: Outcome | None = None
        self._telling = Telling()

    @property
    def messages(self) -> list[Message]:
        """The conversation so far."""
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
        """The digest of the API's current state."""
        return self._executor.digest

    @property
    def turn(self) -> int:
        """The number of messages that the agent has sent."""
        return len(self._moves)

    @property
    def user_report(self) -> UserReport | None:
        """The user's report so far; None for a user who does not listen."""
        return report_of(self._prepared.user, self.messages)

    def fork(self) -> Dialogue:
        """A conversation that begins with this one, and goes its own way."""
        fork = object.__new__(Dialogue)  # copy.copy takes longer than all else here
        fork.__dict__.update(self.__dict__)
        fork._transcript = self._transcript.fork()
        fork._moves, fork._scores = list(self._moves), list(self._scores)
        return fork

    def mark(self) -> Callable[[], None]:
        """Remembers where the conversation stands; the result takes it back there, once.

        It takes half the time of a fork, and each step asks for one.
        """
        state, said, count = dict(self.__dict__), self._transcript.mark(), len(self._moves)

        def undo() -> None:
            self.__dict__.update(state)
            self._transcript.back_to(said)
            del self._moves[count:], self._scores[count:]

        return undo

    def play(self, action: str) -> Step:
        """Plays a message: runs its calls, gets answers, checks for the end, scores it."""
        said = action[: MAX_CHARS + 1]
        parsed = parse(said, self._prepared.toolbox.names)
        message = Message(Role.ASSISTANT, said)
        self._transcript.extend((message,))
        carried = self._carry_out(parsed)
        self._executor, records = carried.executor, carried.records
        answers = self._answers(parsed, records)
        self._transcript.extend(answers)
        self._calls += len(records)
        self._written += carried.written
        self._moves.append(Transition(parsed, records, answers))
        self._stop_after_limit()
        before, self._progress = self._progress, self._progress.after(self._moves[-1])
        if self.stop is not None:
            self.outcome = self._judge()
        self._scores.append(self._score_message(before))
        return self._step(said)

    def _carry_out(self, parsed: Parsed) -> Carried:
        prepared = self._prepared
        return carry_out(
            parsed,
            self._executor,
            prepared.toolbox,
            prepared.task.effects,
            prepared.limits.step,
        )

    def _answers(self, parsed: Parsed, records: tuple[CallRecord, ...]) -> tuple[Message, ...]:
        """The messages of the tools and the user; notes whether the dialogue has ended."""
        if parsed.kind is MessageKind.NONE:
            return self._answer_bad(records)
        self._bad_in_a_row = 0
        results = tuple(Message(Role.TOOL, record.content) for record in records)
        if parsed.kind is MessageKind.CALL:
            self.stop = self._end_after_calls(records)
            return results
        said = self._prepared.user.answer(self.messages)
        if said is None:
            self.stop = StopReason.FINISHED
            return results
        if not isinstance(said, str):
            raise TypeError(
                f"expected the answer of the user {type(self._prepared.user).__name__} as a str, "
                f"or None when it is done; got {said!r}, a {type(said).__name__}"
            )
        return (*results, Message(Role.USER, said))

    def _answer_bad(self, records: tuple[CallRecord, ...]) -> tuple[Message, ...]:
        """One tool message that says why nothing happened."""
        self._bad_in_a_row += 1
        if self._bad_in_a_row == MAX_BAD_MESSAGES:
            self.stop = StopReason.BAD_FORMAT
        return (Message(Role.TOOL, records[0].content if records else _EMPTY),)

    def _end_after_calls(self, records: tuple[CallRecord, ...]) -> StopReason | None:
        """Whether the message's calls end the conversation, as they end the record."""
        rehearsal = self._prepared.rehearsal
        if hands_over(records, self._prepared.task.effects):
            self._handovers += 1
            if self._handovers > rehearsal.early_handovers:
                return StopReason.HANDOVER
        if (final := rehearsal.final_call) is None or self._user_has_more():
            return None
        now = sum(record.ok and record.normal == final for record in records)
        made = self._progress.made.get(final, 0) + now
        return StopReason.FINAL_CALL if now and made >= rehearsal.final_count else None

    def _user_has_more(self) -> bool:
        """Whether the user has yet something to say."""
        return self._prepared.user.answer(self.messages) is not None

    def _stop_after_limit(self) -> None:
        if self.stop is not None:
            return
        said = self._transcript.characters
        if self._prepared.limits.reached(said, self._calls, self._written):
            self.stop = StopReason.OVER_LIMIT
        elif self.turn >= self.max_turns:
            self.stop = StopReason.MAX_TURNS

    def _judge(self) -> Outcome:
        """The verdict on the ended dialogue."""
        reached = self.state_hash == self._prepared.goal_digest
        self._telling = self._prepared.target.telling(self._moves)
        return judge(self._progress, self._moves, self._telling, state_reached=reached)

    def _score_message(self, before: Progress) -> Scores:
        """The scores of the last message by itself; `before` is the progress without it."""
        return score_message(
            SentMessage.of(
                before, self._progress, self._moves[-1], self._prepared.thinking, self.outcome
            )
        )

    def _score_dialogue(self) -> tuple[Scores, dict[str, float]]:
        """The weighted components and their weights: none before the end."""
        if self.outcome is None:
            return dict(UNSCORED), dict(UNWEIGHTED)
        scores = score_dialogue(
            EndedDialogue.of(self._progress, self._telling, self._scores, self.outcome)
        )
        return scores, scale(self._prepared.weights, scores)

    def _step(self, action: str) -> Step:
        """The last message as a step, with its reward."""
        components, weights = self._score_dialogue()
        return Step(
            action=action,
            calls=self._moves[-1].calls,
            answers=self._moves[-1].answers,
            reward=0.0 if self.outcome is None else weighted_sum(weights, components),
            components=components,
            weights=weights,
            step_scores=self._scores[-1],
            state_hash=self.state_hash,
            observation_hash=self.observation_hash,
            turn=self.turn - 1,
        )
