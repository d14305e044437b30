"""Whether the reader of ALMITA's tables understands many layouts, or says why it does not.

    python -m benchmarks.layouts

The header of the real files was unknown to us; so the same conversations are written in layouts
that such files may have, and read back: rightly, not at all with an explanation, or, what must
never be, wrongly without a word.
"""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import cast

from benchmarks.layout_cells import (
    Entry,
    Row,
    Tool,
    Turns,
    agents_turn,
    api_and_params,
    call,
    call_text,
    enveloped,
    is_call,
    keys,
    kind_and_content,
    message,
    messages,
    parameters,
    quoted,
    signatures,
    transcript,
    turns,
    whole_calls,
)
from tasks.almita.reader import read_almita
from tasks.apigen.reader import read_records
from tasks.procedures.records import generate
from tasks.types import Task, TaskSet
from tools.command import run
from tools.command_line import read_options
from tools.types import Json, Role

CONVERSATIONS = 6
"""This many are written, as rows of tests or as a row each."""


class Outcome(StrEnum):
    """How a table was read."""

    RIGHT = "right"
    """All tests as they were written."""
    REFUSED = "refused"
    """Not at all: an error says what each column looks like."""
    WRONG = "wrong"
    """Something else than was written, without a word."""


@dataclass(frozen=True, slots=True)
class Layout:
    """One way to write the table."""

    name: str
    """What is special about it."""
    header: str = "conversation_id|procedure|tools|context|expected"
    """The columns of id, procedure, tools, turns and expected; `-` for one that is not there, and
    `REPLY&CALL` where what is expected has two columns."""
    turns: Turns = messages
    """Turns -> what stands in the cell."""
    wanted: Callable[[Entry], Json] = call
    """The expected turn -> what stands in the cell."""
    tools: Callable[[Sequence[Tool]], Json] = enveloped
    """APIs -> what stands in the cell."""
    encode: Callable[[Json], str] = json.dumps
    """How values become text."""
    extra: Mapping[str, Callable[[int], str]] = field(default_factory=dict)
    """Further columns, which stand in front: number of a row -> a cell."""
    delimiter: str = ","
    """What parts cells."""
    encoding: str = "utf-8"
    """How text becomes bytes."""
    columns: Mapping[str, str | None] = field(default_factory=dict)
    """What somebody has mapped."""
    ought: Outcome = Outcome.RIGHT
    """What has to become of it."""

    @property
    def is_talk(self) -> bool:
        """Whether a row is a whole conversation."""
        return self.header.endswith("|-")


TALK = "conversation_id|procedure|tools|conversation|-"
APART = "conversation_id|procedure|tools|context|expected_reply&expected_api"
NAMELESS = "a|b|c|d|e"
REFUSED = Outcome.REFUSED
HF = turns(keys("from", "value"), "human|gpt|function_call|observation")
AGENTS = turns(keys("speaker", "text"), "Customer|Agent|Action|Observation")
BOTS = turns(keys("sender", "message"), "end_user|chatbot|tool_call|tool_result")
PAIRS = turns(lambda who, what: [who, what], "Customer|Bot|API call|API response")
ONE_KEY = turns(lambda who, what: {who: what}, "user|agent|api_call|api_output")
TWO_NAMES = turns(keys("role", "content"), "customer|human|call|tool")
API = turns(keys("role", "text"), "customer|agent|api|api", call_text)


def _by_name(tools: Sequence[Tool]) -> Json:
    return {str(tool["name"]): tool for tool in tools}


def _same(text: str) -> Callable[[int], str]:
    return lambda row: text


