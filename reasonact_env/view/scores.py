"""Rewards and verdicts of an episode, as rich renderables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.table import Table
from rich.text import Text

from reasonact_env.episode import Episode, Outcome, Step
from reasonact_env.view.text import safe

_BAR_CELLS = 8


def summary(episode: Episode, agent: str = "") -> RenderableType:
    """Two lines with the episode's names and verdict; below them harm and broken rules, if any."""
    first = Text(safe(episode.task_id), style="bold")
    about = [
        episode.mode.value,
        episode.source,
        f"agent {agent.removeprefix('agent ')}" if agent else "",
    ]
    if episode.decision is not None:
        about.insert(1, f"decision {episode.decision}")
    first.append("".join(f" · {safe(part)}" for part in about if part), style="not bold")
    second = Text(f"return {episode.total:+.2f}", style="bold")
    second.append(f" · {episode.stop or 'running'}", style="not bold")
    if episode.outcome is not None:
        second.append_text(_verdicts(episode))
    lines = [first, second, *_notes(episode.outcome)]
    for line in lines:
        line.no_wrap, line.overflow = True, "ellipsis"
    return Group(*lines)


def step_line(episode: Episode, number: int, total: float) -> Text:
    """One line: the step's reward, and the return so far."""
    step = episode.steps[number - 1]
    before = episode.steps[number - 2].state_hash if number > 1 else None
    line = Text(f"step {number}/{len(episode.steps)}", style="bold", no_wrap=True)
    line.append(f" · reward {step.reward:+.2f} · return so far {total:+.2f}", style="not bold")
    line.append(f" · state {safe(step.state_hash[:8])}", style="not bold dim")
    if any(call.state_before != call.state_after for call in step.calls) and before:
        line.append(" changed", style="not bold yellow")
    return line


def score_view(step: Step, *, every: bool = False) -> RenderableType:
    """The components as bars.

    Args:
        step: The step.
        every: Whether to show, in addition to the weighted scores, every component's score of this
            step, applicable or not. Otherwise the weighted scores are shown or, if there are none,
            the step's own scores.
    """
    weighted = {name: score for name, score in step.components.items() if score is not None}
    if weighted and not every:
        return ScoreBars(weighted, step.weights)
    own = step.step_scores
    if not every:
        own = {name: score for name, score in own.items() if score is not None}
        return Group(Text("no reward yet; the step's own scores:", style="dim"), ScoreBars(own))
    parts: list[RenderableType] = [Text("the step's own scores:", style="dim"), ScoreBars(own)]
    if weighted:
        parts += [Text("weighted:", style="dim"), ScoreBars(step.components, step.weights)]
    return Group(*parts)


@dataclass(frozen=True, slots=True)
class ScoreBars:
    """Components side by side: name, bar, score and, if weighted, weight and product."""

    scores: Mapping[str, float | None]
    """Component -> score, or None if it does not apply."""
    weights: Mapping[str, float] = field(default_factory=dict)
    """Component -> weight, for weighted components."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        cells = [_score(name, score, self.weights.get(name)) for name, score in self.scores.items()]
        columns = max(1, options.max_width // (36 if self.weights else 26))
        grid = Table.grid(padding=(0, 2))
        for start in range(0, len(cells), columns):
            grid.add_row(*cells[start : start + columns])
        yield grid


def _score(name: str, score: float | None, weight: float | None) -> Text:
    """One component, at most 34 cells wide."""
    cell = Text(f"{safe(name):<9}", no_wrap=True)
    if score is None:
        return cell.append(f"{'·' * _BAR_CELLS}    –", style="dim")
    filled = min(_BAR_CELLS, round(abs(score) * _BAR_CELLS))
    cell.append("█" * filled, style="red" if score < 0 else "green")
    cell.append("░" * (_BAR_CELLS - filled), style="dim")
    cell.append(f" {score:+.2f}")
    if weight is not None:
        cell.append(f" ×{weight:.2f}={score * weight:+.2f}", style="dim")
    return cell


def _notes(outcome: Outcome | None) -> Iterator[Text]:
    """Harm to other customers, and broken rules."""
    if outcome is None:
        return
    for harm in outcome.harm:
        text = f"harm: {harm.table} {harm.key} of {harm.customer} was changed"
        yield Text(safe(text), style="red")
    for broken in outcome.violations:
        text = f"against the rules in step {broken.message}: {broken.rule} ({broken.text})"
        yield Text(safe(text), style="yellow")


def _verdicts(episode: Episode) -> Text:
    outcome = episode.outcome
    assert outcome is not None
    line = Text(" · ")
    won = outcome.success
    line.append("✓ success" if won else "✗ failure", style="bold green" if won else "bold red")
    line.append(" ·", style="not bold")
    for name in ("state", "facts", "reads", "handover", "tau"):
        good = bool(getattr(outcome, name))
        bad = "not bold dim" if won else "red"  # not required, as the dialogue was a success
        line.append(f" {'✓' if good else '✗'} {name}", style="green" if good else bad)
    return line.append(f" · {safe(outcome.goal)}", style="not bold dim")
