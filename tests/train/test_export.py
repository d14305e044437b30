"""Merged weights say what adapters said, and the card says where they come from."""

import json
from dataclasses import replace
from itertools import product
from pathlib import Path

import jinja2
import pytest
import torch
from peft import LoraConfig, get_peft_model

from tasks.load import load_tasks
from tools.protocol import EMPTY_THOUGHT
from train import export
from train.imitation.samples import dialogues, rows_of
from train.models.lineage import ADAPTERS, ALL, NOTHING, Lineage, Taught, read_lineage
from train.models.model import tiny_model
from train.models.model_card import Origin, card, licence
from train.models.policies import TrainedPolicy, load_policy
from train.models.profiles import DEMO, TinyModel
from train.models.tokenizer import train_tokenizer


@pytest.fixture(scope="module")
def adapted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A policy with adapters that do something, over weights in a folder."""
    folder = tmp_path_factory.mktemp("adapted")
    tokenizer = train_tokenizer(load_tasks("desk:40").split("train"), 600)
    shape = TinyModel(layers=1, hidden=32, heads=2, vocabulary=600, initial_std=0.2)
    model = tiny_model(shape, tokenizer, 0)
    base = TrainedPolicy(model, tokenizer, DEMO, "base").save(folder / "base", "base")
    model = get_peft_model(model, LoraConfig(r=4, target_modules="all-linear"))
    torch.manual_seed(0)
    for name, weight in model.named_parameters():
        if "lora_B" in name:
            torch.nn.init.normal_(weight)
    return TrainedPolicy(model, tokenizer, DEMO, "adapted", str(base)).save(
        folder / "policy", "adapted"
    )


def test_merged_weights_say_the_same(adapted: Path, tmp_path: Path) -> None:
    summary = {
        **{"model": "adapted", "source": "embedded:desk(n=40,seed=0)", "split": "test"},
        **{"mode": "dialogue", "sampling": "greedy"},
        "metrics": {
            "success": {"value": 0.25, "low": 0.125, "high": 0.5, "n": 4, "clusters": 4},
            "messages": {"value": 6.5, "low": None, "high": None, "n": 4, "clusters": 1},
            "faithful": {"value": None, "low": None, "high": None, "n": 0, "clusters": 0},
        },
    }
    (tmp_path / "eval").mkdir()
    (tmp_path / "eval" / "summary.json").write_text(json.dumps(summary))
    places = ["--policy", str(adapted), "--out", str(tmp_path / "out")]
    out = export.main([*places, "--figures", str(tmp_path / "eval")])
    before, after = load_policy(adapted), load_policy(out)
    assert (after.base, after.words) == (None, "adapted")
    assert not list(out.glob("adapter*"))
    ids = torch.arange(20)[None]
    with torch.no_grad():
        expected, found = before.model(ids).logits, after.model(ids).logits
    assert torch.allclose(expected, found, atol=1e-4)
    words = (out / "README.md").read_text("utf-8")
    assert "| success | 0.250 | [0.125, 0.500] | 4 |" in words
    assert "| messages | 6.500 | (one task) | 4 |" in words
    assert "| faithful | - | - | 0 |" in words
    assert after.fingerprint in words


def test_a_folder_of_something_else_is_not_written_into(adapted: Path, tmp_path: Path) -> None:
    (tmp_path / "run.json").write_text("{}", "utf-8")
    with pytest.raises(FileExistsError, match="which holds other files; give another --out"):
        export.main(["--policy", str(adapted), "--out", str(tmp_path)])
    assert [one.name for one in tmp_path.iterdir()] == ["run.json"]


def test_an_export_is_written_again_and_a_trained_policy_is_not(
    adapted: Path, tmp_path: Path
) -> None:
    for _ in range(2):
        export.main(["--policy", str(adapted), "--out", str(tmp_path / "out")])
    (tmp_path / "out" / "metrics.jsonl").write_text("", "utf-8")  # as training leaves it
    with pytest.raises(FileExistsError, match="which holds other files"):
        export.main(["--policy", str(adapted), "--out", str(tmp_path / "out")])


def test_a_policy_is_not_written_over(adapted: Path) -> None:
    with pytest.raises(FileExistsError, match="another folder"):
        export.main(["--policy", str(adapted), "--out", str(adapted)])


@pytest.mark.parametrize(
    ("source", "base", "name"),
    [
        ("hub:Salesforce/APIGen-MT-5k", "Qwen/Qwen3-1.7B", "cc-by-nc-4.0"),
        ("file:apigen-mt_5k.json", None, "cc-by-nc-4.0"),
        ("file:ours.json", "Qwen/Qwen3-1.7B", "other"),
        ("embedded:desk(n=9,seed=0)", "Qwen/Qwen3-1.7B", "apache-2.0"),
        ("embedded:desk(n=9,seed=0)", None, "mit"),
    ],
)
def test_data_decide_the_licence(source: str, base: str | None, name: str) -> None:
    origin = Origin("a policy", base, "", {"data": {"source": source}}, [])
    assert licence(origin)[0] == name
    assert f"license: {name}" in card(origin)


DESK, APIGEN = "embedded:desk(n=9,seed=0)", "hub:Salesforce/APIGen-MT-5k"
RANDOM = Lineage("demo, random weights of seed 0", licence="mit")
QWEN = Lineage("Qwen/Qwen3-1.7B", licence="apache-2.0")


def taught(start: Lineage, *stages: tuple[str, str, str]) -> Lineage:
    for name, source, trained in stages:
        start = start.then(Taught(name, {"source": source}, trained))
    return start


@pytest.mark.parametrize(
    ("lineage", "name"),
    [
        (taught(QWEN, ("sft", DESK, ADAPTERS), ("grpo", DESK, ADAPTERS)), "apache-2.0"),
        (taught(QWEN, ("sft", DESK, ALL)), "apache-2.0"),
        (taught(QWEN, ("sft", APIGEN, ADAPTERS), ("grpo", DESK, ADAPTERS)), "cc-by-nc-4.0"),
        (taught(QWEN, ("sft", DESK, ALL), ("grpo", "file:a.json", ALL)), "other"),
        (taught(QWEN, ("base", APIGEN, NOTHING)), "apache-2.0"),
        (taught(Lineage("/m/llama", licence="llama3"), ("sft", DESK, ALL)), "llama3"),
        (taught(Lineage("/m/mine"), ("sft", DESK, ADAPTERS)), "other"),
        (taught(RANDOM, ("sft", DESK, ALL)), "mit"),
        (QWEN.then(Taught("cold-start", {"source": DESK}, ALL, thoughts="big-model")), "other"),
        (
            QWEN.then(Taught("sft", {"source": DESK, "rehearsed": {"source": APIGEN}}, ALL)),
            "cc-by-nc-4.0",
        ),
    ],
)
def test_the_licence_follows_from_every_stage(lineage: Lineage, name: str) -> None:
    origin = Origin("a policy", None, "", {}, [], lineage)
    assert licence(origin)[0] == name
    assert read_lineage(json.loads(json.dumps(lineage.as_dict()))) == lineage
    begun = None if "random" in lineage.name else lineage.name.rpartition("/m/")[2]
    assert (f"base_model: {begun}" in card(origin)) == (begun is not None)


def test_an_earlier_stage_on_bound_data_binds_too() -> None:
    words = "Qwen3 + SFT on 5000 of hub:Salesforce/APIGen-MT-5k, then GRPO on embedded:desk"
    origin = Origin(words, None, "", {"data": {"source": "embedded:desk"}}, [])
    assert licence(origin)[0] == "cc-by-nc-4.0"


def test_unknown_data_bind_until_somebody_asks() -> None:
    assert licence(Origin("a policy", None, "", {}, []))[0] == "other"


def plainly(folder: Path, trimmed: bool, **values: object) -> str:
    """What Jinja alone makes of the folder's chat template."""
    text = (folder / "chat_template.jinja").read_text("utf-8")
    sandbox = jinja2.Environment(trim_blocks=trimmed, lstrip_blocks=trimmed)
    sandbox.filters["tojson"] = lambda value: json.dumps(value, ensure_ascii=False)
    return sandbox.from_string(text).render(**values)


