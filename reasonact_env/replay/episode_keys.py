"""What keys do in an episode."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from reasonact_env.episode import Episode, Step
from reasonact_env.failures import Cause
from reasonact_env.replay.cursor import Cursor, Entry, Sheet, View
from reasonact_env.replay.shelf import Shelf
from reasonact_env.replay.ways_on import next_branch, parent
from tools.jsontext import short
from tools.types import Effect

HALF = 0.5
"""A score below this is a loss: half of what gold earns."""
_TOGGLES = {"t": "thoughts", "s": "scores", "x": "folded"}
_WORDS = {"folded": ("long texts in full", "long texts shortened")}
_SOUGHT = {"e": "problem", "l": "loss", "w": "write", "d": "step that differs from gold's"}


def opened(cursor: Cursor, at: int, shelf: Shelf) -> Cursor:
    """Shows an episode of the list from its opening on.

    Raises:
        StorageError: if its line in the file is broken.
    """
    rows = shelf.select(cursor.query)
    if not 0 <= at < len(rows):
        return cursor.told(f"this is the {'first' if at < 0 else 'last'} episode of the list")
    shelf.episode(int(rows[at]))  # an error leaves the cursor where it is
    return replace(cursor, view=View.EPISODE, at=at, step=0, branch=0, scroll=0)


def in_episode(cursor: Cursor, key: str, shelf: Shelf) -> Cursor:
    """The cursor after a key in an episode."""
    last = len(cursor.episode(shelf).steps)
    match key:
        case "right" | "n" | " " | "enter":
            return _stepped(cursor, cursor.step + 1, last)
        case "left" | "p" | "backspace":
            return _stepped(cursor, cursor.step - 1, last)
        case "home":
            return _stepped(cursor, 0, last)
        case "end" | "G":
            return _stepped(cursor, last, last)
        case "down" | "j" | "up" | "k" | "pagedown" | "pageup":
            lines = cursor.page if key.startswith("page") else 1
            down = key in ("down", "j", "pagedown")
            return replace(cursor, scroll=cursor.scroll + (lines if down else -lines))
        case "]" | "[":
            return opened(cursor, cursor.at + (1 if key == "]" else -1), shelf)
        case "t" | "s" | "x":
            return _toggled(cursor, _TOGGLES[key])
    return _elsewhere(cursor, key, shelf)


def find_step(cursor: Cursor, text: str, shelf: Shelf) -> Cursor:
    """Goes to the next step, going round, in which a text was said or answered."""
    if not text:
        return cursor
    steps, plain = cursor.episode(shelf).steps, text.lower()
    for number in _round(cursor.step, len(steps)):
        step = steps[number - 1]
        said = [step.action, *(message.content for message in step.answers)]
        if any(plain in one.lower() for one in said):
            return replace(cursor, step=number, scroll=0, found=text)
    return replace(cursor, found=text, note=f"no step has {short(text)}")


def _elsewhere(cursor: Cursor, key: str, shelf: Shelf) -> Cursor:
    match key:
        case "escape" | "u" if cursor.branch:
            return parent(cursor, shelf)
        case "escape" | "u" | "\t" | "tab":
            return replace(cursor, view=View.LIST, branch=0, scroll=0)
        case "r" | "g":
            return replace(cursor, sheet=Sheet.RULES if key == "r" else Sheet.GOAL, scroll=0)
        case "b":
            return replace(cursor, sheet=Sheet.BESIDE, pick=0, scroll=0)
        case "i" | "a":
            return replace(cursor, entry=Entry.SAY if key == "i" else Entry.LET, typed="")
        case "y":
            return next_branch(cursor, shelf)
        case "Y":
            return replace(cursor, sheet=Sheet.TREE, scroll=0)
        case "f" | "F":
            return _failed(cursor, 1 if key == "f" else -1, shelf)
        case "e" | "l" | "w" | "d" | "E" | "L" | "W" | "D":
            return _sought(cursor, key, shelf)
    return cursor


def _stepped(cursor: Cursor, step: int, last: int) -> Cursor:
    if step > last:
        return cursor.told("this is the last step; ] is the next episode")
    if step < 0:
        return cursor.told("this is the opening; [ is the previous episode, esc the list")
    return replace(cursor, step=step, scroll=0)


def _toggled(cursor: Cursor, name: str) -> Cursor:
    """Switches what is shown; the step stays in view."""
    on = not getattr(cursor.look, name)
    words = _WORDS.get(name, (f"{name} hidden", f"{name} shown"))[on]
    look = replace(cursor.look, **{name: on})
    return replace(cursor, look=look, note=words)


def _failed(cursor: Cursor, by: int, shelf: Shelf) -> Cursor:
    """Opens the next failed episode of the list, going round; one that never ended is one, too."""
    rows = shelf.select(cursor.query)
    won = shelf.columns.won[rows]
    places = [(cursor.at + by * i) % len(rows) for i in range(1, len(rows))]
    place = next((place for place in places if won[place] < 1), None)
    if place is None:
        return cursor.told("no other episode of the list failed")
    return opened(cursor, place, shelf)


def _sought(cursor: Cursor, key: str, shelf: Shelf) -> Cursor:
    """Goes to the next step with a problem, a loss, a write or a difference; capitals go back."""
    episode, name = cursor.episode(shelf), key.lower()
    cause = shelf.why(cursor.row(shelf), cursor.branch).cause if name == "e" else None
    wrong = None if cause is None else cause.step
    tests: dict[str, Callable[[int, Step], bool]] = {
        "e": lambda number, step: number == wrong or has_problem(episode, number),
        "l": lambda number, step: has_loss(step),
        "w": lambda number, step: has_write(step),
    }
    if name == "d":
        gold = shelf.gold(cursor.row(shelf))
        if gold is None:
            return cursor.told(shelf.waiting(cursor.row(shelf)))
        tests["d"] = lambda number, step: differs(step, gold, number)
    steps = episode.steps
    numbers = range(cursor.step + 1, len(steps) + 1)
    if key.isupper():
        numbers = range(cursor.step - 1, 0, -1)
    found = next((n for n in numbers if tests[name](n, steps[n - 1])), None)
    if found is None:
        return cursor.told(f"no {_SOUGHT[name]} {'before' if key.isupper() else 'after'} this step")
    note = _problem_words(cause, episode, found) if name == "e" else ""
    return replace(cursor, step=found, scroll=0, note=note)


def _problem_words(cause: Cause | None, episode: Episode, number: int) -> str:
    """What is wrong in a step, in a line."""
    if cause is not None and cause.step == number:
        about = cause.about or cause.fact
        return f"{cause.kind.value}{f': {about}' if about else ''} · g shows it"
    broken = episode.outcome.violations if episode.outcome else ()
    kinds = [call.problem.kind.value for call in episode.steps[number - 1].calls if call.problem]
    told = [*kinds, *(f"rule broken: {one.rule}" for one in broken if one.message == number)]
    return ", ".join(dict.fromkeys(told))


def has_problem(episode: Episode, number: int) -> bool:
    """Whether a call of a step failed, or the step broke a rule."""
    step = episode.steps[number - 1]
    broken = episode.outcome.violations if episode.outcome else ()
    return any(not call.ok for call in step.calls) or any(b.message == number for b in broken)


def has_loss(step: Step) -> bool:
    """Whether a step earned less than half of what gold does in some component."""
    weighted = [score for score in step.components.values() if score is not None]
    own = [score for score in step.step_scores.values() if score is not None and score < 0]
    return bool(own) or any(score < HALF for score in weighted)


def has_write(step: Step) -> bool:
    """Whether a step changed the state, or tried to."""
    return any(call.effect is Effect.WRITE for call in step.calls)


def differs(step: Step, gold: Episode, number: int) -> bool:
    """Whether a step did another thing than gold's of the same number."""
    if number > len(gold.steps):
        return True
    other = gold.steps[number - 1]
    mine, theirs = ([c.normal or c.name for c in s.calls] for s in (step, other))
    return mine != theirs


def _round(here: int, count: int) -> list[int]:
    return [*range(here + 1, count + 1), *range(1, here + 1)]
