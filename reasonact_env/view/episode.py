"""Episodes as rich renderables: messages, calls, rewards."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import cast

from rich.console import Group, RenderableType
from rich.rule import Rule
from rich.text import Text

from reasonact_env.episode import CallRecord, Episode, Mode, Step, message_of
from reasonact_env.view.changes import change_view
from reasonact_env.view.scores import score_view, step_line, summary
from reasonact_env.view.text import Block, Card, Indented, json_or_none
from tools.counts import counted
from tools.inert import inline
from tools.protocol import ThinkForm
from tools.types import CallProblem, Json, Message, MessageKind, Role, ToolCall, ToolSpec


@dataclass(frozen=True, slots=True)
class Look:
    """The parts of an episode to show."""

    thoughts: bool = True
    """Whether to show the assistant's thoughts."""
    rules: bool = False
    """Whether to show the rules and the tools in full."""
    scores: bool = False
    """Whether to show every component's score of every step, even if it does not apply."""
    folded: bool = True
    """Whether to shorten long texts."""
    most: int | None = 2000
    """The lines of a text that is not shortened; more would keep a key waiting. None for all."""

    def limit(self, lines: int) -> int | None:
        """`lines` if long texts are shortened, else the most."""
        return lines if self.folded else self.most


FULL = Look(folded=False, most=None)
"""Shows everything but rules and tools."""
COLOURS = {
    Role.SYSTEM: "magenta",
    Role.USER: "green",
    Role.ASSISTANT: "blue",
    Role.TOOL: "yellow",
}
"""The colours of bars and labels; text keeps the terminal's own, to suit any background."""


def episode_view(
    episode: Episode, agent: str = "", look: Look = FULL, head: Sequence[RenderableType] = ()
) -> RenderableType:
    """The whole episode, from top to bottom.

    Args:
        episode: The episode.
        agent: Who played.
        look: The parts to show.
        head: What stands between its verdict and its messages, such as its goal.
    """
    parts: list[RenderableType] = [summary(episode, agent), *head, Rule(style="dim")]
    parts += opening_view(episode, look)
    total = 0.0
    for number, step in enumerate(episode.steps, 1):
        total += step.reward
        parts += step_view(episode, number, look)
        parts += [step_line(episode, number, total), score_view(step, every=look.scores), Text()]
    return Group(*parts)


def opening_view(episode: Episode, look: Look) -> list[RenderableType]:
    """The cards before the agent's first message."""
    opening, cards = episode.opening, cast("list[RenderableType]", [])
    if opening and opening[0].role is Role.SYSTEM:
        cards += _rules(opening[0], episode.tools, look)
        opening = opening[1:]
    recorded = episode.mode is Mode.TURN
    return cards + [message_card(message, look, recorded=recorded) for message in opening]


def step_view(episode: Episode, number: int, look: Look) -> list[RenderableType]:
    """The cards of a step: the agent's message, and all that followed.

    Args:
        episode: The episode.
        number: The step's number, from 1.
        look: The parts to show.
    """
    step, recorded = episode.steps[number - 1], episode.mode is Mode.TURN
    place = f"decision {step.turn}" if recorded else f"step {number}"
    title = Rule(Text(f" {place} ", style="dim"), style="dim", align="left", characters="╌")
    answered = 0 if recorded else sum(m.role is Role.TOOL for m in step.answers)
    said = Card(
        _label(Role.ASSISTANT, "the agent's own" if recorded else ""),
        COLOURS[Role.ASSISTANT],
        list(_assistant(step.action, look, step.calls, answered)),
    )
    records = iter(() if recorded else step.calls)
    answers = [
        _answer(message, records, look, step if recorded else None) for message in step.answers
    ]
    return [title, said, *_wrongs(episode, number), *answers]


def _wrongs(episode: Episode, number: int) -> Iterator[RenderableType]:
    """The rules that a step broke, and the rows of others that it changed, in full."""
    if episode.outcome is None:
        return
    for broken in episode.outcome.violations:
        if broken.message == number:
            label = Text(inline(f"! against the rules: {broken.rule}"), style="bold yellow")
            yield Card(label, "yellow", [Block(broken.text)])
    changed = {(c.table, c.key) for r in episode.steps[number - 1].calls for c in r.changes}
    for harm in episode.outcome.harm:
        if (harm.table, harm.key) in changed:
            label = Text("! harm to another customer", style="bold red")
            text = f"{harm.table} {harm.key} of {harm.customer} was changed"
            yield Card(label, "red", [Block(text)])


def message_card(message: Message, look: Look, *, recorded: bool = False) -> RenderableType:
    """One message of the conversation."""
    body: list[RenderableType]
    if message.role is Role.ASSISTANT:
        body = list(_assistant(message.content, look))
    else:
        body = [_block(message.content, look.limit(12))]
    note = "record" if recorded and message.role is Role.ASSISTANT else ""
    return Card(_label(message.role, note), COLOURS[message.role], body)


def tool_list(tools: Iterable[ToolSpec]) -> RenderableType:
    """The tools with their arguments; arguments in brackets are optional."""
    parts: list[RenderableType] = []
    for tool in tools:
        parts.append(Text(inline(f"{tool.name}({_arguments(tool)})"), style="bold"))
        parts.append(Indented(Block(tool.description, style="dim")))
    return Group(*parts)


