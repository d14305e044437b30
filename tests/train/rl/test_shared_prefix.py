"""Rows that begin alike: what they share is read once, and nothing else changes."""

from collections.abc import Iterator
from types import SimpleNamespace

import pytest
import torch
from torch import Tensor
from transformers import Qwen3Config, Qwen3ForCausalLM
from trl.trainer import utils
from trl.trainer.utils import add_fused_lm_head

from train.imitation.compact import labelled_tokens_alone
from train.imitation.read_once import OnceRead
from train.rl.shared_prefix import (
    by_group,
    only_beginning,
    score,
    score_after,
    shared_beginnings,
    shared_by_all,
)
from train.runs import recomputation
from train.runs.recomputation import anew_if_long

PROMPTS = [[3, 1, 4, 1, 5], [9, 2, 6], [3, 1, 4, 1, 5], [9, 2, 6], [9, 2, 6], [8]]
COMPLETIONS = [[5, 3, 5], [8, 9], [7], [9, 3, 2, 3], [8, 9], [4, 6, 2]]


def batch() -> tuple[Tensor, Tensor, int]:
    """Prompts padded on the left, completions on the right."""
    before, after = max(map(len, PROMPTS)), max(map(len, COMPLETIONS))
    ids = [
        [0] * (before - len(prompt)) + prompt + said + [0] * (after - len(said))
        for prompt, said in zip(PROMPTS, COMPLETIONS, strict=True)
    ]
    return torch.tensor(ids), torch.tensor(ids).bool().long(), after


@pytest.fixture
def model() -> Qwen3ForCausalLM:
    torch.manual_seed(0)
    config = Qwen3Config(
        vocab_size=11,
        hidden_size=16,
        intermediate_size=24,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        head_dim=8,
        initializer_range=0.3,
        tie_word_embeddings=True,
    )
    model = Qwen3ForCausalLM(config)
    add_fused_lm_head(model, temperature=0.7, outputs=("log_probs", "entropy"))
    return model.train()


def alike(one: Tensor, other: Tensor) -> bool:
    """Whether gradients are the same up to rounding, which is that of the largest."""
    return torch.allclose(one, other, rtol=1e-4, atol=1e-5 * max(1.0, float(other.abs().max())))


def gradients(model: Qwen3ForCausalLM, logprobs: Tensor, entropies: Tensor) -> list[Tensor]:
    weights = torch.arange(1.0, logprobs.numel() + 1).view(logprobs.shape)
    ((logprobs + 0.1 * entropies) * weights).sum().backward()
    found = [parameter.grad.clone() for parameter in model.parameters()]
    model.zero_grad()
    return found


def test_shared_rows_score_and_learn_like_separate_ones(model: Qwen3ForCausalLM) -> None:
    ids, mask, kept = batch()
    labels = ids.masked_fill(mask == 0, -100)
    labels[:, :-kept] = -100
    plain = model(input_ids=ids, attention_mask=mask, labels=labels, fused_lm_head=True)
    plain_logprobs, plain_entropies = plain.log_probs[:, -kept:], plain.entropy[:, -kept:]
    shared = shared_beginnings(ids, mask, kept)
    assert shared is not None
    logprobs, entropies = score(model, ids, mask, shared)
    assert logprobs.shape == (6, kept)
    assert (logprobs[mask[:, -kept:].bool()] < 0).all()
    assert torch.allclose(logprobs, plain_logprobs, atol=1e-5)
    assert torch.allclose(entropies, plain_entropies, atol=1e-5)
    ours, theirs = gradients(model, logprobs, entropies), None
    theirs = gradients(model, plain_logprobs, plain_entropies)
    for one, other in zip(ours, theirs, strict=True):
        assert alike(one, other)


def test_a_beginning_that_all_rows_share_is_attended_to(model: Qwen3ForCausalLM) -> None:
    """One group alone: nothing is copied, and scores and gradients are those of separate rows."""
    prompt, width = [3, 1, 4, 1, 5, 9, 2], max(map(len, COMPLETIONS))
    ids = torch.tensor([prompt + said + [0] * (width - len(said)) for said in COMPLETIONS])
    mask = torch.tensor([[1] * (7 + len(s)) + [0] * (width - len(s)) for s in COMPLETIONS])
    labels = ids.masked_fill(mask == 0, -100)
    labels[:, :7] = -100
    plain = model(input_ids=ids, attention_mask=mask, labels=labels, fused_lm_head=True)
    shared = shared_beginnings(ids, mask, width)
    assert shared is not None
    assert len(shared[0]) == 1
    logprobs, entropies = score(model, ids, mask, shared)
    assert torch.allclose(logprobs, plain.log_probs[:, -width:], atol=1e-5)
    ours = gradients(model, logprobs, entropies)
    theirs = gradients(model, plain.log_probs[:, -width:], plain.entropy[:, -width:])
    for one, other in zip(ours, theirs, strict=True):
        assert alike(one, other)


