"""Fixtures that all tests share."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

import reasonact_env  # noqa: F401  (lets our part of `agents` be found beside openai-agents)
from tools.types import Json

VARIABLE = "REASONACT_SHARED_DATA"
ROOT = Path(__file__).parent.parent
PACKAGES = ("agents", "reasonact_env", "tasks", "tools", "train")
PARTS = (*PACKAGES, "pyproject.toml", "README.md", "LICENSE", "LICENSES.md")

# No deadline: a test is right or wrong, however busy the machine is.
settings.register_profile("suite", deadline=None)
settings.load_profile("suite")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real dialogues, which are not part of the project."""
    folder = os.environ.get(VARIABLE)
    if not folder:
        pytest.skip(f"needs real dialogues: set {VARIABLE} to their folder")
    path = Path(folder)
    if not path.is_dir():
        pytest.fail(f"expected {VARIABLE} to name a folder, got {folder!r}")
    return path


@pytest.fixture(scope="session")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what a wheel is built from: building leaves files behind."""
    folder = tmp_path_factory.mktemp("source")
    for part in PARTS:
        place = ROOT / part
        if place.is_dir():
            shutil.copytree(place, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(place, folder / part)
    return folder


@pytest.fixture(scope="session")
def wheel(source: Path) -> Path:
    """The project's wheel."""
    out = source / "wheels"
    command = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation"]
    command += ["--disable-pip-version-check", "-w", str(out), str(source)]
    built = subprocess.run(command, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stdout + built.stderr
    (found,) = out.glob("*.whl")
    return found


@pytest.fixture
def growth() -> Callable[[Callable[[str], object], str], float]:
    """`growth(read, text)`: how many times longer reading a text takes than reading its eighth.

    About 8 where the time is linear, 64 where it is quadratic. The best of three, in this thread's
    own time, so that a busy machine changes little; each of the three is another text, so that a
    cache changes nothing.
    """

    def seconds(read: Callable[[str], object], text: str) -> float:
        begin = time.thread_time()
        read(text)
        return time.thread_time() - begin

    def best(read: Callable[[str], object], text: str) -> float:
        return min(seconds(read, text[cut:]) for cut in range(3))

    return lambda read, text: best(read, text) / best(read, text[: len(text) // 8])


@pytest.fixture
def shop() -> dict[str, Json]:
    """A small database in tau-bench's form: two customers, three products, five orders."""
    lamps: Json = {
        "L1": {"item_id": "L1", "options": {"color": "red"}, "available": True, "price": 40.5},
        "L2": {"item_id": "L2", "options": {"color": "blue"}, "available": True, "price": 52.25},
        "L3": {"item_id": "L3", "options": {"color": "grey"}, "available": False, "price": 9},
    }
    mugs: Json = {
        "M1": {"item_id": "M1", "options": {"size": "small"}, "available": True, "price": 8},
        "M2": {"item_id": "M2", "options": {"size": "large"}, "available": True, "price": 11},
    }
    return {
        "products": {
            "2": {"name": "Mug", "product_id": "2", "variants": mugs},
            "1": {"name": "Lamp", "product_id": "1", "variants": lamps},
            "3": {"name": "Hat", "product_id": "3", "variants": {}},
        },
        "users": {
            "ida_berg_1": _user("Ida", "Berg", "1001", ["#W1", "#W2", "#W3", "#W5"]),
            "tom_vale_2": _user("Tom", "Vale", "2002", ["#W4"]),
        },
        "orders": {
            "#W1": _order("#W1", "pending", ["L1", "M1", "M1"], "gift_card_1"),
            "#W2": _order("#W2", "delivered", ["L1", "M1"], "credit_card_1"),
            "#W3": _order("#W3", "processed", ["M2"], "paypal_1"),
            "#W4": _order("#W4", "pending", ["M2"], "paypal_1", user="tom_vale_2"),
            "#W5": _order("#W5", "pending", ["L2"], "credit_card_1"),
        },
    }


_PRICES = {"L1": 40.5, "L2": 52.25, "M1": 8, "M2": 11}


def _user(first: str, last: str, zip_code: str, orders: list[str]) -> dict[str, Json]:
    methods: dict[str, Json] = {
        "credit_card_1": {
            "source": "credit_card",
            "brand": "visa",
            "last_four": "1234",
            "id": "credit_card_1",
        },
        "gift_card_1": {"source": "gift_card", "balance": 10, "id": "gift_card_1"},
        "paypal_1": {"source": "paypal", "id": "paypal_1"},
    }
    return {
        "name": {"first_name": first, "last_name": last},
        "address": _address(zip_code),
        "email": f"{first}.{last}@example.com",
        "payment_methods": methods,
        "orders": list[Json](orders),
    }


def _address(zip_code: str) -> dict[str, Json]:
    return {
        "address1": "1 Low Road",
        "address2": "",
        "city": "Sand Bay",
        "country": "USA",
        "state": "ME",
        "zip": zip_code,
    }


def _order(
    number: str, status: str, items: list[str], method: str, user: str = "ida_berg_1"
) -> dict[str, Json]:
    lines: list[Json] = [
        {
            "name": "Lamp" if item[0] == "L" else "Mug",
            "product_id": "1" if item[0] == "L" else "2",
            "item_id": item,
            "price": _PRICES[item],
            "options": {},
        }
        for item in items
    ]
    paid: Json = {
        "transaction_type": "payment",
        "amount": sum(_PRICES[item] for item in items),
        "payment_method_id": method,
    }
    return {
        "order_id": number,
        "user_id": user,
        "address": _address("1001"),
        "items": lines,
        "fulfillments": [],
        "status": status,
        "payment_history": [paid],
    }
