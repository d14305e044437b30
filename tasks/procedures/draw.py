"""Draws a procedure's flowgraph with the number of visits of each edge, as text or into a file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from rich.console import Console

from tasks.procedures.graph import END, Graph, NodeKind
from tasks.procedures.picture import save_picture
from tasks.procedures.taken import NOBODY, Taken
from tasks.procedures.types import Procedure, StepKind
from tools.files import write_text

_MARKS = {
    StepKind.ASK: "?",
    StepKind.CHOICE: "<>",
    StepKind.TELL: '"',
    StepKind.CALL: "()",
}
"""Kind of step -> its mark in text."""
BAR = 20
"""The characters of the longest bar."""


def as_text(procedure: Procedure, flow: Graph, taken: Taken = NOBODY) -> Iterator[str]:
    """Lines for the console: each step, and under it its edges, with their visits as bars.

    Args:
        procedure: The procedure.
        flow: Its flowgraph.
        taken: The visits of each edge, and the places where agents left the procedure.
    """
    most = max(taken.visits.values(), default=0)
    yield f"{procedure.name}: {procedure.title}"
    for step in procedure.steps:
        yield f"[{step.id}] {_MARKS[step.kind]} {step.say or step.api}"
        for edge in flow.leaving[step.id]:
            target = edge.target.removeprefix(END)
            ended = " (end)" if edge.target.startswith(END) else ""
            words = f"    {edge.condition or '-'} -> {target}{ended}"
            yield _with_bar(words, taken.visits.get(edge, 0), most)
        if left := taken.left.get(step.id, 0):
            yield _with_bar("    ! left the procedure", left, most)


def as_dot(procedure: Procedure, flow: Graph, taken: Taken = NOBODY) -> Iterator[str]:
    """The lines of a Graphviz file; `dot -Tsvg` makes a picture of it.

    Args:
        procedure: The procedure.
        flow: Its flowgraph.
        taken: As for `as_text`; an edge without visits is dotted.
    """
    most = max(taken.visits.values(), default=0)
    yield f'digraph "{procedure.name}" {{'
    yield '  node [fontname="sans-serif", shape=box, style=rounded];'
    shapes = {NodeKind.API: "component", NodeKind.START: "circle", NodeKind.END: "doublecircle"}
    for node in flow.nodes.values():
        left = f', xlabel="left {taken.left[node.name]}"' if taken.left.get(node.name) else ""
        yield f'  "{node.name}" [shape={shapes.get(node.kind, "box")}{left}];'
    for edge in flow.edges:
        count = taken.visits.get(edge, 0)
        style = "solid" if count or not most else "dotted"
        width = 1 + 4 * count / most if most else 1
        label = " ".join(filter(None, [edge.condition, str(count) if most else ""]))
        yield (
            f'  "{edge.source}" -> "{edge.target}" '
            f'[label="{label}", style={style}, penwidth={width:.1f}];'
        )
    yield "}"


def _with_bar(words: str, count: int, most: int) -> str:
    bar = "#" * min(BAR, round(BAR * count / most)) if most else ""
    return f"{words:48} {bar:{BAR}} {count:,}" if most else words


def show(procedure: Procedure, flow: Graph, taken: Taken, out: Path | None = None) -> None:
    """Prints the drawing, or writes it to a file: `.dot`, or a picture (see `picture`).

    Raises:
        ImportError: if a library is missing for a picture.
        ValueError: for another kind of file.
    """
    if out is None:
        console = Console(highlight=False, markup=False)
        for line in as_text(procedure, flow, taken):
            console.print(line)
    elif out.suffix == ".dot":
        write_text(out, "\n".join(as_dot(procedure, flow, taken)) + "\n")
    else:
        save_picture(procedure, flow, out, taken)
