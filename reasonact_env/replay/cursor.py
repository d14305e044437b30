"""The position in a file of episodes, and what each key does."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from reasonact_env.episode import Episode, Mode
from reasonact_env.episodes.storage import StorageError
from reasonact_env.view.episode import Look
from tools.jsontext import short

KEYS = (
    ("→  n  space", "one step forward"),
    ("←  p", "one step back"),
    ("home  end", "to the opening, to the last step"),
    ("↓ ↑  j k", "scroll by a line"),
    ("page down, up", "scroll by a page"),
    ("]  [", "next, previous episode"),
    ("f", "next failed episode (in turn mode: one that earned less than half)"),
    ("/", "jump to an episode by number or task id"),
    ("t", "thoughts on or off"),
    ("r", "rules and tools on or off"),
    ("s", "all scores of the step on or off"),
    ("x", "long texts in full or shortened"),
    ("?  q", "this help, quit"),
)
"""The keys and what they do."""
_TOGGLES = {"t": "thoughts", "r": "rules", "s": "scores", "x": "folded"}


def failed(episode: Episode) -> bool:
    """Whether a dialogue failed, or turn mode earned less than half."""
    if episode.mode is Mode.TURN:
        return episode.total < len(episode.steps) / 2
    return episode.outcome is None or not episode.outcome.success


@dataclass(slots=True)
class Cursor:
    """The state of a replay; it changes by keys alone."""

    episodes: Sequence[Episode]
    """The episodes, at least one."""
    name: str
    """The file's name."""
    agent: str
    """The agent who played."""
    index: int = 0
    """The shown episode's index."""
    position: int = 0
    """The number of its steps that are shown."""
    scroll: int = 0
    """The offset in lines from the default place of the view."""
    page: int = 10
    """The lines of a page; the screen updates it."""
    look: Look = field(default_factory=Look)
    """What is shown."""
    note: str = ""
    """A sentence for the status line."""
    entry: str | None = None
    """The text typed after `/`, or None."""
    helping: bool = False
    """Whether the help is shown."""
    done: bool = False
    """Whether the user has quit."""
    _loaded: tuple[int, Episode] | None = None

    @property
    def episode(self) -> Episode:
        """The episode that is shown.

        Raises:
            StorageError: if its line in the file is broken.
        """
        if self._loaded is None or self._loaded[0] != self.index:
            self._loaded = (self.index, self.episodes[self.index])
        return self._loaded[1]

    def press(self, key: str) -> None:
        """Does what a key asks for."""
        self.note = ""
        try:
            if self.entry is not None:
                self._type(key)
            elif self.helping:
                self.helping = False
                self.done = key == "q"
            else:
                self._act(key)
        except StorageError as error:
            self.note = str(error)

    def jump(self, wanted: str) -> None:
        """Goes to an episode by its number, its task id, or a part of it."""
        if not wanted.isdecimal():
            self._find(
                lambda episode: wanted in episode.task_id,
                f"no other episode's task id contains {short(wanted)}",
            )
        elif 1 <= int(wanted[:9]) <= len(self.episodes):
            self.go(int(wanted[:9]) - 1)
        else:
            self.note = f"expected an episode from 1 to {len(self.episodes)}, got {short(wanted)}"

    def go(self, index: int) -> None:
        """Shows the opening of an episode, if it can be read."""
        if not 0 <= index < len(self.episodes):
            self.note = f"this is the {'first' if index < 0 else 'last'} episode"
            return
        self._loaded = (index, self.episodes[index])
        self.index, self.position, self.scroll = index, 0, 0

    def _act(self, key: str) -> None:
        match key:
            case "right" | "n" | " " | "enter":
                self._step(self.position + 1)
            case "left" | "p" | "backspace":
                self._step(self.position - 1)
            case "home" | "g":
                self._step(0)
            case "end" | "G":
                self._step(len(self.episode.steps))
            case "down" | "j" | "up" | "k" | "pagedown" | "pageup":
                self._move(key)
            case "]" | "[":
                self.go(self.index + (1 if key == "]" else -1))
            case "t" | "r" | "s" | "x":
                self._toggle(_TOGGLES[key])
            case _:
                self._ask(key)

    def _ask(self, key: str) -> None:
        match key:
            case "f":
                self._find(failed, "no other episode failed")
            case "/":
                self.entry = ""
            case "?" | "h":
                self.helping = True
            case "q" | "escape":
                self.done = key == "q"

    def _type(self, key: str) -> None:
        assert self.entry is not None
        match key:
            case "enter":
                wanted, self.entry = self.entry.strip(), None
                if wanted:
                    self.jump(wanted)
            case "escape":
                self.entry = None
            case "backspace":
                self.entry = self.entry[:-1] if self.entry else None
            case _ if len(key) == 1:
                self.entry += key

    def _step(self, position: int) -> None:
        last = len(self.episode.steps)
        if position > last:
            self.note = "this is the last step; ] is the next episode"
        elif position < 0:
            self.note = "this is the opening; [ is the previous episode"
        else:
            self.position, self.scroll = position, 0

    def _move(self, key: str) -> None:
        lines = self.page if key.startswith("page") else 1
        self.scroll += lines if key in ("down", "j", "pagedown") else -lines

    def _toggle(self, name: str) -> None:
        shown = not getattr(self.look, name)
        self.look = replace(self.look, **{name: shown})
        self.scroll = 0
        if name == "rules" and shown:
            self.position = 0
        words = {"folded": ("in full", "shortened")}.get(name, ("hidden", "shown"))
        what = "long texts" if name == "folded" else name
        self.note = f"{what} {words[shown]}"

    def _find(self, wanted: Callable[[Episode], bool], otherwise: str) -> None:
        """Goes to the next matching episode, from the end to the start, or says `otherwise`."""
        count = len(self.episodes)
        others = ((self.index + i) % count for i in range(1, count))
        index = next((index for index in others if wanted(self.episodes[index])), None)
        if index is None:
            self.note = otherwise
        else:
            self.go(index)
