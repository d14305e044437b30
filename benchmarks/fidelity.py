"""How faithfully our worlds play tau-bench's retail and airline, measured on real material.

    python -m benchmarks.fidelity --data FOLDER --show 5

FOLDER holds tau-bench's databases, tool schemas and tasks (`tau/`) and recorded dialogues with
sidecars (`dialogues/`). Compared are the tools' schemas, the fate of every gold action, every
recorded observation, and the verdicts of the official runs on the end of each dialogue.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import cast

from agents.console import console, plain_table
from benchmarks.fidelity_replay import (
    EQUAL,
    INJECTED,
    Comparison,
    GoldAction,
    Object,
    Verdict,
    after,
    compare,
    end_of,
    replay_gold,
    replies,
    schema_differences,
    start_of,
    to_call,
)
from benchmarks.machine import machine
from tools import worlds
from tools.executor import Executor
from tools.jsontext import canonical, short
from tools.types import Json, ToolCall
from tools.worlds.files import load_database
from train.report import write_json

DOMAINS = ("retail", "airline")
DATABASES = {
    "retail": "tau1/retail_db",
    "retail-tau2": "tau2/retail_db.json",
    "airline": "tau1/airline_db",
    "airline-tau2": "tau1/airline_db",  # tau2's own is not among the data
}
UNLIKE_TASKS = "toolorchestra"
"""Runs whose files hold other tasks than their dialogues are about: no verdicts to compare."""


def world_of(benchmark: str, domain: str) -> str:
    """The world of a benchmark's domain."""
    return domain if benchmark == "tau1" else f"{domain}-{benchmark}"


@lru_cache(maxsize=8)
def beginning(data: Path, world: str) -> Executor:
    """A world's first state."""
    return start_of(world, load_database(world, data / "tau" / DATABASES[world]))


def compare_schemas(data: Path) -> dict[str, list[str]]:
    """World -> the tools whose schema is not tau-bench's."""
    found = {}
    for benchmark in ("tau1", "tau2"):
        for domain in DOMAINS:
            if (world := world_of(benchmark, domain)) in worlds.WORLDS:
                schemas = _read(data / "tau" / benchmark / f"{domain}_tools.json")
                found[world] = schema_differences(world, cast("list[Json]", schemas))
    return found


def gold_actions(data: Path) -> Iterator[GoldAction]:
    """Every gold action of the tasks whose world is there."""
    for name, tasks in cast("Object", _read(data / "tau" / "tau_tasks.json")).items():
        benchmark, domain, *_ = name.split("_")
        if (world := world_of(benchmark, domain)) in worlds.WORLDS:
            start = beginning(data, world)
            yield from replay_gold(name, cast("list[Json]", tasks), start)


def dialogues(data: Path) -> Iterator[tuple[int, Json, Object, Executor]]:
    """(number, record, sidecar, first state) of the dialogues whose world is there."""
    path = data / "dialogues" / "apigen_mt_like_real.json"
    records = cast("list[Json]", _read(path))
    sidecars = cast("list[Object]", _read(path.with_suffix(".meta.json")))
    for number, (record, sidecar) in enumerate(zip(records, sidecars, strict=True)):
        world = world_of(str(sidecar["benchmark"]), str(sidecar["domain"]))
        if world in worlds.WORLDS:
            yield number, record, sidecar, beginning(data, world)


def verdicts(number: int, record: Json, sidecar: Object, start: Executor) -> Iterator[Verdict]:
    """Our judgement of a dialogue's end beside the official one, where there is one."""
    gold, source = sidecar["gold"], str(sidecar["source"])
    if not isinstance(gold, dict) or UNLIKE_TASKS in source:
        return
    wanted = after(_calls(gold), start).digest
    same_state = end_of(record, start).digest == wanted
    official = sidecar.get("official_db_match", False)
    if official is None:
        return  # the run broke off, and counts as failed without a look at its state
    if "official_db_match" in sidecar:
        yield Verdict(source, number, "state", same_state, bool(official))
    said = replies(record)
    told = all(str(text).lower() in said for text in cast("list[Json]", gold["outputs"]))
    yield Verdict(source, number, "outcome", same_state and told, bool(sidecar["success"]))


def main(argv: Sequence[str] | None = None) -> int:
    """Prints what was compared and writes it as JSON; returns the process's exit status."""
    args = _parser().parse_args(argv)
    schemas, gold = compare_schemas(args.data), list(gold_actions(args.data))
    observations: list[Comparison] = []
    judged: list[Verdict] = []
    for number, record, sidecar, start in dialogues(args.data):
        observations += compare(number, str(sidecar["source"]), record, start)
        judged += verdicts(number, record, sidecar, start)
    _print_all(schemas, gold, observations, judged)
    _print_examples(gold, observations, judged, args.show)
    write_json(args.out, _result(schemas, gold, observations, judged))
    return 0


