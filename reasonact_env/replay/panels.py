"""Parts of an episode's screen."""

from __future__ import annotations

from dataclasses import replace

from rich.console import Group, RenderableType
from rich.text import Text

from reasonact_env.episode import Episode, Mode, Step
from reasonact_env.replay.episode_keys import differs
from reasonact_env.view.episode import Look, opening_view
from reasonact_env.view.scores import score_view, step_line
from tools.counts import counted
from tools.types import Message, Role


def step_words(episode: Episode, step: int) -> Text:
    """The position in the episode, the step's reward, and the return so far."""
    if not step:
        words = counted(len(episode.steps), "step follows", "steps follow")
        words = f"the opening · {words}"
        return Text(words, style="bold", no_wrap=True)
    total = sum(one.reward for one in episode.steps[:step])
    return step_line(episode, step, total)


def scores_beside_gold(
    episode: Episode, gold: Episode | None, number: int, *, every: bool = False
) -> RenderableType:
    """A step's components as bars, with gold's marks or why there are none.

    Args:
        episode: The episode.
        gold: Gold's; None if its data are not at hand.
        number: The step, from 1.
        every: As for `score_view`.
    """
    beside, lacks = gold_step(episode, gold, number)
    return score_view(episode.steps[number - 1], every=every, gold=beside, lacks=lacks)


def gold_step(episode: Episode, gold: Episode | None, number: int) -> tuple[Step | None, str]:
    """Gold's step to compare a step with or, where gold would not have stood there, why not.

    In turn mode that is its step on the same decision. In a dialogue it is its last step for the
    last one, and before that its step of the same number as long as both did the same.
    """
    if gold is None or not gold.steps:
        return None, "gold is not at hand; d says why"
    step = episode.steps[number - 1]
    if episode.mode is Mode.TURN:
        same = next((one for one in gold.steps if one.turn == step.turn), None)
        return same, "" if same else "gold has no such decision"
    if number == len(episode.steps) and episode.stop is not None:
        return gold.steps[-1], ""
    if number > len(gold.steps):
        return None, f"gold had ended, after its step {len(gold.steps)}"
    before = enumerate(episode.steps[: number - 1], 1)
    apart = next((place for place, one in before if differs(one, gold, place)), None)
    if apart is not None:
        return None, f"gold did otherwise from step {apart} on"
    return gold.steps[number - 1], ""


def rules_view(episode: Episode, look: Look) -> RenderableType:
    """The rules and tools in full."""
    cards = opening_view(episode, replace(look, rules=True))
    others = len(opening_view(replace(episode, opening=_without_rules(episode)), look))
    return Group(*cards[: len(cards) - others] or [Text("there are no rules", style="dim")])


def _without_rules(episode: Episode) -> tuple[Message, ...]:
    return tuple(message for message in episode.opening if message.role is not Role.SYSTEM)
