"""The calculation against counts that are known, and against a model that is there."""

import pytest
import torch
from peft import LoraConfig, get_peft_model
from transformers import Qwen3Config, Qwen3ForCausalLM

from train import memory
from train.memory import Load, cache_bytes, lora_parameters, parameters, training_bytes
from train.models.profiles import PROFILES, SHAPES, Shape
from train.rl.recipe import RECIPES


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("qwen3-0.6b", 596_049_920),
        ("qwen3-1.7b", 1_720_574_976),
        ("qwen3-4b", 4_022_468_096),
        ("qwen3-8b", 8_190_735_360),
        ("qwen3-14b", 14_768_307_200),
        ("qwen3-32b", 32_762_123_264),
    ],
)
def test_the_family_has_as_many_parameters_as_its_cards_say(name: str, count: int) -> None:
    assert parameters(SHAPES[name]) == count


@pytest.mark.parametrize("tied", [True, False])
def test_counts_are_those_of_a_real_model(tied: bool) -> None:
    shape = Shape(2, 64, 96, 4, tied=tied, key_heads=2, head_dim=16, vocabulary=200)
    config = Qwen3Config(
        vocab_size=shape.vocabulary,
        hidden_size=shape.hidden,
        intermediate_size=shape.inner,
        num_hidden_layers=shape.layers,
        num_attention_heads=shape.heads,
        num_key_value_heads=shape.key_heads,
        head_dim=shape.head_dim,
        tie_word_embeddings=tied,
    )
    with torch.device("meta"):
        model = Qwen3ForCausalLM(config)
    assert parameters(shape) == sum(weight.numel() for weight in model.parameters())
    model = get_peft_model(model, LoraConfig(r=4, target_modules="all-linear"))
    adapters = [w.numel() for name, w in model.named_parameters() if "lora_" in name]
    assert lora_parameters(shape, 4) == sum(adapters)


def test_a_token_of_the_cache_of_1_7b_takes_112_kib() -> None:
    assert cache_bytes(SHAPES["qwen3-1.7b"], 1) == 114_688


def test_long_prompts_fit_a_small_gpu_in_tiles_and_full_logits_do_not() -> None:
    shape, load = SHAPES["qwen3-1.7b"], Load(8_192)
    assert training_bytes(shape, load) < 24e9
    assert training_bytes(shape, load, chunked=False) - training_bytes(shape, load) > 10e9


def test_every_profile_has_a_recipe() -> None:
    assert (
        PROFILES.keys()
        == RECIPES.keys()
        == {"demo", "demo-base", "demo-copies", "demo-tiny", "smollm2-135m", *SHAPES}
    )


def test_the_table_marks_what_does_not_fit() -> None:
    words = memory.main(["--profile", "qwen3-8b", "--max-length", "8192", "--gpu", "24"])
    peak = next(row for row in words.rows if row[0] == "training, peak")
    assert peak[1].endswith("!") == (float(peak[1].split()[0]) > 24)
