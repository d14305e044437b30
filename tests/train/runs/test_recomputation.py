"""The setting for activations that are computed again, under either of its names."""

from pathlib import Path

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode
from transformers import LlamaConfig, LlamaForCausalLM, TrainingArguments

from agents.two_parts import KERNEL
from train.runs import recomputation as recomputation_module
from train.runs.recomputation import (
    BYTES,
    NAMES,
    anew_if_long,
    recomputation,
    recomputes,
    room,
)


@pytest.mark.parametrize("on", [True, False])
def test_what_is_set_is_read(on: bool, tmp_path: Path) -> None:
    args = TrainingArguments(output_dir=str(tmp_path), use_cpu=True, **recomputation(on))
    assert recomputes(args) is on


def test_an_older_transformers_gets_the_older_name(monkeypatch: pytest.MonkeyPatch) -> None:
    today, older = NAMES
    fields = {k: v for k, v in TrainingArguments.__dataclass_fields__.items() if k != today}
    monkeypatch.setattr(TrainingArguments, "__dataclass_fields__", {**fields, older: None})
    assert recomputation(True) == {older: True}


class Attentions(TorchDispatchMode):
    """Counts forward passes through attention."""

    seen = 0

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):  # type: ignore[no-untyped-def]
        self.seen += func is getattr(torch.ops.aten, KERNEL).default
        return func(*args, **(kwargs or {}))


ROOM = 500
"""The tokens whose activations are kept, in the next test."""


@pytest.mark.parametrize(("length", "each"), [(ROOM - 1, 1), (ROOM, 2)])
def test_long_rows_are_computed_anew(
    monkeypatch: pytest.MonkeyPatch, length: int, each: int
) -> None:
    torch.manual_seed(0)
    sizes = {"vocab_size": 31, "hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 3}
    heads = {"num_attention_heads": 2, "num_key_value_heads": 1}
    model = LlamaForCausalLM(LlamaConfig(**sizes, **heads, max_position_embeddings=ROOM)).train()
    monkeypatch.setattr(recomputation_module, "KEPT", ROOM * BYTES * 3 * 16)
    ids = torch.arange(length)[None] % 31
    model(input_ids=ids, labels=ids).loss.backward()
    plain = [one.grad.clone() for one in model.parameters()]
    model.zero_grad()
    with Attentions() as counted:
        with anew_if_long(model, length):
            loss = model(input_ids=ids, labels=ids).loss
        assert not model.is_activation_checkpointing
        loss.backward()
    assert counted.seen == 3 * each
    for one, before in zip(model.parameters(), plain, strict=True):
        torch.testing.assert_close(one.grad, before)


def test_a_larger_model_has_room_for_fewer_tokens() -> None:
    def tokens(layers: int, hidden: int) -> int:
        shape = LlamaConfig(num_hidden_layers=layers, hidden_size=hidden, num_attention_heads=1)
        with torch.device("meta"):
            return room(LlamaForCausalLM(shape))

    assert 1_000 < tokens(30, 576) < 1_100, "SmolLM2-135M, which 8 GB are enough for"
    assert tokens(4, 64) > 50_000, "the demo's, whose activations are small"
    assert tokens(28, 2_048) < tokens(30, 576)
