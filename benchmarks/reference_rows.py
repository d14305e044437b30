"""SFT rows, token for token, against what a policy reads and says that plays the same dialogues."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from agents.gold import Gold
from agents.play import play
from agents.policy import Policy, trajectory_of
from agents.sampling import Completion, Sampling
from benchmarks.reference_learned import DATA
from reasonact_env.agent import Session
from reasonact_env.config import EnvConfig
from reasonact_env.episode import Thinking
from tasks.load import load_tasks
from train.imitation.samples import dialogues, rows_of
from train.models.policies import TrainedPolicy, load_policy
from train.models.profiles import DEMO


class Recited:
    """A policy that says what gold says: its tokens are those of a policy that plays so."""

    def __init__(self, policy: Policy, gold: Gold, trained: TrainedPolicy) -> None:
        """Takes a policy, whose sampling it replaces, and who tells it what to say."""
        self._policy, self._gold, self._tokenizer = policy, gold, trained.tokenizer
        policy.generate = self._recite
        self._next: list[str] = []

    def act(self, sessions: Sequence[Session]) -> list[str]:
        """Answers as gold does."""
        self._next = self._gold.act(sessions)
        return self._policy.act(sessions)

    def _recite(self, conversations: object, sampling: Sampling) -> list[Completion]:
        end = str(self._tokenizer.eos_token)
        rows = [self._tokenizer.encode(text + end) for text in self._next]
        return [Completion(list(row), [0.0] * len(row)) for row in rows]


def rows_that_differ(policy: Path, data: str = DATA) -> tuple[int, int]:
    """SFT rows that are not, token by token, what a policy reads and says; and all of them."""
    trained, tasks = load_policy(policy), load_tasks(data).tasks
    gold = Gold(tasks, "dialogue", Thinking.OPTIONAL)
    sampling = Sampling(max_new_tokens=1)
    agent = Recited(Policy(trained.model, trained.tokenizer, sampling), gold, trained)
    config = EnvConfig(data=data, split="all")
    played = play(config, agent, [(task.id, None) for task in tasks], batch_size=1)
    rows = rows_of(dialogues(tasks), trained.tokenizer, DEMO.max_length)
    unlike = 0
    for one, ids, mask in zip(played, rows.token_ids, rows.masks, strict=True):
        trajectory = trajectory_of(one)
        said, end = [0] * len(trajectory.prompt_ids) + trajectory.mask, len(trajectory.ids)
        alike = (trajectory.ids, said) == (list(ids[:end]), list(mask[:end]))
        unlike += not alike or any(mask[end:])  # nobody reads the line end after the last message
    return unlike, len(tasks)
