"""Whose data a task is about."""

from __future__ import annotations

from dataclasses import replace

from tasks.customers import customers_of, owner
from tasks.load import load_tasks
from tasks.setups import InWorld
from tasks.types import Goal, GoalLabel, Task
from tools.types import FieldChange, Json, ToolCall
from tools.worlds import WORLDS
from tools.worlds.database import Base


def task_with(base: Base, *, reads: list[ToolCall], writes: list[ToolCall]) -> Task:
    task = load_tasks("desk:1").tasks[0]
    goal = Goal(tuple(writes), tuple(reads), frozenset(), GoalLabel.VERIFIED)
    return replace(task, setup=InWorld(WORLDS["retail"], base), goal=goal)


def test_the_customers_of_reads_and_of_writes(shop: dict[str, Json]) -> None:
    base = Base.of(shop)
    look = ToolCall("get_order_details", {"order_id": "#W4"})
    find = ToolCall("find_user_id_by_email", {"email": "ida.berg@example.com"})
    cancel = ToolCall("cancel_pending_order", {"order_id": "#W1", "reason": "no longer needed"})
    assert customers_of(task_with(base, reads=[look], writes=[])) == {"tom_vale_2"}
    assert customers_of(task_with(base, reads=[find], writes=[])) == {"ida_berg_1"}
    assert customers_of(task_with(base, reads=[], writes=[cancel])) == {"ida_berg_1"}
    assert customers_of(load_tasks("desk:1").tasks[0]) == frozenset()


def test_whose_a_row_is(shop: dict[str, Json]) -> None:
    base = Base.of(shop)
    assert owner(base, FieldChange("orders", "#W4", "status", "a", "b")) == "tom_vale_2"
    assert owner(base, FieldChange("users", "tom_vale_2", "email", "a", "b")) == "tom_vale_2"
    assert owner(base, FieldChange("products", "1", "name", "a", "b")) is None
    assert owner(base, FieldChange("reservations", "HATHAT", "user_id", None, "ida")) == "ida"
    assert owner(base, FieldChange("reservations", "HATHAT", "cabin", None, "economy")) is None
