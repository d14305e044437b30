"""A Hugging Face causal language model as an agent."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias, cast

import torch
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from agents.chat import Chat
from agents.chunks import common
from agents.generation import Wave
from agents.play import Played
from agents.sampling import Completion, Sampling
from reasonact_env.agent import Observation, Session

Generate: TypeAlias = Callable[[Sequence[Sequence[int]], Sampling], Sequence[Completion]]
"""From the tokens of some conversations, and a way to sample, to the next message of each."""


@dataclass(slots=True)
class Trajectory:
    """The tokens of a conversation, as the model read and wrote them.

    Sampled tokens are kept as sampled, never encoded again. C = number of tokens after the prompt.
    """

    prompt_ids: list[int]
    """Rules, tools and messages up to the policy's first word."""
    completion_ids: list[int] = field(default_factory=list)
    """(C,) all that followed."""
    mask: list[int] = field(default_factory=list)
    """(C,) 1 for a sampled token, 0 for one of the environment's."""
    logprobs: list[float] = field(default_factory=list)
    """(C,) of sampled tokens under the sampling policy; 0 elsewhere."""
    entropies: list[float] = field(default_factory=list)
    """(C,) of the distributions that sampled tokens were drawn from, in nats; 0 elsewhere."""
    texts: list[str] = field(default_factory=list)
    """The policy's messages, decoded."""
    cached: int = 0
    """How many tokens the present wave's cache holds."""
    full: bool = False
    """Whether the context has run out; the policy is silent from then on."""

    @property
    def ids(self) -> list[int]:
        """All tokens."""
        return self.prompt_ids + self.completion_ids

    def append_observation(self, ids: Sequence[int]) -> None:
        """Adds the environment's tokens."""
        nothing = [0.0] * len(ids)
        self._add(ids, 0, nothing, nothing)

    def append_action(self, completion: Completion, text: str) -> None:
        """Adds a sampled message.

        What does not tell entropies is taken at its log-probabilities: a token's surprise is, on
        average, the entropy.
        """
        surprise = [-logprob for logprob in completion.logprobs]
        self._add(completion.ids, 1, completion.logprobs, completion.entropies or surprise)
        self.texts.append(text)

    def _add(
        self,
        ids: Sequence[int],
        mask: int,
        logprobs: Sequence[float],
        entropies: Sequence[float],
    ) -> None:
        self.completion_ids += ids
        self.mask += [mask] * len(ids)
        self.logprobs += logprobs
        self.entropies += entropies


def trajectory_of(played: Played) -> Trajectory:
    """The tokens of an episode that a `Policy` played."""
    return cast("Trajectory", played.memory["trajectory"])


