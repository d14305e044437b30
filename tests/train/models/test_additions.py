"""What a model of another family gets before it is trained, also under adapters."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")

from peft import PeftModel  # noqa: E402
from transformers import AutoModelForCausalLM, AutoTokenizer, LlamaForCausalLM  # noqa: E402
from trl.chat_template_utils import qwen3_chat_template  # noqa: E402

from tools.protocol import THINK  # noqa: E402
from train import export, pipeline, sft  # noqa: E402
from train.imitation.trainer import _adapted  # noqa: E402
from train.models.additions import TEMPLATE, complete, shows_tools  # noqa: E402
from train.models.model import load  # noqa: E402
from train.models.policies import load_policy  # noqa: E402
from train.models.profiles import PROFILES  # noqa: E402
from train.models.start import NO_TOOLS, OWN_TEMPLATE  # noqa: E402
from train.models.tokenizer import END, START  # noqa: E402
from train.rl.tags import thought_tags  # noqa: E402

LORA = "qwen3-0.6b"


def untied(llama: Path, folder: Path) -> Path:
    """The same model with a head of its own."""
    shutil.copytree(llama, folder)
    config = json.loads((folder / "config.json").read_text("utf-8"))
    (folder / "config.json").write_text(json.dumps({**config, "tie_word_embeddings": False}))
    model = LlamaForCausalLM.from_pretrained(llama)
    config = model.config
    config.tie_word_embeddings = False
    torch.manual_seed(1)
    other = LlamaForCausalLM(config)
    other.model.load_state_dict(model.model.state_dict())
    other.save_pretrained(folder)
    return folder


def with_other_turns(llama: Path, folder: Path) -> Path:
    """The same model with a tokenizer whose turns begin and end otherwise."""
    tokenizer = AutoTokenizer.from_pretrained(llama)
    text = tokenizer.backend_tokenizer.to_str()
    for old, new in (("<|im_start|>", "<begin>"), ("<|im_end|>", "<end>")):
        text = text.replace(old, new)
    shutil.copytree(llama, folder)
    (folder / "tokenizer.json").write_text(text)
    told = folder / "tokenizer_config.json"
    config = json.loads(told.read_text("utf-8"))
    told.write_text(
        json.dumps({**config, "bos_token": "<begin>", "eos_token": "<end>"} | {"pad_token": None})
    )
    (folder / "chat_template.jinja").unlink()
    return folder


@pytest.mark.parametrize("tied", [True, False])
def test_a_new_token_begins_as_the_mean_of_its_pieces(
    llama: Path, tmp_path: Path, tied: bool
) -> None:
    whole = llama if tied else untied(llama, tmp_path / "untied")
    folder = with_other_turns(whole, tmp_path / "other")
    before, plain = (
        AutoModelForCausalLM.from_pretrained(folder),
        AutoTokenizer.from_pretrained(folder),
    )
    loaded = load(str(folder))
    for tag, row in zip((START, END), loaded.added.rows, strict=True):
        assert loaded.tokenizer.encode(tag) == [row]
        pieces = plain.encode(tag)
        assert len(pieces) > 1
        for ours, theirs in (
            (loaded.model.get_input_embeddings(), before.get_input_embeddings()),
            (loaded.model.get_output_embeddings(), before.get_output_embeddings()),
        ):
            assert torch.allclose(ours.weight[row], theirs.weight[pieces].mean(0), atol=1e-6)
    assert loaded.model.config.vocab_size == len(loaded.tokenizer)


def test_tags_stay_text(llama: Path) -> None:
    loaded = load(str(llama))
    assert not loaded.added.rows
    assert loaded.tokenizer.get_vocab() == AutoTokenizer.from_pretrained(llama).get_vocab()
    assert len(loaded.tokenizer.encode(THINK)) > 1
    assert thought_tags(loaded.tokenizer).pieces is not None


def test_what_lacks_nothing_gets_nothing(llama: Path) -> None:
    loaded = load(str(llama))
    assert not complete(loaded.model, loaded.tokenizer).words


def test_turns_of_another_family_become_tokens(llama: Path, tmp_path: Path) -> None:
    loaded = load(str(with_other_turns(llama, tmp_path / "other")))
    assert loaded.added.words == (
        "<|im_start|> and <|im_end|> as tokens",
        "the chat template of training",
        "<|im_end|> as the end of a turn",
        "<end> for padding",
    )
    assert loaded.tokenizer.convert_ids_to_tokens(loaded.added.rows[1]) == "<|im_end|>"
    assert loaded.added.rows[1] in loaded.model.generation_config.eos_token_id


def test_a_base_without_tools_in_its_template_is_judged_in_that_of_training(
    llama: Path, tmp_path: Path
) -> None:
    tokenizer = AutoTokenizer.from_pretrained(llama)
    assert not shows_tools(tokenizer)
    tokenizer.chat_template = qwen3_chat_template
    assert shows_tools(tokenizer)
    plan = sft.planned(PROFILES["smollm2-135m"], "desk:20", 0, model=str(llama))
    policy = load_policy(sft.base_policy(plan, tmp_path / "base"))
    assert policy.words == f"llama, nothing learned here, {NO_TOOLS}"
    assert policy.added.words == (TEMPLATE,)


def test_a_base_with_tools_in_its_template_stays_as_it_was_made(
    llama: Path, tmp_path: Path
) -> None:
    shutil.copytree(llama, tmp_path / "llama")
    (tmp_path / "llama" / "chat_template.jinja").write_text(qwen3_chat_template)
    plan = sft.planned(PROFILES["smollm2-135m"], "desk:20", 0, model=str(tmp_path / "llama"))
    policy = load_policy(sft.base_policy(plan, tmp_path / "base"))
    assert policy.words == f"llama, nothing learned here, {OWN_TEMPLATE}"
    assert not policy.added.words
    ready = policy.in_training()
    assert ready.added.words == (TEMPLATE,)
    assert ready.in_training() is ready


@pytest.mark.parametrize("tied", [True, False])
def test_adapters_train_the_new_rows_and_merge(llama: Path, tmp_path: Path, tied: bool) -> None:
    whole = llama if tied else untied(llama, tmp_path / "untied")
    loaded = load(str(with_other_turns(whole, tmp_path / "other")))
    rows = list(loaded.added.rows)
    model = _adapted(loaded.model, PROFILES[LORA], 0, rows)
    ids = torch.tensor([[5, *rows, 7]])
    model(input_ids=ids, labels=ids).loss.backward()
    trained = {n: p for n, p in model.named_parameters() if "trainable_tokens_delta" in n}
    assert len(trained) == 1 if tied else 2
    assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in trained.values())
    with torch.no_grad():
        for one in trained.values():
            one += 0.5
    model.eval()
    expected = model(input_ids=ids).logits
    merged = model.merge_and_unload()
    assert torch.allclose(merged(input_ids=ids).logits, expected, atol=1e-4)
    tables = (merged.get_input_embeddings().weight, merged.get_output_embeddings().weight)
    assert (tables[0] is tables[1]) == tied


def test_a_whole_pipeline_with_adapters_keeps_the_new_rows(llama: Path, tmp_path: Path) -> None:
    model = str(with_other_turns(llama, tmp_path / "other"))
    named = ["--profile", LORA, "--model", model, "--data", "desk:40", "--quick"]
    how = ["--stages", "base,SFT,cold-start,GRPO", "--sampling", "sampled", "--max-turns", "2"]
    limits = ["--max-new-tokens", "16", "--max-thought-tokens", "16", "--eval-every", "0"]
    out = tmp_path / "pipeline"
    pipeline.main([*named, *how, *limits, "--out", str(out)])
    page = (out / "report.md").read_text("utf-8")
    assert f"the base, too, is judged {NO_TOOLS}" in page
    last = load_policy(out / "grpo")
    assert isinstance(last.model, PeftModel)
    assert len(last.added.rows) == 2
    row = last.added.rows[1]
    begun = load(model).model.get_input_embeddings().weight[row]
    assert not torch.allclose(last.model.get_output_embeddings().weight[row], begun)
    size = sum(file.stat().st_size for file in (out / "grpo").glob("adapter_model*"))
    assert size < 200_000, "rows of old tokens are the base's"
    ids = torch.tensor([[5, row, 7]])
    expected = last.model(input_ids=ids).logits
    exported = export.export(out / "grpo", tmp_path / "exported")
    assert torch.allclose(exported.model(input_ids=ids).logits, expected, atol=1e-4)
    plain = AutoModelForCausalLM.from_pretrained(tmp_path / "exported")
    assert torch.allclose(plain(input_ids=ids).logits, expected, atol=1e-4)
