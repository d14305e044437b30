"""What a tiny model can do before it has learned anything."""

import pytest
import torch
from transformers import Qwen3Config, Qwen3ForCausalLM

from train.models.induction import let_attention_copy

VOCABULARY = 400


def model(seed: int, **changes: int) -> Qwen3ForCausalLM:
    torch.manual_seed(seed)
    shape = {
        "hidden_size": 128,
        "num_hidden_layers": 3,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        **changes,
    }
    return Qwen3ForCausalLM(
        Qwen3Config(
            vocab_size=VOCABULARY,
            intermediate_size=384,
            head_dim=32,
            rope_parameters={"rope_type": "default", "rope_theta": 1e6},
            initializer_range=0.08,
            tie_word_embeddings=True,
            **shape,
        )
    )


def foreseen(policy: Qwen3ForCausalLM, symbols: int) -> float:
    """How often the second half of twice the same is foreseen, but for its first two tokens."""
    once = torch.randint(symbols, (16, 60), generator=torch.Generator().manual_seed(9))
    twice = torch.cat([once, once], dim=1)
    with torch.no_grad():
        logits = policy(twice).logits[:, :-1]
    # That a token follows itself is what tied embeddings say of every token, before training.
    logits.scatter_(2, twice[:, :-1, None], -torch.inf)
    truth = twice[:, 1:]
    different = truth != twice[:, :-1]
    counted = different[:, 62:]
    return float((logits.argmax(-1) == truth)[:, 62:][counted].float().mean())


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_it_copies_from_the_start(seed: int) -> None:
    policy = model(seed)
    assert foreseen(policy, VOCABULARY) < 0.05
    let_attention_copy(policy)
    assert foreseen(policy, VOCABULARY) > 0.6


def test_digits_are_told_apart_by_the_two_before() -> None:
    policy = model(0)
    let_attention_copy(policy)
    by_chance, by_the_last_alone = 1 / 9, 1 / 4
    assert foreseen(policy, 10) > max(by_chance, by_the_last_alone)


def test_the_same_seed_gives_the_same_weights() -> None:
    first, second = model(3), model(3)
    for policy in (first, second):
        torch.manual_seed(5)
        let_attention_copy(policy)
    pairs = zip(first.parameters(), second.parameters(), strict=True)
    assert all(torch.equal(one, other) for one, other in pairs)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"num_hidden_layers": 1}, "at least two layers"),
        ({"num_key_value_heads": 4}, "two heads for each"),
        ({"hidden_size": 96}, "a width of 128"),
    ],
)
def test_other_shapes_are_refused(changes: dict[str, int], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        let_attention_copy(model(0, **changes))