LAYOUTS = (
    Layout("OpenAI's messages as JSON"),
    Layout("… as Python literals", encode=repr),
    Layout("… encoded twice", encode=lambda value: json.dumps(json.dumps(value))),
    Layout("… in an object", turns=lambda entries: {"messages": messages(entries)}),
    Layout("names in title case", "ID|Procedure|Available APIs|Conversation|Expected Output"),
    Layout("names in camel case", "dialogId|systemPrompt|toolSchemas|dialogue|goldAnswer"),
    Layout("history and label", "conv_id|instructions|apis|history|label", AGENTS),
    Layout("messages and target", "session_id|workflow|functions|messages|target", HF),
    Layout("chat and reply", "thread_id|policy|api_schema|chat|next_reply", BOTS),
    Layout("messages and answer", "dialogue_id|policy|functions|messages|answer", HF, encode=repr),
    Layout("chats", "session_id|workflow|api_schema|chat_history|next_turn", AGENTS, agents_turn),
    Layout("conversation and turns", "conversation|steps|tools|turns|target", HF, call_text),
    Layout("names that say nothing of turns and APIs", "conversation_id|steps|p|q|gold"),
    Layout("an index without a name", extra={"": str}),
    Layout("pandas' index", extra={"Unnamed: 0": str}),
    Layout("a test's id beside the conversation's", extra={"test_id": str}),
    Layout("an intent", extra={"intent": _same("Give money back")}),
    Layout("a flowgraph", extra={"flowgraph": _same('{"n1": {"description": "Ask."}}')}),
    Layout("a model's answer", extra={"model_answer": "I do not know {}.".format}),
    Layout("the procedure's name", extra={"procedure_name": _same("Give money back")}),
    Layout("the kind of turn", extra={"expected_type": "reply or call {}".format}),
    Layout("a verdict called label", extra={"label": _same("good answer")}),
    Layout("an empty column", extra={"answer": _same("")}),
    Layout("a column of NaN", extra={"target": _same("NaN")}),
    Layout("pairs", turns=PAIRS),
    Layout("the speaker as key", turns=ONE_KEY),
    Layout("api for calls and answers", turns=API, wanted=call_text),
    Layout("calls with their answers", turns=whole_calls, wanted=api_and_params),
    Layout("transcripts", turns=transcript),
    Layout("calls as text", wanted=call_text),
    Layout("expected messages", wanted=message),
    Layout("… that say their kind", wanted=kind_and_content),
    Layout("… in quotes", wanted=quoted),
    Layout("APIs in a list", tools=list),
    Layout("APIs by name", tools=_by_name),
    Layout("parameters in words", tools=parameters(lambda p: {n: f"The {n}." for n in p})),
    Layout("parameters in a list", tools=parameters(list)),
    Layout("semicolons", delimiter=";"),
    Layout("tabs", delimiter="\t"),
    Layout("a byte-order mark", encoding="utf-8-sig"),
    Layout("replies and calls apart", APART),
    Layout("… as literals", APART, AGENTS, encode=repr),
    Layout("… mapped", "a|b|c|d|says&does", columns={"expected": "says,does", "id": "a"}),
    Layout("a conversation a row", TALK),
    Layout("… with literals", TALK, HF, tools=_by_name, encode=repr),
    Layout("… as transcripts", TALK, transcript),
    Layout("… with api for calls and answers", TALK, API),
    Layout("tests without an id", "-|procedure|tools|context|expected"),
    Layout("nameless, mapped", NAMELESS, columns={"expected": "e", "id": "a"}),
    Layout("two texts, mapped", extra={"answer": str}, columns={"expected": "expected"}),
    Layout("nameless", NAMELESS, ought=REFUSED),
    Layout("two expected texts", extra={"answer": "Good day {}.".format}, ought=REFUSED),
    Layout("two procedures", extra={"policy": _same("Be kind. " * 20)}, ought=REFUSED),
    Layout("APIs in words", tools=signatures, ought=REFUSED),
    Layout("… left out", tools=signatures, columns={"tools": None}, ought=REFUSED),
    Layout("no procedure", "conversation_id|-|tools|context|expected", ought=REFUSED),
    Layout("two names for the customer", turns=TWO_NAMES, ought=REFUSED),
    Layout("another table", "id|name|city|street|mail", ought=REFUSED, turns=lambda turns: "x"),
    Layout("UTF-16", encoding="utf-16", ought=REFUSED),
)  # fmt: skip


