from __future__ import annotations

import json
import random
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks import load
from tasks.apigen.customer import customer_in
from tasks.apigen.reader import read_records
from tasks.apigen.rows import read_row
from tasks.desk.generator import generate
from tasks.load import load_tasks
from tasks.near_copies import MAX_STEP, NearCopies
from tasks.splits import assign_splits, near_copy_groups
from tasks.types import Split, Task
from tools.types import Role

RULES = "Be kind."
WORDS = [f"word{i}" for i in range(500)]


def groups_of(texts: list[str], keys: list[str | None] | None = None) -> list[str]:
    return near_copy_groups([(RULES, text) for text in texts], keys or [None] * len(texts))


def sentence(dice: random.Random, length: int) -> list[str]:
    return [dice.choice(WORDS) for _ in range(length)]


def near_copies_across(tasks: Sequence[Task]) -> list[tuple[str, str]]:
    """The ids of near copies that stand in different splits: there should be no such pair.

    Other hash functions than those of the grouping, so that this finds what the grouping missed.
    """
    dialogues = [(task.rules, said_by_user(task)) for task in tasks]
    copies = NearCopies.of(dialogues, seed=1)
    sides = np.array([[*Split].index(task.split) for task in tasks], dtype=np.int64)
    pairs = {
        (a, b)
        for bucket in copies.buckets()
        for step in range(1, min(len(bucket), MAX_STEP))
        for a, b in copies.candidates(bucket, step, sides[bucket])
        if copies.are_near(a, b)
    }
    return [(tasks[a].id, tasks[b].id) for a, b in sorted(pairs)]


def said_by_user(task: Task) -> str:
    return "\n".join(m.content for m in task.messages if m.role is Role.USER)


def shingles(text: str) -> set[tuple[str, ...]]:
    words = re.findall(r"\w+", text.lower())
    return {tuple(words[i : i + 3]) for i in range(max(1, len(words) - 2))}


def jaccard(a: set[tuple[str, ...]], b: set[tuple[str, ...]]) -> float:
    return len(a & b) / len(a | b)


def variants(seed: int) -> list[str]:
    """Texts at all distances from each other: copies with some words exchanged."""
    dice = random.Random(seed)
    texts = []
    for _ in range(40):
        base = sentence(dice, dice.choice([4, 30, 120]))
        for changes in (0, 0, 1, 2, 4, 8):
            copy = list(base)
            for place in dice.sample(range(len(copy)), min(changes, len(copy))):
                copy[place] = dice.choice(WORDS)
            texts.append(" ".join(copy))
    dice.shuffle(texts)
    return texts


@pytest.mark.parametrize("seed", range(3))
def test_groups_are_what_comparing_all_pairs_gives(seed: int) -> None:
    texts = variants(seed)
    found, sets = groups_of(texts), [shingles(text) for text in texts]
    linked = list(range(len(texts)))
    for a, b in combinations(range(len(texts)), 2):
        if jaccard(sets[a], sets[b]) >= 0.8:
            linked = [linked[a] if root == linked[b] else root for root in linked]
    for a, b in combinations(range(len(texts)), 2):
        assert (found[a] == found[b]) is (linked[a] == linked[b]), (texts[a], texts[b])


def test_case_and_punctuation_do_not_matter() -> None:
    a, b = groups_of(["Hi! Cancel my lamp, please.", "hi cancel my LAMP please"])
    assert a == b


def test_the_same_words_under_other_rules_are_no_copies() -> None:
    a, b = near_copy_groups(
        [("Rules A", "one two three four"), ("Rules B", "one two three four")], [None] * 2
    )
    assert a != b


def test_a_key_keeps_together_what_is_not_alike() -> None:
    a, b, c = groups_of(["red green blue", "one two three", "x y z"], ["amy", "amy", "bob"])
    assert a == b != c


def test_keys_and_near_copies_are_united() -> None:
    found = groups_of(
        ["red green blue", "one two three", "one two three", "x"], ["amy", "amy", "bob", "bob"]
    )
    assert len(set(found)) == 1


def test_the_order_does_not_matter() -> None:
    texts = variants(9)
    order = random.Random(1).sample(range(len(texts)), len(texts))
    found, shuffled = groups_of(texts), groups_of([texts[i] for i in order])
    assert [found[i] for i in order] == shuffled


