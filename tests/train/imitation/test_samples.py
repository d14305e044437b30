"""What SFT sees: whole dialogues, loss on what assistants said."""

from __future__ import annotations

from dataclasses import replace

import pytest

pytest.importorskip("torch")

from tasks.load import load_tasks  # noqa: E402
from tasks.types import Task  # noqa: E402
from tools.types import Role  # noqa: E402
from train.imitation.samples import Example, dialogues, imitable, rows_of  # noqa: E402
from train.models.tokenizer import END, train_tokenizer  # noqa: E402


@pytest.fixture(scope="module")
def tasks() -> tuple[Task, ...]:
    return load_tasks("desk:60").tasks


@pytest.fixture(scope="module")
def tokenizer(tasks):
    return train_tokenizer(tasks, 700)


def test_loss_is_on_the_assistants_words_and_on_nothing_else(tasks, tokenizer) -> None:
    rows = rows_of(dialogues(tasks), tokenizer, max_length=4096)
    assert len(rows.token_ids) == len(tasks)
    for task, ids, mask in zip(tasks, rows.token_ids, rows.masks, strict=True):
        spoken = [i for i, m in zip(ids, mask, strict=True) if m]
        said = [m.content for m in task.messages if m.role is Role.ASSISTANT]
        expected = "".join(f"{text}{END}" for text in said)
        assert tokenizer.decode(spoken) == expected


def test_long_dialogues_are_cut_after_a_whole_message(tasks, tokenizer) -> None:
    whole = rows_of(dialogues(tasks), tokenizer, 4096)
    limit = sorted(map(len, whole.token_ids))[len(tasks) // 2]
    rows = rows_of(dialogues(tasks), tokenizer, limit)
    assert rows.cut > 0
    assert rows.too_long == 0
    assert len(rows.token_ids) == len(tasks)
    for ids, mask, before in zip(rows.token_ids, rows.masks, whole.token_ids, strict=True):
        assert len(ids) <= limit
        assert ids == before[: len(ids)]
        if len(ids) < len(before):
            assert (tokenizer.decode(ids[-1]), mask[-1]) == (END, 1)


def test_what_is_left_out_is_counted(tasks, tokenizer) -> None:
    shortest = min(len(ids) for ids in rows_of(dialogues(tasks), tokenizer, 4096).token_ids)
    rows = rows_of(dialogues(tasks), tokenizer, shortest // 2)
    assert rows.too_long > 0
    assert len(rows.token_ids) + rows.too_long + rows.empty == len(tasks)


def test_a_bad_record_is_imitated_up_to_its_fault(tasks) -> None:
    task = max(tasks, key=lambda task: len(task.turns))
    bad = replace(task.turns[2], is_decision=False)
    cut = imitable(replace(task, turns=(*task.turns[:2], bad, *task.turns[3:])))
    assert cut == task.messages[: task.turns[1].index + 1]
    hopeless = replace(task.turns[0], is_decision=False)
    assert imitable(replace(task, turns=(hopeless, *task.turns[1:]))) == ()


def test_chosen_messages_alone_carry_loss(tasks, tokenizer) -> None:
    for task in tasks[:10]:
        places = [turn.index for turn in task.turns]
        learned = tuple(places[1::2])
        rows = rows_of([Example(task.tools, task.messages, learned)], tokenizer, 4096)
        if not learned:
            assert rows.too_long == 0
            continue
        spoken = [i for i, m in zip(rows.token_ids[0], rows.masks[0], strict=True) if m]
        said = "".join(f"{task.messages[i].content}{END}" for i in learned)
        assert tokenizer.decode(spoken) == said
