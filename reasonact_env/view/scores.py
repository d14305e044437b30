"""Rewards and verdicts of an episode, as rich renderables."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.table import Table
from rich.text import Text

from reasonact_env.episode import Episode, Outcome, Step, StopReason
from tools.inert import inline, safe

_HALF = 4
"""Cells of a bar on either side of its zero."""
_CELL = 32
"""Cells of a component with its weight."""


def summary(episode: Episode, agent: str = "", *, notes: bool = True) -> RenderableType:
    """Two lines with the episode's names and verdict; below them harm and broken rules, if any.

    Args:
        episode: The episode.
        agent: Who played.
        notes: Whether to show all in full: names, harm and broken rules; else the first line is cut
            at the edge, and the second counts the others.
    """
    first = Text(inline(episode.task_id), style="bold")
    about = [
        episode.mode.value,
        episode.source,
        f"agent {agent.removeprefix('agent ')}" if agent else "",
    ]
    if episode.decision is not None:
        about.insert(1, f"decision {episode.decision}")
    first.append("".join(f" · {inline(part)}" for part in about if part), style="not bold")
    if episode.outcome is not None:
        first.append(f" · goal {inline(episode.outcome.goal)}", style="not bold dim")
    second = Text(return_words(episode), style="bold", overflow="fold")
    second.append(f" · {episode.stop or 'running'}", style="not bold")
    if episode.outcome is not None:
        if not notes:
            second.append_text(_counts(episode.outcome))
        second.append_text(_verdicts(episode))
    first.no_wrap, first.overflow = not notes, "fold" if notes else "ellipsis"
    return Group(first, second, *(_notes(episode.outcome) if notes else ()))


def return_words(episode: Episode) -> str:
    """The return, where somebody has judged the episode."""
    judged = episode.stop is not StopReason.RECORDED
    return f"return {episode.total:+.2f}" if judged else "not judged"


def step_line(episode: Episode, number: int, total: float) -> Text:
    """One line: the step's reward, and the return so far."""
    step = episode.steps[number - 1]
    before = episode.steps[number - 2].state_hash if number > 1 else None
    line = Text(f"step {number}/{len(episode.steps)}", style="bold", overflow="fold")
    line.append(f" · reward {step.reward:+.2f} · return so far {total:+.2f}", style="not bold")
    line.append(f" · state {inline(step.state_hash[:8])}", style="not bold dim")
    if any(call.state_before != call.state_after for call in step.calls) and before:
        line.append(" changed", style="not bold yellow")
    return line


def score_view(
    step: Step, *, every: bool = False, gold: Step | None = None, lacks: str = ""
) -> RenderableType:
    """The components as bars.

    Args:
        step: The step.
        gold: What the recorded agent got here; None if it is not known.
        lacks: Why it is not known, to stand over the bars; empty to say nothing.
        every: Whether to show, in addition to the weighted scores, every component's score of this
            step, applicable or not. Otherwise the weighted scores are shown or, if there are none,
            the step's own scores.
    """
    weighted = {name: score for name, score in step.components.items() if score is not None}
    if weighted and not every:
        bars = ScoreBars(weighted, step.weights, gold.components if gold else {})
        return Group(Text(lacks, style="dim"), bars) if lacks else bars
    own_scores = f"the step's own scores ({lacks}):" if lacks else "the step's own scores:"
    cost = "" if weighted else _cost(step)
    own, golds = step.step_scores, gold.step_scores if gold else {}
    if not every:
        own = {name: score for name, score in own.items() if score is not None}
        words = Text(f"no reward yet; {cost}{own_scores}", style="dim", overflow="fold")
        return Group(words, ScoreBars(own, gold=golds))
    parts: list[RenderableType] = [
        Text(f"{cost}{own_scores}", style="dim", overflow="fold"),
        ScoreBars(own, gold=golds),
    ]
    if weighted:
        golds = gold.components if gold else {}
        parts += [Text("weighted:", style="dim"), ScoreBars(step.components, step.weights, golds)]
    return Group(*parts)


def _cost(step: Step) -> str:
    """What a failed call may cost later, since the step's own scores do not know it.

    Only those beyond the record's own cost something (`reward.dialogue`).
    """
    failed = any(not call.ok for call in step.calls)
    return "a failed call may lower tool at the end; " if failed else ""


