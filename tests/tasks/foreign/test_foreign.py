"""What other people's data look like, and what is said of data of another kind."""

from __future__ import annotations

import gzip
import io
import json
import pickle
import sys
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.gold import Gold
from agents.play import play
from reasonact_env.config import EnvConfig
from reasonact_env.env import ReasonActEnv
from tasks.foreign.literals import value_in
from tasks.foreign.tagged import offer_in, said_in
from tasks.load import load_tasks
from tasks.summary import summary
from tasks.types import Task, TaskSet
from tools.types import MessageKind, Role, ToolCall

FIND = {
    "name": "find",
    "description": "Finds a parcel.",
    "parameters": {
        "type": "object",
        "properties": {"no": {"type": "string"}, "all": {"type": "boolean"}},
        "required": ["no"],
    },
}
ENVELOPE = {"type": "function", "function": FIND}
CALL = {"name": "find", "arguments": {"no": "12"}}
HEAD = "You are given signatures within <tools> </tools> XML tags. Be brief.\n"
TAIL = (
    "\nCall within <tool_call> </tool_call> tags:\n<tool_call>\n"
    "{'arguments': <args-dict>, 'name': <function-name>}\n</tool_call>\n"
)


def read(*rows: Any) -> TaskSet:
    return load_tasks(lambda: [(row, {}) for row in rows])


def task_of(row: Any) -> Task:
    found = read(row)
    assert not found.errors, found.errors
    return found.tasks[0]


def kinds(task: Task) -> str:
    return "".join(turn.kind.value[0] for turn in task.turns)


def hermes(said: str, answer: str = "at gate 3", tools: Any = None, **more: Any) -> dict[str, Any]:
    offer = [ENVELOPE] if tools is None else tools
    turns = [
        ("system", f"{HEAD}<tools>\n{offer}\n</tools>{TAIL}"),
        ("human", "Where is parcel 12?"),
        ("gpt", said),
        ("tool", f"<tool_response>\n{answer}\n</tool_response>\n"),
        ("gpt", "At gate 3."),
    ]
    return {"conversations": [{"from": who, "value": text} for who, text in turns], **more}


