"""Shows, on a procedure's flowgraph, the paths of a run's agents and where they left it.

    python -m reasonact_env.view.flows runs/eval/episodes.jsonl
    python -m reasonact_env.view.flows runs/eval/episodes.jsonl --draw double_charge --out flow.svg

Dialogues count by what their agents did, single decisions by the message that was due.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, cast

from rich.console import Console

from reasonact_env.episodes.storage import read_episodes
from reasonact_env.failures.flows import Flow, flows
from reasonact_env.failures.rows import readable
from reasonact_env.inputs import data_files
from reasonact_env.view.failures import flow_table
from tasks.load import load_tasks
from tasks.procedures.draw import show
from tasks.procedures.flowgraph import flowgraph
from tasks.procedures.taken import Taken
from tools.command import complain, run
from tools.command_line import read_options
from tools.nearest import did_you_mean, listed
from tools.option_types import Positional, shown_as
from tools.places import require_place

_PROG = "python -m reasonact_env.view.flows"


@dataclass(frozen=True, slots=True)
class FlowsOptions:
    """Which run is shown."""

    episodes: Positional[Annotated[Path, shown_as("EPISODES")]]
    """A run's episodes.jsonl."""
    data: str | None = None
    """Where the data lie now, if not where the file says."""
    draw: Annotated[str | None, shown_as("NAME")] = None
    """Draw one procedure."""
    out: Annotated[Path | None, shown_as("FILE")] = None
    """Draw into a file: .svg, .png or .dot."""


def main(argv: Sequence[str] | None = None) -> int:
    """Lists the procedures of a run, or draws one as a picture; returns the exit status."""
    args = read_options(FlowsOptions, argv, prog=_PROG, about=__doc__)
    try:
        header, episodes = read_episodes(args.episodes)
        data = args.data or header.env.get("data")
        tasks = load_tasks(cast("str | None", data)).tasks
        played = (episode for _, episode in readable(episodes))
        found = flows(played, {task.id: task for task in tasks})
        if not found:
            raise ValueError(
                f"expected episodes of procedures in {args.episodes.name}, got none; play with "
                "data='procedures:N'"
            )
        if args.out is not None:
            require_place(args.out, [args.episodes, *data_files(data)])
        if args.draw:
            _draw(_chosen(found, args.draw), args.out)
        else:
            Console(highlight=False, markup=False).print(flow_table(found))
    except (ImportError, OSError, ValueError) as error:
        return complain(_PROG, error)
    return 0


def _chosen(found: Mapping[str, Flow], name: str) -> Flow:
    if name not in found:
        known = sorted(found)
        raise ValueError(
            f"expected one of {listed(known)} to draw, got {name!r}{did_you_mean(name, known)}"
        )
    return found[name]


def _draw(flow: Flow, out: Path | None) -> None:
    taken = Taken(flow.visits, flow.left)
    show(flow.procedure, flowgraph(flow.procedure), taken, out)


if __name__ == "__main__":
    run(main)
