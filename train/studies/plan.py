"""What a pipeline trains, from what, and how it is judged."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from itertools import product
from pathlib import Path
from typing import Annotated

from reasonact_env.episode import Mode
from tasks.load import EMBEDDED, require_data
from tasks.part import whole_of
from tools.option_types import FOLDER, Headed, Suppress, one_of, shown_as, written_as
from tools.ranges import require_above, require_at_least, require_seeds
from train import cold_start, sft
from train.models.policies import CARD
from train.models.profiles import DEMO, PROFILES
from train.models.sources import require_model
from train.rl.recipe import RECIPES
from train.runs.data import require_distinct, require_training
from train.runs.folders import named_folder
from train.scoring.report import TEMPERATURES
from train.studies.cells import Cell, View
from train.studies.equal import EQUAL, read_longer, sft_as_long, spent
from train.studies.learning import Learning
from train.studies.stages import FULL, Stage, chain_to, read_stages, start_of

TWICE = 2.0
"""SFT-longer takes this many times as long as SFT unless told otherwise."""
COLD = cold_start.ColdStartSettings("")
"""How a cold start is done unless told otherwise."""


@dataclass(frozen=True, slots=True)
class PipelineSettings:
    """What is trained, and how it is judged."""

    profile: Annotated[str, one_of(PROFILES), Headed("data and model")] = DEMO.name
    """Profile of the model that all begins with."""
    model: str | None = None
    """Folder, GGUF file or hub name of the weights to start from; the profile's own unless
    given."""
    data: str | None = None
    """As for `python -m tasks.load`; the embedded set unless given. Its training part is learned
    from, its held-out tasks are judged on."""
    stages: Annotated[
        tuple[Stage, ...], written_as(read_stages, "STAGE,…", ",".join), Headed("stages")
    ] = FULL
    """Which stages are run, with those that they rest on."""
    no_cold_start: bool = False
    """Leave the stage cold-start out, so that no policy learns to think."""
    longer: Annotated[float | str, written_as(read_longer, "X|equal")] = TWICE
    """How many times as long as SFT the control SFT-longer imitates; equal: as long as all stages
    up to GRPO took together, in processor time."""
    policy: Path | None = None
    """The folder of the SFT policy to start from; one is trained unless given."""
    out: Annotated[Path | None, FOLDER] = None
    """Where everything goes; a folder named after model, data and mode unless given."""
    seed: int = 0
    """Fixes everything random, in every stage."""
    jobs: int = 1
    """How many stages run at the same time."""
    dry_run: bool = False
    """Only list the stages, with the time they take."""
    train_tasks: Annotated[int | None, Headed("imitation")] = None
    """Training dialogues at most; the profile's number unless given."""
    sft_epochs: float | None = None
    """SFT's passes over the training dialogues; the profile's unless given."""
    sft_lr: float | None = None
    """SFT's peak learning rate; the profile's unless given."""
    max_length: int | None = None
    """Tokens of a dialogue that is imitated at most, a longer one is cut; the profile's unless
    given."""
    rehearse: Annotated[str | None, shown_as("DATA")] = None
    """Other data that imitation learns as well, against forgetting; none unless given."""
    thoughts: Annotated[str, Headed("cold start")] = cold_start.AUTO
    """Where the cold start's thoughts come from: traces, calls, endpoint, or a JSONL file; auto is
    the first of traces and calls that a dialogue has."""
    thoughts_from: Annotated[str | None, shown_as("DATA")] = None
    """The data that these thoughts are about; what is trained on unless given."""
    samples: int = COLD.samples
    """The cold start's samples, fewer than 100."""
    unit: Annotated[str | None, one_of(cold_start.UNITS)] = None
    """What one sample of the cold start is; what GRPO's mode shows unless given."""
    cold_epochs: float | None = None
    """The cold start's passes over its samples; the profile's unless given."""
    cold_lr: float | None = None
    """The cold start's peak learning rate; the profile's unless given."""
    also: Annotated[tuple[str, ...], Headed("judging")] = ()
    """Further data to judge on; none unless given."""
    tasks: int = 2_000
    """Held-out tasks at most, of each data set."""
    judge: tuple[Mode, ...] = ()
    """In which modes is judged; GRPO's mode unless given."""
    sampling: tuple[Annotated[str, one_of(TEMPERATURES)], ...] = tuple(TEMPERATURES)
    """Whether held-out tasks are judged by the likeliest messages, by sampled ones, or by both."""
    learning: Learning = Learning(recipe=RECIPES[DEMO.name])
    """How GRPO learns."""
    note: Suppress[str | None] = None
    """What stands above all tables; profile and seed unless given."""
    name: Suppress[str] = "report"
    """The report's files are called so."""

    def __post_init__(self) -> None:
        """Refuses to share what is no SFT policy."""
        require_at_least(self, 1, "tasks", "train_tasks", "max_length", "jobs")
        require_above(self, 0, "sft_epochs", "sft_lr", "longer", "cold_epochs", "cold_lr")
        require_seeds(self, "seed")
        if self._waits and not {Stage.GRPO, Stage.PLAIN} & {*self.chosen}:
            raise ValueError(
                f"expected GRPO among the stages with --longer {EQUAL}, got "
                f"{', '.join(self.chosen) or 'none'}; add it, or give --longer a number"
            )
        if self.longer != TWICE and Stage.LONGER not in self.chosen:
            raise ValueError(
                f"expected {Stage.LONGER} among the stages with --longer, got "
                f"{', '.join(self.chosen) or 'none'}; add it, or leave --longer out"
            )
        if self.no_cold_start and Stage.COLD in self.stages and self.stages != FULL:
            raise ValueError(
                f"expected --no-cold-start, or {Stage.COLD} in --stages, got both; leave one out"
            )
        if self.policy is not None and not (self.policy / CARD).exists():
            raise FileNotFoundError(
                f"expected a policy of train.sft in {self.policy}, found no {CARD}; --policy takes "
                "the folder that holds it, or leave it out to train one"
            )

    def require(self) -> None:
        """Refuses what no stage could do, before the first one is run; loads all data.

        Raises:
            ValueError: for a user, a reward or data that do not exist.
            OSError: for a file or a model that does not exist.
            ImportError: if a package is missing.
        """
        self.learning.require()
        for data in (self.data, self.rehearse, self.thoughts_from, *self.also):
            require_data(data)  # at once, before the first of them is loaded
        begun = PROFILES[self.profile].base if self.model is None else self.model
        if isinstance(begun, str):
            require_model(begun)
        if self._waits and self.policy is not None:
            spent(self.policy)
        self._require_data()

    def _require_data(self) -> None:
        """Loads all data, so that no stage finds them broken or empty after another was trained."""
        require_training(self.data)
        require_distinct(self.data, *self.also)
        if self.rehearse is not None:
            require_training(self.rehearse)
        if Stage.COLD in self.chosen:
            cold_start.require_lessons(self.thoughts, self.thoughts_from or self.data)
        cell = next(iter(self.cells().values()))
        for view in self.views:
            cell.plan(view).chosen()

    @property
    def folder(self) -> Path:
        """Where everything goes. Further stages and judgements go to the same folder."""
        seed = [f"seed-{self.seed}"] if self.seed else []
        names = [self.model or self.profile, self.data or EMBEDDED, self.learning.mode, *seed]
        return self.out or named_folder("pipeline", names)

    @property
    def chosen(self) -> tuple[Stage, ...]:
        """The stages that are run."""
        left_out = Stage.COLD if self.no_cold_start else None
        return tuple(stage for stage in self.stages if stage is not left_out)

    @property
    def _waits(self) -> bool:
        """Whether the control SFT-longer has to know first how long the others took."""
        return self.longer == EQUAL and Stage.LONGER in self.chosen

    @property
    def in_turn(self) -> list[Stage]:
        """The stages in the order in which they are run."""
        return sorted(self.chosen, key=lambda stage: self._waits and stage is Stage.LONGER)

    @property
    def _chain(self) -> tuple[Stage, ...]:
        """The stages that `--longer equal` takes as long as."""
        last = Stage.GRPO if Stage.GRPO in self.chosen else Stage.PLAIN
        return chain_to(last, self.chosen)

    @property
    def views(self) -> list[View]:
        """Every way in which the stages are judged; the first one is the main one."""
        modes = self.judge or (Mode(self.learning.mode),)
        ways = product((self.data, *self.also), modes, self.sampling)
        on = self.learning.database_of
        return [
            View(
                data,
                mode,
                sampling,
                own=data == self.data,
                database=on(data, self.data),
                held_out=self._shares(data),
                user=self.learning.judged_with,
            )
            for data, mode, sampling in ways
        ]

    def _shares(self, data: str | None) -> bool:
        """Whether other data are of the file that is trained on: then held-out tasks are played."""
        mine, theirs = (whole_of(name or EMBEDDED) for name in (self.data, data))
        return data != self.data and mine == theirs

    def place(self, stage: Stage) -> Path:
        """A stage's folder; pipelines that share SFT share its evaluations next to it, too."""
        if stage is Stage.SFT and self.policy is not None:
            return self.policy
        return self.folder / stage.lower()

    def training(self, stage: Stage) -> partial[Path] | None:
        """How a stage learns, given its folder; None where its policy is given."""
        imitation = sft.planned(
            PROFILES[self.profile],
            self.data,
            self.seed,
            model=self.model,
            tasks=self.train_tasks,
            epochs=self.sft_epochs,
            lr=self.sft_lr,
            max_length=self.max_length,
            rehearsed=self.rehearse,
            precision=self.learning.recipe.precision,
        )
        match stage:
            case Stage.BASE:
                return partial(sft.base_policy, imitation)
            case Stage.SFT:
                return None if self.policy else partial(sft.sft, imitation)
            case Stage.LONGER if self._waits:
                chain = [self.place(one) for one in self._chain]
                return partial(sft_as_long, imitation, chain=chain)
            case Stage.LONGER:
                epochs = float(self.longer) * imitation.epochs
                return partial(sft.sft, replace(imitation, epochs=epochs))
            case Stage.COLD:
                return partial(cold_start.cold_start, self._cold())
            case Stage.PLAIN | Stage.GRPO:
                start = self.place(start_of(stage, self.chosen) or Stage.SFT)
                return self.learning.training(start, self.data, self.seed)

    def _cold(self) -> cold_start.ColdStartSettings:
        return cold_start.ColdStartSettings(
            policy=str(self.place(Stage.SFT)),
            data=self.thoughts_from or self.data,
            thoughts=self.thoughts,
            samples=self.samples,
            unit=self.unit or cold_start.unit_of(self.learning.mode),
            epochs=self.cold_epochs,
            lr=self.cold_lr,
            max_length=self.max_length,
            seed=self.seed,
            rehearsed=self.rehearse,
            precision=self.learning.recipe.precision,
        )

    def cells(self) -> dict[Stage, Cell]:
        """Every stage with its evaluations."""
        found: dict[Stage, Cell] = {}
        for stage in self.in_turn:
            waits = self._waits and stage is Stage.LONGER
            start = self._chain[-1] if waits else start_of(stage, self.chosen)
            found[stage] = self._cell(stage, found[start] if start else None)
        return {stage: found[stage] for stage in self.chosen}

    def _cell(self, stage: Stage, start: Cell | None) -> Cell:
        place = self.place(stage)
        return Cell(
            name=stage.value,
            words=stage.words,
            train=self.training(stage),
            policy=place,
            evaluations={view: place.parent / f"eval-{stage}-{view.suffix}" for view in self.views},
            tasks=self.tasks,
            limits=self.learning.limits,
            batch=self.learning.batch,
            note=self.folder / "cells" / f"{stage}.json",
            start=start,
            label=f"{stage} ({{}})",
        )
