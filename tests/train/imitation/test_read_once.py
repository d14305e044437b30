"""Rows whose beginning is read once teach what whole rows teach."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from tokenizers import Tokenizer
from tokenizers.models import BPE
from torch import Tensor
from transformers import (
    LlamaConfig,
    LlamaForCausalLM,
    PreTrainedModel,
    PreTrainedTokenizerFast,
    Qwen3Config,
    Qwen3ForCausalLM,
)
from trl.trainer.utils import add_fused_lm_head

from agents.beginning import can_share
from train.imitation.read_once import Continues, parts, shared_tokens, through_beginning
from train.imitation.samples import Rows
from train.imitation.trainer import LONG, Pace, imitate
from train.models.profiles import DEMO

SIZES = {
    "vocab_size": 97,
    "hidden_size": 24,
    "intermediate_size": 32,
    "num_hidden_layers": 3,
    "num_attention_heads": 6,
    "num_key_value_heads": 2,
    "head_dim": 8,
    "initializer_range": 0.3,
    "max_position_embeddings": 256,
}


@pytest.fixture(params=["llama", "qwen3"])
def model(request: pytest.FixtureRequest) -> PreTrainedModel:
    torch.manual_seed(0)
    if request.param == "llama":
        made: PreTrainedModel = LlamaForCausalLM(LlamaConfig(**SIZES, tie_word_embeddings=True))
    else:
        made = Qwen3ForCausalLM(Qwen3Config(**SIZES, tie_word_embeddings=False))
    add_fused_lm_head(made, outputs=("log_probs", "entropy"))
    return made.train()


def batch(shared: int, own: list[int], silent: int = 2) -> dict[str, Tensor]:
    """Rows that begin alike and go on alone; the first tokens after that have no label either."""
    random = torch.Generator().manual_seed(shared + sum(own))
    begins = torch.randint(1, 97, (shared,), generator=random).tolist()
    rows = [begins + torch.randint(1, 97, (n,), generator=random).tolist() for n in own]
    width = max(map(len, rows))
    ids = torch.tensor([row + [0] * (width - len(row)) for row in rows])
    mask = torch.tensor([[1] * len(row) + [0] * (width - len(row)) for row in rows])
    labels = ids.masked_fill(mask == 0, -100)
    labels[:, : shared + silent] = -100
    return {"input_ids": ids, "attention_mask": mask, "labels": labels}


def gradients(model: PreTrainedModel) -> list[Tensor]:
    found = [one.grad.clone() for one in model.parameters() if one.grad is not None]
    model.zero_grad()
    return found


def test_what_all_rows_begin_with_ends_before_the_first_label() -> None:
    assert shared_tokens(batch(40, [9, 5, 12])) in (39, 40, 41)  # chance may add a token
    early = batch(40, [9, 5])
    early["labels"][1, 36] = 5
    assert shared_tokens(early) == 35
    assert shared_tokens(batch(20, [9, 5])) == 0
    assert shared_tokens(batch(60, [9])) == 0
    short = batch(60, [9, 5])
    short["attention_mask"][0, 3] = 0
    assert shared_tokens(short) == 0


@pytest.mark.parametrize(
    ("rows", "sizes"), [(1, [1, 1, 1, 1, 1]), (2, [2, 2, 1]), (5, [5]), (9, [5])]
)
def test_parts_are_all_rows_without_what_they_share(rows: int, sizes: list[int]) -> None:
    whole = batch(40, [9, 5, 12, 5, 7])
    shared = shared_tokens(whole)
    seen = list(parts(whole, shared, rows))
    assert [len(part["input_ids"]) for part in seen] == sizes
    assert sum(int(part["attention_mask"].sum()) for part in seen) == int(
        whole["attention_mask"].sum()
    )
    labelled = sum(int((part["labels"] != -100).sum()) for part in seen)
    assert labelled == int((whole["labels"] != -100).sum())
    for part in seen:
        assert part["attention_mask"][:, -1].any()
        assert part["attention_mask"].shape[1] == part["input_ids"].shape[1] + shared


@pytest.mark.parametrize(("length", "at_once"), [(60, 3), (LONG, 1)])
def test_training_takes_as_many_rows_at_once_as_memory_has_room_for(
    tmp_path: Path, length: int, at_once: int
) -> None:
    torch.manual_seed(0)
    sizes = {**SIZES, "num_hidden_layers": 1, "max_position_embeddings": LONG}
    model = LlamaForCausalLM(LlamaConfig(**sizes, pad_token_id=0))
    random = torch.Generator().manual_seed(1)
    own = torch.randint(1, 97, (6, length - 40), generator=random).tolist()
    ids = [[7] * 40 + row for row in own]
    masks = [[0] * (length - 8) + [1] * 8 for _ in ids]
    profile = replace(DEMO, sft_batch=6, micro_batch=3)
    seen: list[int] = []
    hook = model.register_forward_pre_hook(
        lambda module, args, kwargs: seen.append(len(kwargs["input_ids"])), with_kwargs=True
    )
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=Tokenizer(BPE()), pad_token="<pad>", eos_token="<eos>"
    )
    with hook:
        imitate(
            "rows", model, tokenizer, Rows(ids, masks, 0, 0, 0), profile, Pace(1, 1e-3, 0), tmp_path
        )
    assert max(seen) == at_once
    assert sum(seen) == 6 + 1, "what they begin with is read once"


@pytest.mark.parametrize("anew", [False, True])
def test_loss_and_gradients_are_those_of_whole_rows(model: PreTrainedModel, anew: bool) -> None:
    assert can_share(model)
    whole = batch(50, [9, 5, 12, 5, 7])
    plain = model(**whole, fused_lm_head=True).log_probs.sum()
    plain.backward()
    expected = gradients(model)
    if anew:
        model.activation_checkpointing_enable()
    shared = shared_tokens(whole)

    def learn(part: dict[str, Tensor]) -> Tensor:
        loss = Continues(model, shared)(**part, fused_lm_head=True).log_probs.sum()
        loss.backward()
        return loss.detach()

    each = parts(whole, shared, 2)
    total = through_beginning(model, whole["input_ids"][0, :shared], each, learn)
    torch.testing.assert_close(total, plain.detach())
    for ours, theirs in zip(gradients(model), expected, strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-4)
    again = model(**whole, fused_lm_head=True).log_probs.sum()  # nothing is left behind
    torch.testing.assert_close(again.detach(), plain.detach())


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("attention_dropout", 0.1),
        ("rope_parameters", {"rope_type": "dynamic", "rope_theta": 1e4, "factor": 2.0}),
        ("sliding_window", 16),
    ],
)
def test_what_cannot_be_shared_exactly_is_not_shared(
    model: PreTrainedModel, name: str, value: object
) -> None:
    model.config.use_sliding_window = True
    setattr(model.config, name, value)
    assert not can_share(model)


def test_the_beginning_matters(model: PreTrainedModel) -> None:
    """Without it the rows would say something else: it is not silently left out."""
    whole = batch(50, [9, 5])
    shared = shared_tokens(whole)
    (part,) = parts(whole, shared, 2)
    alone = Continues(model, shared)(**part, fused_lm_head=True).log_probs.sum()
    plain = model(**whole, fused_lm_head=True).log_probs.sum()
    assert abs(float((alone - plain).detach())) > 1
