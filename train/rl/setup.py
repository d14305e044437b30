"""What GRPO plays and which packages help it, as all commands that run it take it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Annotated, Any

from reasonact_env.config import EnvConfig
from reasonact_env.reward import resolve
from reasonact_env.reward.written import Weights
from reasonact_env.users.make import OWN
from tasks.databases import AUTO, REBUILT, RECORDED
from tools.option_types import Repeated, one_of, shown_as
from tools.ranges import require_above, require_at_least, require_within
from tools.types import Json
from train.models.limits import MessageLimits
from train.rl.vllm import ADDRESS, COLOCATE, SERVER, require_vllm, settings
from train.runs.outside import outside
from train.runs.trackers import TRACKERS, require_trackers

if TYPE_CHECKING:
    from train.models.policies import TrainedPolicy

OPTIONAL, REQUIRED = "optional", "required"
"""Whether a message without a thought is as good as one with one."""


@dataclass(frozen=True, slots=True)
class Playing:
    """What is played, whichever policy learns from it."""

    mode: Annotated[str, one_of(["dialogue", "turn"])] = "dialogue"
    """Whether whole dialogues are played, or single decisions."""
    weights: Weights = None
    """Weights of reward components; the default ones unless given."""
    batch: int | None = None
    """Episodes played at a time, in studies also where policies are judged; as many as the
    policy's profile says unless given."""
    limits: MessageLimits = field(default_factory=MessageLimits)
    """How long the policy's messages may be."""
    max_turns: int | None = None
    """Messages of the policy in an episode at most, while it trains; the environment's own limit
    unless given."""
    user: str = OWN
    """Who talks to the agent in dialogues: own (the one that a task was generated for), scripted,
    agenda, procedure, llm, llm:MODEL@URL or MODULE:NAME."""
    database: Annotated[str, shown_as("DATABASE")] = AUTO
    """What stands behind recorded dialogues: auto, recorded, rebuilt, the place of tau-bench's
    database, or MODULE:NAME."""
    rewards: Repeated[Annotated[tuple[str, ...], shown_as("MODULE:NAME=SHARE", "reward")]] = ()
    """A further component of the reward; none unless given."""
    eval_every: int = 10
    """GRPO's generations between two looks at held-out tasks; 0 for none."""
    eval_tasks: int = 32
    """Held-out tasks of such a look."""

    def __post_init__(self) -> None:
        """Refuses what is out of range."""
        require_at_least(self, 1, "batch", "max_turns")
        require_at_least(self, 0, "eval_every", "eval_tasks")
        if not self.rewards and not any(resolve(self.weights).values()):
            raise ValueError("--weights: expected a weight above 0, got none: nothing is rewarded")

    def outside(self, further: Mapping[str, str | None]) -> dict[str, Json]:
        """What it takes from outside the project, as `train.runs.outside` tells it."""
        rewards = {f"reward {one}": one.partition("=")[0] for one in self.rewards}
        return outside({"user": self.user, "database": self.database, **rewards, **further})

    def database_of(self, data: str | None, trained: str | None) -> str:
        """What stands behind the dialogues on which is judged: on other data than those that are
        trained on no database that lies somewhere, since it would be of another domain.
        """
        named = self.database in (AUTO, RECORDED, REBUILT)
        return self.database if named or data == trained else AUTO


@dataclass(frozen=True, slots=True)
class GrpoSettings(Playing):
    """What is trained on; the recipe says how."""

    policy: str = field(kw_only=True)
    """The folder of the policy to start from, of train.sft or train.cold_start."""
    data: str | None = None
    """As for `python -m tasks.load`; the embedded set unless given."""
    thinking: Annotated[str | None, one_of([OPTIONAL, REQUIRED])] = None
    """Whether each message needs a thought; unless given, it does of a policy that was taught to
    think (`policy.json` says so)."""

    def of(self, policy: TrainedPolicy) -> GrpoSettings:
        """The settings, with what they leave to the policy filled in."""
        return self if self.thinking else replace(self, thinking=thinking_of(policy))

    @property
    def by_turn(self) -> bool:
        """Whether a row is a decision and not an episode."""
        return self.mode == "turn"

    @property
    def env(self) -> EnvConfig:
        """What the environment is made with."""
        return EnvConfig(
            mode=self.mode,
            data=self.data,
            thinking=self.thinking or OPTIONAL,
            weights=self.weights,
            max_turns=self.max_turns,
            user=self.user,
            database=self.database,
            rewards=self.rewards,
        )


def thinking_of(policy: TrainedPolicy) -> str:
    """Whether thoughts are required of a policy: of one that was taught to think they are."""
    return REQUIRED if policy.thinking else OPTIONAL


@dataclass(frozen=True, slots=True)
class Packages:
    """Trackers and vLLM, where they are installed."""

    report_to: Repeated[tuple[Annotated[str, one_of(TRACKERS)], ...]] = ()
    """Trackers that get the numbers, too; none unless given."""
    vllm: Annotated[str | None, one_of([COLOCATE, SERVER])] = None
    """Let vLLM sample the messages, which needs a GPU; the model itself does unless given."""
    vllm_server: Annotated[str, shown_as("URL")] = ADDRESS
    """Where `vllm serve` listens."""
    vllm_memory: float = 0.3
    """vLLM's share of the memory of the GPU that the trainer uses, too, from 0 to 1."""

    def __post_init__(self) -> None:
        """Refuses what is out of range."""
        require_above(self, 0, "vllm_memory")
        require_within(self, 0, 1, "vllm_memory")

    def require(self) -> None:
        """Refuses what is not installed, before anything is trained.

        Raises:
            ModuleNotFoundError: if a package is missing.
        """
        require_trackers(self.report_to)
        if self.vllm:
            require_vllm(self.vllm)

    @property
    def sampler(self) -> Mapping[str, Any] | None:
        """TRL's settings of what samples the messages; None for the model itself."""
        return settings(self.vllm, self.vllm_server, self.vllm_memory) if self.vllm else None
