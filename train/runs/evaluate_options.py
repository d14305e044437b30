"""The options of `python -m train.evaluate`."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated, cast

from tools.chat_address import llm_user, read_address
from tools.chat_endpoint import Endpoint
from tools.option_types import only_one, shown_as
from tools.ranges import require_at_least
from train.models.limits import MessageLimits
from train.runs.evaluation import EvaluationSettings
from train.runs.played import BATCH

_WHO = only_one("who plays", required=True)
_HOW = only_one("how messages are sampled")


@dataclass(frozen=True, slots=True)
class EvaluateOptions:
    """Who plays what."""

    policy: Annotated[Path | None, _WHO] = None
    """A folder written by train.sft or train.grpo."""
    agent: Annotated[str | None, shown_as("AGENT"), _WHO] = None
    """gold, a baseline, or MODULE:NAME."""
    agent_llm: Annotated[str | None, shown_as("MODEL@URL"), _WHO] = None
    """A model behind an OpenAI-compatible endpoint: MODEL@URL[,key=VARIABLE][,tools=native|text]
    [,prices=READ/WRITTEN][,timeout=SECONDS][,retries=N]; VARIABLE holds the key."""
    greedy: Annotated[bool, _HOW] = False
    """The likeliest token, always."""
    temperature: Annotated[float | None, _HOW] = None
    """Sampling temperature; 1 for a policy and 0 for --agent-llm unless given."""
    max_tokens: int | None = None
    """Tokens of one message of --agent-llm at most; 1,024 unless given."""
    user_llm: Annotated[str | None, shown_as("MODEL@URL")] = None
    """A model that plays the user, named as for --agent-llm; it also takes temperature=X and
    max_tokens=N."""
    workers: int | None = None
    """Models that are waited for at the same time; 8 unless given. With --agent: so many episodes
    run at a time, each in a thread of its own, and one that fails is left out."""
    episodes: EvaluationSettings = field(default_factory=lambda: EvaluationSettings(tasks=2_000))
    """Which episodes are played."""
    out: Path | None = None
    """The folder for episodes, numbers and summary; one named after who plays, data, mode and
    sampling unless given."""
    again: bool = False
    """Play again what the folder holds already."""

    def __post_init__(self) -> None:
        """Refuses what is out of range, and what would do nothing."""
        require_at_least(self, 0, "temperature")
        require_at_least(self, 1, "max_tokens", "workers")
        for model in (self.agent_llm, self.user_llm):
            if model is not None:
                read_address(model)
        if self.user_llm is not None and self.episodes.user != EvaluationSettings().user:
            raise ValueError("expected --user or --user-llm, got both")
        if self.max_tokens is not None and self.agent_llm is None:
            raise ValueError("expected --max-tokens with --agent-llm, got it without; leave it out")
        if self.policy is not None:
            return
        if self.episodes.limits != MessageLimits():
            raise ValueError(
                "expected --max-new-tokens and --max-thought-tokens with --policy, got them with "
                "--agent, which writes as much as it likes; leave them out"
            )
        if self.agent is not None and (self.greedy or self.temperature is not None):
            raise ValueError(
                "expected --greedy and --temperature with --policy, got them with --agent, which "
                "chooses its words itself; leave them out"
            )

    @property
    def plan(self) -> EvaluationSettings:
        """What is played, by the user that was asked for."""
        user = self.episodes.user if self.user_llm is None else llm_user(self.user_llm)
        return replace(self.episodes, user=user, batch=self.episodes.batch or BATCH)

    @property
    def endpoint(self) -> Endpoint:
        """The agent's model."""
        assert self.agent_llm is not None
        given = {"temperature": self.temperature, "max_tokens": self.max_tokens}
        told = {name: one for name, one in given.items() if one is not None}
        twice = told.keys() & read_address(self.agent_llm)
        if twice:
            raise ValueError(f"expected {min(twice)} in --agent-llm or as an option, got both")
        return Endpoint.of(self.agent_llm, cache=None, **told)

    @property
    def prices(self) -> dict[str, tuple[float, float] | None]:
        """Agent and user -> what a million of their tokens cost, where that is known."""
        names = {"agent": self.agent_llm, "user": self.user_llm}
        told = {who: read_address(name).get("prices") for who, name in names.items() if name}
        return cast("dict[str, tuple[float, float] | None]", told)
