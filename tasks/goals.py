"""What a dialogue should achieve: read off a sidecar or off the dialogue itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from tasks.facts import fact_tokens, facts
from tasks.types import Goal, GoalLabel, Turn
from tools.effects import ToolEffect
from tools.recorded import looks_like_error
from tools.schema import Toolbox
from tools.types import Effect, Kind, Message, Role, ToolCall

SCRATCH = frozenset({"think", "calculate"})
"""Tools that touch nothing: no goal asks for their calls."""


@dataclass(frozen=True, slots=True)
class Gold:
    """What a sidecar says should have been done."""

    actions: tuple[ToolCall, ...]
    """All calls, in order."""
    outputs: tuple[str, ...]
    """What the user must be told."""


def recorded_goal(
    messages: Sequence[Message],
    turns: Sequence[Turn],
    toolbox: Toolbox,
    effects: Mapping[str, ToolEffect],
) -> Goal:
    """The goal of a dialogue that is all there is: its successful calls and its facts."""
    calls = [
        call
        for call, answer in answered_calls(messages, turns)
        if toolbox.check(call) is None and not looks_like_error(answer)
    ]
    return _goal(calls, toolbox, effects, recorded_facts(messages), GoalLabel.RECORDED)


def verified_goal(
    gold: Gold,
    messages: Sequence[Message],
    toolbox: Toolbox,
    effects: Mapping[str, ToolEffect],
    *,
    generated: bool,
) -> Goal:
    """The goal that a sidecar gives.

    Args:
        gold: The sidecar's gold.
        messages: The dialogue.
        toolbox: Its tools.
        effects: Tool name -> read or write.
        generated: Whether the dialogue itself is the gold one, so that its facts are the goal's;
            otherwise they are those of the required outputs.
    """
    told = recorded_facts(messages) if generated else fact_tokens("\n".join(gold.outputs))
    return _goal(gold.actions, toolbox, effects, told, GoalLabel.VERIFIED, gold.outputs)


def recorded_facts(messages: Iterable[Message]) -> frozenset[str]:
    """The facts of all replies, each read against what tools and user had said before it."""
    told: set[str] = set()
    tool_texts: list[str] = []
    user_texts: list[str] = []
    for message in messages:
        if message.role is Role.TOOL:
            tool_texts.append(message.content)
        elif message.role is Role.USER:
            user_texts.append(message.content)
        elif message.role is Role.ASSISTANT and not message.content.startswith("<tool_call>"):
            told |= facts(message.content, tool_texts, user_texts)
    return frozenset(told)


def answered_calls(
    messages: Sequence[Message], turns: Iterable[Turn]
) -> Iterable[tuple[ToolCall, str]]:
    """The recorded calls with what was answered, in order."""
    for turn in turns:
        if turn.kind is not Kind.CALL:
            continue
        answers = []
        for message in messages[turn.index + 1 :]:
            if message.role is not Role.TOOL:
                break
            answers.append(message.content)
        yield from zip(turn.calls, answers, strict=False)


def _goal(
    calls: Iterable[ToolCall],
    toolbox: Toolbox,
    effects: Mapping[str, ToolEffect],
    told: frozenset[str],
    label: GoalLabel,
    outputs: tuple[str, ...] = (),
) -> Goal:
    writes, reads = [], {}
    for call in calls:
        effect = effects.get(call.name)
        if effect is not None and effect.effect is Effect.WRITE:
            writes.append(call)
        elif call.name not in SCRATCH:
            reads.setdefault(toolbox.normal(call), call)
    return Goal(tuple(writes), tuple(reads.values()), told, label, outputs)