class Policy:
    """Samples messages from a model; many conversations share one cache."""

    def __init__(
        self,
        model: PreTrainedModel,
        tokenizer: PreTrainedTokenizerBase,
        sampling: Sampling,
        *,
        thinking: bool = False,
        seed: int = 0,
        max_context: int | None = None,
        generate: Generate | None = None,
    ) -> None:
        """Takes a model as it is: mode, device and precision are the caller's.

        Args:
            model: A causal language model.
            tokenizer: Its tokenizer. With a chat template that keeps what was rendered before
                (TRL's training variant of Qwen3's) a conversation is encoded once; with another one
                anew before each message, as the template has it then.
            sampling: How to draw tokens.
            thinking: Whether the model begins its messages with a thought; if not, the template
                puts an empty thought before each.
            seed: Of the sampling.
            max_context: Tokens of a conversation at most; None for the model's own limit.
            generate: What draws the messages instead of the model, such as a server with the same
                weights.
        """
        self._model, self._sampling = model, sampling
        self.chat = Chat(tokenizer)
        """How it reads and writes."""
        self._thinking, self._appends = thinking, self.chat.appends(thinking=thinking)
        self._limit = max_context or model.config.get_text_config().max_position_embeddings
        self._random = torch.Generator(device=model.device).manual_seed(seed)
        self.generate = generate
        """What draws the messages; None for the model itself."""
        self._wave: Wave | None = None
        self._members: list[Trajectory] = []

    def let_draw(self, generate: Generate, context: int) -> None:
        """Lets something else draw the messages.

        Args:
            generate: What draws them.
            context: Tokens of a conversation that it takes at most.
        """
        self.generate, self._limit = generate, min(self._limit, context)

    def act(self, sessions: Sequence[Session]) -> list[str]:
        """Answers each session with one sampled message.

        Where the context would overflow, the answer is empty from then on.
        """
        with torch.inference_mode():
            trajectories = [self._listen(session) for session in sessions]
            unfinished = [trajectory for trajectory in trajectories if not trajectory.full]
            if unfinished:
                self._speak(unfinished)
        return list(map(self._answer, sessions, trajectories))

    def _answer(self, session: Session, trajectory: Trajectory) -> str:
        """The session's next message, and a note whether it was cut off."""
        session.cut = trajectory.full or not self._has_ended(trajectory)
        return "" if trajectory.full else trajectory.texts[-1]

    def _has_ended(self, trajectory: Trajectory) -> bool:
        """Whether the last thing said has an end of its own."""
        return bool(trajectory.completion_ids) and trajectory.completion_ids[-1] == self.chat.end_id

    def _listen(self, session: Session) -> Trajectory:
        """Brings the session's trajectory up to its observation."""
        trajectory = cast("Trajectory | None", session.memory.get("trajectory"))
        if trajectory is not None and trajectory.full:
            return trajectory
        goes_on = trajectory is not None and self._appends
        new = _news(session.observation, cast("Trajectory", trajectory)) if goes_on else None
        if trajectory is None or new is None:
            before, trajectory = trajectory, Trajectory(self._opening(session.observation))
            session.memory["trajectory"] = trajectory
            if before is not None:
                self._take_over(before, trajectory)
        else:
            ended = self._has_ended(trajectory)
            trajectory.append_observation(self.chat.news(new, thinking=self._thinking, ended=ended))
        room = self._limit - len(trajectory.prompt_ids) - len(trajectory.completion_ids)
        trajectory.full = trajectory.full or room < self._sampling.max_new_tokens
        return trajectory

    def _opening(self, observation: Observation) -> list[int]:
        return self.chat.opening(
            observation["messages"], observation["tools"], thinking=self._thinking
        )

    def _take_over(self, before: Trajectory, trajectory: Trajectory) -> None:
        """Lets a trajectory use what the cache holds of another one that begins like it.

        In turn mode the history goes on as recorded, whatever the policy says.
        """
        place = next((i for i, member in enumerate(self._members) if member is before), None)
        if self._wave is None or place is None:
            return
        trajectory.cached = common(before.ids[: before.cached], trajectory.prompt_ids[:-1])
        if trajectory.cached < self._wave.kept_once[place]:  # all keep what they share or none does
            self._wave = None
            return
        self._wave.forget(place, before.cached - trajectory.cached)
        self._members[place] = trajectory

    def _speak(self, trajectories: Sequence[Trajectory]) -> None:
        if self.generate is None:
            sampled: Sequence[Completion] = self._sample(trajectories)
        else:
            sampled = self.generate([trajectory.ids for trajectory in trajectories], self._sampling)
        for trajectory, row in zip(trajectories, sampled, strict=True):
            trajectory.append_action(row, self.chat.text(row.ids))
            trajectory.cached = len(trajectory.prompt_ids) + len(trajectory.completion_ids) - 1

    def _sample(self, trajectories: Sequence[Trajectory]) -> list[Completion]:
        wave = self._continue(trajectories)
        logits = wave.read([trajectory.ids[trajectory.cached :] for trajectory in trajectories])
        return wave.draw(logits, self._sampling, self.chat.end_id, self._random)

    def _continue(self, trajectories: Sequence[Trajectory]) -> Wave:
        """The present wave without the rows that have ended, or a new one."""
        places = {id(trajectory): row for row, trajectory in enumerate(self._members)}
        if self._wave is None or any(id(trajectory) not in places for trajectory in trajectories):
            self._wave = Wave(self._model, len(trajectories))
            for trajectory in trajectories:
                trajectory.cached = 0
        else:
            self._wave.keep([places[id(trajectory)] for trajectory in trajectories])
        self._members = list(trajectories)
        return self._wave


def _news(observation: Observation, trajectory: Trajectory) -> list[dict[str, str]] | None:
    """The messages since the policy's last one, or None if the history is not its own."""
    messages = observation["messages"]
    for place in range(len(messages) - 1, -1, -1):
        if messages[place]["role"] == "assistant":
            own = bool(trajectory.texts) and messages[place]["content"] == trajectory.texts[-1]
            return messages[place + 1 :] if own else None
    return None
