r"""The embedded data set: generated dialogues at a small order desk.

One record has exactly the form of an APIGen-MT record:

    {"conversations": [{"from": "human", "value": "Hi. I am customer 48151. Cancel my lamp."},
                       {"from": "function_call", "value": "{\"name\": \"find_orders\", …}"},
                       {"from": "observation", "value": "[{\"item\": \"lamp\", …}]"}, …],
     "tools": "[{\"name\": \"find_orders\", …}]",
     "system": "You work at an order desk. …"}

With each record comes a sidecar with the world, the goal, the user's agenda, and the kinds of
requests.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TypeAlias

from tasks.agenda.agenda_json import agenda_to_json
from tasks.desk.agenda import agenda_of
from tasks.desk.agent import Desk, converse
from tasks.desk.dialogue import Dialogue
from tasks.desk.plan import draw_plan
from tasks.desk.replies import RULES
from tools.dice import Dice
from tools.types import Effect, Json
from tools.worlds.desk import DESK

Record: TypeAlias = dict[str, Json]
"""A record, or a sidecar."""

_TOOLS = json.dumps(
    [
        {"name": spec.name, "description": spec.description, "parameters": dict(spec.parameters)}
        for spec in DESK.specs
    ]
)


def generate(n: int, seed: int) -> Iterator[tuple[Record, Record]]:
    """Generates dialogues, one by one.

    Args:
        n: The number of dialogues; record `i` is the same for every `n > i`.
        seed: The seed; the same seed gives the same dialogues on any machine.

    Yields:
        A record in APIGen-MT's form and its sidecar.
    """
    for index in range(n):
        yield dialogue(seed, index)


def dialogue(seed: int, index: int) -> tuple[Record, Record]:
    """The record and sidecar with this number."""
    dice = Dice("desk", seed, index)
    plan = draw_plan(dice)
    state: dict[str, Json] = {"orders": plan.orders}
    talk = Dialogue(DESK.start(state))
    desk = converse(plan, dice, talk)
    turns: list[Json] = [dict(turn) for turn in talk.turns]
    record: Record = {"conversations": turns, "tools": _TOOLS, "system": RULES}
    return record, _sidecar(desk, state, f"desk-{seed}-{index}")


def _sidecar(desk: Desk, state: dict[str, Json], group: str) -> Record:
    plan, talk = desk.plan, desk.talk
    actions: list[Json] = [
        {"name": call.name, "arguments": dict(call.arguments)} for call in talk.actions
    ]
    return {
        "world": {"name": DESK.name, "state": state},
        "gold": {"actions": actions, "outputs": list(talk.outputs)},
        "agenda": agenda_to_json(agenda_of(desk, Dice("agenda", group))),
        "group": group,
        "generated_from": group,
        "traces": list(talk.traces),
        "strata": {
            "requests": len(plan.requests),
            "write": any(DESK.effects[call.name].effect is Effect.WRITE for call in talk.actions),
            "kinds": [request.kind.value for request in plan.requests],
        },
    }
