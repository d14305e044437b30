"""The options of `python -m train.evaluate`."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated, cast

from tools.chat_address import address_of, is_llm, is_model, read_address
from tools.chat_endpoint import Endpoint
from tools.option_types import FOLDER, one_of, only_one, shown_as
from tools.ranges import require_at_least
from train.models.limits import MessageLimits
from train.runs.evaluation import EvaluationSettings
from train.runs.played import BATCH
from train.scoring.report import TEMPERATURES

_WHO = only_one("who plays", required=True)
_HOW = only_one("how messages are sampled")


@dataclass(frozen=True, slots=True)
class EvaluateOptions:
    """Who plays what."""

    policy: Annotated[Path | None, _WHO] = None
    """The folder of a policy, of train.sft, train.cold_start or train.grpo."""
    agent: Annotated[str | None, shown_as("AGENT"), _WHO] = None
    """gold, a baseline, MODULE:NAME, or a model behind an OpenAI-compatible endpoint: MODEL@URL,
    then any of these, each after a comma without a blank: key=VARIABLE (the environment variable
    that holds the key), tools=auto|native|text, temperature=X, max_tokens=N, prices=READ/WRITTEN,
    timeout=SECONDS, retries=N."""
    sampling: Annotated[str | None, one_of(TEMPERATURES), _HOW] = None
    """Whether a policy says the likeliest messages, or sampled ones as it does unless told."""
    temperature: Annotated[float | None, _HOW] = None
    """Sampling temperature; 1 for a policy and 0 for a model behind an endpoint unless given."""
    workers: int | None = None
    """Models that are waited for at the same time; 8 unless given. With an agent of ours or of
    yours: so many episodes run at a time, each in a thread of its own, and one that fails is left
    out."""
    episodes: EvaluationSettings = field(default_factory=lambda: EvaluationSettings(tasks=2_000))
    """Which episodes are played."""
    out: Annotated[Path | None, FOLDER] = None
    """The folder for episodes, numbers and summary; one named after who plays, data, mode and
    sampling unless given."""
    again: bool = False
    """Play again what the folder holds already."""

    def __post_init__(self) -> None:
        """Refuses what is out of range, and what would do nothing."""
        require_at_least(self, 0, "temperature")
        require_at_least(self, 1, "workers")
        if self.user_model is not None:
            read_address(self.user_model)
        if self.policy is None:
            self._require_of_model() if self.model else self._require_of_agent()

    def _require_of_model(self) -> None:
        """Refuses what a model behind an endpoint does not take."""
        assert self.model is not None
        read_address(self.model)
        if self.episodes.limits.max_thought_tokens is not None or self.sampling is not None:
            raise ValueError(
                "expected --max-thought-tokens and --sampling with --policy, got them with a model "
                "behind an endpoint, which takes --max-new-tokens and --temperature"
            )

    def _require_of_agent(self) -> None:
        """Refuses what a scripted agent does not take."""
        if self.episodes.limits != MessageLimits():
            raise ValueError(
                "expected --max-new-tokens and --max-thought-tokens with --policy, got them with "
                "--agent, which writes as much as it likes; leave them out"
            )
        if self.sampling is not None or self.temperature is not None:
            raise ValueError(
                "expected --sampling and --temperature with --policy, got them with --agent, which "
                "chooses its words itself; leave them out"
            )

    @property
    def model(self) -> str | None:
        """The agent's model, where it lies behind an endpoint."""
        return self.agent if self.agent and is_model(self.agent) else None

    @property
    def user_model(self) -> str | None:
        """The user's model, where one is named."""
        user = self.episodes.user
        return address_of(user) if is_llm(user) else None

    @property
    def greedy(self) -> bool:
        """Whether a policy says its likeliest messages."""
        return self.sampling is not None and TEMPERATURES[self.sampling] == 0

    @property
    def plan(self) -> EvaluationSettings:
        """What is played."""
        # A model's limit is part of who plays, as its temperature is.
        limits = MessageLimits() if self.model else self.episodes.limits
        return replace(self.episodes, limits=limits, batch=self.episodes.batch or BATCH)

    @property
    def endpoint(self) -> Endpoint:
        """The agent's model."""
        assert self.model is not None
        most = self.episodes.limits.max_new_tokens
        given = {"temperature": self.temperature, "max_tokens": most}
        told = {name: one for name, one in given.items() if one is not None}
        twice = told.keys() & read_address(self.model)
        if twice:
            raise ValueError(
                f"expected {min(twice)} once, got it behind the model's address and as an option"
            )
        return Endpoint.of(self.model, cache=None, **told)

    @property
    def prices(self) -> dict[str, tuple[float, float] | None]:
        """Agent and user -> what a million of their tokens cost, where that is known."""
        names = {"agent": self.model, "user": self.user_model}
        told = {who: read_address(name).get("prices") for who, name in names.items() if name}
        return cast("dict[str, tuple[float, float] | None]", told)
