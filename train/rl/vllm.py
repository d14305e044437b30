"""Messages sampled by vLLM, through TRL's own support: on the trainer's GPU, or on a server.

TRL 1.16 brings the weights to vLLM before every generation of ours. It was written for one message
a row, so its limit of new tokens, which it takes for a row's, is set to a message's here; and on a
server it gathers all processes' prompts at every call, which ours, with dialogues of different
lengths, do not make equally often. So a server serves one process, and several processes have a
vLLM each, on their own GPU.

vLLM by itself ends a message at the eos of the folder that it serves, which need not be what ends a
turn in the template that the policy is trained with. So it is told what does.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from typing import Any, Protocol

import torch

from agents.policy import Generate
from agents.sampling import Completion, Sampling
from train.runs import processes

COLOCATE, SERVER = "colocate", "server"
"""The places of vLLM."""
ADDRESS = "http://localhost:8000"
"""The default address of `vllm serve`."""


class Engine(Protocol):
    """The part of TRL's `VLLMGeneration` that we use."""

    max_completion_length: int
    temperature: float
    generation_kwargs: dict[str, Any]

    def generate(
        self, prompts: list[list[int]], images: None, num_generations: int
    ) -> tuple[Any, Any, Any, Any]:
        """Prompt ids, completion ids (B, C), logprobs (B, C, 1), ids of these (B, C, 1)."""


def drawn_by(engine: Engine, end: int) -> Generate:
    """A function that samples messages with an engine.

    Args:
        engine: Its log-probabilities are those of the whole distribution, at the temperature.
        end: The token that ends a message, and the only one that does.

    Returns:
        The function, which raises a ValueError for top-p or top-k: the engine would give the
        log-probabilities of what they leave, and the trainer's are those of all tokens.
    """

    def generate(prompts: Sequence[Sequence[int]], sampling: Sampling) -> list[Completion]:
        _require_whole(sampling)
        engine.max_completion_length = sampling.max_new_tokens
        engine.temperature = sampling.temperature
        engine.generation_kwargs |= {"stop_token_ids": [end], "ignore_eos": True}
        rows = [list(prompt) for prompt in prompts]
        with _as_it_is():
            _, drawn, logprobs, _ = engine.generate(prompts=rows, images=None, num_generations=1)
        return [
            Completion(list(ids), [found[0] for found in row])
            for ids, row in zip(drawn, logprobs, strict=True)
        ]

    return generate


def context_of(engine: Any) -> int:
    """Tokens of a conversation at most: a longer one makes vLLM raise, and a run end.

    Args:
        engine: TRL's `VLLMGeneration`.
    """
    if engine.mode == COLOCATE:
        return int(engine.llm.llm_engine.model_config.max_model_len)
    client = engine.vllm_client
    answer = client.session.get(f"{client.base_url}/v1/models")
    answer.raise_for_status()
    return int(answer.json()["data"][0]["max_model_len"])


def _require_whole(sampling: Sampling) -> None:
    if sampling.top_k or sampling.top_p < 1:
        raise ValueError(
            f"expected vLLM to draw from all tokens, got top_p {sampling.top_p:g} and top_k "
            f"{sampling.top_k}: its log-probabilities would be those of other distributions than "
            "the trainer's; leave both out"
        )


def _as_it_is() -> torch.autocast:
    """Without the trainer's autocast, which reaches a vLLM in the same process."""
    return torch.autocast("cuda" if torch.cuda.is_available() else "cpu", enabled=False)


def installed() -> bool:
    """Whether vLLM can be imported."""
    return find_spec("vllm") is not None


def require_vllm(where: str) -> None:
    """Refuses an impossible place of vLLM, before anything is loaded.

    Raises:
        ImportError: if vLLM is not installed.
        ValueError: for a server and several processes.
    """
    if not installed():
        raise ImportError(
            f"expected vLLM for --vllm {where}, but it is not installed: pip install vllm where "
            "there is a GPU, or leave --vllm out; messages are then drawn by the model itself"
        )
    if where == SERVER and processes.count() > 1:
        raise ValueError(
            f"expected one process with --vllm {SERVER}, got {processes.count()}: they would wait "
            f"for each other; use --vllm {COLOCATE}"
        )


def settings(where: str, address: str, memory: float) -> dict[str, Any]:
    """TRL's settings.

    Args:
        where: `colocate` or `server`.
        address: The server's address.
        memory: vLLM's share of the GPU that it shares with the trainer.
    """
    if where == SERVER:
        return {"use_vllm": True, "vllm_mode": SERVER, "vllm_server_base_url": address}
    return {"use_vllm": True, "vllm_mode": COLOCATE, "vllm_gpu_memory_utilization": memory}
