"""An episode while it is played: all of an environment that a step changes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from reasonact_env.dialogue import Dialogue
from reasonact_env.episode import Episode, Mode, Step
from reasonact_env.game import Game
from reasonact_env.prepared import PreparedTask
from reasonact_env.reward import OwnReward, with_own
from reasonact_env.turn import TurnWalk
from tools.types import Message


@dataclass(slots=True)
class Running:
    """A running episode, or one that has just ended."""

    prepared: PreparedTask
    """Its task."""
    mode: Mode
    """How it is played."""
    seed: int | None
    """The seed given to `reset`."""
    decision: int | None
    """In turn mode the single decision to play, or None for all."""
    game: Game
    """Where it stands."""
    opening: tuple[Message, ...]
    """The messages of the first observation."""
    opening_hash: str
    """Its digest."""
    steps: list[Step] = field(default_factory=list)
    """What happened so far."""

    @classmethod
    def begin(
        cls, prepared: PreparedTask, mode: Mode, seed: int | None, decision: int | None
    ) -> Running:
        """Begins an episode.

        Raises:
            ValueError: if the task has no such decision.
        """
        game = _game(prepared, mode, decision)
        opening = tuple(game.messages)
        return cls(prepared, mode, seed, decision, game, opening, game.observation_hash)

    def fork(self) -> Running:
        """An episode that begins with this one, and goes its own way."""
        return Running(
            self.prepared,
            self.mode,
            self.seed,
            self.decision,
            self.game.fork(),
            self.opening,
            self.opening_hash,
            list(self.steps),
        )

    def take_back(self, undo: Callable[[], None], count: int) -> None:
        """Goes back to where the game's `mark` gave `undo`, after `count` steps."""
        undo()
        del self.steps[count:]

    def play(self, action: str, own: Sequence[OwnReward]) -> Step:
        """Plays a message; `own` are components of the reward beside the built-in ones."""
        step = self.game.play(action)
        self.steps.append(step)
        if own:  # they see the step in the episode
            step = with_own(step, self.prepared.task, self.episode, own)
            self.steps[-1] = step
        return step

    @property
    def episode(self) -> Episode:
        """What happened so far."""
        task = self.prepared.task
        return Episode(
            task_id=task.id,
            source=task.source,
            mode=self.mode,
            seed=self.seed,
            decision=self.decision,
            opening=self.opening,
            opening_hash=self.opening_hash,
            steps=tuple(self.steps),
            stop=self.game.stop,
            outcome=self.game.outcome,
            tools=task.tools,
        )


def _game(prepared: PreparedTask, mode: Mode, decision: int | None) -> Game:
    if mode is Mode.DIALOGUE:
        return Dialogue(prepared)
    count = len(prepared.task.decisions)
    if decision is None:
        return TurnWalk(prepared, range(count))
    if not 0 <= decision < count:
        raise ValueError(
            f"expected a decision from 0 to {count - 1} of task {prepared.task.id!r}, "
            f"got {decision}"
        )
    return TurnWalk(prepared, [decision])
