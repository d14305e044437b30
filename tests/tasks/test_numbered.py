"""Tasks that are made one by one are those of the whole set."""

from dataclasses import replace

import pytest

from tasks.load import load_tasks
from tasks.numbered import Numbered
from tasks.types import Split


@pytest.mark.parametrize("data", ["desk:30:7", "kaleidoscope:30:3"])
def test_a_task_alone_is_that_of_the_whole_set(data: str) -> None:
    whole = load_tasks(data)
    alone = Numbered.of(data)
    assert alone is not None
    assert alone.source == whole.source
    assert list(alone) == [task.id for task in whole.tasks]
    for task in whole.tasks:
        assert alone[task.id].group == task.group
        assert replace(alone[task.id], split=Split.TRAIN) == replace(task, split=Split.TRAIN)


@pytest.mark.parametrize(
    "key",
    ["desk-00030", "desk-0003", "desk-000003", "desk-x", "desk", "retail-00003", "desk--0001"],
)
def test_other_ids_are_not_there(key: str) -> None:
    alone = Numbered.of("desk:30:7")
    assert alone is not None
    assert key not in alone
    assert alone.get(key) is None


@pytest.mark.parametrize(
    "data", ["retail:5", "x.json", "desk:5:1 + x.json", "desk:5#strata.write=true", "desk:five"]
)
def test_other_sets_are_made_as_a_whole(data: str) -> None:
    assert Numbered.of(data) is None