@pytest.mark.parametrize("texts", [[], [""], ["", ""], ["a"], ["\ud800 x", "日本語 です"]])
def test_short_and_strange_texts(texts: list[str]) -> None:
    found = groups_of(texts)
    assert len(found) == len(texts)
    assert len(set(found)) == len(set(texts))


def test_names_are_the_same_on_any_machine() -> None:
    texts = ["Cancel my lamp, please.", "Where is my order 1234?"]
    assert groups_of(texts) == ["af8c1972d86528d9", "68894ec5a410b799"]
    sides = assign_splits([f"group {i}" for i in range(12)])
    assert " ".join(side.value[:2] for side in sides) == "te tr tr tr tr tr va va tr tr tr tr"


def test_thousands_of_copies_are_one_group() -> None:
    dice = random.Random(0)
    base = sentence(dice, 100)
    texts = [" ".join([*base, dice.choice(WORDS)]) for _ in range(4000)]
    assert len(set(groups_of(texts))) == 1


def test_thousands_of_half_copies_stay_apart() -> None:
    dice = random.Random(0)
    base = sentence(dice, 60)
    texts = [" ".join(base + sentence(dice, 30)) for _ in range(2000)]
    assert len(set(groups_of(texts))) == 2000


def test_shares() -> None:
    sides = Counter(assign_splits([f"group {i}" for i in range(10_000)]))
    assert sides[Split.TRAIN] == pytest.approx(8000, abs=150)
    assert sides[Split.TEST] == pytest.approx(1000, abs=100)
    assert sides[Split.VALIDATION] == pytest.approx(1000, abs=100)


def test_no_near_copy_of_the_embedded_set_is_on_both_sides() -> None:
    tasks = load_tasks().tasks
    assert near_copies_across(tasks) == []
    sets = [(task.split, shingles(said_by_user(task))) for task in tasks]
    for (side, a), (other, b) in combinations(sets, 2):
        assert side is other or len(a & b) < 0.8 * len(a | b)


def test_the_embedded_set_has_no_large_group() -> None:
    sizes = Counter(task.group for task in load_tasks().tasks)
    assert max(sizes.values()) <= 5


def test_the_check_finds_a_leak() -> None:
    first, *others = load_tasks("desk:30").tasks
    copy = replace(first, id="copy", split=next(side for side in Split if side is not first.split))
    assert near_copies_across([first, *others, copy]) == [(first.id, "copy")]
    assert near_copies_across([]) == []


def test_real_dialogues_do_not_leak(shared_data: Path) -> None:
    for name in ("apigen_mt_like_real", "star_apigen_like"):
        assert (
            near_copies_across(load_tasks(str(shared_data / "dialogues" / f"{name}.json")).tasks)
            == []
        )


def dialogue(
    number: int, words: str, user: str | None = None, group: str | None = None
) -> tuple[dict[str, Any], dict[str, Any]]:
    """A row and its sidecar."""
    called = {"name": "get_user", "arguments": {"user_id": user}}
    looked_up = [
        {"from": "function_call", "value": json.dumps(called)},
        {"from": "observation", "value": "{}"},
    ]
    row = {
        "system": RULES,
        "tools": json.dumps([{"name": "get_user", "parameters": {"user_id": {"type": "str"}}}]),
        "conversations": [
            {"from": "human", "value": words},
            *(looked_up if user else []),
            {"from": "gpt", "value": f"Ok {number}."},
        ],
    }
    return row, {"group": group, "user_group": user}


