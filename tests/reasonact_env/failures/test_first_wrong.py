"""What went wrong first, where the truth is known: gold episodes, and such as were spoiled."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reasonact_env.env import ReasonActEnv
from reasonact_env.episode import Episode, StopReason
from reasonact_env.failures import Kind, all_wrong, first_wrong, goal_of
from reasonact_env.failures.decisions import is_right
from tasks.facts import fact_tokens
from tasks.types import Task
from tests.reasonact_env.failures.spoils import (
    DATA,
    SPOILS,
    TASKS,
    Spoiled,
    argument_changed,
    call_unreadable,
    goal_turns,
    gold_episodes,
    own,
    played,
    tasks_of,
    write_added,
)


def cases(world: str) -> list[tuple[Task, Spoiled]]:
    """Every way of spoiling, some of each task."""
    some = list(tasks_of(world).values())[:TASKS]
    most = {write_added: 20}  # few of these are carried out
    return [
        (task, one)
        for task in some
        for spoil in SPOILS
        for one in islice(spoil(task), most.get(spoil, 3))
    ]


def does_its_harm(spoiled: Spoiled, episode: Episode) -> bool:
    """Whether the spoiling took: a write may be refused, and a hand-over may end nothing."""
    if spoiled.kind is Kind.OUTSIDE_WRITE:
        calls = [call for step in episode.steps[spoiled.step - 1 :][:1] for call in step.calls]
        return bool(calls) and calls[0].ok and not won(episode)
    if spoiled.kind is Kind.HANDED_OVER:
        return episode.stop is StopReason.HANDOVER
    return not won(episode)


def won(episode: Episode) -> bool:
    assert episode.outcome is not None
    return episode.outcome.success


@pytest.mark.parametrize("world", DATA)
def test_every_spoiled_episode_is_named_rightly(world: str) -> None:
    named = Counter[Kind]()
    for task, spoiled in cases(world):
        episode = played(world, task, spoiled)
        if not does_its_harm(spoiled, episode):
            continue
        cause = first_wrong(task, episode)
        assert cause is not None
        assert (cause.kind, cause.step) == (spoiled.kind, spoiled.step), (task.id, spoiled, cause)
        named[spoiled.kind] += 1
    rare = {Kind.HANDED_OVER} if world == "procedures" else set()
    of_turns = {Kind.NOT_DUE, Kind.OTHER_WORDS}
    others = {Kind.RULE_BROKEN, Kind.USER_LOST, Kind.OTHER} | of_turns
    assert set(named) == set(Kind) - others - rare


@pytest.mark.parametrize("mode", ["dialogue", "turn"])
@pytest.mark.parametrize("world", DATA)
def test_of_gold_nothing_is_named(world: str, mode: str) -> None:
    tasks = tasks_of(world)
    for episode in gold_episodes(world, mode):
        assert all_wrong(tasks[episode.task_id], episode) == ()
        assert first_wrong(None, episode) is None


@pytest.mark.parametrize("world", DATA)
def test_goals_of_gold_are_done_and_told(world: str) -> None:
    tasks = tasks_of(world)
    for episode in gold_episodes(world):
        task = tasks[episode.task_id]
        rows = goal_of(task, episode)
        assert not rows.missing
        assert not rows.untold
        assert not rows.outside
        assert len([row for row in rows.calls if row.required]) == len(task.goal.calls)
        assert {row.fact for row in rows.facts} == task.goal.facts
        for row in rows.facts:
            assert row.step is not None
            assert row.fact in fact_tokens(episode.steps[row.step - 1].action)


@pytest.mark.parametrize("world", DATA)
def test_rows_agree_with_the_verdict(world: str) -> None:
    for task, spoiled in cases(world):
        episode = played(world, task, spoiled)
        rows, verdict = goal_of(task, episode), episode.outcome
        assert verdict is not None
        required = [row for row in rows.calls if row.required]
        assert [row.done for row in required] == [goal.done for goal in verdict.goals]
        assert (not rows.untold) == verdict.facts
        bare = goal_of(None, episode)
        assert [row.call for row in bare.calls] == [row.call for row in required]


def test_a_changed_argument_stands_beside_the_wanted_one() -> None:
    task = next(task for task in tasks_of("desk").values() if len(list(argument_changed(task))))
    spoiled = next(argument_changed(task))
    rows = goal_of(task, played("desk", task, spoiled))
    [near] = [row.nearest for row in rows.missing if row.nearest]
    [wrong] = near.wrong
    assert near.step == spoiled.step
    assert spoiled.name == f"{wrong.name} changed"
    assert wrong.wanted != wrong.made


def test_what_was_mended_is_no_cause() -> None:
    task = next(task for task in tasks_of("desk").values() if goal_turns(task))
    place = goal_turns(task)[0][0]
    bad = next(call_unreadable(task)).messages[place]
    messages = (*own(task)[:place], bad, "", *own(task)[place:-1], "Nothing.")
    episode = played("desk", task, Spoiled("mended", messages, Kind.OTHER, 0))
    assert not won(episode)
    cause = first_wrong(task, episode)
    assert cause is not None
    assert cause.kind not in (Kind.FORMAT, Kind.CUT_OFF)


def test_a_skipped_question_of_a_procedure_breaks_a_rule() -> None:
    task = next(t for t in tasks_of("procedures").values() if t.turns[0].text and t.goal.calls)
    messages = ("Have you tried turning it off and on again?", *own(task)[1:])
    episode = played("procedures", task, Spoiled("", messages, Kind.RULE_BROKEN, 1))
    cause = first_wrong(task, episode)
    assert cause is not None
    assert (cause.kind, cause.step) == (Kind.RULE_BROKEN, 2)
    assert cause.rule == "wrong_call"


def test_a_user_who_does_not_understand_is_named() -> None:
    tasks = tasks_of("retail").values()
    task = next(t for t in tasks if t.turns[0].text and goal_turns(t)[0][0] != 0)
    said = tuple(f"Blorp {word} qwzx." for word in "abcdefghij")
    episode = played("retail", task, Spoiled("", said, Kind.USER_LOST, 1), "Zzz.")
    cause = first_wrong(task, episode)
    assert cause is not None
    assert (cause.kind, cause.step) == (Kind.USER_LOST, 1)


@pytest.mark.parametrize("world", DATA)
def test_wrong_decisions_are_named_at_their_step(world: str) -> None:
    env = ReasonActEnv(mode="turn", data=DATA[world], split="all")
    for task in list(tasks_of(world).values())[:TASKS]:
        for place, turn in enumerate(task.decisions):
            env.reset(seed=0, options={"task_id": task.id})
            for number, other in enumerate(task.decisions):
                message = task.messages[other.index].content
                env.step("I do not know." if number == place else message)
            if is_right(env.episode.steps[place]):  # a short reply may be near enough
                continue
            [cause] = all_wrong(task, env.episode)
            assert cause.step == place + 1
            if turn.calls:
                assert (cause.kind, cause.tool) == (Kind.CALL_MISSING, turn.calls[0].name)
            else:
                assert cause.kind in (Kind.FACT_MISSING, Kind.OTHER_WORDS)


def test_a_read_where_a_reply_was_due_is_named() -> None:
    env = ReasonActEnv(mode="turn", data=DATA["desk"], split="all")
    task = next(iter(tasks_of("desk").values()))
    place = next(n for n, turn in enumerate(task.decisions) if not turn.calls)
    read = next(call for turn in task.decisions for call in turn.calls)
    env.reset(seed=0, options={"task_id": task.id, "decision": place})
    env.step(task.messages[next(t for t in task.decisions if t.calls).index].content)
    [cause] = all_wrong(task, env.episode)
    assert (cause.kind, cause.tool) == (Kind.NOT_DUE, read.name)


@given(st.text(max_size=60), st.text(max_size=60))
def test_any_text_has_a_cause(first: str, second: str) -> None:
    task = next(iter(tasks_of("desk").values()))
    episode = played("desk", task, Spoiled("", (first, second), Kind.OTHER, 0), "Goodbye!")
    for known_task in (task, None):
        cause = first_wrong(known_task, episode)
        assert (cause is None) == won(episode)
        if cause is not None:
            assert 1 <= cause.step <= len(episode.steps)


def differences() -> Iterator[tuple[Task, int, str, str]]:
    """Tasks with a difference that gold worked out: the place of that call, the fact, the sum."""
    for task in tasks_of("retail").values():
        for place, turn in enumerate(task.turns):
            for call in turn.calls:
                parts = re.fullmatch(
                    r"(\d+\.\d+) - (\d+\.\d+)", str(call.arguments.get("expression"))
                )
                found = parts and f"{abs(float(parts[1]) - float(parts[2])):.2f}".rstrip("0")
                if parts and found in task.goal.facts:
                    yield task, place, found, f"{float(parts[1]) + float(parts[2]):.2f}"


def test_an_amount_that_was_worked_out_is_not_told_in_anothers_place() -> None:
    tried = 0
    for task, place, fact, both in differences():
        said = (*own(task)[:place], f"Together these are ${both}. Is that all?", "Goodbye!")
        episode = played("retail", task, Spoiled("", said, Kind.FACT_MISSING, place + 1))
        [row] = [row for row in goal_of(task, episode).facts if row.fact == fact]
        assert row.wrong is None
        assert row.worked_out
        assert row.seen is not None
        assert row.seen < place + 1
        odd = (*own(task)[:place], f"Together these are ${both[:-1]}7. Is that all?", "Goodbye!")
        episode = played("retail", task, Spoiled("", odd, Kind.FACT_WRONG, place + 1))
        [row] = [row for row in goal_of(task, episode).facts if row.fact == fact]
        assert row.wrong is not None
        assert row.wrong.invented
        tried += 1
    assert tried
