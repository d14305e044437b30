"""A task's record, played before anybody else plays the task: how it ends, and what it tries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from reasonact_env.calls import carry_out
from reasonact_env.episode import CallRecord
from reasonact_env.limits import Limits
from reasonact_env.reward import Transition
from tasks.facts import fact_tokens
from tasks.types import Task
from tools.effects import ToolEffect
from tools.executor import Executor
from tools.protocol import parse
from tools.schema.toolbox import Toolbox
from tools.types import Message, Role


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What happens when the recorded agent's messages are played on the task's own API."""

    moves: tuple[Transition, ...] = ()
    """The recorded agent's messages with what becomes of their calls, in order."""
    early_handovers: int = 0
    """How many of them hand over to a human without ending the conversation."""
    final_call: str | None = None
    """The normal form of the call with which the record ends, or None if it ends otherwise, also
    with a call that fails."""
    final_count: int = 0
    """How often the record makes that call."""

    @property
    def failures(self) -> int:
        """How many of the record's calls fail."""
        return sum(not record.ok for move in self.moves for record in move.calls)

    @classmethod
    def of(cls, task: Task, toolbox: Toolbox, start: Executor) -> Rehearsal:
        """Plays the record.

        Args:
            task: The task.
            toolbox: Its tools.
            start: Its API in the first state.
        """
        moves: list[Transition] = []
        executor, room = start, Limits.of(task).step
        for number, turn in enumerate(task.turns):
            parsed = parse(task.messages[turn.index].content)
            carried = carry_out(parsed, executor, toolbox, task.effects, room)
            executor = carried.executor
            moves.append(Transition(parsed, carried.records, _answers(task, number)))
        early = sum(
            hands_over(one.calls, task.effects) and _goes_on(task, number)
            for number, one in enumerate(moves)
        )
        return cls(tuple(moves), early, *_final_call(task, moves))


def _answers(task: Task, number: int) -> tuple[Message, ...]:
    """What the record has between an assistant message and the next one."""
    turns = task.turns
    end = turns[number + 1].index if number + 1 < len(turns) else len(task.messages)
    return task.messages[turns[number].index + 1 : end]


def hands_over(records: Sequence[CallRecord], effects: Mapping[str, ToolEffect]) -> bool:
    """Whether a message's calls hand the conversation over to a human."""
    # any() would take three times as long, and each step asks
    return bool([one for one in records if one.ok and _is_handover(one.name or "", effects)])


def _is_handover(name: str, effects: Mapping[str, ToolEffect]) -> bool:
    known = effects.get(name)
    return known is not None and known.hands_over


def _goes_on(task: Task, number: int) -> bool:
    """Whether a record goes on after a hand-over, so that this is not its end.

    It does if the user is answered afterwards, if anything but a hand-over is called, or if a reply
    tells a fact of the goal. A farewell alone, or the same hand-over again, ends nothing later.
    """
    place, rest = task.turns[number].index, task.turns[number + 1 :]
    if not rest:
        return False
    if any(message.role is Role.USER for message in task.messages[place : rest[-1].index]):
        return True
    if any(not _is_handover(call.name, task.effects) for turn in rest for call in turn.calls):
        return True
    return any(fact_tokens(turn.text) & task.goal.facts for turn in rest)


def _final_call(task: Task, moves: Sequence[Transition]) -> tuple[str | None, int]:
    """The call with which the record ends, if it is carried out, and how often it is made."""
    if not task.ends_with_call or not moves[-1].calls or not moves[-1].calls[-1].ok:
        return None, 0
    final = moves[-1].calls[-1].normal
    return final, sum(one.ok and one.normal == final for move in moves for one in move.calls)
