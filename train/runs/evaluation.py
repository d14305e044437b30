"""Which episodes an evaluation plays, and how."""

from __future__ import annotations

from dataclasses import dataclass, field
from os import environ
from typing import Annotated

from agents.play import Wanted
from reasonact_env.config import EnvConfig
from reasonact_env.episode import Mode
from reasonact_env.playable import database_words, playable, without_goal
from reasonact_env.users.make import OWN, make_user
from tasks.contamination import contamination
from tasks.databases import AUTO
from tasks.load import load_tasks
from tasks.types import SPLITS, Task
from tasks.verdicts import failures, without_failures
from tools.chat_address import address_of, is_llm, known_as
from tools.chat_endpoint import BASE_URL, MODEL
from tools.option_types import one_of, shown_as
from tools.ranges import require_at_least, require_seeds
from train.models.limits import MessageLimits
from train.scoring.report import Subject

LEAVE, JUDGE = "leave", "judge"
"""What becomes of decisions of recorded agents that failed."""


@dataclass(frozen=True, slots=True)
class EvaluationSettings:
    """Which episodes are played, and how."""

    data: str | None = None
    """As for `python -m tasks.load`; the embedded set unless given."""
    split: Annotated[str, one_of(SPLITS)] = "test"
    """Which part is played: train, validation, test or all."""
    mode: Annotated[str, one_of(["dialogue", "turn"])] = "dialogue"
    """Whether whole dialogues are played, or single decisions."""
    tasks: int | None = None
    """At most this many tasks, the first ones; all unless given."""
    trials: int = 1
    """How often each task is played."""
    thinking: Annotated[str, one_of(["optional", "required"])] = "optional"
    """Whether each message needs a thought."""
    batch: int | None = None
    """Episodes played at a time; as many as the policy's profile says, or 64, unless given."""
    seed: int = 0
    """Fixes everything random."""
    user: str = OWN
    """Who talks to the agent in dialogues: own (the one that a task was generated for), scripted,
    agenda, procedure, llm, llm:MODEL@URL or MODULE:NAME."""
    database: Annotated[str, shown_as("DATABASE")] = AUTO
    """What stands behind recorded dialogues: auto, recorded, rebuilt, the place of tau-bench's
    database, or MODULE:NAME."""
    limits: MessageLimits = field(default_factory=MessageLimits)
    """How long a policy's messages may be."""
    failed: Annotated[str, one_of([LEAVE, JUDGE])] = LEAVE
    """Decisions of recorded agents that failed officially, in turn mode: leave them out, since they
    are doubtful gold, or judge by them, too."""

    def __post_init__(self) -> None:
        """Refuses what is out of range."""
        require_at_least(self, 1, "tasks", "trials", "batch")
        require_seeds(self, "seed")

    @property
    def env(self) -> EnvConfig:
        """What the environment is made with."""
        return EnvConfig(
            mode=self.mode,
            split=self.split,
            data=self.data,
            thinking=self.thinking,
            user=self.user,
            database=self.database,
        )

    def chosen(self) -> tuple[Task, ...]:
        """The tasks.

        Raises:
            ValueError: if the split has none, or the user cannot play the first of them.
        """
        data = load_tasks(self.data)
        tasks = playable(data, self.split, Mode(self.mode), self.database).tasks
        found = [task for task in tasks if task.turns]
        if not found:
            raise ValueError(f"expected tasks in split {self.split!r} of {self.data!r}, found none")
        kept = without_failures(found) if self._leaves_failures else found
        if not kept:
            raise ValueError(
                f"expected tasks in split {self.split!r} of {self.data!r} whose recorded agent did "
                f"not fail officially, found none; --failed {JUDGE} plays them, too"
            )
        if Mode(self.mode) is Mode.DIALOGUE and self.user != OWN:
            make_user(self.user, kept[0])  # before anything is begun, not at the first reset
        return tuple(kept[: self.tasks])

    @property
    def _leaves_failures(self) -> bool:
        return self.failed == LEAVE and Mode(self.mode) is Mode.TURN

    @property
    def left_out(self) -> int:
        """How many dialogues of the split are not played since they have no goal."""
        return without_goal(load_tasks(self.data).split(self.split), Mode(self.mode))

    def subject(self, model: str, sampling: str) -> Subject:
        """Whose numbers these are.

        Args:
            model: The model or agent, in words.
            sampling: As `drawn_at` says, or scripted.
        """
        data, mode = load_tasks(self.data), Mode(self.mode)
        tasks = data.split(self.split)
        return Subject(
            data.source,
            model,
            self.split,
            mode,
            sampling,
            left_out=self.left_out,
            database=database_words(data, self.split, mode, self.database),
            failed=failures(tasks) if self._leaves_failures else 0,
            caution=contamination(tasks),
            user=_model_of(self.user),
        )

    @property
    def wanted(self) -> list[Wanted]:
        """All episodes, in order: each task once, then each once more."""
        once: list[Wanted] = [(task.id, None) for task in self.chosen()]
        return once * self.trials

    def shards(self, size: int) -> list[list[Wanted]]:
        """All episodes, cut into parts."""
        everything = self.wanted
        return [everything[i : i + size] for i in range(0, len(everything), size)]


def _model_of(user: str) -> str:
    """The model that plays a user; "" for any other user."""
    if not is_llm(user):
        return ""
    return known_as(address_of(user) or f"{environ.get(MODEL)}@{environ.get(BASE_URL)}")
