"""Shows one generated task in the console."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import cast

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from tasks.agenda.agenda import Agenda, Fact, Request
from tasks.agenda.agenda_json import agenda_from_json
from tools.types import Json

LONGEST = 400
"""The number of characters of an observation that are shown."""
_STYLES = {"human": "green", "gpt": "cyan", "function_call": "yellow", "observation": "dim"}
_NAMES = {"human": "user", "gpt": "agent", "function_call": "call", "observation": "result"}


def shown(record: Mapping[str, Json], sidecar: Mapping[str, Json], name: str) -> RenderableType:
    """A task: the customer's requests, the dialogue, and the agent's reasons.

    Args:
        record: The record.
        sidecar: The record's sidecar.
        name: The task's number or id.
    """
    agenda = agenda_from_json(sidecar["agenda"])
    return Group(
        Panel(_wishes(agenda, sidecar), title=f"task {name}", title_align="left"),
        _dialogue(record, sidecar),
        Panel(_goal(sidecar), title="goal", title_align="left"),
    )


def _wishes(agenda: Agenda, sidecar: Mapping[str, Json]) -> RenderableType:
    grid = _grid()
    grid.add_row("customer", _facts(agenda.identity))
    for number, request in enumerate(agenda.requests, start=1):
        grid.add_row(f"wish {number}", _request(request))
    grid.add_row("difficulty", Text(_flat(sidecar.get("difficulty"))))
    return grid


def _request(request: Request) -> Text:
    text = Text(request.intent, style="bold")
    text.append(f"  {_facts(request.facts)}", style="not bold")
    if request.change:
        text.append(f"\nafter the read-back: {_facts(request.change)}", style="not bold italic")
    if request.withdrawn:
        text.append("\ncalled off at the read-back", style="not bold italic")
    if request.otherwise is not None:
        text.append("\nif refused: ", style="not bold italic")
        text.append_text(_request(request.otherwise))
    return text


def _facts(facts: tuple[Fact, ...]) -> str:
    said = (f.says if not f.slip else f"{f.says} (at first {f.slip})" for f in facts)
    return "; ".join(said)


def _dialogue(record: Mapping[str, Json], sidecar: Mapping[str, Json]) -> RenderableType:
    grid = _grid()
    traces = iter(cast("list[str]", sidecar.get("traces") or []))
    for speaker, text in _turns(record):
        if speaker in ("gpt", "function_call") and (trace := next(traces, "")):
            grid.add_row("", Text(trace, style="dim italic"))
        grid.add_row(Text(_NAMES[speaker], style=_STYLES[speaker]), _said(speaker, text))
    return grid


def _turns(record: Mapping[str, Json]) -> Iterator[tuple[str, str]]:
    for turn in cast("list[dict[str, str]]", record["conversations"]):
        yield turn["from"], turn["value"]


def _said(speaker: str, text: str) -> Text:
    if speaker == "function_call":
        call = json.loads(text)
        return Text(f"{call['name']}({_flat(call['arguments'])})", style=_STYLES[speaker])
    if speaker == "observation":
        return Text(text if len(text) <= LONGEST else f"{text[:LONGEST]} …", style="dim")
    return Text(text)


def _goal(sidecar: Mapping[str, Json]) -> RenderableType:
    gold = cast("dict[str, Json]", sidecar["gold"])
    grid = _grid()
    for call in cast("list[dict[str, Json]]", gold["actions"]):
        grid.add_row("call", Text(f"{call['name']}({_flat(call['arguments'])})"))
    grid.add_row("tell", Text(", ".join(cast("list[str]", gold["outputs"])) or "nothing"))
    return grid


def _grid() -> Table:
    grid = Table.grid(padding=(0, 2))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    return grid


def _flat(value: Json) -> str:
    """An object as `name=value, …`."""
    if not isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False)
    return ", ".join(f"{name}={json.dumps(v, ensure_ascii=False)}" for name, v in value.items())
