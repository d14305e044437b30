r"""Generated dialogues, each with its own generated tools, rules and domain.

They serve a tiny model as the web serves a large one: it learns to read schemas and rules, to copy
ids and values, and to think a little. One record has exactly the form of an APIGen-MT record:

    {"conversations": [{"from": "human", "value": "Will you pause my kiln slot 4812?"},
                       {"from": "function_call", "value": "{\"name\": \"show_kiln_slot\", …}"}, …],
     "tools": "[{\"name\": \"show_kiln_slot\", …}]",
     "system": "You look after kiln slots for any keeper who writes. …"}

With each record comes a sidecar with the thoughts behind each decision and the user's agenda. The
tools have no world: the recorded answers suffice.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TypeAlias

from tasks.agenda.agenda_json import agenda_to_json
from tasks.kaleidoscope.agenda import agenda_of
from tasks.kaleidoscope.agent import converse
from tasks.kaleidoscope.domain import draw_domain
from tasks.kaleidoscope.plan import draw_plan
from tasks.kaleidoscope.rules import rules
from tasks.kaleidoscope.scene import Scene
from tasks.kaleidoscope.schemas import tools
from tools.dice import Dice
from tools.types import Json

Record: TypeAlias = dict[str, Json]
"""A record, or a sidecar."""


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
    dice = Dice("kaleidoscope", seed, index)
    domain = draw_domain(dice)
    scene = Scene(domain, draw_plan(dice, domain), dice)
    converse(scene)
    turns: list[Json] = [dict(turn) for turn in scene.script.turns]
    record: Record = {
        "conversations": turns,
        "tools": json.dumps(tools(domain)),
        "system": rules(domain),
    }
    traces: list[Json] = list(scene.script.traces)
    name = f"kaleidoscope-{seed}-{index}"
    agenda = agenda_to_json(agenda_of(scene, Dice("agenda", name)))
    sidecar: Record = {"agenda": agenda, "group": name, "generated_from": name, "traces": traces}
    return record, sidecar
