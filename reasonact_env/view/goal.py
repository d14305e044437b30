"""A goal beside an episode, as rich renderables: wanted against made, argument by argument."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from rich.console import Group, RenderableType
from rich.text import Text

from reasonact_env.failures import Argument, Cause, GoalRows, Nearest, WantedCall, WantedFact
from reasonact_env.view.text import Block, Indented
from tools.inert import inline, safe
from tools.types import Json, ToolCall

DONE, LATER, MISSING, OPTIONAL, OPEN = "✓", "○", "✗", "·", "…"
"""Done by the step that is shown; done in a later one; never; not made, and not required; not yet,
and the dialogue goes on."""


def goal_line(goal: GoalRows, step: int | None = None) -> Text:
    """The goal in one line: its required calls, and how many facts were told.

    `so far` stands where more of them are told in later steps, beside a verdict that knows these.

    Args:
        goal: The goal.
        step: The step up to which it counts; None for the whole episode.
    """
    line = Text("goal ", style="dim", no_wrap=True, overflow="ellipsis")
    for wanted in goal.calls:
        if wanted.required:
            mark, style = _mark(wanted.step, step, running=goal.running)
            line.append(f" {mark} ", style=style).append(inline(wanted.call.name))
            line.append(f" {wanted.step}" if wanted.step else "", style="dim")
    if goal.facts:
        steps = [fact.step for fact in goal.facts if fact.step is not None]
        told = sum(at <= _end(step) for at in steps)
        style = "green" if len(steps) == len(goal.facts) else "red"
        so_far = " so far" if told < len(steps) else ""
        line.append(f"  facts {told}/{len(goal.facts)}{so_far}", style=style)
    if goal.outside:
        line.append(f"  ! {len(goal.outside)} × outside the goal", style="bold red")
    if not goal.calls and not goal.facts:
        line.append(" nothing is known of it", style="dim")
    return line


def goal_view(
    goal: GoalRows,
    cause: Cause | None = None,
    step: int | None = None,
    missing: str = "",
    *,
    looking: bool = False,
) -> RenderableType:
    """The goal in full: every wanted call and fact, done from which step on, or what came nearest.

    Args:
        goal: The goal.
        cause: What went wrong first.
        step: The step up to which it counts; None for the whole episode.
        missing: Why the data are not at hand; empty if they are.
        looking: Whether it is not known yet if there is a cause.
    """
    parts: list[RenderableType] = []
    if cause is None and looking:
        parts += [Text("first wrong: looking …", style="dim"), Text()]
    if cause is not None:
        label = f"first wrong, in step {cause.step}: {cause.kind.value}"
        parts += [
            Text(label, style="bold red", overflow="fold"),
            Indented(Block(cause.text)),
            Text(),
        ]
    parts.append(Text("wanted calls", style="bold"))
    parts += [part for wanted in goal.calls for part in _call(wanted, step, goal)] or [_none()]
    if goal.facts or not missing:
        parts += [Text(), Text("facts to be told", style="bold")]
        parts += [part for fact in goal.facts for part in _fact(fact, step, goal.running)] or [
            _none()
        ]
    if goal.outside:
        parts += [Text(), Text("writes outside the goal", style="bold red")]
        for write in goal.outside:
            parts.append(Text(inline(f"! step {write.step}  {write.call.name}"), overflow="fold"))
            parts += _arguments_of(write.call)
    if missing:
        parts += [Text(), Block(f"As the verdict tells it: {missing}", "dim italic")]
    return Group(*parts)


def _call(wanted: WantedCall, step: int | None, goal: GoalRows) -> Iterator[RenderableType]:
    running = goal.running
    mark, style = _mark(wanted.step, step, required=wanted.required, running=running)
    head = Text(f"{mark} ", style=style, overflow="fold").append(inline(wanted.call.name), "bold")
    if wanted.step is not None:
        head.append(f"  step {wanted.step}", style="not bold dim")
    elif not wanted.required:
        why = "; facts unseen" if goal.unseen and not running else ""
        head.append(f"  not required{why}", style="not bold dim")
    elif wanted.due is not None and not running:
        head.append(f"  due by step {wanted.due}", style="not bold red")
    yield head
    if wanted.nearest is not None and wanted.required:
        yield from _nearest(wanted.nearest)
    elif not wanted.done:
        yield from _arguments_of(wanted.call)
        if wanted.unreadable is not None and wanted.required:
            text = f"step {wanted.unreadable} tried it, unreadably"
            yield Indented(Text(text, style="red"))


def _arguments_of(call: ToolCall) -> Iterator[RenderableType]:
    """A call's arguments; nothing for a call without."""
    if call.arguments:
        yield Indented(Indented(Block("", value=cast("Json", dict(call.arguments)))))


def _nearest(nearest: Nearest) -> Iterator[RenderableType]:
    words = f"nearest: step {nearest.step} {nearest.call.name}"
    if nearest.problem is not None:
        words += f" (✗ {nearest.problem.kind.value})"
    yield Indented(Block(words, "yellow"))
    yield from (Indented(Indented(_argument(one))) for one in nearest.arguments)


def _argument(one: Argument) -> RenderableType:
    if one.same:
        return Text(inline(f"= {one.name}: {one.wanted or one.made}"), style="dim", overflow="fold")
    line = Text(f"≠ {inline(one.name)}: ", style="bold", overflow="fold")
    line.append("wanted ", style="not bold dim")
    line.append(safe(one.wanted or "none"), style="not bold green")
    line.append(", made ", style="not bold dim")
    return line.append(safe(one.made or "none"), style="not bold red")


def _fact(fact: WantedFact, step: int | None, running: bool) -> Iterator[RenderableType]:
    mark, style = _mark(fact.step, step, running=running)
    line = Text(f"{mark} ", style=style, overflow="fold").append(inline(fact.fact), style="bold")
    if fact.step is not None:
        yield line.append(f"  step {fact.step}", style="not bold dim")
        return
    if fact.due is not None and not running:
        line.append(f"  due by step {fact.due}", style="not bold red")
    yield line
    if fact.wrong is not None:
        yield Indented(
            Block(f"step {fact.wrong.step} told {fact.wrong.instead} in its place", "yellow")
        )
    if fact.seen is not None:
        where = f"a tool said it in step {fact.seen}" if fact.seen else "the user said it at once"
        if fact.worked_out:
            where = "it is the sum or difference of two amounts, known "
            where += f"since step {fact.seen}" if fact.seen else "at once"
        yield Indented(Text(where, style="dim", overflow="fold"))
    elif fact.wrong is None and not running:
        yield Indented(Text("no tool was asked for it", style="dim", overflow="fold"))


def _mark(
    done: int | None, step: int | None, *, required: bool = True, running: bool = False
) -> tuple[str, str]:
    if done is None and running and required:
        return OPEN, "dim"
    if done is None:
        return (MISSING, "bold red") if required else (OPTIONAL, "dim")
    return (DONE, "bold green") if done <= _end(step) else (LATER, "green")


def _end(step: int | None) -> int:
    return 1 << 60 if step is None else step


def _none() -> Text:
    return Text("· none", style="dim")