@pytest.mark.parametrize("thinking", [False, True])
def test_any_jinja_renders_the_template_as_the_policy_was_trained(
    adapted: Path, tmp_path: Path, thinking: bool
) -> None:
    policy = replace(load_policy(adapted), thinking=thinking)
    policy.save(tmp_path / "policy", "adapted")
    out = export.main(["--policy", str(tmp_path / "policy"), "--out", str(tmp_path / "out")])
    ours = load_policy(out).tokenizer
    for task in load_tasks("desk:8").tasks:
        said = [message.as_dict() for message in task.messages[:-1]]
        tools = [tool.as_dict() for tool in task.tools]
        chat: dict[str, object] = {"messages": said, "add_generation_prompt": True}
        for given in ([], tools):
            expected = ours.apply_chat_template(
                said,
                tools=given or None,
                tokenize=False,
                add_generation_prompt=True,
                enable_thinking=thinking,
            )
            for folder, trimmed in product((out, tmp_path / "policy"), (False, True)):
                assert plainly(folder, trimmed, tools=given, **chat) == expected
        asked = plainly(out, True, enable_thinking=not thinking, **chat)
        assert asked.endswith(EMPTY_THOUGHT) == thinking


def test_an_exported_policy_is_learned_from_again(adapted: Path, tmp_path: Path) -> None:
    """The marks of what an assistant says are there again once it is loaded."""
    out = export.main(["--policy", str(adapted), "--out", str(tmp_path / "out")])
    rows = rows_of(dialogues(load_tasks("desk:8").tasks), load_policy(out).tokenizer, 4_096)
    assert all(map(any, rows.masks))
