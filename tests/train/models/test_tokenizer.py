"""The tiny model's tokenizer: nothing is lost, and pieces encode as the whole does."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("tokenizers")

from transformers import AutoTokenizer, PreTrainedTokenizerBase  # noqa: E402

from tasks.load import load_tasks  # noqa: E402
from tasks.types import Task  # noqa: E402
from tools.protocol import parse, render  # noqa: E402
from tools.types import ToolCall  # noqa: E402
from train.models.tokenizer import END, PAD, train_tokenizer  # noqa: E402

TASKS = load_tasks("desk:60").tasks
SIZE = 1_300


@pytest.fixture(scope="module")
def tokenizer() -> PreTrainedTokenizerBase:
    return train_tokenizer(TASKS, SIZE)


def rendered(
    tokenizer: PreTrainedTokenizerBase, task: Task, end: int | None = None, **kwargs: bool
) -> str:
    messages = [message.as_dict() for message in task.messages[:end]]
    tools = [spec.as_dict() for spec in task.tools]
    return str(tokenizer.apply_chat_template(messages, tools=tools, tokenize=False, **kwargs))


def encode(tokenizer: PreTrainedTokenizerBase, text: str) -> list[int]:
    ids: list[int] = tokenizer.encode(text, add_special_tokens=False)
    return ids


def test_same_dialogues_same_tokenizer(tokenizer: PreTrainedTokenizerBase) -> None:
    assert train_tokenizer(TASKS, SIZE).get_vocab() == tokenizer.get_vocab()
    assert len(tokenizer) <= SIZE
    assert (tokenizer.eos_token, tokenizer.pad_token) == (END, PAD)


def test_dialogues_survive(tokenizer: PreTrainedTokenizerBase) -> None:
    for task in TASKS[:20]:
        text = rendered(tokenizer, task)
        assert tokenizer.decode(encode(tokenizer, text)) == text


@settings(deadline=None, max_examples=150)
@given(text=st.text(max_size=80))
def test_any_text_survives(tokenizer: PreTrainedTokenizerBase, text: str) -> None:
    assert tokenizer.decode(encode(tokenizer, text)) == text


def test_what_is_said_turn_by_turn_encodes_as_the_whole(
    tokenizer: PreTrainedTokenizerBase,
) -> None:
    """A message ends with the end token, and no token reaches beyond it."""
    for task in TASKS[:20]:
        text, end = rendered(tokenizer, task), encode(tokenizer, END)
        first, *others = (encode(tokenizer, part) for part in text.split(END))
        pieces = first + [token for part in others for token in end + part]
        assert pieces == encode(tokenizer, text)


def test_prompts_are_prefixes_of_what_is_trained_on(tokenizer: PreTrainedTokenizerBase) -> None:
    for task in TASKS[:20]:
        whole = encode(tokenizer, rendered(tokenizer, task))
        for turn in task.turns:
            prompt = rendered(
                tokenizer, task, turn.index, add_generation_prompt=True, enable_thinking=False
            )
            ids = encode(tokenizer, prompt)
            assert whole[: len(ids)] == ids


def test_tags_survive_where_special_tokens_are_left_out(
    tokenizer: PreTrainedTokenizerBase,
) -> None:
    message = render([ToolCall("get_order", {"order_id": "1819"})], thought="I look.")
    ids = encode(tokenizer, message + END + PAD)
    assert parse(tokenizer.decode(ids, skip_special_tokens=True)) == parse(message)


def test_numbers_look_the_same_everywhere(tokenizer: PreTrainedTokenizerBase) -> None:
    number = encode(tokenizer, "1819")
    for text in ('"order_id": "1819"', "Order 1819, please.", "1819", "(1819)"):
        ids = encode(tokenizer, text)
        assert any(ids[i : i + len(number)] == number for i in range(len(ids)))


def test_rules_and_schemas_are_cheap(tokenizer: PreTrainedTokenizerBase) -> None:
    """What stands in every prompt must not drown what differs."""
    head = rendered(tokenizer, TASKS[0], 1)
    assert len(encode(tokenizer, head)) < len(head) / 15


def test_a_saved_tokenizer_is_the_same(tokenizer: PreTrainedTokenizerBase, tmp_path: Path) -> None:
    tokenizer.save_pretrained(tmp_path)
    again = AutoTokenizer.from_pretrained(tmp_path, local_files_only=True)
    text = rendered(tokenizer, TASKS[0])
    assert rendered(again, TASKS[0]) == text
    assert encode(again, text) == encode(tokenizer, text)
    assert again.eos_token_id == tokenizer.eos_token_id
