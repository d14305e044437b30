"""Tasks that were in the training data: by name, word for word, and nearly so."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from tasks.load import load_tasks
from tasks.types import Task
from tools.types import Message, Role
from train import leakage as command
from train.runs.leakage import Training, leakage, read_training
from train.runs.learned import hashes_of, write_learned
from train.runs.run import Run, begin, data_identity
from train.runs.sketches import Sketches, read_sketches, sketches_of

LEARNED = load_tasks("desk:30:1").tasks
OTHERS = load_tasks("desk:10:9").tasks
TRAINING = Training(hashes_of(LEARNED), sketches_of(LEARNED))


def said(task: Task, change: str, *, rules: str | None = None) -> Task:
    """A task of another set and name in which the user says a little more at first."""
    messages = list(task.messages)
    place = next(i for i, one in enumerate(messages) if one.role is Role.USER)
    messages[place] = Message(Role.USER, messages[place].content + change)
    if rules is not None:
        messages[0] = Message(Role.SYSTEM, rules)
    return replace(task, id=f"new-{task.id}", source="file:x.json", messages=tuple(messages))


def longest(tasks: tuple[Task, ...]) -> Task:
    return max(tasks, key=lambda task: sum(len(text) for text in task.user_turns))


def test_other_dialogues_of_the_same_generator_are_none_of_them() -> None:
    found = leakage(TRAINING, OTHERS)
    assert found.found == ()
    assert {one.id for one in OTHERS} & {one.id for one in LEARNED}, "their numbers are the same"
    assert (found.tasks, found.compared, found.sketched) == (10, 30, 30)
    assert "none of these 10 tasks was found among 30 training dialogues" in found.words("test")


def test_each_kind_is_counted() -> None:
    task, other = longest(LEARNED), OTHERS[0]
    whole = load_tasks("desk:500:1").tasks
    same_words = said(LEARNED[3], "")
    near = said(task, " Thanks.")
    near_elsewhere = replace(said(task, " Please.", rules="Other rules."), id="elsewhere")
    renamed = replace(other, id=LEARNED[5].id, source=LEARNED[5].source)
    found = leakage(TRAINING, [same_words, near, near_elsewhere, renamed, other, whole[2]])
    assert found.dialogues == (same_words.id, whole[2].id)
    assert found.names == (renamed.id, whole[2].id), "another number of dialogues, the same ones"
    assert set(found.near) == {same_words.id, near.id, near_elsewhere.id, whole[2].id}
    assert found.as_dict()["found"] == len(found.found) == 5
    assert found.words("test").startswith("5 of these 6 tasks were in the policy's training data")


def test_hello_is_no_copy_but_under_the_same_rules() -> None:
    short = replace(
        LEARNED[0], messages=(LEARNED[0].messages[0], Message(Role.USER, "Hello there"))
    )
    training = Training(frozenset(), sketches_of([short]))
    assert leakage(training, [said(short, "", rules="Others.")]).near == ()
    assert leakage(training, [said(short, "!")]).near == (f"new-{short.id}",)


def test_sketches_on_disk_hold_no_text(tmp_path: Path) -> None:
    assert read_sketches(tmp_path).names == ()
    both = sketches_of(LEARNED[:2]) | sketches_of(LEARNED[1:4])
    assert len(both.names) == 4
    both.write(tmp_path)
    again = read_sketches(tmp_path)
    assert (again.names, again.hashes, again.rules) == (both.names, both.hashes, both.rules)
    assert (
        leakage(Training(frozenset(), again), LEARNED[:6]).near
        == leakage(Training(frozenset(), both), LEARNED[:6]).near
    )
    Sketches().write(tmp_path)
    assert read_sketches(tmp_path).names == ()


def test_what_is_not_known_is_said() -> None:
    assert "nothing is known" in leakage(Training(), OTHERS).words("test")
    hashes = Training(hashes_of(LEARNED), sketches_of(LEARNED[:3]))
    assert "near copies were looked for in 3 of them" in leakage(hashes, OTHERS).words("test")


def test_a_folder_that_kept_nothing_is_known_by_the_data_that_its_run_names(tmp_path: Path) -> None:
    data = load_tasks("desk:30:1")
    begin(tmp_path, Run("grpo", {"setup": {"data": "desk:30:1"}}, data_identity(data), {}))
    assert read_training(tmp_path).hashes == hashes_of(data.split("train"))
    other = tmp_path / "other"
    begin(other, Run("sft", {"data": "desk:31:1"}, data_identity(data), {}))
    assert read_training(other).hashes == frozenset(), "the data are others by now"


def test_the_command_says_it_without_a_model(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(FileNotFoundError, match="expected a policy's folder"):
        command.main(["--policy", str(tmp_path)])
    (tmp_path / "policy.json").write_text("{}")
    write_learned(tmp_path, TRAINING.hashes)
    TRAINING.sketches.write(tmp_path)
    out = tmp_path / "found.json"
    where = ["--data", "desk:30:1", "--split", "all", "--out", str(out)]
    assert command.main(["--policy", str(tmp_path), *where]) == 0
    told = json.loads(out.read_text("utf-8"))
    assert (told["by_id"], told["word_for_word"], told["near_copies"]) == (30, 30, 30)
    assert "30 of these 30 tasks" in " ".join(capsys.readouterr().out.split())
