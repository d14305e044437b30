"""What cannot be a policy is refused by name."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")

from transformers import (  # noqa: E402
    BertConfig,
    ByT5Tokenizer,
    GPT2Config,
    MambaConfig,
    MambaForCausalLM,
    MistralConfig,
    PretrainedConfig,
    Qwen2Config,
    Qwen3Config,
    T5Config,
)

from train.models.model import load  # noqa: E402
from train.models.profiles import PROFILES  # noqa: E402
from train.models.suitable import require_cache, require_causal, require_fast  # noqa: E402
from train.sft import planned, sft  # noqa: E402


def pictures() -> PretrainedConfig:
    config = PretrainedConfig()
    config.vision_config = {"depth": 2}
    return config


@pytest.mark.parametrize(
    ("config", "why"),
    [
        (T5Config(), r"an encoder with a decoder \(t5\)"),
        (BertConfig(), r"an encoder \(bert\)"),
        (pictures(), "whose configuration has no part for text"),
        (PretrainedConfig(), "transformers knows no causal language model of"),
    ],
)
def test_what_writes_no_token_after_the_other_is_refused(
    config: PretrainedConfig, why: str
) -> None:
    with pytest.raises(ValueError, match=f"expected a causal language model, got 'it', .*{why}"):
        require_causal(config, "it")


@pytest.mark.parametrize(
    "config",
    [
        MistralConfig(sliding_window=16),
        Qwen2Config(use_sliding_window=True, sliding_window=16, max_window_layers=0),
    ],
)
def test_windows_shorter_than_the_context_are_refused(config: PretrainedConfig) -> None:
    with pytest.raises(ValueError, match="do not all attend to everything before"):
        require_causal(config, "windowed")


@pytest.mark.parametrize(
    "config", [Qwen3Config(), GPT2Config(), Qwen2Config(), MistralConfig(sliding_window=None)]
)
def test_causal_language_models_are_taken(config: PretrainedConfig) -> None:
    require_causal(config, "it")


def test_a_state_is_no_cache() -> None:
    config = MambaConfig(vocab_size=8, hidden_size=8, num_hidden_layers=1, state_size=4)
    with pytest.raises(ValueError, match=r"got 'it' \(mamba\), which keeps a state"):
        require_cache(MambaForCausalLM(config), "it")


def test_a_tokenizer_without_a_fast_version_is_refused() -> None:
    with pytest.raises(ValueError, match="expected a tokenizer with a fast version.*got a ByT5"):
        require_fast(ByT5Tokenizer(), "it")


def test_an_encoder_is_refused_before_its_weights_are_read(llama: Path, tmp_path: Path) -> None:
    shutil.copytree(llama, tmp_path / "bert")
    BertConfig().save_pretrained(tmp_path / "bert")
    with pytest.raises(ValueError, match=r"an encoder \(bert\)"):
        load(str(tmp_path / "bert"))


def test_a_context_without_room_for_rules_and_tools_is_refused(llama: Path, tmp_path: Path) -> None:
    shutil.copytree(llama, tmp_path / "short")
    path = tmp_path / "short" / "config.json"
    config = json.loads(path.read_text("utf-8"))
    path.write_text(json.dumps({**config, "max_position_embeddings": 256}))
    plan = planned(PROFILES["smollm2-135m"], "desk:20", 0, model=str(tmp_path / "short"))
    with pytest.raises(ValueError, match="expected a context longer than rules and tools, which"):
        sft(plan, tmp_path / "out")
    assert not (tmp_path / "out" / "policy.json").exists()
