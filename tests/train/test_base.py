"""The base: half of what it hears is thought aloud, and its words look the same everywhere."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")

from transformers import PreTrainedTokenizerBase  # noqa: E402

from benchmarks import copying  # noqa: E402
from tasks.load import load_tasks  # noqa: E402
from tools.protocol import parse  # noqa: E402
from tools.types import Role  # noqa: E402
from train.base import half_aloud, main, planned  # noqa: E402
from train.imitation.samples import rows_of  # noqa: E402
from train.models.policies import fingerprint, load_policy  # noqa: E402
from train.models.profiles import PROFILES, TINY  # noqa: E402
from train.models.sources import SHIPPED  # noqa: E402
from train.models.tokenizer import train_tokenizer  # noqa: E402
from train.sft import SftSettings, base_policy, sft  # noqa: E402

DATA = "kaleidoscope:60"
TASKS = load_tasks(DATA).tasks


@pytest.fixture(scope="module")
def tokenizer() -> PreTrainedTokenizerBase:
    return train_tokenizer(TASKS, 1_500, general=True)


def encode(tokenizer: PreTrainedTokenizerBase, text: str) -> list[int]:
    ids: list[int] = tokenizer.encode(text, add_special_tokens=False)
    return ids


def test_every_second_dialogue_is_thought_aloud() -> None:
    for number, (task, example) in enumerate(zip(TASKS, half_aloud(TASKS), strict=True)):
        said = [m.content for m in example.messages if m.role is Role.ASSISTANT]
        thoughts = [parse(text).thought for text in said]
        assert thoughts == (list(task.traces) if number % 2 else [None] * len(said))
        recorded = [(turn.calls, turn.text) for turn in task.turns]
        assert [(parse(text).calls, parse(text).text) for text in said] == recorded


def test_thoughts_are_learned(tokenizer: PreTrainedTokenizerBase) -> None:
    rows = rows_of(half_aloud(TASKS[:2]), tokenizer, 2_000)
    learned = [i for i, kept in zip(rows.token_ids[1], rows.masks[1], strict=True) if kept]
    assert str(TASKS[1].traces[0]) in tokenizer.decode(learned)


@pytest.mark.parametrize("word", ["cancel", "teapot", "mooring", "zquv"])
def test_a_word_looks_the_same_everywhere(tokenizer: PreTrainedTokenizerBase, word: str) -> None:
    alone = encode(tokenizer, word)
    for text in (f"Please {word} it.", f'{{"name": "{word}_order", "x": 1}}', f'["{word}"]'):
        ids = encode(tokenizer, text)
        assert any(ids[i : i + len(alone)] == alone for i in range(len(ids)))
        assert tokenizer.decode(ids) == text


def test_the_templates_own_words_are_cheap(tokenizer: PreTrainedTokenizerBase) -> None:
    """What stands around the schemas of every prompt is two tokens, not ninety."""
    tools = [spec.as_dict() for spec in TASKS[0].tools]
    rules = [TASKS[0].messages[0].as_dict()]

    def size(**kwargs: object) -> int:
        text = str(tokenizer.apply_chat_template(rules, tokenize=False, **kwargs))
        return len(encode(tokenizer, text))

    schemas = sum(len(encode(tokenizer, json.dumps(tool))) for tool in tools)
    assert size(tools=tools) - size() <= schemas + len(tools) + 2


def test_the_base_is_trained_by_one_command_and_started_from(tmp_path: Path) -> None:
    base = main(["--data", DATA, "--train-tasks", "16", "--out", str(tmp_path / "base")])
    assert main(["--data", DATA, "--train-tasks", "16", "--out", str(tmp_path / "base")]) == base
    assert "BASE" in load_policy(base).words
    plan = SftSettings("demo", "desk:60", str(base), 8, 1.0, 1e-3, 4_096, 0)
    policy = load_policy(sft(plan, tmp_path / "sft"))
    assert policy.tokenizer.get_vocab() == load_policy(base).tokenizer.get_vocab()


def test_what_a_model_foresees_is_counted_by_kind(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plan = planned(DATA, 8, 0)
    copying.main([str(base_policy(plan, tmp_path / "raw")), "--data", "kaleidoscope:4:9"])
    shown = capsys.readouterr().out
    assert all(name in shown for name in ("thought", "call", "reply", "numbers", "words"))


def test_the_shipped_base_is_what_its_card_says_and_small() -> None:
    folder = SHIPPED / TINY
    card = (folder / "README.md").read_text("utf-8")
    assert fingerprint(folder) in card
    assert "kaleidoscope(n=22000,seed=1)" in card
    assert sum(file.stat().st_size for file in folder.iterdir()) < 10e6
    run = json.loads((folder / "run.json").read_text("utf-8"))
    assert run["configuration"]["tasks"] == PROFILES["demo-base"].sft_tasks
    assert run["configuration"]["lr"] == PROFILES["demo-base"].sft_lr


def test_the_shipped_base_copies_numbers_in_domains_it_has_not_seen() -> None:
    policy = load_policy(SHIPPED / TINY)
    found = copying.hits(policy.model, policy.tokenizer, "kaleidoscope:12:9")
    numbers = found["call", "numbers"]
    assert len(numbers) > 40
    assert sum(numbers) > 0.9 * len(numbers)


def test_a_profile_starts_from_the_shipped_base_and_says_which(tmp_path: Path) -> None:
    profile = PROFILES["demo-tiny"]
    plan = SftSettings(profile.name, "desk:60", None, 8, 1.0, profile.sft_lr, 4_096, 0)
    policy = load_policy(base_policy(plan, tmp_path))
    assert policy.fingerprint == fingerprint(SHIPPED / TINY)
    begun = json.loads((tmp_path / "run.json").read_text("utf-8"))["model"]
    assert begun == {"name": TINY, "sha256": policy.fingerprint}
