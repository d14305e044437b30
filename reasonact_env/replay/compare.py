"""`--compare` and `--failures` of the replay, as renderables.

The parts are pure and have names of their own: `reasonact_env.failures` counts and aligns,
`reasonact_env.view.compare` and `reasonact_env.view.failures` show.
"""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.text import Text

from reasonact_env.failures.aligned import Match, groups, matches
from reasonact_env.failures.command import against_view, failures_view
from reasonact_env.failures.first import first_wrong
from reasonact_env.failures.rows import Run, played_task, read_run
from reasonact_env.view.compare import SideBySide, group_view, groups_view, matches_view

__all__ = [
    "against_view",
    "beside",
    "chosen_match",
    "comparison",
    "failures_view",
    "group_comparison",
    "read_run",
]


def comparison(left: Run, right: Run, wanted: str | None = None) -> RenderableType:
    """Two runs over the same tasks, sorted by difference of return, and one task side by side.

    Args:
        left: The first run.
        right: The second run.
        wanted: The number of an episode of the first run, from 1, or a part of its task's id. Else
            the one in which the second run lost most or, if it lost nowhere, gained most.

    Raises:
        ValueError: if no task was played in both, or none is the wanted one.
    """
    found = matches(left.episodes, right.episodes)
    match = chosen_match(left, right, wanted)
    pair = beside(left, right, match.left, match.right)
    if wanted is not None:
        return pair
    names = f"{left.path} ({left.header.agent})", f"{right.path} ({right.header.agent})"
    return Group(matches_view(found, *names), Text(), pair)


def chosen_match(left: Run, right: Run, wanted: str | None = None) -> Match:
    """The match that `comparison` shows side by side; arguments and errors as there."""
    found = matches(left.episodes, right.episodes)
    if not found:
        raise ValueError(
            f"expected two runs over the same tasks, but {left.path} and {right.path} share none"
        )
    if wanted is None:
        return found[0] if found[0].difference < 0 else found[-1]
    chosen = [match for match in found if _is_wanted(match.left, match.task_id, wanted)]
    if not chosen:
        raise ValueError(
            f"expected the number or a part of the task id of an episode in both runs, got "
            f"{wanted!r}"
        )
    return chosen[0]


def beside(left: Run, right: Run, one: int, two: int) -> SideBySide:
    """An episode of each run, side by side, with what went wrong first in each.

    Args:
        left: The first run.
        right: The second run; the same one for two members of a group.
        one: The first episode's number, from 1.
        two: The second episode's number, from 1.
    """
    a, b = left.episodes[one - 1], right.episodes[two - 1]
    return SideBySide(
        a,
        b,
        (f"A #{one} {left.header.agent}", f"B #{two} {right.header.agent}"),
        (
            first_wrong(played_task(left.tasks, a), a),
            first_wrong(played_task(right.tasks, b), b),
        ),
    )


def group_comparison(run: Run, wanted: str | None = None) -> RenderableType:
    """The groups of a generation of GRPO, and one of them, its best beside its worst.

    Args:
        run: A file in which tasks were played several times.
        wanted: The number of an episode of the group, from 1, or a part of its task's id. Else the
            group whose returns differ most.

    Raises:
        ValueError: if no task was played twice, or none is the wanted one.
    """
    found = groups(run.episodes)
    if not found:
        raise ValueError(
            f"expected tasks that were played several times, but {run.path} has each once; give a "
            "second file to compare with, or the episodes of a generation of GRPO"
        )
    chosen = [
        group
        for group in found
        if wanted is None or any(_is_wanted(m.number, group.task_id, wanted) for m in group.members)
    ]
    if not chosen:
        raise ValueError(f"expected an episode or a task of a group, got {wanted!r}")
    group = chosen[0]
    best, worst = group.members[0].number, group.members[-1].number
    parts: list[RenderableType] = [group_view(group), Text(), beside(run, run, best, worst)]
    return Group(*parts) if wanted else Group(groups_view(found), Text(), *parts)


def _is_wanted(number: int, task_id: str, wanted: str) -> bool:
    return number == int(wanted[:9]) if wanted.isdecimal() else wanted in task_id
