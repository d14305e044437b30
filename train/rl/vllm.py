"""Messages sampled by vLLM, through TRL's own support: on the trainer's GPU, or on a server.

TRL 1.16 brings the weights to vLLM before every generation of ours. It was written for one message
a row, so its limit of new tokens, which it takes for a row's, is set to a message's here; and on a
server it gathers all processes' prompts at every call, which ours, with dialogues of different
lengths, do not make equally often. So a server serves one process, and several processes have a
vLLM each, on their own GPU.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from typing import Any, Protocol

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

    def generate(
        self, prompts: list[list[int]], images: None, num_generations: int
    ) -> tuple[Any, Any, Any, Any]:
        """Prompt ids, completion ids (B, C), logprobs (B, C, 1), ids of these (B, C, 1)."""


def drawn_by(engine: Engine) -> Generate:
    """A function that samples messages with an engine, at TRL's temperature."""

    def generate(prompts: Sequence[Sequence[int]], sampling: Sampling) -> list[Completion]:
        engine.max_completion_length = sampling.max_new_tokens
        rows = [list(prompt) for prompt in prompts]
        _, drawn, logprobs, _ = engine.generate(prompts=rows, images=None, num_generations=1)
        return [
            Completion(list(ids), [found[0] for found in row])
            for ids, row in zip(drawn, logprobs, strict=True)
        ]

    return generate


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