@dataclass(frozen=True, slots=True)
class ScoreBars:
    """Components side by side: name, bar, score and, if weighted, weight and product.

    A bar goes from its middle to the right for a positive score, and to the left for a negative
    one. ◆ is gold's score where the agent has it, ◇ where it has not.
    """

    scores: Mapping[str, float | None]
    """Component -> score, or None if it does not apply."""
    weights: Mapping[str, float] = field(default_factory=dict)
    """Component -> weight, for weighted components."""
    gold: Mapping[str, float | None] = field(default_factory=dict)
    """Component -> gold's score, as far as it is known."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        cells = [self._cell(name) for name in self.scores]
        columns = max(1, (options.max_width + 2) // ((_CELL if self.weights else 26) + 2))
        columns = min(columns, 3) if len(cells) % columns else columns
        grid = Table.grid(padding=(0, 2))
        for start in range(0, len(cells), columns):
            grid.add_row(*cells[start : start + columns])
        yield grid

    def _cell(self, name: str) -> Text:
        """One component, at most 32 cells wide."""
        score, gold, weight = self.scores[name], self.gold.get(name), self.weights.get(name)
        shown = safe(name)
        cell = Text(f"{shown[:8] + '…' if len(shown) > 9 else shown:<9} ", no_wrap=True)
        cell.append_text(score_bar(score, gold))
        if score is None:
            return cell.append("     –", style="dim")
        cell.append(f" {score:+.2f}")
        return cell if weight is None else cell.append(f" ×{weight:.2f}", style="dim")


def clipped(score: float | None) -> float | None:
    """A score within -1 and 1, which bars are drawn from; None for NaN, which has no place there.

    >>> [clipped(score) for score in (0.5, -2.0, float("inf"), float("nan"), None)]
    [0.5, -1.0, 1.0, None, None]
    """
    return None if score is None or math.isnan(score) else max(-1.0, min(1.0, score))


def score_bar(score: float | None, gold: float | None = None) -> Text:
    """A score from -1 to 1 as a bar of nine cells with zero in the middle, and gold's mark.

    A score that is no number has an empty bar.

    >>> [score_bar(score).plain for score in (1.0, -1.0, 0.5, 0.0)]
    ['····│████', '████│····', '····│██··', '····│····']
    >>> [score_bar(score, 1.0).plain for score in (1.0, 0.5, -1.0)]
    ['····│███◆', '····│██·◇', '████│···◇']
    >>> [score_bar(float(score), 1.0).plain for score in ("inf", "nan")]
    ['····│███◆', '····│····']
    """
    value, mark = clipped(score), clipped(gold)
    cells = ["·"] * _HALF + ["│"] + ["·"] * _HALF
    if value is not None:
        size = round(abs(value) * _HALF) or int(value != 0)
        start = _HALF + 1 if value > 0 else _HALF - size
        cells[start : start + size] = "█" * size
    if value is not None and mark is not None:
        cells[_HALF + round(mark * _HALF)] = "◆" if value >= mark - 1e-9 else "◇"
    style = "dim" if not value else "red" if value < 0 else "green"
    return Text("".join(cells), style=style)


def _notes(outcome: Outcome | None) -> Iterator[Text]:
    """Harm to other customers, and broken rules."""
    if outcome is None:
        return
    for harm in outcome.harm:
        text = f"harm: {harm.table} {harm.key} of {harm.customer} was changed"
        yield Text(safe(text), style="red", overflow="fold")
    for broken in outcome.violations:
        text = f"against the rules in step {broken.message}: {broken.rule} ({broken.text})"
        yield Text(safe(text), style="yellow", overflow="fold")


def _counts(outcome: Outcome) -> Text:
    """How many rules were broken, and how many rows of others changed."""
    line = Text()
    if outcome.violations:
        line.append(f" · ! {len(outcome.violations)} × against the rules", style="bold yellow")
    if outcome.harm:
        line.append(f" · ! {len(outcome.harm)} × harm to others", style="bold red")
    return line


def _verdicts(episode: Episode) -> Text:
    outcome = episode.outcome
    assert outcome is not None
    line = Text(" · ")
    won = outcome.success
    line.append("✓ success" if won else "✗ failure", style="bold green" if won else "bold red")
    line.append(":", style="not bold")
    for sign, name in checks(outcome):
        style = {"✓": "green", "✗": "red"}.get(sign, "not bold dim")
        line.append(f" {sign} {name}", style=style)
    return line


def checks(outcome: Outcome) -> Iterator[tuple[str, str]]:
    """What a verdict looks at: ✓ it holds, ✗ it does not, · it does not and need not.

    A success needed nothing else; and of a goal whose calls are all done, no other read is asked.
    """
    done = bool(outcome.goals) and all(goal.done for goal in outcome.goals)
    for name in ("state", "facts", "reads", "handover", "tau"):
        needless = outcome.success or (name == "reads" and done)
        yield "✓" if getattr(outcome, name) else "·" if needless else "✗", name
