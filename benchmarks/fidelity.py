"""How faithfully our worlds play tau-bench's retail and airline, measured on real material.

    python -m benchmarks.fidelity --material FOLDER --show 5

FOLDER holds tau-bench's databases, tool schemas and tasks (`tau/`) and recorded dialogues with
sidecars (`dialogues/`). They do not come with this project. On tasks that do,
`python -m benchmarks.standings --data retail:200` prints what gold, gold in other words and agents
that understand nothing earn.

The benchmark compares the tools' schemas, the fate of every gold action, every recorded
observation, and the verdicts of the official runs on the end of each dialogue. It plays each run on
the database of its recording (`benchmarks.fidelity_databases` says where today's differs), on
today's (`--as-given`), or on what the run itself shows of one (`--rebuilt`: then without the
dialogues whose goal the rebuilt world does not hold, as in `database="rebuilt"`). Runs that their
own benchmark never judged have no verdict to compare.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from benchmarks.fidelity_databases import database, require_material
from benchmarks.fidelity_replay import (
    Comparison,
    GoldAction,
    Object,
    Verdict,
    Without,
    after,
    compare,
    end_of,
    rebuilt_from,
    recorded_calls,
    replay_gold,
    replies,
    to_call,
    was_judged,
)
from benchmarks.fidelity_report import Findings, as_json, print_examples, print_tables
from benchmarks.fidelity_schemas import schema_differences
from tasks.carried_out import carried_out
from tools.command import run
from tools.command_line import read_options
from tools.executor import Executor
from tools.files import write_json
from tools.places import require_place
from tools.recorded import looks_like_error
from tools.types import Effect, Json, ToolCall
from tools.worlds import WORLDS
from tools.worlds.database import Base
from tools.worlds.world import World

DOMAINS = ("retail", "airline")
UNLIKE_TASKS = "toolorchestra"
"""Runs whose files hold other tasks than their dialogues are about: no verdicts to compare."""


def world_of(benchmark: str, domain: str) -> str:
    """The world of a benchmark's domain."""
    return domain if benchmark == "tau1" else f"{domain}-{benchmark}"


def compare_schemas(data: Path) -> dict[str, list[str]]:
    """World -> the tools whose schema is not tau-bench's."""
    found = {}
    for benchmark in ("tau1", "tau2"):
        for domain in DOMAINS:
            world = world_of(benchmark, domain)
            schemas = _read(data / "tau" / benchmark / f"{domain}_tools.json")
            found[world] = schema_differences(world, cast("list[Json]", schemas))
    return found


def gold_actions(data: Path) -> Iterator[GoldAction]:
    """Every gold action of the tasks."""
    for name, tasks in cast("Object", _read(data / "tau" / "tau_tasks.json")).items():
        benchmark, domain, *_ = name.split("_")
        world = world_of(benchmark, domain)
        start = WORLDS[world].start(database(data, world))
        yield from replay_gold(name, cast("list[Json]", tasks), start)


def dialogues(
    data: Path, base_of: Callable[[str, str, Json], Base]
) -> Iterator[tuple[int, Json, Object, Base]]:
    """(number, record, sidecar, database) of the dialogues.

    Args:
        data: The folder of real material.
        base_of: (world, source, record) -> the database.
    """
    path = data / "dialogues" / "apigen_mt_like_real.json"
    records = cast("list[Json]", _read(path))
    sidecars = cast("list[Object]", _read(path.with_suffix(".meta.json")))
    for number, (record, sidecar) in enumerate(zip(records, sidecars, strict=True)):
        world = world_of(str(sidecar["benchmark"]), str(sidecar["domain"]))
        base = base_of(world, str(sidecar["source"]), record)
        yield number, record, sidecar, base


def missing(world: World, base: Base, record: Json, sidecar: Object) -> str:
    """What a rebuilt world does not hold of a goal; empty where it holds all.

    Without gold the goal is what the record did.
    """
    gold = sidecar["gold"]
    done = [call for call, text in recorded_calls(record) if not looks_like_error(text)]
    calls = _calls(gold) if isinstance(gold, dict) else done
    effects = world.effects
    writes = [c for c in calls if c.name in effects and effects[c.name].effect is Effect.WRITE]
    return carried_out(world, base, writes).missing


def verdicts(number: int, record: Json, sidecar: Object, start: Executor) -> Iterator[Verdict]:
    """Our verdict on a dialogue's end and the official one, where there is one."""
    gold, source = sidecar["gold"], str(sidecar["source"])
    if not isinstance(gold, dict) or UNLIKE_TASKS in source:
        return
    wanted = after(_calls(gold), start).digest
    same_state = end_of(record, start).digest == wanted
    if not was_judged(record, sidecar):
        return  # it broke off, and counts as failed without a look at its state
    official = sidecar.get("official_db_match")
    if official is not None:
        yield Verdict(source, number, "state", same_state, bool(official))
    said = replies(record)
    told = all(str(text).lower() in said for text in cast("list[Json]", gold["outputs"]))
    yield Verdict(source, number, "outcome", same_state and told, bool(sidecar["success"]))


@dataclass(frozen=True, slots=True)
class Options:
    """What is compared."""

    material: Path
    """The folder of real material."""
    rebuilt: bool = False
    """Dialogues on worlds rebuilt from themselves."""
    as_given: bool = False
    """On the databases as they lie there today."""
    show: int = 0
    """Examples of each disagreement to print."""
    out: Path = Path("runs/fidelity.json")
    """Where the figures are written."""


def main(argv: Sequence[str] | None = None) -> int:
    """Prints what was compared and writes it as JSON; returns the process's exit status."""
    args = read_options(Options, argv, prog="python -m benchmarks.fidelity", about=__doc__)
    require_place(args.out)
    require_material(args.material)
    observations: list[Comparison] = []
    judged: list[Verdict] = []
    without: list[Without] = []
    for number, record, sidecar, base in dialogues(args.material, _bases(args)):
        source, world = str(sidecar["source"]), _world(sidecar)
        if args.rebuilt and (why := missing(world, base, record, sidecar)):
            without.append(Without(source, number, "not played", why))
            continue
        start = world.start(base)
        observations += compare(number, source, record, start)
        judged += verdicts(number, record, sidecar, start)
        if not was_judged(record, sidecar):
            without.append(Without(source, number, "never judged", str(sidecar["termination"])))
    gold = list(gold_actions(args.material))
    found = Findings(compare_schemas(args.material), gold, observations, judged, without)
    print_tables(found)
    print_examples(found, args.show)
    write_json(args.out, as_json(found))
    return 0


def _bases(args: Options) -> Callable[[str, str, Json], Base]:
    """(world, source, record) -> the database that a dialogue is played on."""
    if args.rebuilt:
        return lambda world, source, record: rebuilt_from(world, record)
    return lambda world, source, record: database(
        args.material, world, source, as_given=args.as_given
    )


def _world(sidecar: Object) -> World:
    return WORLDS[world_of(str(sidecar["benchmark"]), str(sidecar["domain"]))]


def _calls(gold: Object) -> list[ToolCall]:
    return [to_call(action) for action in cast("list[Json]", gold["actions"])]


def _read(path: Path) -> Json:
    return cast("Json", json.loads(path.read_text("utf-8")))


if __name__ == "__main__":
    run(main)
