"""The whole chain with adapters over a model that lies in a folder, as with the hub's Qwen3s."""

from __future__ import annotations

import json
import warnings
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")

from peft import LoraConfig, get_peft_model  # noqa: E402
from transformers import Qwen3Config, Qwen3ForCausalLM  # noqa: E402
from trl.chat_template_utils import (  # noqa: E402
    qwen3_chat_template,
    qwen3_training_chat_template,
)

from tasks.load import load_tasks  # noqa: E402
from train import export, pipeline, sft  # noqa: E402
from train.models.policies import load_policy  # noqa: E402
from train.models.tokenizer import train_tokenizer  # noqa: E402
from train.studies.stages import Stage  # noqa: E402

PROFILE = "qwen3-0.6b"
ALSO = "desk:4:9"


pytestmark = pytest.mark.usefixtures("one_thread")


def random_qwen3(folder: Path) -> Path:
    """A Qwen3 of two layers with random weights, as the hub has its models.

    All embeddings share a direction, in which the head finds the end of a message: so its messages
    are short, and the test is, too.
    """
    tokenizer = train_tokenizer(load_tasks("desk:40").split("train"), 600)
    torch.manual_seed(0)
    config = Qwen3Config(
        vocab_size=len(tokenizer),
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=1,
        head_dim=16,
        max_position_embeddings=16_384,
        tie_word_embeddings=False,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
        bos_token_id=None,
    )
    model = Qwen3ForCausalLM(config)
    with torch.no_grad():
        model.model.embed_tokens.weight += 0.1
        model.lm_head.weight[tokenizer.eos_token_id] = 0.15
    tokenizer.chat_template = qwen3_chat_template
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    (folder / "README.md").write_text("---\nlicense: apache-2.0\n---\n# A model\n")
    return folder


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a whole pipeline: every stage, every control, and other data."""
    folder = tmp_path_factory.mktemp("lora")
    named = ["--profile", PROFILE, "--model", str(random_qwen3(folder / "qwen3"))]
    how = ["--quick", "--data", "desk:40", "--also", ALSO, "--sampling", "sampled"]
    how += ["--stages", ",".join(Stage), "--max-turns", "3", "--eval-every", "0"]
    return pipeline.main([*named, *how, "--out", str(folder / "pipeline")]).parent


def test_every_stage_and_control_is_trained_and_judged(done: Path) -> None:
    numbers = json.loads((done / "report.json").read_text("utf-8"))
    for view in ("sampled", f"sampled on {ALSO}"):
        assert {stage.value for stage in Stage} <= numbers[view].keys()
    for stage in Stage:
        policy = load_policy(done / stage.lower())
        assert policy.profile.name == PROFILE
        assert (policy.base is None) == (stage is Stage.BASE), "the base is a whole model"


def test_the_base_is_judged_with_the_template_that_it_was_made_with(done: Path) -> None:
    said = "in its own chat template, without thoughts"
    base, later = load_policy(done / "base"), load_policy(done / "sft")
    assert base.words == f"qwen3, nothing learned here, {said}"
    assert base.tokenizer.chat_template == qwen3_chat_template
    assert later.tokenizer.chat_template == qwen3_training_chat_template
    assert base.in_training().tokenizer.chat_template == qwen3_training_chat_template
    page = (done / "report.md").read_text("utf-8")
    assert f"the base is judged {said}, all others in that of training" in page


def header_of(folder: Path) -> str:
    return (folder / "README.md").read_text("utf-8").split("---")[1]


def test_an_exported_policy_says_what_it_comes_from(done: Path, tmp_path: Path) -> None:
    exported = export.main(["--policy", str(done / "grpo"), "--out", str(tmp_path / "exported")])
    card = (exported / "README.md").read_text("utf-8")
    assert "license: apache-2.0" in header_of(exported)
    assert "base_model: qwen3" in header_of(exported)
    assert "- **Trained**: adapters; the adapters are merged into the weights of qwen3" in card
    for stage in ("sft", "cold-start", "grpo"):
        assert f"**Data of {stage}**: embedded:desk(n=40,seed=0)" in card
    assert str(done.parent) not in header_of(exported)
    again = [
        "--model",
        str(exported),
        "--data",
        "desk:40",
        "--train-tasks",
        "4",
        "--sft-epochs",
        "1",
    ]
    folder = sft.main([*again, "--out", str(tmp_path / "again")])
    assert "license: apache-2.0\nbase_model: qwen3" in header_of(folder)
    card = (folder / "README.md").read_text("utf-8")
    assert "adapters and all weights; the adapters are merged into the weights of qwen3" in card


def test_a_policy_loads_from_any_folder(
    done: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(done.parent)
    named = ["--profile", PROFILE, "--model", "qwen3", "--data", "desk:40", "--train-tasks", "4"]
    folder = sft.main([*named, "--out", str(tmp_path / "sft")])
    monkeypatch.chdir(tmp_path)
    policy = load_policy(folder)
    assert policy.base == str(done.parent / "qwen3")
    told = json.loads((folder / "adapter_config.json").read_text("utf-8"))
    assert told["base_model_name_or_path"] == policy.base


def test_adapters_are_no_weights_to_start_from(done: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="holds adapters; go on with them by"):
        sft.main(["--model", str(done / "sft"), "--out", str(tmp_path)])


def test_a_policy_has_its_own_adapters_alone(done: Path) -> None:
    """The KL's reference is a second set of adapters while GRPO trains."""
    described = json.loads((done / "grpo" / "run.json").read_text("utf-8"))
    assert described["configuration"]["recipe"]["beta"] > 0
    assert described["configuration"]["kl"].startswith("k3")
    assert described["configuration"]["kl"].endswith("times the ratio pi / pi_old")
    assert not (done / "grpo" / "ref").exists()
    assert (done / "grpo" / "adapter_model.safetensors").exists()


def test_loading_adapters_warns_of_nothing(done: Path) -> None:
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        model = load_policy(done / "base").model
        get_peft_model(model, LoraConfig(r=2, target_modules="all-linear"))
        load_policy(done / "sft")
    assert [str(one.message) for one in said if one.category is FutureWarning] == []


def test_every_evaluation_is_compared_with_the_data_of_all_stages(done: Path) -> None:
    count = len(load_tasks("desk:40").split("train"))
    for stage in (Stage.SFT, Stage.COLD, Stage.GRPO):
        told = json.loads((done / f"eval-{stage}-sampled" / "summary.json").read_text("utf-8"))
        assert told["leakage"]["compared"] == told["leakage"]["compared_for_near_copies"] == count
        assert (told["tasks_trained_on"], told["leakage"]["found"]) == (0, 0)
