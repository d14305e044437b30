"""What the fidelity benchmark prints, and what it writes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from agents.console import console, plain_table
from benchmarks.fidelity_replay import (
    EQUAL,
    INJECTED,
    Comparison,
    GoldAction,
    Verdict,
    Without,
)
from benchmarks.machine import machine
from tools.jsontext import canonical, short
from tools.types import Json, ToolCall


@dataclass(frozen=True, slots=True)
class Findings:
    """All that was compared."""

    schemas: dict[str, list[str]]
    """World -> the tools whose schema is not tau-bench's."""
    gold: Sequence[GoldAction]
    """The gold actions."""
    observations: Sequence[Comparison]
    """The recorded calls."""
    verdicts: Sequence[Verdict]
    """The verdicts on the ends."""
    without: Sequence[Without] = ()
    """The dialogues that are left out."""

    @property
    def unlike(self) -> list[Comparison]:
        """The recorded calls that are answered in another way."""
        return [o for o in self.observations if o.kind not in EQUAL and o.kind != INJECTED]

    @property
    def refused(self) -> list[GoldAction]:
        """The gold actions that our worlds refuse."""
        return [action for action in self.gold if not action.ok]

    @property
    def split(self) -> list[Verdict]:
        """The verdicts that are not the official ones."""
        return [v for v in self.verdicts if v.ours is not v.official]


def print_tables(found: Findings) -> None:
    """Prints what was compared, and how much of it is equal."""
    schemas = [(world, ", ".join(names) or "equal") for world, names in found.schemas.items()]
    tables = (
        ("Tool schemas", ["world", "tools that differ"], schemas),
        ("Gold actions", ["tasks", "gold actions", "accepted", "refused"], _gold_rows(found.gold)),
        (
            "Recorded observations",
            ["source", "compared", "equal", "%", "unlike", "left out"],
            _observation_rows(found.observations),
        ),
        ("What is not equal", ["source", "tool", "kind", "n"], _unlike_rows(found.unlike)),
        (
            "Verdicts on the end",
            ["source", "verdict", "dialogues", "same verdict"],
            _verdict_rows(found.verdicts),
        ),
        ("Dialogues left out", ["source", "left out", "n"], _without_rows(found.without)),
    )
    for title, heads, rows in tables:
        if listed := list(rows):
            console().print(plain_table(title, heads, listed))


def print_examples(found: Findings, count: int) -> None:
    """Prints the first of each kind of disagreement."""
    lines = [
        *(
            f"gold {a.task_set} {a.task}: {_say(a.call)} -> {a.answer}"
            for a in found.refused[:count]
        ),
        *(
            f"{o.source} {o.dialogue}: {_say(o.call)}: {o.kind}\n    recorded {o.recorded[:300]}"
            f"\n    answered {o.answered[:300]}"
            for o in found.unlike[:count]
        ),
        *(
            f"{v.source} {v.dialogue}: {v.what} is {v.ours} to us, {v.official} officially"
            for v in found.split[:count]
        ),
    ]
    for line in lines:
        console().print(line, markup=False)


def as_json(found: Findings) -> dict[str, Json]:
    """All counts, and every disagreement; no text of a dialogue beyond an excerpt."""
    counts = Counter(f"{o.source}: {o.kind}" for o in found.observations)
    verdicts = Counter(
        f"{v.source}: {v.what}, ours {v.ours}, official {v.official}" for v in found.verdicts
    )
    return {
        "schemas that differ": {world: list(names) for world, names in found.schemas.items()},
        "gold": dict(Counter(f"{a.task_set}: {'ok' if a.ok else 'refused'}" for a in found.gold)),
        "gold refused": [
            {"tasks": a.task_set, "task": a.task, "call": _say(a.call), "answer": short(a.answer)}
            for a in found.refused
        ],
        "observations": dict(sorted(counts.items())),
        "observations that differ": [
            {"source": o.source, "dialogue": o.dialogue, "call": _say(o.call), "kind": o.kind}
            for o in found.unlike
        ],
        "verdicts": dict(sorted(verdicts.items())),
        "left out": [
            {"source": w.source, "dialogue": w.dialogue, "what": w.what, "why": w.why}
            for w in found.without
        ],
        "verdicts that differ": [
            {"source": v.source, "dialogue": v.dialogue, "verdict": v.what, "ours": v.ours}
            for v in found.split
        ],
        "machine": dict(machine()),
    }


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
        share = f"{100 * equal / max(1, len(compared)):.2f}"
        counts = (len(compared) - equal, len(own) - len(compared))
        yield source, f"{len(compared):,}", f"{equal:,}", share, *(f"{n:,}" for n in counts)


def _unlike_rows(unlike: Sequence[Comparison]) -> Iterator[tuple[str, ...]]:
    kinds = Counter((o.source, o.call.name, o.kind) for o in unlike)
    for kind, count in sorted(kinds.items()):
        yield *kind, f"{count:,}"


def _verdict_rows(judged: Sequence[Verdict]) -> Iterator[tuple[str, ...]]:
    for source in (*sorted({v.source for v in judged}), "all"):
        for what in ("state", "outcome"):
            own = [v for v in judged if v.what == what and source in (v.source, "all")]
            if own:
                same = sum(v.ours is v.official for v in own)
                yield source, what, f"{len(own):,}", f"{same:,}"


def _without_rows(without: Sequence[Without]) -> Iterator[tuple[str, ...]]:
    for source in (*sorted({w.source for w in without}), "all"):
        own = Counter(w.what for w in without if source in (w.source, "all"))
        for what, count in sorted(own.items()):
            yield source, what, f"{count:,}"


def _say(call: ToolCall) -> str:
    return f"{call.name} {canonical(dict(call.arguments))}"