@pytest.mark.parametrize("share", [0.5, 0.0])
def test_what_others_said_is_not_scored(model: Qwen3ForCausalLM, share: float) -> None:
    ids, mask, kept = batch()
    shared = shared_beginnings(ids, mask, kept)
    assert shared is not None
    said = mask[:, -kept:].bool() & (torch.rand(6, kept) < share)
    whole = [one * said for one in score(model, ids, mask, shared)]
    with labelled_tokens_alone():
        parts = score(model, ids, mask, shared, said)
    for part, expected in zip(parts, whole, strict=True):
        assert torch.allclose(part, expected, atol=1e-5)
    ours, theirs = gradients(model, *parts), gradients(model, *whole)
    for one, other in zip(ours, theirs, strict=True):
        assert alike(one, other)


def test_a_cpu_scores_labelled_tokens_alone_and_only_then(
    model: Qwen3ForCausalLM, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids, mask, kept = batch()
    labels = ids.masked_fill(mask == 0, -100)
    labels[:, :-kept] = -100
    heights: list[int] = []
    head = utils._ChunkedLogProbFunction.apply
    counted = SimpleNamespace(apply=lambda *args: heights.append(len(args[0])) or head(*args))
    monkeypatch.setattr(utils, "_ChunkedLogProbFunction", counted)

    def loss() -> Tensor:
        return model(input_ids=ids, attention_mask=mask, labels=labels, fused_lm_head=True).loss

    before = loss()
    with labelled_tokens_alone():
        assert torch.allclose(loss(), before)
    loss()
    everything, labelled = ids[:, 1:].numel(), int((labels[:, 1:] != -100).sum())
    assert heights == [everything, labelled, everything]


def test_each_beginning_is_there_once() -> None:
    ids, mask, kept = batch()
    shared = shared_beginnings(ids, mask, kept)
    assert shared is not None
    first, first_mask, places = shared
    assert len(first) == 3
    assert torch.equal(first[places], ids[:, : -kept - 1])
    assert torch.equal(first_mask[places], mask[:, : -kept - 1])


def test_nothing_is_shared_where_all_differ_or_nothing_stands_before() -> None:
    ids, mask, kept = batch()
    assert shared_beginnings(ids[[0, 1, 5]], mask[[0, 1, 5]], kept) is None
    assert shared_beginnings(ids[:, -kept - 1 :], mask[:, -kept - 1 :], kept) is None


@pytest.mark.parametrize("anew", ["nothing", "all", "all, if long"])
def test_micro_batches_learn_what_the_group_learns_at_once(
    model: Qwen3ForCausalLM, anew: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Their beginning is read once, and what they learned reaches it when it is passed on."""
    prompt, width = [3, 1, 4, 1, 5, 9, 2], max(map(len, COMPLETIONS))
    ids = torch.tensor([prompt + said + [0] * (width - len(said)) for said in COMPLETIONS])
    mask = torch.tensor([[1] * (7 + len(s)) + [0] * (width - len(s)) for s in COMPLETIONS])
    said, weights = mask[:, -width:].bool(), torch.rand(6, width)
    shared, first = shared_beginnings(ids, mask, width), only_beginning(ids[4:], mask[4:], width)
    assert shared is not None
    assert first is not None
    assert first.tolist() == prompt[:-1]
    whole = score(model, ids, mask, shared, said)
    theirs = gradients(model, *(one * weights for one in whole))
    if anew == "all":
        model.activation_checkpointing_enable({"use_reentrant": False})
    long = anew.endswith("if long")
    monkeypatch.setattr(recomputation, "KEPT", 1 if long else recomputation.KEPT)
    read: list[int] = []
    hook = model.register_forward_pre_hook(
        lambda _, args, kwargs: read.append(kwargs["input_ids"].shape[1]), with_kwargs=True
    )
    with anew_if_long(model, len(first)):
        once = OnceRead(model, first)
    found = []
    order = torch.arange(1.0, said.numel() + 1).view(said.shape)  # as `gradients` weighs
    for rows in (slice(0, 2), slice(2, 5), slice(5, 6)):
        with once.attended():
            with anew_if_long(model, ids.shape[1]):
                part = score_after(once, model, ids[rows], mask[rows], said[rows])
            weighed = (part[0] + 0.1 * part[1]) * weights[rows] * order[rows]
            weighed.sum().backward()
        found.append(part[0].detach())
    once.pass_on()
    hook.remove()
    assert read == [6, width + 1, width + 1, width + 1]
    assert torch.allclose(torch.cat(found) * said, whole[0].detach() * said, atol=1e-5)
    for one, other in zip((p.grad for p in model.parameters()), theirs, strict=True):
        assert alike(one, other)


@pytest.mark.parametrize("anew", [False, True])
def test_groups_learn_what_they_learn_alone_where_rules_are_read_once(
    model: Qwen3ForCausalLM, monkeypatch: pytest.MonkeyPatch, *, anew: bool
) -> None:
    """Two groups whose prompts begin alike, each in two micro-batches."""
    rules, width = [3, 1, 4, 1, 5], max(map(len, COMPLETIONS))
    prompts = [[*rules, 9, 2, 6], [*rules, 5, 3]]
    weights = torch.rand(6, width)

    def groups() -> Iterator[tuple[Tensor, Tensor, Tensor, Tensor]]:
        for prompt, rows in zip(prompts, (slice(0, 3), slice(3, 6)), strict=True):
            tried = COMPLETIONS[rows]
            ids = torch.tensor([prompt + one + [0] * (width - len(one)) for one in tried])
            seen = [[1] * (len(prompt) + len(one)) + [0] * (width - len(one)) for one in tried]
            mask = torch.tensor(seen)
            yield ids, mask, mask[:, -width:].bool(), weights[rows]

    def loss(logprobs: Tensor, entropies: Tensor, weight: Tensor) -> Tensor:
        return ((logprobs + 0.1 * entropies) * weight).sum()

    for ids, mask, said, weight in groups():
        alone = shared_beginnings(ids, mask, width)
        assert alone is not None
        loss(*score(model, ids, mask, alone, said), weight).backward()
    theirs = [parameter.grad.clone() for parameter in model.parameters()]
    model.zero_grad()
    monkeypatch.setattr(recomputation, "KEPT", 1 if anew else recomputation.KEPT)
    read: list[int] = []
    hook = model.register_forward_pre_hook(
        lambda _, args, kwargs: read.append(kwargs["input_ids"].shape[1]), with_kwargs=True
    )
    first = OnceRead(model, torch.tensor(rules))
    for (ids, mask, said, weight), prompt in zip(groups(), prompts, strict=True):
        once = OnceRead(model, torch.tensor(prompt[len(rules) : -1]), first)
        assert once.ids.tolist() == prompt[:-1]
        for rows in (slice(0, 2), slice(2, 3)):
            with once.attended(), anew_if_long(model, ids.shape[1]):
                part = score_after(once, model, ids[rows], mask[rows], said[rows])
                loss(*part, weight[rows]).backward()
        once.pass_on()
    first.pass_on()
    hook.remove()
    assert read == [5, 2, width + 1, width + 1, 1, width + 1, width + 1]
    for one, other in zip((p.grad for p in model.parameters()), theirs, strict=True):
        assert alike(one, other)


def test_what_all_prompts_begin_with_is_found_through_padding() -> None:
    long = list(range(1, 60))
    prompts = [[*long, 7, 8, 9], [*long, 7, 5], [*long, 6, 5, 4, 3]]
    width = max(map(len, prompts))

    def batch(*some: list[int]) -> dict[str, Tensor]:
        ids = torch.tensor([[0] * (width - len(one)) + one for one in some])
        mask = torch.tensor([[0] * (width - len(one)) + [1] * len(one) for one in some])
        return {"prompt_ids": ids, "prompt_mask": mask}

    assert shared_by_all([batch(prompts[0], prompts[0]), batch(prompts[1])]) == 60
    assert shared_by_all([batch(prompts[0]), batch(prompts[1], prompts[2])]) == 59
    assert shared_by_all([batch(prompts[0], prompts[0])]) == 0, "a group by itself"
    assert shared_by_all([batch(prompts[0]), batch([1, 2, 3])]) == 0, "too little"


def test_rows_that_begin_otherwise_have_no_only_beginning() -> None:
    ids, mask, kept = batch()
    assert only_beginning(ids, mask, kept) is None
    assert only_beginning(ids[[1, 3]], mask[[1, 3]], kept) is None  # padding stands before
    assert only_beginning(ids[[0, 2]][:, -kept - 1 :], mask[[0, 2]][:, -kept - 1 :], kept) is None


def test_a_beginning_of_which_nothing_was_learned_changes_nothing(model: Qwen3ForCausalLM) -> None:
    OnceRead(model, torch.tensor([3, 1, 4])).pass_on()
    assert all(parameter.grad is None for parameter in model.parameters())


def test_shuffled_rows_come_back_by_group() -> None:
    lengths = torch.tensor([3, 1, 1, 2, 2, 2])
    rows = {
        "group": torch.tensor([0, 0, 1, 1, 2, 2]),
        "value": torch.arange(6.0),
        "completion_mask": (torch.arange(3) < lengths[:, None]).long(),
    }
    order = torch.tensor([4, 0, 3, 5, 1, 2])
    parts = [
        {key: value[order][start : start + 2] for key, value in rows.items()} | {"total": 6}
        for start in (0, 2, 4)
    ]
    found = by_group(parts, "group")
    assert [part["group"].tolist() for part in found] == [[0, 0], [1, 1], [2, 2]]
    assert torch.cat([part["value"] for part in found]).tolist() == [1, 0, 2, 3, 4, 5]
    assert all(len({*(part["value"] // 2).tolist()}) == 1 for part in found)
    assert all(part["total"] == 6 for part in found)
