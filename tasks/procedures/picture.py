"""Draws a flowgraph into an SVG or PNG file; needs the extra `plots` (networkx, matplotlib)."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from itertools import accumulate
from pathlib import Path
from types import ModuleType
from typing import Any, TypeAlias

from tasks.procedures.graph import END, Edge, Graph, Node, NodeKind
from tasks.procedures.taken import NOBODY, Taken
from tasks.procedures.types import Procedure

ENDINGS = (".svg", ".png")
"""The endings of pictures' names."""
WIDTH, HEIGHT = 3.4, 1.35
"""The space for a node, in inches."""
_COLOURS = {
    NodeKind.START: "#dddddd",
    NodeKind.MESSAGE: "#e8f0fe",
    NodeKind.API: "#fef3d6",
    NodeKind.END: "#e3f4e3",
}
Places: TypeAlias = "Mapping[str, tuple[float, float]]"
"""Node -> x and y."""
_LEFT = "#f8b4b4"
"""The colour of a step where agents left the procedure."""


def save_picture(procedure: Procedure, flow: Graph, path: Path, taken: Taken = NOBODY) -> None:
    """Draws a procedure's flowgraph: the thicker an edge, the more often it was taken.

    Args:
        procedure: The procedure.
        flow: Its flowgraph.
        path: The file, `.svg` or `.png`.
        taken: The visits of each edge, and the places where agents left the procedure.

    Raises:
        ImportError: if the libraries are missing.
        ValueError: for another kind of file.
    """
    if path.suffix not in ENDINGS:
        raise ValueError(f"expected a file named .svg or .png, got {path.name!r}")
    networkx, pyplot = _libraries()
    layers = dict(enumerate(_layers(flow)))
    graph = networkx.MultiDiGraph((edge.source, edge.target) for edge in flow.edges)
    found = networkx.multipartite_layout(graph, subset_key=layers, align="horizontal")
    places = _below_parents(flow, layers, {name: (x, -y) for name, (x, y) in found.items()})
    figure, axes = pyplot.subplots(figsize=_size(layers), layout="constrained")
    axes.set_title(f"{procedure.name}: {procedure.title}", fontsize=11)
    axes.set_axis_off()
    axes.margins(0.12, 0.06)
    boxes = {}
    for node in flow.nodes.values():
        box = _box(procedure, node, places[node.name], taken.left.get(node.name, 0))
        boxes[node.name] = axes.annotate(**box).get_bbox_patch()
    for edge in flow.edges:
        ends = boxes[edge.source], boxes[edge.target]
        _draw_edge(axes, edge, places, taken, _bend(flow, edge, places), ends)
    axes.scatter(*zip(*places.values(), strict=True), alpha=0)
    pyplot.rcParams["svg.hashsalt"] = procedure.name  # equal procedures give equal files
    figure.savefig(path, dpi=150, metadata={"Date": None} if path.suffix == ".svg" else None)
    pyplot.close(figure)


def _libraries() -> tuple[ModuleType, Any]:
    try:
        import matplotlib
        import networkx

        matplotlib.use("Agg")
        from matplotlib import pyplot
    except ImportError as error:
        raise ImportError(
            f"expected networkx and matplotlib for a picture, got {error}; "
            'pip install "reasonact[plots]", or draw as text without --out'
        ) from None
    return networkx, pyplot


def _layers(flow: Graph) -> list[list[str]]:
    """The nodes by their distance from the start, each below its parents' middle."""
    depth = flow.reachable()
    found: list[list[str]] = []
    for layer in range(max(depth.values()) + 1):
        above = [name for nodes in found for name in nodes]
        here = [name for name in flow.nodes if depth.get(name) == layer]
        found.append(sorted(here, key=lambda name: _middle(flow, name, above)))
    return found


def _middle(flow: Graph, name: str, above: Sequence[str]) -> float:
    """The mean place of a node's parents."""
    places = [above.index(e.source) for e in flow.edges if e.target == name and e.source in above]
    return sum(places) / len(places) if places else 0.0


