"""One thread, what the library warns of, and a model of another family in two kinds of files."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

SPECIAL = ("<|endoftext|>", "<|im_start|>", "<|im_end|>")
TOOLLESS = (
    "{% for m in messages %}<|im_start|>{{ m['role'] }}\n{{ m['content'] }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
"""ChatML without a place for tools, as SmolLM2 has it."""


@pytest.fixture(scope="module")
def one_thread() -> Iterator[None]:
    """Torch computes in one thread, so that the same work gives the same bits."""
    torch = pytest.importorskip("torch")
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def library_warnings() -> Iterator[list[str]]:
    """What transformers' trainer warns of while a test runs."""
    pytest.importorskip("transformers")
    said: list[str] = []
    listener = logging.Handler(logging.WARNING)
    listener.emit = lambda record: said.append(record.getMessage())  # type: ignore[method-assign]
    log = logging.getLogger("transformers.trainer")
    log.addHandler(listener)
    yield said
    log.removeHandler(listener)


@pytest.fixture(scope="session")
def llama(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small Llama with random weights, tied, whose tokenizer splits our tags.

    All embeddings share a direction, in which the head finds the end of a message: so its messages
    are short, and tests are, too.
    """
    torch = pytest.importorskip("torch")
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    from tasks.load import load_tasks

    raw = Tokenizer(models.BPE())
    raw.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    raw.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=900,
        special_tokens=list(SPECIAL),
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    texts = [m.content for task in load_tasks("desk:20").tasks for m in task.messages]
    raw.train_from_iterator(texts, trainer)
    _, begin, end = SPECIAL
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=raw, bos_token=begin, eos_token=end, pad_token=end
    )
    tokenizer.chat_template = TOOLLESS
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=1,
        max_position_embeddings=16_384,
        tie_word_embeddings=True,
        bos_token_id=1,
        eos_token_id=2,
        pad_token_id=2,
    )
    torch.manual_seed(0)
    model = LlamaForCausalLM(config)
    with torch.no_grad():
        model.model.embed_tokens.weight += 0.1
        model.model.embed_tokens.weight[2] = 0.15
    folder = tmp_path_factory.mktemp("models") / "llama"
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def llama_gguf(llama: Path) -> Path:
    """The same model as a file of its own."""
    gguf = pytest.importorskip("gguf")
    from safetensors.numpy import load_file

    config = json.loads((llama / "config.json").read_text("utf-8"))
    told = json.loads((llama / "tokenizer.json").read_text("utf-8"))["model"]
    path = llama.parent / "llama.gguf"
    file = gguf.GGUFWriter(path, "llama")
    file.add_license("apache-2.0")
    file.add_block_count(config["num_hidden_layers"])
    file.add_context_length(config["max_position_embeddings"])
    file.add_embedding_length(config["hidden_size"])
    file.add_feed_forward_length(config["intermediate_size"])
    file.add_head_count(config["num_attention_heads"])
    file.add_head_count_kv(config["num_key_value_heads"])
    file.add_layer_norm_rms_eps(config["rms_norm_eps"])
    file.add_vocab_size(config["vocab_size"])
    file.add_tokenizer_model("gpt2")
    words = sorted(told["vocab"], key=told["vocab"].__getitem__)
    file.add_token_list(words)
    file.add_token_types([3 if one in SPECIAL else 1 for one in words])  # 3: a control token
    file.add_token_merges([" ".join(pair) for pair in told["merges"]])
    file.add_bos_token_id(1)
    file.add_eos_token_id(2)
    file.add_pad_token_id(2)
    file.add_chat_template(TOOLLESS)
    names = gguf.get_tensor_name_map(gguf.MODEL_ARCH.LLAMA, config["num_hidden_layers"])
    for name, weight in load_file(llama / "model.safetensors").items():
        file.add_tensor(names.get_name(name, try_suffixes=(".weight",)), weight)
    file.write_header_to_file()
    file.write_kv_data_to_file()
    file.write_tensors_to_file()
    file.close()
    return path
