"""The official suites' benchmark, on tiny suites of our own in the same layout."""

import json
from pathlib import Path

import pytest

from benchmarks import suites

REF = {"$ref": "#/definitions/a", "definitions": {"a": {"type": "integer"}}}
SCHEMAS = [
    ("a type", {"type": "integer"}, [(1.0, True), ("1", False), (True, False)]),
    ("a tuple", {"items": [{"type": "string"}]}, [([1], False), (["a", 1], True)]),
    ("beside a reference", {**REF, "maximum": 3}, [(7, True), ("a", False)]),
    ("no other value", False, [({}, False)]),
    ("elsewhere", {"$ref": "other.json"}, [(1, True), (2, False)]),
    ("a large value", {"type": "integer"}, [(10**700, True)]),
]
"""What it is about, the schema, and what draft 7 says of its values."""


def group(about: str, schema: object, cases: list[tuple[object, bool]]) -> dict[str, object]:
    tests = [{"description": repr(v), "data": v, "valid": valid} for v, valid in cases]
    return {"description": about, "schema": schema, "tests": tests}


def write(path: Path, content: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content if isinstance(content, str) else json.dumps(content), "utf-8")


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out.json"


def read(out: Path, suite: str):
    return json.loads(out.read_text("utf-8"))[suite]


def test_schemas_are_judged_right_wrong_or_refused_by_name(tmp_path: Path, out: Path) -> None:
    tests = tmp_path / "tests" / "draft7"
    write(tests / "a.json", [group(*one) for one in SCHEMAS])
    write(tests / "optional" / "content.json", [group("a note", True, [("{", False)])])
    write(tests / "optional" / "format" / "date.json", [group("a date", True, [("x", False)])])
    argv = ["--json-schema", str(tmp_path), "--out", str(out)]
    assert suites.main(argv) == 0  # what is chosen is not wrong
    required, optional = read(out, "JSON Schema")
    assert (required["cases"], required["right"], required["wrong"]) == (11, 8, [])
    assert list(required["refused"].values()) == [2, 1]
    assert optional["wrong"] == ["content: a note: '{'"]

    assert suites.main([*argv, "--bare"]) == 0  # nobody says that the draft ignores `maximum`
    refused = read(out, "JSON Schema")[0]["refused"]
    assert sum(refused.values()) == 5

    write(tests / "b.json", [group("a mistake", {"type": "string"}, [("a", False)])])
    assert suites.main(argv) == 1
    assert read(out, "JSON Schema")[0]["wrong"] == ["b: a mistake: 'a'"]


def test_texts_are_read_refused_or_beyond_a_limit(tmp_path: Path, out: Path) -> None:
    parsing = tmp_path / "test_parsing"
    texts = {"y_a": "[1]", "y_twice": '{"a": 1, "a": 1}', "n_a": "[1", "i_a": "[" * 40 + "]" * 40}
    for name, text in texts.items():
        write(parsing / f"{name}.json", text)
    (parsing / "n_latin.json").write_bytes(b'"\xe9"')
    argv = ["--json-suite", str(tmp_path), "--out", str(out)]
    assert suites.main(argv) == 0
    found = read(out, "JSON")
    assert found["files"]["invalid"] == {"JSON's grammar": 1, "not in UTF-8": 1}
    assert found["files"]["either"] == {"nests deeper than 32": 1}
    assert found["refused for a limit"] == {"y_twice.json": "a key twice"}

    write(parsing / "n_b.json", "{}")
    write(parsing / "y_b.json", "{")
    assert suites.main(argv) == 1
    assert read(out, "JSON")["wrong"] == {"n_b.json": "read", "y_b.json": "JSON's grammar"}


SHOP = """
import pytest
from loguru import logger
from tau2.data_model.message import ToolCall
from tau2.domains.retail.data_model import Order, RetailDB, User
from tau2.domains.retail.environment import get_environment
from tau2.environment.environment import Environment


@pytest.fixture
def shop() -> Environment:
    order = Order(order_id="#W0000001", user_id="a_b_1", status="pending", items=[],
                  fulfillments=[], payment_history=[])
    users = {"a_b_1": User(user_id="a_b_1", orders=["#W0000001"])}
    return get_environment(RetailDB(orders={"#W0000001": order}, users=users, products={}))


def test_a_change_stays(shop):
    call = ToolCall(id="1", name="cancel_pending_order",
                    arguments={"order_id": "#W0000001", "reason": "no longer needed"})
    assert not shop.get_response(call).error
    order = shop.tools.get_order_details("#W0000001")
    assert order.status == "cancelled"
    order.status = "pending"
    assert not shop.get_response(call).error
    assert order.status == "cancelled"
    logger.info(shop.get_response(call).model_dump_json(indent=1))
    assert shop.get_response(call).content == "Error: Non-pending order cannot be cancelled"


def test_a_call_breaks_its_schema(shop):
    call = ToolCall(id="1", name="cancel_pending_order", arguments={"order_id": 1})
    assert shop.get_response(call).error


def test_that_fails(shop):
    assert shop.use_tool("calculate", expression="1 + 1") == 3.0
"""


def test_tools_are_tested_as_they_are(tmp_path: Path, out: Path) -> None:
    domains = tmp_path / "tests" / "test_domains"
    write(tmp_path / "tests" / "conftest.py", "import tau2.registry")
    write(domains / "test_retail" / "test_tools.py", SHOP)
    write(domains / "test_airline" / "test_tools.py", "def test_nothing(): pass")
    assert suites.main(["--tau2", str(tmp_path), "--out", str(out)]) == 1
    airline, retail = read(out, "tau2-bench")
    assert airline["passed"] == ["test_nothing"]
    assert retail["passed"] == ["test_a_change_stays", "test_a_call_breaks_its_schema"]
    assert list(retail["failed"]) == ["test_that_fails"]


@pytest.mark.parametrize("option", ["--json-schema", "--json-suite", "--tau2"])
def test_a_folder_without_the_suite_is_a_callers_mistake(option: str, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="pass the folder"):
        suites.main([option, str(tmp_path), "--out", str(tmp_path / "out.json")])


def test_nothing_to_run_is_a_callers_mistake(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        suites.main([])
    assert "--json-schema" in capsys.readouterr().err
