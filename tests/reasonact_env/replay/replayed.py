"""Episodes to replay, and screens of them."""

import io
from pathlib import Path

from rich.console import Console

from reasonact_env.env import ReasonActEnv
from reasonact_env.episode import Episode
from reasonact_env.episodes.storage import Header, write_episodes
from reasonact_env.replay.cursor import Cursor, start
from reasonact_env.replay.moves import move
from reasonact_env.replay.screen import Screen
from reasonact_env.replay.shelf import Shelf

BAD = '<tool_call>\n{"name": "nope", "arguments": {}}\n</tool_call>'
ENV = {"data": "desk:20", "split": "all"}


def four() -> list[Episode]:
    """Four episodes: won, lost, won after a mistake, running."""
    env = ReasonActEnv(data=ENV["data"], split=ENV["split"])
    episodes = []
    long = [task for task in env.tasks if len(task.decisions) >= 5]
    for number, task in enumerate(long[:4]):
        env.reset(seed=0, options={"task_id": task.id})
        if number == 2:
            env.step(f"<think>\nA thought of mine.\n</think>\n\n{BAD}")
        for turn in task.decisions:
            if env.episode.stop is None:
                env.step("Bye." if number == 1 else task.messages[turn.index].content)
            if number == 3:
                break
        episodes.append(env.episode)
    return episodes


def saved(path: Path, episodes: list[Episode], agent: str = "mixed", **env: str) -> Path:
    """A file with these episodes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_episodes(path, Header({**ENV, **env}, episodes[0].source, agent), episodes)
    return path


class Desk:
    """A replay whose keys are pressed by hand."""

    def __init__(self, *paths: Path, width: int = 80, height: int = 24) -> None:
        self.shelf = Shelf(paths)
        self.size = (width, height)
        self.screen = Screen(self.shelf, start(self.shelf))

    @property
    def cursor(self) -> Cursor:
        return self.screen.cursor

    def press(self, *keys: str) -> str:
        """Presses keys; returns the screen after the last one."""
        for key in keys:
            self.screen.cursor = move(self.screen.cursor, key, self.shelf)
        return "\n".join(self.frame())

    def type(self, text: str) -> str:
        """Types a text and presses enter."""
        return self.press(*text, "enter")

    def frame(self, width: int = 0, height: int = 0) -> list[str]:
        """The lines of the screen."""
        console = Console(
            file=io.StringIO(), width=width or self.size[0], height=height or self.size[1]
        )
        with console.capture() as capture:
            console.print(self.screen, end="")
        return capture.get().split("\n")

    def wait(self) -> None:
        """Until the data of the chosen episode have been read."""
        self.shelf.why(self.cursor.row(self.shelf), wait=True)
