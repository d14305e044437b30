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
from typing import TypeAlias, cast

from benchmarks import layout_forms as forms
from benchmarks.layout_forms import Entry, Tool
from tasks.almita.reader import read_almita
from tasks.apigen.reader import read_records
from tasks.procedures.records import generate
from tasks.types import Task, TaskSet
from tools.types import Json, Role

CONVERSATIONS = 6
"""So many are written, as rows of tests or as a row each."""
Cells: TypeAlias = Callable[[int], str]
"""Number of a row -> a cell."""


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
    turns: Callable[[Sequence[Entry]], Json] = forms.openai
    """Turns -> what stands in the cell."""
    wanted: Callable[[Entry], Json] = forms.bare_call
    """The expected turn -> what stands in the cell."""
    tools: Callable[[Sequence[Tool]], Json] = forms.enveloped
    """APIs -> what stands in the cell."""
    encode: Callable[[Json], str] = json.dumps
    """How values become text."""
    extra: Mapping[str, Cells] = field(default_factory=dict)
    """Further columns, which stand in front."""
    delimiter: str = ","
    """What parts cells."""
    encoding: str = "utf-8"
    """How text becomes bytes."""
    columns: Mapping[str, str | None] = field(default_factory=dict)
    """What somebody has mapped."""
    ought: Outcome = Outcome.RIGHT
    """What has to become of it."""

    @property
    def names(self) -> tuple[str, ...]:
        """The fields' columns, in the order of the header."""
        return tuple(self.header.split("|"))

    @property
    def apart(self) -> bool:
        """Whether expected replies and calls have a column each."""
        return "&" in self.names[-1]


TALK = "conversation_id|procedure|tools|conversation|-"
APART = "conversation_id|procedure|tools|context|expected_reply&expected_api"
NAMELESS = "a|b|c|d|e"
REFUSED = Outcome.REFUSED
HF = forms.turns_as(("from", "value"), "human gpt function_call observation")
AGENTS = forms.turns_as(("speaker", "text"), "Customer Agent Action Observation")
BOTS = forms.turns_as(("sender", "message"), "end_user chatbot tool_call tool_result")


def _same(text: str) -> Cells:
    return lambda row: text


LAYOUTS = (
    Layout("OpenAI's messages as JSON"),
    Layout("… as Python literals", encode=repr),
    Layout("… encoded twice", encode=lambda value: json.dumps(json.dumps(value))),
    Layout("… in an object", turns=forms.in_object),
    Layout("names in title case", "ID|Procedure|Available APIs|Conversation|Expected Output"),
    Layout("names in camel case", "dialogId|systemPrompt|toolSchemas|dialogue|goldAnswer"),
    Layout("history and label", "conv_id|instructions|apis|history|label", AGENTS),
    Layout("messages and target", "session_id|workflow|functions|messages|target", HF),
    Layout("chat and reply", "thread_id|policy|api_schema|chat|next_reply", BOTS),
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
    Layout("pairs", turns=forms.pairs),
    Layout("the speaker as key", turns=forms.one_key),
    Layout("api for calls and answers", turns=forms.api_turns, wanted=forms.text_or_call),
    Layout("calls with their answers", turns=forms.whole_calls, wanted=forms.named_params),
    Layout("transcripts", turns=forms.transcript),
    Layout("calls as text", wanted=forms.text_or_call),
    Layout("expected messages", wanted=forms.agent_message),
    Layout("… that say their kind", wanted=forms.message_or_call),
    Layout("… in quotes", wanted=forms.quoted),
    Layout("APIs in a list", tools=forms.listed),
    Layout("APIs by name", tools=forms.by_name),
    Layout("parameters in words", tools=forms.described),
    Layout("parameters in a list", tools=forms.parameter_list),
    Layout("semicolons", delimiter=";"),
    Layout("tabs", delimiter="\t"),
    Layout("a byte-order mark", encoding="utf-8-sig"),
    Layout("replies and calls apart", APART),
    Layout("… as literals", APART, AGENTS, encode=repr),
    Layout("… mapped", "a|b|c|d|says&does", columns={"expected": "says,does", "id": "a"}),
    Layout("a conversation a row", TALK),
    Layout("… with literals", TALK, HF, tools=forms.by_name, encode=repr),
    Layout("… as transcripts", TALK, forms.transcript),
    Layout("… with api for calls and answers", TALK, forms.api_turns),
    Layout("tests without an id", "-|procedure|tools|context|expected"),
    Layout("nameless, mapped", NAMELESS, columns={"expected": "e", "id": "a"}),
    Layout("two texts, mapped", extra={"answer": str}, columns={"expected": "expected"}),
    Layout("nameless", NAMELESS, ought=REFUSED),
    Layout("two expected texts", extra={"answer": "Good day {}.".format}, ought=REFUSED),
    Layout("two procedures", extra={"policy": _same("Be kind. " * 20)}, ought=REFUSED),
    Layout("APIs in words", tools=forms.signatures, ought=REFUSED),
    Layout("… left out", tools=forms.signatures, columns={"tools": None}, ought=REFUSED),
    Layout("no procedure", "conversation_id|-|tools|context|expected", ought=REFUSED),
    Layout("two names for the customer", turns=forms.two_names, ought=REFUSED),
    Layout("another table", "id|name|city|street|mail", ought=REFUSED, turns=lambda turns: "x"),
    Layout("UTF-16", encoding="utf-16", ought=REFUSED),
)