def _below_parents(flow: Graph, layers: Mapping[int, Sequence[str]], places: Places) -> Places:
    """Moves each layer's nodes below their parents' middles, as far as space allows."""
    gap = 2 / max(1, max(map(len, layers.values())) - 1)
    moved = dict(places)
    for layer in range(1, len(layers)):
        wishes = [_middle_of(flow, name, moved) for name in layers[layer]]
        spread = list(accumulate(wishes, lambda last, wish: max(last + gap, wish)))
        shift = sum(wishes) / len(wishes) - sum(spread) / len(spread)
        shift = min(max(shift, -1 - spread[0]), 1 - spread[-1])
        for name, x in zip(layers[layer], spread, strict=True):
            moved[name] = x + shift, moved[name][1]
    return moved


def _middle_of(flow: Graph, name: str, places: Places) -> float:
    """The mean place of a node's parents in the layers above."""
    parents = [places[edge.source] for edge in flow.edges if edge.target == name]
    above = [x for x, y in parents if y > places[name][1]]
    return sum(above) / len(above)


def _size(layers: Mapping[int, Sequence[str]]) -> tuple[float, float]:
    return max(6.0, WIDTH * max(map(len, layers.values()))), HEIGHT * len(layers)


def _box(
    procedure: Procedure, node: Node, place: tuple[float, float], left: int
) -> Mapping[str, object]:
    """A node as matplotlib's `annotate` takes it."""
    words = node.name.removeprefix(END)
    if node.step:
        step = procedure.step(node.step)
        words = f"{step.id}\n" + textwrap.fill(f"{step.api}()" if step.api else step.say, 34)
    if left:
        words += f"\nleft here: {left:,}"
    colour = _LEFT if left else _COLOURS[node.kind]
    style = "round" if node.kind is not NodeKind.API else "square"
    return {
        "text": words.replace("$", r"\$"),
        "xy": place,
        "ha": "center",
        "va": "center",
        "fontsize": 7,
        "zorder": 3,
        "bbox": {"boxstyle": f"{style},pad=0.4", "fc": colour, "ec": "#666666"},
    }


def _bend(flow: Graph, edge: Edge, places: Places) -> float:
    """The bend of an edge: outwards if it goes back, and away from a parallel edge."""
    (x, y), (then_x, then_y) = places[edge.source], places[edge.target]
    if then_y >= y:
        return -0.22 if x < then_x else 0.22
    twins = [e for e in flow.leaving[edge.source] if e.target == edge.target]
    return 0.25 * (2 * twins.index(edge) - len(twins) + 1)


def _draw_edge(
    axes: Any, edge: Edge, places: Places, taken: Taken, bend: float, ends: Sequence[Any]
) -> None:
    from matplotlib.patches import FancyArrowPatch

    most = max(taken.visits.values(), default=0)
    count = taken.visits.get(edge, 0)
    (x, y), (then_x, then_y) = places[edge.source], places[edge.target]
    arrow = FancyArrowPatch(
        (x, y),
        (then_x, then_y),
        patchA=ends[0],
        patchB=ends[1],
        arrowstyle="-|>",
        mutation_scale=10,
        connectionstyle=f"arc3,rad={bend}",
        linestyle="solid" if count or not most else "dotted",
        linewidth=0.8 + 4 * count / most if most else 1.0,
        color="#444444" if count or not most else "#aaaaaa",
        shrinkA=0,
        shrinkB=1,
        zorder=4,  # after the boxes, whose outlines are known only once they are drawn
    )
    axes.add_patch(arrow)
    label = " ".join(filter(None, [edge.condition, f"{count:,}" if most else ""]))
    across, down = then_x - x, then_y - y
    near = (x + 0.4 * across + 0.48 * bend * down, y + 0.4 * down - 0.48 * bend * across)
    plain = {"boxstyle": "round,pad=0.1", "fc": "white", "ec": "none", "alpha": 0.8}
    aside = bend * down
    beside = "right" if aside < 0 else "left" if aside > 0 else "center"
    axes.text(*near, label, fontsize=6, ha=beside, va="center", zorder=5, bbox=plain)
