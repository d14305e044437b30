"""Databases from tau-bench's files: both forms, shared, and errors that say what is missing."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tools.types import Json
from tools.worlds import WORLDS
from tools.worlds.database import Database

Shop = dict[str, Json]


def folder(tmp_path: Path, shop: Shop) -> Path:
    for name, table in shop.items():
        (tmp_path / f"{name}.json").write_text(json.dumps(table))
    return tmp_path


def one_file(tmp_path: Path, shop: Shop) -> Path:
    path = tmp_path / "db.json"
    path.write_text(json.dumps(shop))
    return path


@pytest.mark.parametrize("write", [folder, one_file])
@pytest.mark.parametrize("world", ["retail", "retail-tau2"])
def test_both_forms_hold_the_same(tmp_path: Path, shop: Shop, world: str, write: object) -> None:
    assert callable(write)
    path = write(tmp_path, shop)
    base = WORLDS[world].read(str(path))
    assert base.tables["orders"] == shop["orders"]
    user = base.tables["users"]["ida_berg_1"]
    assert user.get("user_id") == ("ida_berg_1" if world == "retail-tau2" else None)


def test_one_database_for_all_until_the_file_changes(tmp_path: Path, shop: Shop) -> None:
    path = one_file(tmp_path, shop)
    first = WORLDS["retail"].read(path)
    assert WORLDS["retail"].read(path) is first
    users = shop["users"]
    assert isinstance(users, dict)
    path.write_text(json.dumps(shop | {"users": {"ida_berg_1": users["ida_berg_1"]}}))
    os.utime(path, ns=(1, 1))
    second = WORLDS["retail"].read(path)
    assert len(second.tables["users"]) == 1
    assert Database(second).digest != Database(first).digest


def test_nothing_there(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"nothing is there; pass the folder.*orders\.json"):
        WORLDS["retail"].read(tmp_path / "nowhere")


def test_a_missing_table_is_named(tmp_path: Path, shop: Shop) -> None:
    (folder(tmp_path, shop) / "products.json").unlink()
    with pytest.raises(ValueError, match=r"got orders, users: products missing"):
        WORLDS["retail"].read(tmp_path)


def test_an_empty_folder(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="got none: orders and products and users missing"):
        WORLDS["retail"].read(tmp_path)


@pytest.mark.parametrize(("text", "words"), [("[1]", "object of tables"), ("{", "expected JSON")])
def test_a_file_that_is_no_database(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "db.json"
    path.write_text(text)
    with pytest.raises(ValueError, match=words):
        WORLDS["retail"].read(path)


def test_another_domain(tmp_path: Path, shop: Shop) -> None:
    with pytest.raises(
        ValueError,
        match="of airline in .*: flights and reservations missing",
    ):
        WORLDS["airline"].read(one_file(tmp_path, shop))


def test_real_databases(shared_data: Path) -> None:
    tau = shared_data / "tau"
    one = WORLDS["retail-tau2"].read(tau / "tau1" / "retail_db")
    other = WORLDS["retail-tau2"].read(tau / "tau2" / "retail_db.json")
    assert Database(one).digest == Database(other).digest
    assert len(WORLDS["airline"].read(tau / "tau1" / "airline_db").tables["flights"]) == 300
