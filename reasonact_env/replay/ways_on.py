"""What if, in the replay: another action or another agent from the step that is shown."""

from __future__ import annotations

from dataclasses import replace

from reasonact_env.episodes.verify import VerifyError
from reasonact_env.replay.cursor import Cursor
from reasonact_env.replay.shelf import Shelf
from reasonact_env.replay.whatif import Place


def said(cursor: Cursor, text: str, shelf: Shelf) -> Cursor:
    """Goes on with what a person types in the agent's place."""
    return _gone_on(cursor, text, shelf, by_agent=False)


def let(cursor: Cursor, name: str, shelf: Shelf) -> Cursor:
    """Lets another agent go on to the end."""
    return _gone_on(cursor, name, shelf, by_agent=True)


def next_branch(cursor: Cursor, shelf: Shelf) -> Cursor:
    """Shows the next branch of the episode, and after the last one the episode itself."""
    row = cursor.row(shelf)
    numbers = [0, *(number for number, _ in shelf.branches(row))]
    if len(numbers) == 1:
        return cursor.told("no branches yet: i types another action here, a lets another agent on")
    return _at(cursor, numbers[(numbers.index(cursor.branch) + 1) % len(numbers)], shelf)


def parent(cursor: Cursor, shelf: Shelf) -> Cursor:
    """Goes from a branch to what it leaves: another branch, or the episode itself."""
    branch = cursor.episode(shelf).branch
    return _at(cursor, 0 if branch is None else branch.parent, shelf)


def _at(cursor: Cursor, number: int, shelf: Shelf) -> Cursor:
    """Shows a branch at the same step, as far as it goes; 0 is the episode itself."""
    changed = replace(cursor, branch=number, scroll=0)
    steps = len(changed.episode(shelf).steps)
    words = f"branch {number}" if number else "the episode itself"
    return replace(changed, step=min(cursor.step, steps), note=words)


def _gone_on(cursor: Cursor, text: str, shelf: Shelf, *, by_agent: bool) -> Cursor:
    row = cursor.row(shelf)
    place = Place(shelf.number_of(row), cursor.branch, cursor.step)
    try:
        what_if = shelf.what_if(row)
        end = what_if.let(place, text) if by_agent else what_if.type(place, text)
    except (VerifyError, ValueError, ImportError, OSError) as error:
        return cursor.told(" ".join(str(error).split()))
    note = f"branch {end.branch}, kept in {what_if.branches.path}; y shows the others"
    return replace(cursor, branch=end.branch, step=cursor.step + 1, scroll=0, note=note)
