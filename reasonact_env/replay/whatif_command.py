"""What-if from the command line: options, and what they do without a screen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from rich.console import Console
from rich.text import Text

from reasonact_env.replay.branches import branch_tree
from reasonact_env.replay.whatif import Place, WhatIf
from reasonact_env.view.episode import FULL, step_view
from reasonact_env.view.scores import summary
from tools.inert import safe
from tools.option_types import shown_as


@dataclass(frozen=True, slots=True)
class WhatIfOptions:
    """Another way in which the episode of --episode could have gone on."""

    keep: Annotated[int | None, shown_as("STEPS")] = None
    """What if: keep this many steps, and go on otherwise (by --say, --agent); 0
    for none, and nothing is played unless given."""
    branch: int = 0
    """What if: leave this branch instead of the episode itself."""
    say: Annotated[str | None, shown_as("TEXT")] = None
    """What if: the agent's next message; or /call NAME key=value …"""
    agent: Annotated[str | None, shown_as("AGENT")] = None
    """What if: who plays on to the end: gold, a baseline, MODULE:NAME, the folder of a policy,
    MODEL@URL, or endpoint."""

    def __post_init__(self) -> None:
        """Refuses what would do nothing."""
        if self.keep is None and (self.say is not None or self.agent is not None or self.branch):
            raise ValueError(
                "expected --keep STEPS with --say, --agent and --branch, got none; --keep 0 "
                "begins anew"
            )


def what_if_command(
    what_if: WhatIf, episode: int, options: WhatIfOptions, console: Console
) -> Place:
    """Goes on as the options say, and shows what happened and the tree of branches.

    Args:
        what_if: The file's what-if.
        episode: The number of the episode, from 1.
        options: What happens; `keep` is given.
        console: Where it is shown.

    Returns:
        The end of what was played; the place itself where nothing was.

    Raises:
        ValueError: as `WhatIf.say` and `WhatIf.let`.
    """
    place = begun = Place(episode, options.branch, options.keep or 0)
    if options.say is not None:
        place = what_if.type(place, options.say)
    if options.agent is not None:
        place = what_if.let(place, options.agent)
    shown = what_if.at(place)
    if place != begun:
        for number in range(begun.step + 1, len(shown.steps) + 1):
            console.print(*step_view(shown, number, FULL), sep="\n")
        console.print(summary(shown, shown.branch.agent if shown.branch else ""))
    console.print()
    original = what_if.at(Place(episode))
    console.print(branch_tree(original, what_if.branches.of(episode), place.branch))
    if place != begun:
        path = safe(str(what_if.branches.path))
        console.print(Text(f"Kept in {path}; --verify takes it as any file."), soft_wrap=True)
    return place