@cache
def _source() -> tuple[TaskSet, tuple[dict[str, Json], ...]]:
    """The conversations, as they are to be read and as records."""
    records = tuple(record for record, _ in generate(CONVERSATIONS, 5, "all"))
    return read_records(list(records), None, source="layouts", stem="layouts"), records


def rows(layout: Layout) -> list[Row]:
    """The table of a layout."""
    table: list[Row] = []
    for place, record in enumerate(_source()[1]):
        entries = cast("list[Entry]", record["conversations"])
        own = [i for i, entry in enumerate(entries) if entry["from"] in ("gpt", "function_call")]
        for index in own[-1:] if layout.is_talk else own:
            given = {name: cell(len(table)) for name, cell in layout.extra.items()}
            table.append(given | _row(layout, f"c{place}", record, index))
    return table


def _row(layout: Layout, name: str, record: Mapping[str, Json], index: int) -> Row:
    entries = cast("list[Entry]", record["conversations"])
    wanted = entries[index]
    cells: list[Json] = [
        name,
        record["system"],
        layout.tools(cast("list[Tool]", json.loads(str(record["tools"])))),
        layout.turns(entries[: index + layout.is_talk]),
        layout.wanted(wanted),
    ]
    texts = [cell if isinstance(cell, str) else layout.encode(cell) for cell in cells]
    row = dict(zip(layout.header.split("|"), texts, strict=True))
    row.pop("-", None)
    if "&" in layout.header:
        both, text = row.popitem()
        reply, call = both.split("&")
        row |= {reply: "", call: text} if is_call(wanted) else {reply: text, call: ""}
    return row


def write(path: Path, table: Sequence[Row], layout: Layout = LAYOUTS[0]) -> Path:
    """Writes a table with a layout's delimiter and encoding; returns the path."""
    text = io.StringIO()
    writer = csv.DictWriter(text, list(table[0]), delimiter=layout.delimiter)
    writer.writeheader()
    writer.writerows(table)
    path.write_bytes(text.getvalue().encode(layout.encoding))
    return path


def outcome(layout: Layout, folder: Path) -> tuple[Outcome, str]:
    """How a layout is read, and what the error says if it is refused."""
    path = write(folder / "ALMITA.csv", rows(layout), layout)
    try:
        read = read_almita(path, layout.columns)
    except ValueError as error:
        return Outcome.REFUSED, str(error)
    grouped = len(read.tasks) == CONVERSATIONS or layout.header.startswith("-")
    return (Outcome.RIGHT if grouped and is_right(read) else Outcome.WRONG), ""


def is_right(read: TaskSet) -> bool:
    """Whether all tests were read as they were written, whichever belong together."""
    return not read.errors and sorted(_tests(read)) == sorted(_tests(_source()[0]))


def _tests(tasks: TaskSet) -> Iterator[str]:
    """All tests, each with everything that an agent gets and that is expected of it."""
    for task in tasks.tasks:
        yield from (repr(_test(task, number)) for number in range(len(task.decisions)))


def _test(task: Task, number: int) -> tuple[object, ...]:
    turn = task.decisions[number]
    said = [(m.role, m.content) for m in task.messages[: turn.index] if m.role is not Role.SYSTEM]
    calls = [(call.name, sorted(call.arguments.items())) for call in turn.calls]
    return task.rules, [tool.name for tool in task.tools], said, turn.kind, turn.text, calls


@dataclass(frozen=True, slots=True)
class Options:
    """There is nothing to choose."""


def main(argv: Sequence[str] | None = None) -> Counter[Outcome]:
    """Prints what became of each layout."""
    read_options(Options, argv, prog="python -m benchmarks.layouts", about=__doc__)
    found = Counter[Outcome]()
    with TemporaryDirectory() as folder:
        for layout in LAYOUTS:
            came, why = outcome(layout, Path(folder))
            found[came] += 1
            print(f"{came:8} {layout.name}")
            if why:
                print(f"         {why.splitlines()[0].split('. ')[0]}")
    counts = ", ".join(f"{found[kind]} {kind}" for kind in Outcome)
    print(f"{len(LAYOUTS)} layouts: {counts}")
    return found


if __name__ == "__main__":
    run(main)
