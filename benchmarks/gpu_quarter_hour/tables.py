"""What was found so far, as tables and as one file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from rich.console import Console

from agents.console import WIDTH, console
from benchmarks.gpu_quarter_hour.schedule import PHASES, found_in
from tools.files import write_json, write_text
from train.scoring.report import Words
from train.scoring.stats import Interval

METRICS = {"success": "won", "format_rate": "well-formed"}
"""Metrics of an evaluation that are shown, where it has them -> what they are called here."""


def tell(out: Path) -> list[Words]:
    """Prints the tables, and writes `summary.json` and `report.txt`: all that has to be kept."""
    found = found_in(out)
    tables = [*summary(found)]
    write_json(out / "summary.json", found)
    with (out / ".report").open("w", encoding="utf-8") as file:
        for screen in (console(), Console(file=file, width=WIDTH, markup=False)):
            for one in tables:
                screen.print(one.table())
    text = (out / ".report").read_text("utf-8")
    (out / ".report").unlink()
    write_text(out / "report.txt", text)
    return tables


def summary(found: Mapping[str, dict[str, Any]]) -> Iterator[Words]:
    """The tables of what is there."""
    yield _phases(found)
    steps = {name: one for name, one in found.items() if "seconds" in one and "path" in one}
    if imitated := {k: v for k, v in steps.items() if k.startswith("sft-")}:
        yield _imitated(imitated, found)
    if reinforced := {k: v for k, v in steps.items() if k.startswith("grpo-")}:
        yield _reinforced(reinforced, found)
    if stages := [name for name in found if _is_stage(name, found)]:
        yield _stages({name: found[name] for name in stages})


def _phases(found: Mapping[str, dict[str, Any]]) -> Words:
    rows = []
    for phase in PHASES:
        state = found.get(f"{phase}.phase", {})
        seconds = f"{state['seconds']:.0f} of {state['limit']:.0f}" if state else "-"
        failed = [
            f"{name}: {one['error'][:60]}"
            for name, one in found.items()
            if name.partition("-")[0] == phase and "error" in one
        ]
        rows.append((phase, state.get("ended", "not done"), seconds, "; ".join(failed)))
    return Words("Phases", ("phase", "ended", "seconds", "failed"), tuple(rows), _chip(found))


def _chip(found: Mapping[str, dict[str, Any]]) -> str:
    one = found.get("environment", {})
    if "measured" not in one:
        return ""
    peak = f"{one['peak'] / 1e12:.0f} TFLOP/s by its data sheet" if one["peak"] else "peak unknown"
    versions = ", ".join(f"{name} {version}" for name, version in one["packages"].items())
    return f"{one['chip']}, {peak}, {one['measured'] / 1e12:.3g} measured; {versions}"


def _imitated(steps: Mapping[str, dict[str, Any]], found: Mapping[str, dict[str, Any]]) -> Words:
    heads = (
        "tokens",
        "path",
        "s a step",
        "tokens/s",
        "of peak",
        "of measured",
        "peak GB",
        "by calc.",
    )
    rows = [
        (
            f"{one['length']:,}",
            one["path"],
            f"{one['seconds']:.3g}",
            f"{one['tokens_per_s']:,.0f}",
            *_shares(one, found),
            f"{one['peak_gb']:.1f}",
            f"{one['calculated_gb']:.1f}",
        )
        for one in _ordered(steps)
    ]
    caption = (
        "prompts are the same; shares count needed operations (LoRA: 4 a weight), nothing twice"
    )
    return Words("Imitation, random weights with LoRA", heads, tuple(rows), caption)


def _reinforced(steps: Mapping[str, dict[str, Any]], found: Mapping[str, dict[str, Any]]) -> Words:
    heads = (
        "tokens",
        "path",
        "play, s",
        "drawn/s",
        "train, s",
        "tokens/s",
        "of peak",
        "of measured",
        "peak GB",
        "by calc.",
    )
    rows = [
        (
            f"{one['length']:,}",
            one["path"],
            f"{one['play_seconds']:.3g}",
            f"{one['drawn_per_s']:,.0f}",
            f"{one['seconds']:.3g}",
            f"{one['tokens_per_s']:,.0f}",
            *_shares(one, found),
            f"{one['peak_gb']:.1f}",
            f"{one['calculated_gb']:.1f}",
        )
        for one in _ordered(steps)
    ]
    caption = "one group a step; `ours, recomputed` plays one message alone; by calc.: recomputed"
    return Words("GRPO, random weights with LoRA", heads, tuple(rows), caption)


def _ordered(steps: Mapping[str, dict[str, Any]]) -> list[dict[str, Any]]:
    """The shorter rows first, ours before the plain path."""
    return sorted(steps.values(), key=lambda one: (one["length"], one["path"]))


def _shares(one: Mapping[str, Any], found: Mapping[str, dict[str, Any]]) -> tuple[str, str]:
    """Of the data sheet's peak, and of the matrix product that was timed."""
    rate = found.get("environment", {}).get("measured")
    measured = f"{one['flops'] / one['seconds'] / rate:.0%}" if rate else "-"
    return "-" if one["share_of_peak"] is None else f"{one['share_of_peak']:.0%}", measured


def _is_stage(name: str, found: Mapping[str, dict[str, Any]]) -> bool:
    return name.startswith("pipeline-") and "metrics" in found[name]


def _stages(stages: Mapping[str, dict[str, Any]]) -> Words:
    known = [name for name in METRICS if all(name in one["metrics"] for one in stages.values())]
    rows = []
    order = ("base", "SFT", "cold-start", "GRPO")

    def place(name: str) -> tuple[str, int]:
        _, seed, stage = name.split("-", 2)
        return seed, order.index(stage)

    for name in sorted(stages, key=place):
        one, (_, seed, stage) = stages[name], name.split("-", 2)
        shown = (_interval(one["metrics"][metric]) for metric in known)
        seconds = "; ".join(f"{what} {took:.0f}" for what, took in one["seconds"].items())
        rows.append((f"seed {seed}, {stage}", *shown, str(one["generations"] or "-"), seconds))
    heads = ("pipeline", *(METRICS[name] for name in known), "generations", "seconds")
    return Words(
        "The real model, held-out tasks, sampled", heads, tuple(rows), "95 % intervals by task"
    )


def _interval(one: Mapping[str, float | None]) -> str:
    found = Interval.from_dict(one)
    return f"{found.value:.3f} {found.ends('.3f')}" if found.n else "-"
