r"""Rewrites the customers' turns of procedures with a model: more wordings for the same cases.

    REASONACT_LLM_BASE_URL=http://localhost:8000/v1 REASONACT_LLM_MODEL=… \
        python -m tasks.procedures.paraphrase procedures:200:0 --out dialogues.json

Only turns that contain a value or open the conversation are rewritten, and only if every value and
fact survives: a yes stays a yes. The file and its sidecar are then data like any other; in dialogue
mode the customer says the same new words. No other part of the project needs this.
"""

from __future__ import annotations

import tools.interrupts  # noqa: F401 (first: Ctrl-C during the others)

# isort: split

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, TypeAlias, cast

from tasks.facts import fact_tokens
from tasks.procedures.library import SEEN
from tasks.procedures.records import Record, generate
from tools.chat_endpoint import Endpoint, EndpointError
from tools.command import complain, run
from tools.command_line import read_options
from tools.files import write_text
from tools.jsontext import canonical, short
from tools.option_types import Positional, shown_as
from tools.places import require_ending, require_place
from tools.ranges import LARGEST
from tools.types import Json

Ask: TypeAlias = Callable[[str], str]
"""A function from a prompt to the model's answer."""

_PROG = "python -m tasks.procedures.paraphrase"
LONGEST = 3
"""The largest ratio of the lengths of a rewritten and an original turn, plus one sentence.

Chosen by hand: a longer turn says more than the customer wanted to say.
"""
_PROMPT = (
    "Rewrite what a customer writes to a service desk in other words, as another person would say "
    "it. Keep the meaning, and copy every number, code, name, month and e-mail address letter by "
    "letter. Answer with the rewritten text alone.\n\n{text}"
)


def paraphrase(record: Record, sidecar: Record, ask: Ask, tally: Counter[str]) -> None:
    """Rewrites a conversation's customer, in the record and in its case.

    Args:
        record: A record; its turns change to the accepted wordings.
        sidecar: Its sidecar, whose case gets the new wordings.
        ask: The model.
        tally: Counts the turns that were `rewritten`, `refused` or `left` alone.
    """
    case = cast("dict[str, Json]", sidecar["case"])
    wording: dict[str, Json] = {}
    values = _values(case)
    turns = cast("list[dict[str, str]]", record["conversations"])
    for place, turn in enumerate(turns):
        if turn["from"] != "human":
            continue
        text = turn["value"]
        if place > 0 and not _held(text, values):
            tally["left"] += 1
            continue
        new = " ".join(ask(_PROMPT.format(text=text)).split())
        kept = survives(text, new, values)
        tally["rewritten" if kept else "refused"] += 1
        if kept:
            wording[text] = turn["value"] = new
    case["wording"] = wording


def survives(text: str, new: str, values: Sequence[str]) -> bool:
    """Whether a new wording has the content of the old one, as far as that can be checked.

    Args:
        text: The old wording.
        new: Other words for it.
        values: The values of slots that the customer may tell.
    """
    if not new or len(new) > LONGEST * len(text) + 80:
        return False
    same_values = _held(text, values) == _held(new, values)
    return same_values and fact_tokens(text) == fact_tokens(new)


def _values(case: Mapping[str, Json]) -> list[str]:
    told = cast("dict[str, list[Json]]", case.get("values", {}))
    return [str(value) for values in told.values() for value in values]


def _held(text: str, values: Sequence[str]) -> set[str]:
    return {value for value in values if value in text}


@dataclass(frozen=True, slots=True)
class ParaphraseOptions:
    """What is rewritten."""

    data: Positional[Annotated[str, shown_as("procedures:N[:SEED[:PART]]")]]
    """The generated conversations."""
    out: Annotated[Path, shown_as("FILE")]
    """A .json file; the sidecar comes next to it."""


def main(argv: Sequence[str] | None = None) -> int:
    """Writes the file and its sidecar; returns the process's exit status."""
    args = read_options(ParaphraseOptions, argv, prog=_PROG, about=__doc__)
    try:
        size, seed, part = _named(args.data)
        require_ending(args.out, "--out", ".json")
        require_place(args.out)
        endpoint = Endpoint.from_environment("the paraphrases", None)
        rows = list(generate(size, seed, part))
        tally = Counter[str]()
        for record, sidecar in rows:
            paraphrase(record, sidecar, lambda text: _asked(endpoint, text), tally)
    except (EndpointError, OSError, ValueError) as error:
        return complain(_PROG, error)
    write_text(args.out, json.dumps([record for record, _ in rows], indent=1))
    sidecar_path = args.out.with_suffix(".meta.json")
    write_text(sidecar_path, json.dumps([sidecar for _, sidecar in rows], indent=1))
    print(f"{args.out}: {len(rows):,} conversations; turns: " + canonical(dict(tally)))
    return 0


def _asked(endpoint: Endpoint, text: str) -> str:
    return endpoint.answer([{"role": "user", "content": text}])


def _named(data: str) -> tuple[int, int, str]:
    parts = data.split(":")
    numbers = all(map(_is_number, parts[1:3]))
    if parts[0] != "procedures" or len(parts) not in (2, 3, 4) or not numbers:
        raise ValueError(
            f"expected procedures:N[:SEED[:PART]], N a whole number from 1, got {short(data)}"
        )
    _, size, seed, part = [*parts, *("0", SEEN)[len(parts) - 2 :]]
    if not 1 <= int(size) <= LARGEST:
        raise ValueError(f"expected 1 to {LARGEST:,} conversations, got {short(size)}")
    return int(size), int(seed), part


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= 20


if __name__ == "__main__":
    run(main)
