"""Rollouts for other people's GRPO scripts on TRL, with the user's turns in the chat itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import gymnasium as gym

from reasonact_env.config import EnvConfig
from reasonact_env.episode import Mode, Thinking

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agents.play import Played
    from agents.policy import Policy

Rollout = Callable[[Sequence[str], Any], dict[str, list[Any]]]
"""TRL's `rollout_func`: from prompts and the trainer to rows, in the prompts' order."""


def prompt_rows(id: str = "ReasonAct-APIGen-v0", **made: Any) -> list[dict[str, str]]:
    """A row for each task, whose prompt is the task's id: what is said follows from it.

    Args:
        id: The environment.
        **made: What `gym.make` takes.
    """
    env: Any = gym.make(id, **made).unwrapped
    return [{"prompt": task_id} for task_id in env.task_ids]


def rollout_func(
    id: str = "ReasonAct-APIGen-v0", *, message_tokens: int = 256, **made: Any
) -> Rollout:
    """What TRL's GRPOTrainer takes under this name.

    The trainer's own model plays each prompt's task to its end, as the trainer's configuration
    draws tokens. What user and tools say is kept out of the loss (`env_mask`); the episode's
    return is the column `total`, which `paid` reads. What lies beyond `max_completion_length` is
    cut off, the return stays.

    Args:
        id: The environment.
        message_tokens: Tokens of one message at most.
        **made: What `gym.make` takes; dialogue mode.

    Raises:
        ValueError: for turn mode, or messages without a token.
    """
    if message_tokens < 1:
        raise ValueError(
            f"expected message_tokens of 1 or more, got {message_tokens}; 256 is the usual value"
        )
    config: EnvConfig = gym.make(id, **made).unwrapped.config  # type: ignore[attr-defined]
    if config.mode != Mode.DIALOGUE:
        raise ValueError(
            f"expected an environment in dialogue mode, got mode={config.mode!r}; "
            "`python -m train.grpo` trains on single turns"
        )

    def rollout(prompts: Sequence[str], trainer: Any) -> dict[str, list[Any]]:
        from agents.play import play

        with _playing(trainer) as model:
            policy = _policy(model, trainer, config, message_tokens)
            wanted = [(task_id, None) for task_id in prompts]
            seed, batch = trainer.state.global_step, max(1, len(wanted))
            played = list(play(config, policy, wanted, seed=seed, batch_size=batch))
        pad = trainer.processing_class.pad_token_id or 0
        return _rows(played, trainer.args.max_completion_length, pad)

    return rollout


def _policy(model: Any, trainer: Any, config: EnvConfig, message_tokens: int) -> Policy:
    """The trainer's model as an agent."""
    from agents.policy import Policy
    from agents.sampling import Sampling

    if trainer.args.use_vllm:
        raise ValueError(
            "expected use_vllm=False, since these rollouts are drawn from the trainer's own model; "
            "`python -m train.grpo` has rollouts by vLLM"
        )
    args, step = trainer.args, trainer.state.global_step
    sampling = Sampling(args.temperature, args.top_p, args.top_k or 0, message_tokens)
    thinking = config.thinking == Thinking.REQUIRED
    seed = hash((args.seed, step, trainer.accelerator.process_index)) % 2**31
    policy = Policy(model, trainer.processing_class, sampling, thinking=thinking, seed=seed)
    if not policy.chat.appends(thinking=thinking):
        raise ValueError(
            "expected a chat template that keeps what was rendered before, got one that changes "
            "earlier messages, so that a conversation is not the tokens that were sampled; set "
            "tokenizer.chat_template = trl.chat_template_utils.qwen3_training_chat_template"
        )
    return policy


@contextmanager
def _playing(trainer: Any) -> Iterator[Any]:
    """The trainer's model, for drawing messages; everything as before afterwards."""
    import torch

    model = trainer.accelerator.unwrap_model(trainer.model)
    was_training = model.training
    model.eval()
    try:
        with torch.no_grad(), trainer.accelerator.autocast():
            yield model
    finally:
        model.train(was_training)


def _rows(played: Sequence[Played], limit: int, pad: int) -> dict[str, list[Any]]:
    """Episodes as TRL's rows, each up to its last sampled token: more has no part in the loss."""
    from agents.policy import trajectory_of

    names = ("prompt_ids", "completion_ids", "logprobs", "env_mask", "total", "task_id")
    rows: dict[str, list[Any]] = {name: [] for name in names}
    for one in played:
        tokens = trajectory_of(one)
        end = max((at for at, own in enumerate(tokens.mask[:limit], 1) if own), default=0)
        rows["prompt_ids"].append(list(tokens.prompt_ids))
        rows["completion_ids"].append(tokens.completion_ids[:end] or [pad])
        rows["logprobs"].append(tokens.logprobs[:end] or [0.0])
        rows["env_mask"].append(tokens.mask[:end] or [0])
        rows["total"].append(one.episode.total)
        rows["task_id"].append(one.task_id)
    return rows