def _print_all(
    schemas: dict[str, list[str]],
    gold: Sequence[GoldAction],
    observations: Sequence[Comparison],
    judged: Sequence[Verdict],
) -> None:
    screen = console()
    for domain in DOMAINS:
        if domain not in worlds.WORLDS:
            screen.print(f"There is no world {domain} yet: its tasks and dialogues are left out.\n")
    rows = [(world, ", ".join(names) or "equal") for world, names in schemas.items()]
    screen.print(plain_table("Tool schemas", ["world", "tools that differ"], rows))
    heads = ["tasks", "gold actions", "accepted", "refused"]
    screen.print(plain_table("Gold actions", heads, _gold_rows(gold)))
    heads = ["source", "compared", "equal", "%", "other data", "other", "left out"]
    screen.print(plain_table("Recorded observations", heads, _observation_rows(observations)))
    kinds = Counter((o.source, o.call.name, o.kind) for o in observations if o.kind not in EQUAL)
    rows2 = [(*map(str, kind), f"{count:,}") for kind, count in sorted(kinds.items())]
    screen.print(plain_table("What is not equal", ["source", "tool", "kind", "n"], rows2))
    heads = ["source", "verdict", "dialogues", "same verdict"]
    screen.print(plain_table("Verdicts on the end", heads, _verdict_rows(judged)))


def _gold_rows(gold: Sequence[GoldAction]) -> Iterator[tuple[str, ...]]:
    for name in dict.fromkeys(action.task_set for action in gold):
        own = [action for action in gold if action.task_set == name]
        ok = sum(action.ok for action in own)
        yield name, f"{len(own):,}", f"{ok:,}", f"{len(own) - ok:,}"


def _observation_rows(observations: Sequence[Comparison]) -> Iterator[tuple[str, ...]]:
    for source in (*sorted({o.source for o in observations}), "all"):
        own = [o for o in observations if source in (o.source, "all")]
        compared = [o for o in own if o.kind != INJECTED]
        equal = sum(o.kind in EQUAL for o in compared)
        data = sum(o.kind.startswith("other data") for o in compared)
        share = f"{100 * equal / max(1, len(compared)):.2f}"
        counts = (data, len(compared) - equal - data, len(own) - len(compared))
        yield (source, f"{len(compared):,}", f"{equal:,}", share, *(f"{n:,}" for n in counts))


def _verdict_rows(judged: Sequence[Verdict]) -> Iterator[tuple[str, ...]]:
    for source in (*sorted({v.source for v in judged}), "all"):
        for what in ("state", "outcome"):
            own = [v for v in judged if v.what == what and source in (v.source, "all")]
            if own:
                same = sum(v.ours is v.official for v in own)
                yield source, what, f"{len(own):,}", f"{same:,}"


def _print_examples(
    gold: Iterable[GoldAction],
    observations: Iterable[Comparison],
    judged: Iterable[Verdict],
    count: int,
) -> None:
    refused = [a for a in gold if not a.ok]
    unlike = [o for o in observations if o.kind not in EQUAL and o.kind != INJECTED]
    split = [v for v in judged if v.ours is not v.official]
    lines = [
        *(f"gold {a.task_set} {a.task}: {_say(a.call)} -> {a.answer}" for a in refused[:count]),
        *(
            f"{o.source} {o.dialogue}: {_say(o.call)}: {o.kind}\n    recorded {o.recorded[:300]}"
            f"\n    answered {o.answered[:300]}"
            for o in unlike[:count]
        ),
        *(
            f"{v.source} {v.dialogue}: {v.what} is {v.ours} to us, {v.official} officially"
            for v in split[:count]
        ),
    ]
    for line in lines:
        console().print(line, markup=False)


def _result(
    schemas: dict[str, list[str]],
    gold: Sequence[GoldAction],
    observations: Sequence[Comparison],
    judged: Sequence[Verdict],
) -> dict[str, Json]:
    """All counts, and every disagreement; no text of a dialogue beyond an excerpt."""
    counts = Counter(f"{o.source}: {o.kind}" for o in observations)
    verdict = Counter(f"{v.source}: {v.what}, ours {v.ours}, official {v.official}" for v in judged)
    return {
        "schemas that differ": {world: list(names) for world, names in schemas.items()},
        "gold": dict(Counter(f"{a.task_set}: {'ok' if a.ok else 'refused'}" for a in gold)),
        "gold refused": [
            {"tasks": a.task_set, "task": a.task, "call": _say(a.call), "answer": short(a.answer)}
            for a in gold
            if not a.ok
        ],
        "observations": dict(sorted(counts.items())),
        "observations that differ": [
            {"source": o.source, "dialogue": o.dialogue, "call": _say(o.call), "kind": o.kind}
            for o in observations
            if o.kind not in EQUAL and o.kind != INJECTED
        ],
        "verdicts": dict(sorted(verdict.items())),
        "verdicts that differ": [
            {"source": v.source, "dialogue": v.dialogue, "verdict": v.what, "ours": v.ours}
            for v in judged
            if v.ours is not v.official
        ],
        "machine": dict(machine()),
    }


def _calls(gold: Object) -> list[ToolCall]:
    return [to_call(action) for action in cast("list[Json]", gold["actions"])]


def _say(call: ToolCall) -> str:
    return f"{call.name} {canonical(dict(call.arguments))}"


def _read(path: Path) -> Json:
    return cast("Json", json.loads(path.read_text("utf-8")))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fidelity", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the folder of real material")
    parser.add_argument("--show", type=int, default=0, help="examples of each disagreement")
    parser.add_argument("--out", type=Path, default=Path("runs/fidelity.json"))
    return parser


if __name__ == "__main__":
    sys.exit(main())