def rows_of(seed: int, size: int) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Dialogues of customers, of none, of groups, and generated ones, none like another."""
    dice = random.Random(seed)
    users = [f"{dice.choice('abc')}my_kim_{dice.randrange(1000, 9999)}" for _ in range(size // 4)]
    rows = [
        dialogue(
            number,
            " ".join(sentence(dice, 30)),
            user=dice.choice([None, *users]),
            group=dice.choice([None, None, "g1", "g2", "g3"]),
        )
        for number in range(size)
    ]
    return rows + list(generate(size // 4, seed))


def sides(rows: list[tuple[Any, Any]], *, sidecar: bool = True) -> dict[str, Split]:
    """Row -> its split, as a file of these rows has it."""
    records, sidecars = [row for row, _ in rows], [beside for _, beside in rows]
    found = read_records(records, sidecars if sidecar else None, source="s", stem="t").tasks
    assert len(found) == len(rows)
    return {json.dumps(row): task.split for row, task in zip(records, found, strict=True)}


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000), st.data())
def test_a_task_has_the_same_side_whatever_else_is_in_the_file(seed: int, data: Any) -> None:
    rows = rows_of(seed, 24)
    whole = sides(rows)
    picked = data.draw(st.lists(st.sampled_from(rows), unique_by=id, min_size=1))
    assert sides(picked).items() <= whole.items()
    assert sides(rows[:7]).items() <= whole.items()
    assert sides(rows + rows_of(seed + 1, 8)).items() >= whole.items()


@pytest.mark.parametrize("world", ["desk", "retail", "airline", "kaleidoscope", "procedures"])
def test_a_part_of_a_generated_set_has_the_sides_of_the_whole(world: str) -> None:
    whole = {str(t.messages): t.split for t in load_tasks(f"{world}:60:5").tasks}
    part = {str(t.messages): t.split for t in load_tasks(f"{world}:30:5").tasks}
    assert part.items() <= whole.items()


@pytest.mark.parametrize("world", ["desk", "retail", "airline", "kaleidoscope"])
def test_a_generated_file_has_the_same_sides_without_its_sidecar(world: str) -> None:
    rows = list(load._GENERATORS[world](30, 5))
    assert sides(rows, sidecar=False) == sides(rows)
    assert sides(rows[:12]).items() <= sides(rows).items()
    if world in ("retail", "airline"):
        assert [*sides(rows).values()] == [t.split for t in load_tasks(f"{world}:30:5").tasks]


def test_the_words_of_many_dialogues_have_many_anchors() -> None:
    """Phrases that all use must not put them on one side."""
    counts = Counter(sides(list(generate(600, 0))).values())
    assert counts[Split.TRAIN] == pytest.approx(480, abs=40)
    assert counts[Split.TEST] == pytest.approx(60, abs=30)


def test_without_its_sidecar_a_dialogue_has_the_side_of_the_customer_that_it_shows() -> None:
    rows = [dialogue(i, f"Words {i} of {i * 7}", user=f"amy_kim_{1000 + i % 9}") for i in range(40)]
    assert sides(rows, sidecar=False) == sides(rows)
    found = read_records([row for row, _ in rows], None, source="s", stem="t").tasks
    assert len({task.group for task in found}) == 9


def test_an_id_that_anybody_may_have_keeps_nothing_together() -> None:
    dice = random.Random(0)
    rows = [dialogue(i, " ".join(sentence(dice, 20)), user="user1") for i in range(30)]
    assert len(set(sides(rows, sidecar=False).values())) == 3


def test_near_copies_mostly_have_one_anchor() -> None:
    """So that a copy alone has, mostly, the side that it has among its copies."""
    moved = total = 0
    for seed in range(6):
        rows = [dialogue(i, words) for i, words in enumerate(variants(seed))]
        whole = sides(rows)
        for one in rows[::5]:
            ((name, side),) = sides([one]).items()
            total += 1
            moved += whole[name] is not side
    assert moved / total < 0.08


def test_near_copies_stay_together_in_a_file() -> None:
    texts = variants(3)
    rows = [dialogue(i, words) for i, words in enumerate(texts)]
    groups, found = groups_of(texts), list(sides(rows).values())
    assert len(set(zip(groups, found, strict=True))) == len(set(groups))


def test_real_dialogues_keep_their_sides(shared_data: Path) -> None:
    path = shared_data / "dialogues" / "apigen_mt_like_real.json"
    records = json.loads(path.read_text("utf-8"))
    sidecars = json.loads(path.with_suffix(".meta.json").read_text("utf-8"))
    rows = list(zip(records, sidecars, strict=True))
    whole, alone = sides(rows), sides(rows, sidecar=False)
    assert sides(rows[:300]).items() <= whole.items()
    elsewhere = [name for name, side in alone.items() if whole[name] is not side]
    assert len(elsewhere) <= 12
    shown = [read_row(json.loads(name)) for name in elsewhere]
    assert all(customer_in(row.messages, row.turns) is None for row in shown)
