"""Rows whose beginning is read once teach what whole rows teach."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer
from tokenizers.models import BPE
from torch import Tensor
from torch.nn import functional as F
from transformers import (
    LlamaConfig,
    LlamaForCausalLM,
    PreTrainedModel,
    PreTrainedTokenizerFast,
    Qwen3Config,
    Qwen3ForCausalLM,
)
from trl.trainer.utils import add_fused_lm_head

from agents import beginning
from agents.beginning import can_share
from train.imitation.read_once import (
    WORTH,
    Continues,
    families,
    parts,
    rows_of,
    shared_tokens,
    through_beginning,
)
from train.imitation.samples import Rows
from train.imitation.trainer import Pace, imitate
from train.models.profiles import DEMO
from train.runs import recomputation
from train.runs.precision_option import BFLOAT16, FLOAT32

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


MANY = 10_000
"""More tokens than any of these rows have."""


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


def together(*batches: dict[str, Tensor]) -> dict[str, Tensor]:
    """The rows of several batches, every second one of the first to begin with."""
    width = max(one["input_ids"].shape[1] for one in batches)
    pad = {"input_ids": 0, "attention_mask": 0, "labels": -100}
    whole = {
        name: torch.cat(
            [F.pad(one[name], (0, width - one[name].shape[1]), value=to) for one in batches]
        )
        for name, to in pad.items()
    }
    rows = torch.arange(len(whole["labels"]))
    return rows_of(whole, torch.cat([rows[::2], rows[1::2]]))


def read(whole: dict[str, Tensor], sets: list[list[int]]) -> int:
    """How many tokens are read where each of these sets of rows reads its beginning once."""
    lengths = whole["attention_mask"].sum(1)
    return sum(
        int(lengths[one].sum()) - (len(one) - 1) * shared_tokens(rows_of(whole, one))
        for one in sets
    )


def partitions(rows: list[int]) -> Iterator[list[list[int]]]:
    """Every way to divide rows into sets."""
    if not rows:
        yield []
        return
    for rest in partitions(rows[1:]):
        yield [rows[:1], *rest]
        for at, one in enumerate(rest):
            yield [*rest[:at], [rows[0], *one], *rest[at + 1 :]]


@given(
    st.lists(
        st.tuples(
            st.sampled_from([0, WORTH, 45, 60, 80]), st.lists(st.integers(1, 30), min_size=1)
        ),
        min_size=1,
        max_size=3,
    ).filter(lambda ones: sum(len(own) for _, own in ones) <= 5)
)
def test_no_other_families_would_read_fewer_tokens(ones: list[tuple[int, list[int]]]) -> None:
    """Against all ways to divide the rows."""
    whole = together(*(batch(shared, own) for shared, own in ones))
    found = families(whole)
    rows = [row for some, _ in found for row in some.tolist()]
    assert sorted(rows) == list(range(len(whole["labels"])))
    for some, shared in found:
        assert shared in (0, shared_tokens(rows_of(whole, some)))
    sets = [
        one
        for some, shared in found
        for one in ([some.tolist()] if shared else [[row] for row in some.tolist()])
    ]
    assert read(whole, sets) == min(read(whole, way) for way in partitions(sorted(rows)))


@pytest.mark.parametrize(
    ("rows", "sizes"), [(1, [1, 1, 1, 1, 1]), (2, [2, 2, 1]), (5, [5]), (9, [5])]
)
def test_parts_are_all_rows_without_what_they_share(rows: int, sizes: list[int]) -> None:
    whole = batch(40, [9, 5, 12, 5, 7])
    shared = shared_tokens(whole)
    seen = list(parts(whole, shared, rows, MANY))
    assert [len(part["input_ids"]) for part in seen] == sizes
    assert sum(int(part["attention_mask"].sum()) for part in seen) == int(
        whole["attention_mask"].sum()
    )
    labelled = sum(int((part["labels"] != -100).sum()) for part in seen)
    assert labelled == int((whole["labels"] != -100).sum())
    for part in seen:
        assert part["attention_mask"][:, -1].any()
        assert part["attention_mask"].shape[1] == part["input_ids"].shape[1] + shared


@pytest.mark.parametrize(("length", "at_once"), [(60, 3), (250, 2), (500, 1)])
def test_training_takes_as_many_rows_at_once_as_memory_has_room_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, length: int, at_once: int
) -> None:
    torch.manual_seed(0)
    monkeypatch.setattr(recomputation, "KEPT", 500 * recomputation.BYTES * SIZES["hidden_size"])
    sizes = {**SIZES, "num_hidden_layers": 1, "max_position_embeddings": 540}
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

    each = parts(whole, shared, 2, MANY)
    total = through_beginning(model, whole["input_ids"][0, :shared], each, learn)
    torch.testing.assert_close(total, plain.detach())
    for ours, theirs in zip(gradients(model), expected, strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-4)
    again = model(**whole, fused_lm_head=True).log_probs.sum()  # nothing is left behind
    torch.testing.assert_close(again.detach(), plain.detach())


def learned(
    model: PreTrainedModel, out: Path, precision: str = FLOAT32
) -> tuple[dict[str, Tensor], list[int]]:
    """The weights after a step on four rows of three beginnings, and the tokens of each pass."""
    random = torch.Generator().manual_seed(1)

    def drawn(number: int) -> list[int]:
        return torch.randint(1, 97, (number,), generator=random).tolist()

    first, second = drawn(60), drawn(40)
    ids = [begun + drawn(own) for begun, own in [(first, 9), (second, 30), (first, 12), ([], 70)]]
    masks = [[0] * (len(row) - 8) + [1] * 8 for row in ids]
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=Tokenizer(BPE()), pad_token="<pad>", eos_token="<eos>"
    )
    profile, rows = replace(DEMO, sft_batch=4, micro_batch=4), Rows(ids, masks, 0, 0, 0)
    seen: list[int] = []
    hook = model.register_forward_pre_hook(
        lambda module, args, kwargs: seen.append(kwargs["input_ids"].numel()), with_kwargs=True
    )
    with hook:
        imitate("rows", model, tokenizer, rows, profile, Pace(1, 1e-3, 0, precision), out)
    return {name: one.detach() for name, one in model.named_parameters()}, seen


def fresh(**settings: float) -> PreTrainedModel:
    torch.manual_seed(0)
    return LlamaForCausalLM(LlamaConfig(**SIZES, pad_token_id=0, **settings))


def test_several_beginnings_teach_what_whole_rows_teach(tmp_path: Path) -> None:
    """Through the trainer itself; a model with dropout cannot share, and so reads whole rows."""
    ours, seen = learned(fresh(), tmp_path / "ours")
    theirs, whole = learned(fresh(attention_dropout=1e-9), tmp_path / "theirs")
    assert sum(seen) < sum(whole) - 50, "the first beginning was read twice"
    for name, one in ours.items():
        torch.testing.assert_close(one, theirs[name], rtol=1e-3, atol=2e-5)


@pytest.mark.parametrize("precision", [BFLOAT16, FLOAT32])
def test_long_rows_that_are_computed_anew_teach_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, precision: str
) -> None:
    plain, _ = learned(fresh(), tmp_path / "plain", precision)
    monkeypatch.setattr(recomputation, "room", lambda model: 1)  # and parts as they are
    model, notes = fresh(), []
    model.get_submodule("model.layers.0.mlp").register_forward_pre_hook(
        lambda module, args: notes.append(beginning._noted is not None)
    )
    anew, passes = learned(model, tmp_path / "anew", precision)
    assert len(notes) == 2 * len(passes), "each pass is computed once more"
    assert sum(notes) == 1, "what is noted once more keeps its layer's activations"
    for name, one in plain.items():
        torch.testing.assert_close(anew[name], one, rtol=1e-4, atol=1e-6)


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
    (part,) = parts(whole, shared, 2, MANY)
    alone = Continues(model, shared)(**part, fused_lm_head=True).log_probs.sum()
    plain = model(**whole, fused_lm_head=True).log_probs.sum()
    assert abs(float((alone - plain).detach())) > 1
