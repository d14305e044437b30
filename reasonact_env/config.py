"""The configuration of an environment, as one value."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from reasonact_env.episode import Mode, Thinking
from reasonact_env.reward import OwnReward, load_rewards, resolve
from reasonact_env.users.make import MakeUser, require_user
from tasks.databases import AUTO, RECORDED
from tasks.types import SPLITS
from tools.jsontext import short
from tools.load_object import name_of
from tools.nearest import did_you_mean, listed
from tools.types import Json
from tools.whole import whole

if TYPE_CHECKING:
    from tasks.databases import DatabaseSource
    from tasks.given import Reader, Records

    DataChoice: TypeAlias = str | Path | Records | Reader
    """A data set's name, its records, or its reader."""
    UserChoice: TypeAlias = str | MakeUser
    """A user's name, or a function from a task to its user."""
    RewardChoice: TypeAlias = str | OwnReward
    """A component's name, or the component."""
else:  # command lines read these types at run time, and pass names alone
    DataChoice = UserChoice = RewardChoice = DatabaseSource = str

_ALWAYS_TOLD = ("mode", "split", "data", "thinking", "user")
"""The fields that a file of episodes states even at their defaults."""


@dataclass(frozen=True, slots=True)
class EnvConfig:
    """The configuration of an environment: the keyword arguments of `gym.make`, checked.

    Rollouts, commands, files of episodes and their verification pass this value on. `to_json`
    writes it as plain JSON, `from_json` reads it back.

    Raises:
        ValueError: for an unknown name, a bad weight or limit, or a user or a reward that cannot
            be loaded.
    """

    mode: str = "dialogue"
    """"dialogue" (a conversation, judged at its end) or "turn" (the recorded decisions, each
    judged by itself)."""
    split: str = "train"
    """"train", "validation", "test", or "all"."""
    data: DataChoice | None = None
    """The data, as `tasks.load.load_tasks` takes them: None for the embedded set, a generator
    ("retail:500"), a path, "hub", a list of records, or your own reader as MODULE:NAME."""
    thinking: str = "optional"
    """Whether a message has to begin with a thought: "optional" or "required"."""
    weights: Mapping[str, float] | None = None
    """Component -> weight, for weights that differ from the default."""
    max_turns: int | None = None
    """The limit on assistant messages; None for no limit in turn mode, and for max(30, twice the
    record's length) in dialogue mode."""
    user: UserChoice = "scripted"
    """The user who talks to the agent in dialogues: one of `reasonact_env.users.make.USERS`, or
    your own as MODULE:NAME."""
    database: DatabaseSource | None = AUTO
    """What answers the calls of recorded dialogues: "recorded" (or None), their own answers;
    "rebuilt", a world rebuilt from each dialogue; "auto", such a world if it answers as the record
    does and can tell whether the goal was reached, else the recorded answers; the path of
    tau-bench's database of a domain (a folder with `orders.json`, `products.json`, `users.json`, or
    tau2-bench's single file); your own world as MODULE:NAME."""
    columns: Mapping[str, str | None] | None = None
    """Role -> column, as `load_tasks` takes it, for a table (`ALMITA.csv`)."""
    rewards: Sequence[RewardChoice] = ()
    """Your own components, each as MODULE:NAME=SHARE; see `reasonact_env.reward.own`."""

    def __post_init__(self) -> None:
        _require_one_of("mode", self.mode, [mode.value for mode in Mode])
        _require_one_of("split", self.split, SPLITS)
        _require_one_of("thinking", self.thinking, [one.value for one in Thinking])
        require_user(self.user)
        for name in ("weights", "columns"):
            _require_mapping(name, getattr(self, name))
        resolve(self.weights)
        load_rewards(self.rewards)
        object.__setattr__(self, "max_turns", _limit(self.max_turns))
        object.__setattr__(self, "rewards", tuple(self.rewards))  # JSON has only lists
        if isinstance(self.data, Path):
            object.__setattr__(self, "data", str(self.data))

    def to_json(self) -> dict[str, Json]:
        """The keyword arguments of `gym.make`, as plain JSON values for a file's first line.

        A field at its default is left out, unless readers of the file need it.

        Raises:
            ValueError: if an object of your own has no MODULE:NAME.
        """
        plain: dict[str, Json] = {
            "mode": self.mode,
            "split": self.split,
            "data": _data(self.data),
            "thinking": self.thinking,
            "weights": dict(self.weights or {}),
            "max_turns": self.max_turns,
            "user": _named(self.user, "a user"),
            "database": None if self.database == AUTO else self._database,
            "columns": dict(self.columns or {}),
            "rewards": [str(one) for one in self.rewards],
        }
        return {name: value for name, value in plain.items() if value or name in _ALWAYS_TOLD}

    @property
    def _database(self) -> str | None:
        """What names the database in a file, where it is not the usual one."""
        return _named(RECORDED if self.database is None else self.database, "a database")

    @classmethod
    def from_json(cls, plain: Mapping[str, Json]) -> EnvConfig:
        """Reads what `to_json` wrote.

        Raises:
            ValueError: for an unknown argument, and for values that `EnvConfig` refuses.
        """
        known = [one.name for one in fields(cls)]
        for name in plain:
            if name not in known:
                raise ValueError(
                    f"expected arguments out of {listed(known)}; got {name!r}"
                    f"{did_you_mean(name, known)}"
                )
        return cls(**cast("dict[str, Any]", plain))


def _data(data: object) -> Json:
    """What names data in a file; records stand there themselves."""
    return cast("list[Json]", data) if isinstance(data, list | tuple) else _named(data, "data")


def _named(choice: object, what: str) -> str | None:
    """The name of a choice in a file.

    Raises:
        ValueError: if an object has no MODULE:NAME.
    """
    if choice is None or isinstance(choice, str | Path):
        return None if choice is None else str(choice)
    name = name_of(choice)
    if name is None:
        raise ValueError(
            f"expected {what} that a file can name, got {choice!r}, which has no place in a "
            "module; give it one, and pass MODULE:NAME"
        )
    return name


def _limit(value: object) -> int | None:
    limit = whole(value)
    if value is not None and (limit is None or limit < 1):
        raise ValueError(
            f"expected max_turns as a whole number of 1 or more, or None; got {short(repr(value))}"
        )
    return limit


def _require_mapping(what: str, value: object) -> None:
    if value is not None and not isinstance(value, Mapping):
        raise ValueError(f"expected {what} as a dict, or None; got {short(repr(value))}")


def _require_one_of(what: str, name: str, known: Iterable[str]) -> None:
    names = list(known)
    if name not in names:
        raise ValueError(
            f"expected {what} to be one of {', '.join(names)}; got {name!r}"
            f"{did_you_mean(str(name), names)}"
        )