@cache
def _source() -> tuple[TaskSet, tuple[dict[str, Json], ...]]:
    """The conversations, as they are to be read and as records."""
    records = tuple(record for record, _ in generate(CONVERSATIONS, 5, "all"))
    return read_records(list(records), None, source="layouts", stem="layouts"), records


def rows(layout: Layout) -> Iterator[list[str]]:
    """The table of a layout, without its header."""
    number = 0
    for place, record in enumerate(_source()[1]):
        entries = cast("list[Entry]", record["conversations"])
        own = [i for i, entry in enumerate(entries) if entry["from"] in ("gpt", "function_call")]
        for index in own if layout.names[-1] != "-" else own[-1:]:
            given = [make(number) for make in layout.extra.values()]
            yield given + _cells(layout, f"c{place}", record, index)
            number += 1


def _cells(layout: Layout, name: str, record: Mapping[str, Json], index: int) -> list[str]:
    entries = cast("list[Entry]", record["conversations"])
    tools = cast("list[Tool]", json.loads(str(record["tools"])))
    is_test = layout.names[-1] != "-"
    cells: list[Json] = [
        name,
        record["system"],
        layout.tools(tools),
        layout.turns(entries[: index if is_test else index + 1]),
        layout.wanted(entries[index]),
    ]
    texts = [cell if isinstance(cell, str) else layout.encode(cell) for cell in cells]
    if layout.apart:
        called = entries[index]["from"] == "function_call"
        return [*texts[:-1], *(("", texts[-1]) if called else (texts[-1], ""))]
    return [text for text, column in zip(texts, layout.names, strict=True) if column != "-"]


def write(layout: Layout, path: Path) -> None:
    """Writes the table of a layout."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=layout.delimiter)
    header = layout.header.replace("&", "|").split("|")
    writer.writerow([*layout.extra, *(name for name in header if name != "-")])
    writer.writerows(rows(layout))
    path.write_bytes(text.getvalue().encode(layout.encoding))


def outcome(layout: Layout, folder: Path) -> tuple[Outcome, str]:
    """How a layout is read, and what the error says if it is refused."""
    path = folder / "ALMITA.csv"
    write(layout, path)
    try:
        read = read_almita(path, layout.columns)
    except ValueError as error:
        return Outcome.REFUSED, str(error)
    has_id = layout.names[0] != "-"
    grouped = len(read.tasks) == CONVERSATIONS or not has_id
    same = not read.errors and grouped and sorted(_tests(read)) == sorted(_tests(_source()[0]))
    return (Outcome.RIGHT if same else Outcome.WRONG), ""


def _tests(tasks: TaskSet) -> Iterator[str]:
    """All tests, each with everything that an agent gets and that is expected of it."""
    for task in tasks.tasks:
        yield from (repr(_test(task, number)) for number in range(len(task.decisions)))


def _test(task: Task, number: int) -> tuple[object, ...]:
    turn = task.decisions[number]
    said = [(m.role, m.content) for m in task.messages[: turn.index] if m.role is not Role.SYSTEM]
    calls = [(call.name, sorted(call.arguments.items())) for call in turn.calls]
    return task.rules, [tool.name for tool in task.tools], said, turn.kind, turn.text, calls


def main() -> Counter[Outcome]:
    """Prints what became of each layout."""
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
    main()