def _label(role: Role, note: str = "", style: str = "") -> Text:
    label = Text(role.value, style=f"bold {style or COLOURS[role]}")
    return label.append(f" · {inline(note)}", style="not bold dim") if note else label


def _block(text: str, limit: int | None, style: str = "") -> Block:
    if not text:
        return Block("(empty)", "dim italic")
    return Block(text, style, limit, None if style else json_or_none(text))


def _rules(rules: Message, tools: Sequence[ToolSpec], look: Look) -> list[RenderableType]:
    if not look.rules:
        words = counted(len(rules.content.split()), "word of rules", "words of rules")
        words += f", {counted(len(tools), 'tool')}" if tools else ""
        return [Card(_label(Role.SYSTEM, words), COLOURS[Role.SYSTEM], [])]
    cards: list[RenderableType] = [
        Card(_label(Role.SYSTEM), COLOURS[Role.SYSTEM], [Block(rules.content)])
    ]
    if tools:
        label = Text("tools", style=f"bold {COLOURS[Role.SYSTEM]}")
        cards.append(Card(label, COLOURS[Role.SYSTEM], [tool_list(tools)]))
    return cards


def _assistant(
    action: str, look: Look, records: Sequence[CallRecord] = (), answered: int = 0
) -> Iterator[RenderableType]:
    """Thought, calls and text of a message; also the raw message if it is malformed."""
    parsed = message_of(action, records)
    if parsed.thought is not None and look.thoughts:
        yield Block(parsed.thought or "(an empty thought)", "dim italic", look.limit(6))
    for number, attempt in enumerate(parsed.attempts):
        record = records[number] if number < len(records) else None
        yield _call(attempt, record, look, told=number < answered, recorded=not answered)
    if parsed.text:
        aside = " (not delivered)" if parsed.kind is MessageKind.CALL else ""
        yield Block(parsed.text + aside, "dim" if aside else "", look.limit(12))
    if parsed.problems or parsed.thinking is ThinkForm.BROKEN or parsed.kind is MessageKind.NONE:
        yield Text("the raw message:", style="red")
        yield Indented(Block(action or "(empty)", "dim", look.limit(6)))


def _call(
    attempt: ToolCall | CallProblem,
    record: CallRecord | None,
    look: Look,
    *,
    told: bool,
    recorded: bool,
) -> RenderableType:
    """A call, and its problem unless a tool message below tells it."""
    problem = attempt if isinstance(attempt, CallProblem) else record and record.problem
    name = "unreadable call" if isinstance(attempt, CallProblem) else attempt.name
    head = Text("→ ", style="blue").append(inline(name), style="bold")
    if problem:
        head.append(f"  ✗ {problem.kind.value}", style="bold red")
    elif record:
        head.append(f"  ✓ {record.effect.value}", style="green")
    parts: list[RenderableType] = [head]
    if isinstance(attempt, ToolCall) and attempt.arguments:
        arguments = cast("Json", dict(attempt.arguments))
        parts.append(Indented(Block("", value=arguments, limit=look.limit(12))))
    if record and record.changes:
        parts.append(Indented(change_view(record.changes, look.limit(8))))
    if problem and not told:
        parts.append(Indented(Block(problem.text, "red")))
    elif record and recorded and record.content:
        parts.append(Indented(Text("would have answered:", style="dim")))
        parts.append(Indented(_block(record.content, look.limit(8))))
    return Group(*parts)


def _answer(
    message: Message, records: Iterator[CallRecord], look: Look, tried: Step | None
) -> RenderableType:
    """A message that followed; a tool's message with the name of the call that it answers.

    In turn mode, a message of the record that equals the answer is not shown twice.
    """
    if tried and message.role is Role.ASSISTANT and message.content == tried.action:
        return Card(_label(Role.ASSISTANT, "record, word for word the same"), "blue", [])
    record = next(records, None) if message.role is Role.TOOL else None
    if record is None:
        return message_card(message, look, recorded=tried is not None)
    bad = "" if record.ok else "red"
    body = _block(message.content, look.limit(12), bad)
    return Card(_label(Role.TOOL, record.name or "unreadable call", bad), bad or "yellow", [body])


def _arguments(tool: ToolSpec) -> str:
    properties, required = tool.parameters.get("properties"), tool.parameters.get("required")
    if not isinstance(properties, dict):
        return ""
    needed = required if isinstance(required, list) else []
    shown = [f"{name}: {_type(schema)}" for name, schema in properties.items() if name in needed]
    shown += [
        f"[{name}: {_type(schema)}]" for name, schema in properties.items() if name not in needed
    ]
    return ", ".join(shown)


def _type(schema: Json) -> str:
    """A schema's type, or its choices."""
    if not isinstance(schema, dict):
        return "any"
    choices, kind = schema.get("enum"), schema.get("type", "any")
    if isinstance(choices, list):
        return " | ".join(map(str, choices))
    return " | ".join(map(str, kind)) if isinstance(kind, list) else str(kind)
