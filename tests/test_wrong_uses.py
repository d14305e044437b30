"""What wrong uses are told; `python -m benchmarks.wrong_uses` prints the table."""

from __future__ import annotations

import pytest

from benchmarks.wrong_uses import Answer, answers

HELPS = ("expected ", "there is no ", "no filter ", "no model ", "Cannot call ")
"""How an answer says what was wrong."""


@pytest.fixture(scope="module")
def told() -> list[Answer]:
    return list(answers())


def test_every_wrong_use_is_told_in_one_line_that_helps(told: list[Answer]) -> None:
    assert len(told) >= 60
    assert [one for one in told if not one.is_one_line] == []
    assert [one for one in told if not any(words in one.words for words in HELPS)] == []
    assert [one.use for one in told if len(one.words) > 400] == []


@pytest.mark.parametrize(
    ("use", "words"),
    [
        ("python -m reasonact_env evalute", "did you mean 'evaluate'"),
        ("python -m reasonact_env doctor x", "an agent is looked at by: python -m agents.doctor x"),
        ("python -m train.evaluate gold", "got 'gold', which has none of these names before it"),
        ("python -m train.evaluate --agent own.py:", "did you mean own:Clerk?"),
        ("python -m train.evaluate --agent own.Clerk", "did you mean own:Clerk?"),
        ("python -m train.evaluate --agent own:Late", "write `def` without async"),
        ("python -m train.evaluate --agent own:Eager", "list index out of range (own.py:14)"),
        ("python -m train.evaluate --agent torn:", "was never closed (torn.py:2); mend it"),
        ("python -m tasks.load lacking:load", "(lacking.py:1); install it, or mend the import"),
        ("python -m reasonact_env.replay ruins", "nothing is there; did you mean 'runs'?"),
        ("python -m reasonact_env.failures nowhere/run", "nothing is there (and no nowhere)"),
        ("python -m reasonact_env.replay runs --list --where cause", "quotes hold a value"),
        ("python -m train.evaluate --agent gold --database rebuild", "did you mean 'rebuilt'?"),
        ("python -m train.evaluate --agent runs", "the folder of a run, which has played already"),
        ("python -m train.compare --before runs/episodes", "give its folder runs"),
        ("python -m tasks.load runs/episodes.jsonl", "--export sft --out "),
        ("python -m tasks.procedures --trace", "did you mean 'path'?"),
        ("python -m train.experiment ablation --policy", "did you mean {seed}?"),
        ("python -m train.grpo --policy nowhere --lr", "no option --lr; did you mean --grpo-lr?"),
        ("python -m tasks.load nowhere.json", "expected a file of dialogues, got 'nowhere.json'"),
        ("env.reset(options={'taskid'", "did you mean 'task_id'?"),
        ("… of a class without act", "write `def act(self, sessions) -> list[str]`"),
    ],
)
def test_some_are_told_what_was_meant(told: list[Answer], use: str, words: str) -> None:
    (found,) = [one.words for one in told if one.use.startswith(use)]
    assert words in found
