"""Dialogue mode: a conversation of the agent's own, judged at its end."""

from __future__ import annotations

from reasonact_env.calls import carry_out
from reasonact_env.episode import CallRecord, Outcome, Scores, Step, StopReason
from reasonact_env.prepared import PreparedTask
from reasonact_env.reward import (
    COMPONENTS,
    Progress,
    Transition,
    judge,
    scale,
    score_dialogue,
    score_message,
    weighted_sum,
)
from reasonact_env.users.make import UserReport, report_of
from tools.effects import is_handover
from tools.protocol import MAX_CHARS, Parsed, parse
from tools.types import Message, MessageKind, Role

MAX_BAD_MESSAGES = 3
"""This many unreadable or empty messages in a row end the dialogue.

Chosen by hand: errors say how to mend a message, and this leaves two chances to do so.
"""
MIN_TURN_LIMIT = 30
"""The turn limit is at least this, and twice the record's length.

Chosen by hand: an agent may take detours. Real dialogues have 12 turns in the median, 106 at most.
"""

_UNPAID: Scores = dict.fromkeys(COMPONENTS)
_EMPTY = (
    "Error: Expected a tool call or a reply to the user, got neither. "
    "Write <tool_call> with a JSON object, or the text that the user should read."
)


class Dialogue:
    """A running conversation: task, transcript, and the API's state."""

    def __init__(self, prepared: PreparedTask) -> None:
        """Begins with the rules and the user's first words."""
        self._prepared = prepared
        self._executor = prepared.start
        self._transcript = prepared.opening.fork()
        self._moves: list[Transition] = []
        self._scores: list[Scores] = []
        self._progress = Progress(prepared.target)
        self._bad_in_a_row = 0
        self.stop: StopReason | None = None
        self.outcome: Outcome | None = None

    @property
    def messages(self) -> list[Message]:
        """The conversation so far."""
        return self._transcript.messages

    @property
    def observation_hash(self) -> str:
        """The digest of the present observation."""
        return self._transcript.digest

    @property
    def state_hash(self) -> str:
        """The digest of the API's present state."""
        return self._executor.digest

    @property
    def turn(self) -> int:
        """How many messages the agent has sent."""
        return len(self._moves)

    @property
    def max_turns(self) -> int:
        """The limit on the agent's messages."""
        limit = self._prepared.rules.max_turns
        return limit or max(MIN_TURN_LIMIT, 2 * len(self._prepared.task.turns))

    @property
    def user_report(self) -> UserReport | None:
        """How the user fared so far; None for one who does not listen."""
        return report_of(self._prepared.user, self.messages)

    def play(self, action: str) -> Step:
        """Carries a message through: calls, answers, the user, the end, the pay."""
        said = action[: MAX_CHARS + 1]
        parsed = parse(said)
        self._transcript.extend([Message(Role.ASSISTANT, said)])
        self._executor, records = carry_out(
            parsed, self._executor, self._prepared.toolbox, self._prepared.task.effects
        )
        answers = self._answers(parsed, records)
        self._transcript.extend(answers)
        self._moves.append(Transition(parsed, records, answers))
        self._stop_after_limit()
        return self._paid(said, records, answers)

    def _answers(self, parsed: Parsed, records: tuple[CallRecord, ...]) -> tuple[Message, ...]:
        """What the tools and the user say; notes whether that is the end."""
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
        return (*results, Message(Role.USER, said))

    def _answer_bad(self, records: tuple[CallRecord, ...]) -> tuple[Message, ...]:
        """One tool message that says why nothing happened."""
        self._bad_in_a_row += 1
        if self._bad_in_a_row == MAX_BAD_MESSAGES:
            self.stop = StopReason.BAD_FORMAT
        return (Message(Role.TOOL, records[0].content if records else _EMPTY),)

    def _end_after_calls(self, records: tuple[CallRecord, ...]) -> StopReason | None:
        done = [record for record in records if record.ok]
        if any(is_handover(record.name or "") for record in done):
            return StopReason.HANDOVER
        if (
            self._prepared.final_call is None
            or self._prepared.user.answer(self.messages) is not None
        ):
            return None
        finals = (record.normal == self._prepared.final_call for record in done)
        return StopReason.FINAL_CALL if any(finals) else None

    def _stop_after_limit(self) -> None:
        if self.stop is None and self.turn >= self.max_turns:
            self.stop = StopReason.MAX_TURNS

    def _paid(
        self, action: str, records: tuple[CallRecord, ...], answers: tuple[Message, ...]
    ) -> Step:
        """Scores the message and, at the end, the dialogue."""
        scores = self._score_message()
        components = self._score_dialogue() if self.outcome else dict(_UNPAID)
        scores["outcome"] = components["outcome"]
        weights = scale(self._prepared.rules.weights, components)
        return Step(
            action=action,
            calls=records,
            answers=answers,
            reward=weighted_sum(weights, components),
            components=components,
            weights=weights,
            step_scores=scores,
            state_hash=self.state_hash,
            observation_hash=self.observation_hash,
            turn=self.turn - 1,
        )

    def _score_message(self) -> Scores:
        """Scores the last message; at the end it judges the dialogue first."""
        prepared, move, before = self._prepared, self._moves[-1], self._progress
        self._progress = before.after(move)
        if self.stop is not None:
            reached = self.state_hash == prepared.goal_digest
            self.outcome = judge(self._progress, self._moves, state_reached=reached)
        scores = score_message(
            before,
            self._progress,
            move,
            prepared.rules.thinking,
            ended_open=self._ended_open(),
        )
        self._scores.append(scores)
        return scores

    def _score_dialogue(self) -> Scores:
        assert self.outcome is not None
        return score_dialogue(self._progress, self._moves, self._scores, won=self.outcome.success)

    def _ended_open(self) -> bool:
        """Whether the last message is a reply that ends the dialogue with the goal open."""
        return (
            self.outcome is not None
            and not self.outcome.success
            and self._moves[-1].parsed.kind is MessageKind.REPLY
        )