def chat(*messages: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": "Hi"}, *messages], "tools": [ENVELOPE], **more}


XLAM = {
    "id": 7,
    "query": "Where are parcels 12 and 4?",
    "tools": json.dumps(
        [
            {
                "name": "find",
                "description": "Finds a parcel.",
                "parameters": {
                    "no": {"type": "str", "description": "Its number."},
                    "days": {"type": "int, optional", "description": "Of history.", "default": 3},
                    "gates": {"type": "List[int]", "description": "Where.", "default": []},
                },
            }
        ]
    ),
    "answers": json.dumps([CALL, {"name": "find", "arguments": {"no": "4", "days": 2}}]),
}


@pytest.mark.parametrize(
    "said",
    [
        "<tool_call>\n{'arguments': {'no': '12', 'all': True}, 'name': 'find'}\n</tool_call>\n",
        '<tool_call>\n{"name": "find", "arguments": {"no": "12", "all": true}}\n</tool_call>',
        '<tool_call>\\n{"name": "find", "arguments": {"no": "12", "all": true}}\\n</tool_call>',
    ],
)
def test_a_dialogue_as_hermes_has_it(said: str) -> None:
    task = task_of(hermes(said))
    assert task.rules == "Be brief."
    assert [spec.name for spec in task.tools] == ["find"]
    assert kinds(task) == "cr"
    assert task.turns[0].calls == (ToolCall("find", {"no": "12", "all": True}),)
    assert task.messages[3].content == "at gate 3"
    assert task.decisions == task.turns
    assert task.goal.reads == task.turns[0].calls


def test_several_calls_and_answers_of_one_message_stay_together() -> None:
    block = "<tool_call>\n{'name': 'find', 'arguments': {'no': '%s'}}\n</tool_call>"
    answers = 'x\n</tool_response>\n<tool_response>\n{"name": "find", "content": {"at": 3}}'
    task = task_of(hermes(f"I look.\n{block % 1}\n{block % 2}", answers))
    assert [call.arguments["no"] for call in task.turns[0].calls] == ["1", "2"]
    told = [message.content for message in task.messages if message.role is Role.TOOL]
    assert told == ["x", '{"at": 3}']
    assert task.messages[2].content.startswith("I look.\n<tool_call>")


def test_tools_beside_the_turns_count_more_than_those_in_the_text() -> None:
    said = "<tool_call>{'name': 'look', 'arguments': {'no': '1'}}</tool_call>"
    task = task_of({**hermes(said), "tools": json.dumps([{**FIND, "name": "look"}])})
    assert [spec.name for spec in task.tools] == ["look"]
    assert (task.rules, task.decisions) == ("Be brief.", task.turns)


@pytest.mark.parametrize("said", ["<tool_call>\n{'name': find}\n</tool_call>", "<tool_call>\n{}"])
def test_a_call_that_cannot_be_read_is_history_and_no_decision(said: str) -> None:
    found = read(hermes(said))
    assert found.mended["unreadable_call"] == 1
    assert [turn.is_decision for turn in found.tasks[0].turns] == [False, True]


def test_tools_in_the_text_that_cannot_be_read_are_refused_by_name() -> None:
    (error,) = read(hermes("Hm.", tools="{oops")).errors
    assert error.kind == "bad_tools"
    assert "key `tools` of the record" in error.text


def test_thoughts_are_the_agents_reasons_and_no_part_of_what_it_says() -> None:
    task = task_of(
        chat(
            {"role": "assistant", "content": None, "reasoning": "I look.", "function_call": CALL},
            {"role": "function", "content": "at gate 3"},
            {"role": "assistant", "content": "<think>\nDone.\n</think>\n\nAt gate 3."},
            {"role": "user", "content": "Thanks."},
            {"role": "assistant", "content": "Welcome."},
            {"role": "assistant", "content": "Bye.", "reasoning_content": "Over."},
        )
    )
    assert task.traces == ("I look.", "Done.", "Over.")
    assert kinds(task) == "crr"
    assert [turn.text for turn in task.turns] == ["", "At gate 3.", "Welcome.\n\nBye."]


def test_a_sidecar_counts_more_than_what_a_form_says() -> None:
    row = chat({"role": "assistant", "content": "Hello.", "reasoning": "A greeting."})
    (task,) = load_tasks(lambda: [(row, {"traces": ["Mine."]})]).tasks
    assert task.traces == ("Mine.",)


def test_malformed_calls_of_a_model_stay_as_it_wrote_them() -> None:
    function = {"name": "find", "arguments": "{oops"}
    found = read(
        chat(
            {"role": "assistant", "content": None, "tool_calls": [{"function": function}]},
            {"role": "tool", "content": "Error: no JSON"},
            {"role": "assistant", "tool_calls": [{"function": None}], "content": "I look."},
            {"role": "tool", "content": "Error: no call"},
            {"role": "assistant", "content": "I am sorry."},
        )
    )
    (task,) = found.tasks
    assert [turn.is_decision for turn in task.turns] == [False, False, True]
    assert "{oops" in task.messages[2].content


def test_other_names_for_keys_and_speakers() -> None:
    turns = [
        {"from": "system", "value": "Be kind."},
        {"from": "customer", "value": "Hi"},
        {"from": "model", "value": "Hello."},
    ]
    task = task_of({"conversation": json.dumps(turns), "available_tools": [FIND]})
    assert (task.rules, kinds(task)) == ("Be kind.", "r")
    messages = [{"role": "developer", "content": [{"type": "text", "text": "Be kind."}]}]
    messages += [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello."}]
    other = task_of({"messages": messages, "functions": [FIND]})
    assert other.messages == task.messages


def test_questions_with_calls_are_single_decisions() -> None:
    found = read(XLAM, {**XLAM, "answers": [CALL]}, {**XLAM, "answers": "[]"})
    assert found.forms == {"xLAM's calls": 2}
    assert [(error.kind, error.index) for error in found.errors] == [("no_answer", 2)]
    task = found.tasks[0]
    assert kinds(task) == "c"
    assert [call.arguments for call in task.turns[0].calls] == [
        {"no": "12"},
        {"no": "4", "days": 2},
    ]
    schema = task.tools[0].parameters
    assert schema["required"] == ["no"]
    assert schema["properties"] == {
        "no": {"type": "string", "description": "Its number."},
        "days": {"type": "integer", "description": "Of history.", "default": 3},
        "gates": {
            "type": "array",
            "items": {"type": "integer"},
            "description": "Where.",
            "default": [],
        },
    }
    assert task.goal.reads == task.turns[0].calls


@pytest.mark.parametrize("mode", ["turn", "dialogue"])
def test_gold_earns_one_on_questions_with_calls(mode: str, tmp_path: Path) -> None:
    path = tmp_path / "calls.json"
    booked = {"name": "book_gate", "arguments": {"no": "12"}}
    tools = json.dumps([{"name": "book_gate", "parameters": {"no": {"type": "str"}}}])
    path.write_text(json.dumps([XLAM, {**XLAM, "tools": tools, "answers": [booked]}]), "utf-8")
    config = EnvConfig(data=path, split="all", mode=mode)
    tasks = ReasonActEnv.of(config).tasks
    assert len(tasks) == 2
    for one in play(config, Gold(tasks, mode), [(task.id, None) for task in tasks]):
        assert [step.reward for step in one.episode.steps] == [1.0]


USES_TOOLS = {"type": "tool_use", "id": "1", "name": "find", "input": {}}
UNREAD = [
    ({"chosen": [], "rejected": []}, "preferences", "prompt \\+ chosen"),
    ({"instruction": "Add.", "input": "", "output": "3"}, "instructions", "Alpaca"),
    ({"prompt": "Hi", "completion": "Ho"}, "completions", "prompt \\+ completion"),
    ({"system": "S", "chat": "USER: Hi"}, "glaive", "split `chat` at USER:"),
    ({"question": [[]], "function": []}, "questions", "other file"),
    ({"row_idx": 0, "row": {}}, "viewer", "value of `row`"),
    ({"text": "Once upon"}, "text", "no turns"),
    ({"user_scenario": {}, "evaluation_criteria": {}}, "tau_tasks", "tau:PATH"),
    ({"user_id": "a", "instruction": "b", "actions": []}, "tau_tasks", "tau:PATH"),
    ({"task_id": 1, "trial": 0, "reward": 1, "traj": []}, "runs", "`traj`"),
    (chat({"role": "assistant", "content": [USES_TOOLS]}), "anthropic", "role `tool`"),
    ({"messages": "hi", "tools": []}, "not_a_record", "messages is a str, not a list"),
    ({"conversations": {}, "tools": []}, "not_a_record", "conversations is a dict, not a list"),
    ({"messages": [], "tools": []}, "not_a_record", "whose messages has no message"),
    ({"conversations": [{"from": "human", "value": "Hi"}]}, "bad_tools", "got no tools"),
    ({"a": 1, "b": 2}, "not_a_record", "an object with 'a, b'.*docs/data.md"),
]


@pytest.mark.parametrize(("row", "kind", "words"), UNREAD, ids=[words for *_, words in UNREAD])
def test_a_form_that_is_not_read_is_named_with_what_to_do(row: Any, kind: str, words: str) -> None:
    (error,) = read(row).errors
    assert error.kind == kind
    with pytest.raises(ValueError, match=words):
        raise ValueError(error.text)


def test_a_chat_without_tools_says_so() -> None:
    (error,) = read({"messages": [{"role": "user", "content": "Hi"}]}).errors
    assert error.kind == "bad_tools"
    assert "got no tools; a chat without tools has the list []" in error.text


def test_the_summary_tells_which_forms_were_put_into_ours() -> None:
    row = {"conversations": [{"from": "human", "value": "Hi"}, {"from": "gpt", "value": "Ho"}]}
    found = read(XLAM, hermes("Hm?<tool_call>{}</tool_call>"), {**row, "tools": []})
    rows = dict(summary(found))
    assert rows["put into our form"] == "turns with tags (Hermes) 1, xLAM's calls 1"
    assert rows["tasks"] == "3"


def in_tar() -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("mine.json"))
    return file.getvalue()


def in_zip() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("mine.json", "[]")
    return file.getvalue()


STRANGERS = [
    (in_zip(), "a zip archive, .* unpack it"),
    (pickle.dumps([1]), "a pickle; write its records as JSON lines"),
    (pickle.dumps([1], 2), "a pickle; write its records"),
    (b"(\xb5/\xfd..", "zstd -d .*mine.json"),
    (b"version https://git-lfs.github.com/spec/v1\noid", "git lfs pull"),
    (b"<!DOCTYPE html><p>Log in", "a web page; download the file itself"),
    (b"\xff\xfe[\0]\0", "UTF-16 text; save it as UTF-8"),
    (gzip.compress(b"[]")[:-4], "whole gzip data in mine.json.*fetch the file again"),
    (gzip.compress(b"a,b\n1,2\n"), "expected JSON in mine.json.*named .csv"),
    (in_tar(), "a tar archive; unpack it"),
    (gzip.compress(in_tar()), "a tar archive; unpack it"),
    (b"PAR1 and no more", "expected Parquet or Arrow rows in mine.json"),
    (b"\xff\xff\xff\xff no more", "expected Parquet or Arrow rows in mine.json"),
    (b"\x00\x01\x02", "binary data of an unknown kind"),
    (b'{"format": "reasonact-episodes", "version": 3}\n{}', "replay .*mine.json --export sft"),
    (b'{"format":"reasonact-episodes","version":3}\n{}', "mine.json, got a file of episodes"),
]


@pytest.mark.parametrize(("data", "words"), STRANGERS, ids=[words for _, words in STRANGERS])
def test_a_file_without_records_is_named_with_what_to_do(
    tmp_path: Path, data: bytes, words: str
) -> None:
    (tmp_path / "mine.json").write_bytes(data)
    with pytest.raises(ValueError, match=words):
        load_tasks(tmp_path / "mine.json")


def test_parquet_without_pyarrow_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    (tmp_path / "mine.parquet").write_bytes(b"PAR1")
    with pytest.raises(ValueError, match=r"pip install 'reasonact\[parquet\]'"):
        load_tasks(tmp_path / "mine.parquet")


def test_a_folder_without_a_data_set_names_the_files_in_it(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text("{}", "utf-8")
    with pytest.raises(FileNotFoundError, match=r"with a\.jsonl; name one of these files"):
        load_tasks(tmp_path)
    (tmp_path / "state.json").write_text("{", "utf-8")
    for broken in ("{", "[" * 100_000, "[]"):
        (tmp_path / "state.json").write_text(broken, "utf-8")
        with pytest.raises(ValueError, match=r"but state\.json .*; write the folder again"):
            load_tasks(tmp_path)


def test_a_folder_is_looked_through_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[str] = []
    for name in ("read_bytes", "rglob"):
        known = getattr(Path, name)

        def watched(place: Path, *given: Any, known: Any = known) -> Any:
            looked.append(place.name)
            return known(place, *given)

        monkeypatch.setattr(Path, name, watched)
    saved, hub = tmp_path / "saved", tmp_path / "hub"
    saved.mkdir()
    hub.mkdir()
    names = [f"test-{number}.parquet" for number in range(3)]
    for folder in (saved, hub):
        for name in names:
            (folder / name).write_text(json.dumps([XLAM]), "utf-8")
    state = {"_split": "test", "_data_files": [{"filename": name} for name in names]}
    (saved / "state.json").write_text(json.dumps(state), "utf-8")
    for folder in (saved, hub):
        assert [task.labels["split"] for task in load_tasks(folder).tasks] == ["test"] * 3
    assert looked == ["state.json", "hub"]


def test_a_packed_file_has_its_sidecar_and_its_name(tmp_path: Path) -> None:
    path = tmp_path / "mine.jsonl.gz"
    path.write_bytes(gzip.compress(json.dumps(XLAM).encode()))
    (tmp_path / "mine.meta.json").write_text('[{"success": true}]', "utf-8")
    (task,) = load_tasks(path).tasks
    assert (task.id, task.succeeded) == ("mine-00000", True)


def test_a_single_record_needs_no_list(tmp_path: Path) -> None:
    path = tmp_path / "mine.jsonl"
    for text in (json.dumps(XLAM), json.dumps(XLAM, indent=1)):
        path.with_suffix(".json").write_text(text, "utf-8")
        assert len(load_tasks(path.with_suffix(".json")).tasks) == 1
    path.write_text(json.dumps([XLAM], indent=1), "utf-8")
    assert len(load_tasks(path).tasks) == 1


@given(st.text(alphabet="<>/tolscak_{}[]'\": \n\\é1", max_size=80))
def test_no_text_is_too_wild(text: str) -> None:
    said_in(f"<tool_call>{text}")
    said_in(text)
    value_in(text)
    found = read(hermes(text, text, tools=text))
    assert len(found.tasks) + len(found.errors) == 1
    rules, tools = offer_in("Be kind.")
    assert (rules, tools) == ("Be kind.", None)


def test_real_rules_without_tags_stay_to_the_letter(shared_data: Path) -> None:
    for domain in ("retail", "airline"):
        rules = (shared_data / "tau" / "tau1" / f"{domain}_policy.md").read_text("utf-8")
        assert offer_in(rules) == (rules, None)


def test_kinds_of_turns_are_read_alike_in_every_form() -> None:
    row = chat(
        {"role": "assistant", "tool_calls": json.dumps([{"function": CALL}])},
        {"role": "tool", "content": "at gate 3"},
        {"role": "assistant", "content": "At gate 3."},
    )
    task = task_of(row)
    assert [turn.kind for turn in task.turns] == [MessageKind.CALL, MessageKind.REPLY]
    assert task.turns[0].calls == (ToolCall("find", {"no": "12"}),)
