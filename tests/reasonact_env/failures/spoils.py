"""Gold episodes, spoiled in one known way each: the truth is known, and has to be named."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache

from agents.gold import Gold
from agents.play import play
from reasonact_env.config import EnvConfig
from reasonact_env.env import ReasonActEnv
from reasonact_env.episode import Episode
from reasonact_env.failures import Kind
from tasks.facts import fact_tokens, user_tokens
from tasks.load import load_tasks
from tasks.types import Task
from tools.protocol import parse, render
from tools.types import Effect, Role, ToolCall

DATA = {"desk": "desk:40", "retail": "retail:12", "procedures": "procedures:30"}
TASKS = 10
FAREWELL = "Goodbye!"


@dataclass(frozen=True, slots=True)
class Spoiled:
    """A record's messages with one thing wrong."""

    name: str
    messages: tuple[str, ...]
    kind: Kind
    step: int
    cut: tuple[int, ...] | None = ()


@cache
def env_of(world: str) -> ReasonActEnv:
    return ReasonActEnv(data=DATA[world], split="all", user="own")


@cache
def tasks_of(world: str) -> dict[str, Task]:
    return {task.id: task for task in load_tasks(DATA[world]).tasks if task.has_goal}


def gold_episodes(world: str, mode: str = "dialogue") -> list[Episode]:
    tasks = tasks_of(world)
    config = EnvConfig(mode=mode, data=DATA[world], split="all", user="own")
    wanted = [(name, None) for name in tasks]
    agent = Gold(tasks.values(), mode)
    return [one.episode for one in play(config, agent, wanted, batch_size=16, seed=0)]


def played(world: str, task: Task, spoiled: Spoiled, after: str = FAREWELL) -> Episode:
    """Plays the messages, and `after` for as long as the dialogue goes on."""
    env = env_of(world)
    env.reset(seed=0, options={"task_id": task.id})
    number = 0
    while env.episode.stop is None:
        env.step(spoiled.messages[number] if number < len(spoiled.messages) else after)
        number += 1
    return replace(env.episode, cut=spoiled.cut)


def own(task: Task) -> list[str]:
    """The record's messages."""
    return [task.messages[turn.index].content for turn in task.turns]


def goal_turns(task: Task) -> list[tuple[int, ToolCall]]:
    """The places of the messages that make exactly one call, which the goal has once."""
    box = task.toolbox
    wanted = [box.normal(call) for call in task.goal.calls]
    made = [box.normal(call) for turn in task.turns for call in turn.calls]
    found = []
    for place, turn in enumerate(task.turns):
        if len(turn.calls) == 1:
            normal = box.normal(turn.calls[0])
            if wanted.count(normal) == 1 and made.count(normal) == 1:
                found.append((place, turn.calls[0]))
    return found


def fact_turns(task: Task) -> list[tuple[int, str]]:
    """The replies that alone tell a fact of the goal, with that fact."""
    said = [fact_tokens(turn.text) if turn.text else frozenset() for turn in task.turns]
    return [
        (place, fact)
        for fact in sorted(task.goal.facts)
        for place, facts in enumerate(said)
        if fact in facts and sum(fact in other for other in said) == 1
    ]


def without(messages: Sequence[str], place: int) -> tuple[str, ...]:
    return (*messages[:place], *messages[place + 1 :])


def instead(messages: Sequence[str], place: int, message: str) -> tuple[str, ...]:
    return (*messages[:place], message, *messages[place + 1 :])


def call_left_out(task: Task) -> Iterator[Spoiled]:
    for place, _ in goal_turns(task):
        yield Spoiled("call left out", without(own(task), place), Kind.CALL_MISSING, place + 1)


def argument_changed(task: Task) -> Iterator[Spoiled]:
    for place, call in goal_turns(task):
        for name, value in call.arguments.items():
            changed = ToolCall(call.name, {**call.arguments, name: other_value(value)})
            if task.toolbox.normal(changed) != task.toolbox.normal(call):
                message = render([changed])
                messages = instead(own(task), place, message)
                yield Spoiled(f"{name} changed", messages, Kind.WRONG_ARGUMENT, place + 1)


def other_value(value: object) -> object:
    if isinstance(value, str):
        return re.sub(r"\d", lambda digit: str((int(digit[0]) + 3) % 10), value) + "7"
    return [other_value(one) for one in value] if isinstance(value, list) else 77


def call_unreadable(task: Task) -> Iterator[Spoiled]:
    for place, call in goal_turns(task):
        body = json.dumps({"name": call.name, "arguments": dict(call.arguments)})
        for broken in (body[:-1] + ",]", body.replace('"', "'"), body + body):
            message = f"<tool_call>\n{broken}\n</tool_call>"
            messages = instead(own(task), place, message)
            yield Spoiled("unreadable call", messages, Kind.FORMAT, place + 1)


