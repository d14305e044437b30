"""A cell is one training with its evaluations; pipelines and grids are cells that depend on cells.

A cell's policy and its evaluations have folders, and so has what was noted of it. Training and
evaluation go on where a killed run stopped and check that a folder is theirs, so that the same
command does what is missing and nothing twice.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, is_dataclass, replace
from functools import partial
from pathlib import Path
from time import monotonic
from typing import cast

from reasonact_env.episode import Mode
from reasonact_env.users.make import OWN
from tasks.databases import AUTO
from tasks.load import load_tasks
from tools.files import slug, write_json
from train.evaluate import EvaluationSettings, evaluate
from train.models.limits import MessageLimits
from train.models.policies import CARD, TrainedPolicy, fingerprint, load_policy, read_json
from train.rl.setup import Playing
from train.runs.freed import give_back
from train.runs.run import data_identity, require_same
from train.scoring.report import TEMPERATURES
from train.scoring.results import Results

ARRAYS = "arrays.npz"
"""An evaluation's numbers, in its folder."""


_USUAL = (("database", AUTO), ("held_out", False), ("user", OWN))
"""Entries of a view that are not written down, as they were not before there was a choice."""


@dataclass(frozen=True, slots=True)
class View:
    """One way of evaluating policies."""

    data: str | None
    """The data set."""
    mode: Mode
    """Dialogue or turn."""
    sampling: str
    """Greedy or sampled."""
    own: bool
    """Whether the data's held-out tasks are played, as of what is trained on; else all its tasks,
    as of other data."""
    database: str = AUTO
    """What stands behind recorded dialogues."""
    held_out: bool = False
    """Whether held-out tasks are played of other data, too: of another part of the same file."""
    user: str = OWN
    """Who speaks to the policy in dialogues."""

    @property
    def split(self) -> str:
        """The part of the data that is played."""
        return "test" if self.own or self.held_out else "all"

    @property
    def key(self) -> str:
        """Its name in a file of numbers."""
        mode = "" if self.mode is Mode.DIALOGUE else f" {self.mode}"
        return f"{self.sampling}{mode}" + ("" if self.own else f" on {self.data}")

    @property
    def suffix(self) -> str:
        """Its name as the end of a folder's."""
        mode = "" if self.mode is Mode.DIALOGUE else f"-{self.mode}"
        place = "" if self.own else f"-on-{slug(Path(str(self.data)).name)}"
        return f"{self.sampling}{mode}{place}"


