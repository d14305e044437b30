"""The goal of a dialogue, read from a sidecar or from the dialogue itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from tasks.facts import fact_tokens, user_tokens
from tasks.types import Goal, GoalLabel, Turn
from tools.effects import ToolEffect, effect_of
from tools.failures import looks_like_error, write_failed
from tools.protocol import parse
from tools.schema.toolbox import Toolbox
from tools.types import CallProblem, Effect, Message, MessageKind, Role, ToolCall

SCRATCH = frozenset({"think", "calculate"})
"""Tools that neither read nor change anything; no goal asks for their calls."""


@dataclass(frozen=True, slots=True)
class SidecarGoal:
    """The goal as a sidecar states it."""

    actions: tuple[ToolCall, ...]
    """All calls, in order."""
    outputs: tuple[str, ...]
    """The outputs that the user must be told."""


def recorded_goal(
    messages: Sequence[Message],
    turns: Sequence[Turn],
    toolbox: Toolbox,
    effects: Mapping[str, ToolEffect],
) -> Goal:
    """The goal of a dialogue without a sidecar: its successful calls and its facts.

    A call for a human belongs to it whatever else was done.
    """
    calls = [
        call
        for call, answer in answered_calls(messages, turns)
        if toolbox.check(call) is None and not _failed(call, answer, effects)
    ]
    told = recorded_facts(messages, turns)
    goal = _goal(calls, toolbox, effects, told, GoalLabel.RECORDED)
    return replace(goal, handover=handover_of(calls, effects))


def leaves_out_writes(
    messages: Sequence[Message], turns: Sequence[Turn], effects: Mapping[str, ToolEffect]
) -> bool:
    """Whether the goal of a dialogue lacks a write for the mere reason that `write_failed` says so.

    An answer that everybody would take for an error does not count.
    """
    return any(
        _failed(call, answer, effects) and not looks_like_error(answer)
        for call, answer in answered_calls(messages, turns)
    )


def _failed(call: ToolCall, answer: str, effects: Mapping[str, ToolEffect]) -> bool:
    known = effects.get(call.name) or effect_of(call.name)
    is_write = known.effect is Effect.WRITE
    return write_failed(call, answer) if is_write else looks_like_error(answer)


def verified_goal(
    gold: SidecarGoal,
    told: frozenset[str],
    toolbox: Toolbox,
    effects: Mapping[str, ToolEffect],
) -> Goal:
    """The goal that a sidecar gives.

    Args:
        gold: The sidecar's gold.
        told: The facts that the user must be told.
        toolbox: The task's tools.
        effects: Tool name -> read or write.
    """
    return _goal(gold.actions, toolbox, effects, told, GoalLabel.VERIFIED, gold.outputs)


def output_facts(gold: SidecarGoal) -> frozenset[str]:
    """The facts of the outputs that a sidecar requires."""
    return fact_tokens("\n".join(gold.outputs))


def handover_of(calls: Iterable[ToolCall], effects: Mapping[str, ToolEffect]) -> ToolCall | None:
    """The first of some calls that hands over to a human; None if none does."""
    handovers = (c for c in calls if c.name in effects and effects[c.name].hands_over)
    return next(handovers, None)


def untold(outputs: Iterable[str], replies: Iterable[str]) -> tuple[str, ...]:
    """The outputs that occur in no reply, ignoring case and commas: tau-bench's check.

    As in `tau_bench/envs/base.py` (`tools.worlds.retail.variants` names the revision), except that
    commas in the outputs are ignored, too: tau-bench never finds an output with a comma.
    """
    plain = [_plain(reply) for reply in replies]
    return tuple(one for one in outputs if not any(_plain(one) in reply for reply in plain))


def _plain(text: str) -> str:
    return text.lower().replace(",", "")


def recorded_facts(messages: Iterable[Message], turns: Iterable[Turn]) -> frozenset[str]:
    """The facts of all replies, each given the messages of tools and user before it.

    Args:
        messages: The dialogue.
        turns: Its assistant messages, read.
    """
    replies = {turn.index: turn.text for turn in turns if turn.kind is MessageKind.REPLY}
    told: set[str] = set()
    heard: set[str] = set()
    asked: set[str] = set()
    for index, message in enumerate(messages):
        if message.role is Role.TOOL:
            heard |= fact_tokens(message.content)
        elif message.role is Role.USER:
            asked |= user_tokens(message.content)
        elif index in replies:
            told |= (fact_tokens(replies[index]) & heard) - asked
    return frozenset(told)


def answered_calls(
    messages: Sequence[Message], turns: Iterable[Turn]
) -> Iterator[tuple[ToolCall, str]]:
    """The recorded calls with their answers, in order."""
    for turn in turns:
        if turn.kind is MessageKind.CALL:
            answers = _answers(messages, turn.index)
            for attempt, answer in zip(_attempts(messages, turn), answers, strict=False):
                if isinstance(attempt, ToolCall):
                    yield attempt, answer


def _attempts(messages: Sequence[Message], turn: Turn) -> Sequence[ToolCall | CallProblem]:
    """All calls of a turn, readable or not: an unreadable call among others has an answer, too."""
    return turn.calls if turn.is_decision else parse(messages[turn.index].content).attempts


def _answers(messages: Sequence[Message], index: int) -> list[str]:
    """The tool messages right after a message."""
    end = index + 1
    while end < len(messages) and messages[end].role is Role.TOOL:
        end += 1
    return [message.content for message in messages[index + 1 : end]]


def _goal(
    calls: Iterable[ToolCall],
    toolbox: Toolbox,
    effects: Mapping[str, ToolEffect],
    told: frozenset[str],
    label: GoalLabel,
    outputs: tuple[str, ...] = (),
) -> Goal:
    writes: list[ToolCall] = []
    reads: dict[str, ToolCall] = {}
    for call in calls:
        effect = effects.get(call.name) or effect_of(call.name)
        if effect.effect is Effect.WRITE:
            writes.append(call)
        elif call.name not in SCRATCH:
            reads.setdefault(toolbox.normal(call), call)
    return Goal(tuple(writes), tuple(reads.values()), told, label, outputs)