def message_cut(task: Task) -> Iterator[Spoiled]:
    for place, call in goal_turns(task):
        text = render([call])
        half = text[: text.index(call.name) + len(call.name) + 6]
        messages = instead(own(task), place, half)
        for cut in ((place,), None):
            yield Spoiled("cut message", messages, Kind.CUT_OFF, place + 1, cut)
    for place, fact in fact_turns(task):
        text = own(task)[place]
        half = text[: len(text) // 3]
        if text.strip() == parse(text).text and not fact_tokens(half) and len(half) > 8:
            messages = instead(own(task), place, half)
            yield Spoiled(f"cut before {fact}", messages, Kind.CUT_OFF, place + 1, (place,))


def fact_changed(task: Task) -> Iterator[Spoiled]:
    for place, fact in fact_turns(task):
        text = own(task)[place]
        # a fact may be written otherwise than its normal form: then it is left alone
        if len(re.findall(rf"(?<![\w.]){re.escape(fact)}(?![\w]|\.\d)", text, re.I)) != 1:
            continue
        wrong = re.sub(r"\d", lambda digit: str((int(digit[0]) + 4) % 10), fact)
        if wrong == fact or wrong.lower() in known(task):
            continue
        message = re.sub(rf"(?<![\w.]){re.escape(fact)}(?![\w]|\.\d)", wrong, text, flags=re.I)
        if fact in fact_tokens(message):
            continue
        messages = instead(own(task), place, message)
        yield Spoiled(f"{fact} -> {wrong}", messages, Kind.FACT_WRONG, place + 1)


def known(task: Task) -> frozenset[str]:
    read = {Role.USER: user_tokens}
    return frozenset().union(*(read.get(m.role, fact_tokens)(m.content) for m in task.messages))


def nothing_told(task: Task) -> Iterator[Spoiled]:
    for place, _ in fact_turns(task):
        messages = instead(own(task), place, "One moment, please.")
        yield Spoiled("nothing told", messages, Kind.FACT_MISSING, place + 1)


def repeated(task: Task) -> Iterator[Spoiled]:
    for place, turn in enumerate(task.turns[:-1]):
        if place and turn.text == task.turns[place - 1].text and turn.text:
            continue
        messages = (*own(task)[: place + 1], *[own(task)[place]] * 60)
        yield Spoiled("repeated", messages, Kind.LOOP, place + 2)


def ended_early(task: Task) -> Iterator[Spoiled]:
    for place, _ in goal_turns(task):
        yield Spoiled("ended early", tuple(own(task)[:place]), Kind.CALL_MISSING, place + 1)


def handed_over(task: Task) -> Iterator[Spoiled]:
    tool = next((n for n, e in task.effects.items() if e.hands_over), None)
    if tool is None or task.goal.handover is not None:
        return
    spec = next(spec for spec in task.tools if spec.name == tool)
    about = spec.parameters.get("properties", {})
    words = {
        name: about[name].get("enum", ["as asked"])[0]
        for name in spec.parameters.get("required", [])
    }
    call = ToolCall(tool, words)
    if task.toolbox.check(call) is None:
        for place, _ in goal_turns(task):
            messages = (*own(task)[:place], render([call]))
            yield Spoiled("handed over", messages, Kind.HANDED_OVER, place + 1)


def write_added(task: Task) -> Iterator[Spoiled]:
    """A write with ids of the record that its goal lacks, before a reply; or one made twice."""
    box = task.toolbox
    recorded = [(i, call) for i, turn in enumerate(task.turns) for call in turn.calls]
    writes = {box.normal(call) for call in task.goal.writes}
    for spec in task.tools:
        if task.effects[spec.name].effect is not Effect.WRITE:
            continue
        for place, known_call in recorded:
            for call in filled(spec, known_call):
                again = box.normal(call) in writes
                if box.check(call) is None and (not again or call == known_call):
                    messages = (*own(task)[: place + 1], render([call]), *own(task)[place + 1 :])
                    yield Spoiled("write added", messages, Kind.OUTSIDE_WRITE, place + 2)


def filled(spec, call: ToolCall) -> Iterator[ToolCall]:
    needed = spec.parameters.get("required", [])
    properties = spec.parameters.get("properties", {})
    arguments = {}
    for name in needed:
        about = properties.get(name, {})
        if name in call.arguments:
            arguments[name] = call.arguments[name]
        elif "enum" in about:
            arguments[name] = about["enum"][0]
        elif about.get("type") == "string":
            arguments[name] = "Lisbon"
        else:
            return
    yield ToolCall(spec.name, arguments)


SPOILS = (
    call_left_out,
    argument_changed,
    call_unreadable,
    message_cut,
    fact_changed,
    nothing_told,
    repeated,
    ended_early,
    handed_over,
    write_added,
)