@dataclass(frozen=True, slots=True)
class Cell:
    """One policy, trained or given, with its evaluations."""

    name: str
    """The name, unique in the pipeline or grid."""
    words: str
    """A description for people."""
    train: partial[Path] | None
    """Gets the policy's folder and trains it; None for a policy that is given."""
    policy: Path
    """The policy's folder."""
    evaluations: Mapping[View, Path]
    """The folder of each evaluation."""
    tasks: int
    """The most tasks of an evaluation."""
    limits: MessageLimits = field(default_factory=MessageLimits, kw_only=True)
    """How long messages may be while the policy is judged."""
    batch: int | None = field(default=None, kw_only=True)
    """Episodes at a time while it is judged; as many as the policy's profile says unless given."""
    note: Path
    """The file that says what was done, how it was chosen, and how long it took."""
    start: Cell | None = None
    """The cell whose policy the training begins with, or whose end it waits for; None if it begins
    with other weights."""
    label: str = "{}"
    """What the policy is called in results; {} stands for its own words."""

    @property
    def kind(self) -> str:
        """The training's name; cells of a kind take about as long."""
        return "given" if self.train is None else str(self.train.func.__name__)

    @property
    def log(self) -> Path:
        """What it prints where several cells run at a time."""
        return self.note.with_suffix(".log")

    @property
    def training(self) -> dict[str, object]:
        """What tells the training from another one, in plain JSON values.

        Folders may move, so a policy that it begins with is told by that policy's own training, and
        one that is given by its weights.
        """
        if self.train is None:
            return {"kind": self.kind, "sha256": fingerprint(self.policy)}
        settings = [_plain(one) for one in self.train.args]
        start = self.start and self.start.training
        found = {"kind": self.kind, "start": start, "settings": settings}
        # Left out where there is nothing, as it was by older versions.
        others = [one.outside({}) for one in self.train.args if isinstance(one, Playing)]
        return _json(found | {"outside": others} if any(others) else found)

    def judging(self, view: View) -> dict[str, object]:
        """What tells an evaluation from another one, in plain JSON values."""
        data = data_identity(load_tasks(view.data))
        how = {name: one for name, one in asdict(view).items() if (name, one) not in _USUAL}
        how |= _given(self.limits)
        how |= {"failed": count} if (count := self.plan(view).subject("", "").failed) else {}
        return _json({**how, "tasks": self.tasks, "sha256": data["sha256"]})

    def plan(self, view: View) -> EvaluationSettings:
        """What an evaluation plays, in batches of a usual size."""
        return EvaluationSettings(
            data=view.data,
            split=view.split,
            mode=view.mode.value,
            tasks=self.tasks,
            user=view.user,
            database=view.database,
            limits=self.limits,
        )

    def noted(self) -> Mapping[str, object]:
        """What was written down, or nothing."""
        return read_json(self.note)

    @property
    def is_done(self) -> bool:
        """Whether training and evaluations are complete."""
        noted = self.noted()
        judged = noted.get("evaluations")
        return (
            (self.policy / CARD).exists()
            and isinstance(judged, dict)
            and noted.get("training") == self.training
            and all(
                (folder / ARRAYS).exists() and judged.get(folder.name) == self.judging(view)
                for view, folder in self.evaluations.items()
            )
        )

    @property
    def seconds(self) -> dict[str, float]:
        """How long its training and its evaluations took, as far as it was noted."""
        return dict(cast("Mapping[str, float]", self.noted().get("seconds", {})))

    def require_same(self) -> None:
        """Refuses a folder in which something else was trained.

        Raises:
            ValueError: if so.
        """
        trained = self.noted().get("training")
        if trained is not None and (self.policy / CARD).exists():
            require_same({"training": trained}, {"training": self.training}, self.policy)

    def run(self) -> None:
        """Trains the policy and evaluates it, going on where a killed run stopped."""
        seconds = self.seconds
        give_back()
        with _timed(seconds, "train"):
            if self.train is not None:
                self.train(self.policy)
        give_back()
        self._write(seconds)
        with _timed(seconds, "evaluate"):
            policy = load_policy(self.policy)
            for view, folder in self.evaluations.items():
                _judge(policy, view, self, folder)
        self._write(seconds, [*self.evaluations])

    def _write(self, seconds: Mapping[str, float], views: Sequence[View] = ()) -> None:
        judged = {self.evaluations[view].name: self.judging(view) for view in views}
        done = {"training": self.training, "seconds": seconds}
        write_json(self.note, {**done, "evaluations": judged} if views else done)

    def results(self) -> dict[View, Results]:
        """The evaluations that exist."""
        files = {view: folder / ARRAYS for view, folder in self.evaluations.items()}
        return {view: Results.load(path) for view, path in files.items() if path.exists()}


def _judge(policy: TrainedPolicy, view: View, cell: Cell, folder: Path) -> Results:
    plan = replace(cell.plan(view), batch=cell.batch or policy.profile.played)
    subject = plan.subject(cell.label.format(policy.words), view.sampling)
    make_agent = policy.maker(TEMPERATURES[view.sampling], cell.limits)
    return evaluate(
        plan,
        subject,
        make_agent,
        folder,
        identity=policy.fingerprint,
        learned=policy.learned,
        sketches=policy.sketches,
    )


def _plain(value: object) -> object:
    """Settings as a dictionary, without the folder of the policy that they begin with."""
    if not is_dataclass(value) or isinstance(value, type):
        return value
    plain = {name: one for name, one in asdict(value).items() if name not in ("policy", "limits")}
    limits = getattr(value, "limits", None)
    return plain | _given(limits) if isinstance(limits, MessageLimits) else plain


def _given(limits: MessageLimits) -> dict[str, object]:
    """Limits that are given; others are not written down, as they were not before one had them."""
    return {"limits": asdict(limits)} if limits != MessageLimits() else {}


def _json(value: Mapping[str, object]) -> dict[str, object]:
    return dict(json.loads(json.dumps(value)))


@contextmanager
def _timed(seconds: dict[str, float], what: str) -> Iterator[None]:
    """Adds the block's seconds to those of earlier, killed runs."""
    started = monotonic()
    yield
    seconds[what] = round(seconds.get(what, 0.0) + monotonic() - started, 1)
