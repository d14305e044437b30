"""vLLM on a CPU in TRL's place of it, with what TRL's own way to renew weights wants a GPU for.

TRL brings weights to a server by NCCL, and to the vLLM in its own process by loading each tensor
into its parameter, which vLLM on a CPU has packed away by then. Both are replaced here by vLLM's
own `reload_weights`, and nothing else is: requests, sampling, and what comes back are TRL's and
vLLM's code.
"""

from __future__ import annotations

import functools
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import torch
from accelerate import Accelerator  # type: ignore[import-untyped]
from safetensors.torch import save_file
from torch import Tensor
from transformers import PreTrainedModel, PreTrainedTokenizerBase
from trl.generation import vllm_generation
from trl.generation.vllm_client import VLLMClient
from trl.generation.vllm_generation import VLLMGeneration

SECONDS = 600.0
"""How long a server may take to answer for the first time."""


class ThroughAFolder(VLLMClient):  # type: ignore[misc]  # no types where it comes from
    """TRL's client of a server that reads new weights from a folder, which both can see."""

    def init_communicator(self, device: torch.device | str | int = 0) -> None:
        """Nothing: there is no NCCL to meet by."""

    def update_named_params(
        self, metadata: list[tuple[str, str, list[int]]], named_params: Iterator[tuple[str, Tensor]]
    ) -> None:
        """Writes the weights down, and lets the server read them."""
        with tempfile.TemporaryDirectory() as folder:
            weights = {name: tensor.detach().contiguous() for name, tensor in named_params}
            save_file(weights, Path(folder) / "model.safetensors")
            asked = {"method": "reload_weights", "kwargs": {"weights_path": folder}}
            answer = self.session.post(f"{self.base_url}/collective_rpc", json=asked)
        answer.raise_for_status()


class OnCpu(VLLMGeneration):  # type: ignore[misc]  # no types where it comes from
    """TRL's vLLM, whose weights are renewed as a CPU allows it."""

    def sync_weights(self) -> None:
        """Brings the model's present weights to vLLM, and forgets what it has cached."""
        if self.mode == "server":
            super().sync_weights()
            return
        runner = self.llm.llm_engine.model_executor.driver_worker.model_runner
        runner.reload_weights(weights_iterator=self._iter_named_params())
        head = runner.model.lm_head  # tied to the embeddings, it is not packed anew with them
        head.quant_method.process_weights_after_loading(head)
        self.llm.reset_prefix_cache()


@contextmanager
def on_cpu(dtype: str) -> Iterator[None]:
    """Lets TRL make vLLM for a CPU.

    Args:
        dtype: In which numbers a vLLM in this process computes; TRL leaves that to vLLM, which
            takes bfloat16 for weights in float32.
    """
    with patch.object(vllm_generation, "VLLMClient", ThroughAFolder):
        if (local := getattr(vllm_generation, "LLM", None)) is None:
            yield
            return
        kept: Any = functools.partial(local, dtype=dtype, enforce_eager=True)
        with patch.object(vllm_generation, "LLM", kept):
            yield


def engine_of(
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    *,
    dtype: str,
    server: str | None,
    rows: int,
    context: int,
) -> OnCpu:
    """A vLLM with a model's weights, as TRL's trainer makes it.

    Args:
        model: From a folder; a vLLM in this process reads the same one.
        tokenizer: Its tokenizer.
        dtype: As for `on_cpu`; a server has its own.
        server: The address of `vllm serve`; None for a vLLM in this process.
        rows: Messages that it draws at a time.
        context: Tokens of a conversation at most, in this process.
    """
    where: dict[str, Any] = {"mode": "colocate", "max_model_length": context, "max_num_seqs": rows}
    if server:
        where = {"mode": "server", "server_base_url": server, "server_timeout": SECONDS}
    with on_cpu(dtype):
        return OnCpu(model, Accelerator(cpu=True), tokenizer, **where)
