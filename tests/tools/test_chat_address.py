"""Names of models behind endpoints."""

from __future__ import annotations

import pytest

from tools.chat_address import address_of, known_as, read_address
from tools.chat_endpoint import Endpoint

URL = "http://127.0.0.1:9/v1"


def test_a_name_says_model_address_and_settings() -> None:
    told = read_address(f"org/m:8b@2@{URL},key=MY_KEY,temperature=0.5,max_tokens=64,prices=1/2.5")
    assert told == {
        "model": "org/m:8b@2",
        "base_url": URL,
        "key": "MY_KEY",
        "temperature": 0.5,
        "max_tokens": 64,
        "prices": (1.0, 2.5),
    }


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("m", "expected a model as MODEL@URL"),
        (f"@{URL}", "expected a model as MODEL@URL"),
        ("m@ftp://x", "http:// or https://"),
        (f"m@{URL},temprature=1", "did you mean"),
        (f"m@{URL},temperature=hot", "temperature: expected a temperature from 0 to 2"),
        (f"m@{URL},max_tokens=0", "max_tokens: expected a whole number"),
        (f"m@{URL},tools=yes", "tools: expected one of auto, native, text"),
        (f"m@{URL},prices=1", "prices: expected READ/WRITTEN"),
        (f"m@{URL},timeout=nan", "timeout: expected seconds"),
    ],
)
def test_a_wrong_name_is_told_what_is_expected(name: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        read_address(name)


@pytest.mark.parametrize(
    "name",
    [
        f"m@{URL},key=sk-hush-1",
        "m@http://ann:hush@host/v1",
        f"m@{URL}?api_key=hush",
        f"m@{URL}#hush",
    ],
)
def test_a_secret_in_a_name_is_refused_and_not_repeated(name: str) -> None:
    with pytest.raises(ValueError, match="expected") as caught:
        Endpoint.of(name)
    assert "hush" not in str(caught.value)


def test_a_key_comes_from_its_variable_and_is_shown_nowhere(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MY_KEY", "hush")
    made = Endpoint.of(f"m@{URL},key=MY_KEY,retries=1")
    assert made.key == "hush"
    assert made.name == f"m@{URL},key=MY_KEY"
    assert "hush" not in repr(made)
    monkeypatch.delenv("MY_KEY")
    with pytest.raises(ValueError, match="MY_KEY, which is not set"):
        Endpoint.of(f"m@{URL},key=MY_KEY")


def test_a_user_names_its_model() -> None:
    assert address_of(f"llm:m@{URL}") == f"m@{URL}"
    assert known_as(f"llm:m@{URL},retries=3,temperature=1") == f"llm:m@{URL},temperature=1"
    assert known_as("own") == "own"


@pytest.mark.parametrize(
    "url", ["http://", "http://h:x/v1", "http://h:99999/v1", "http://[::1/v1", "http://a b/v1"]
)
def test_an_address_without_a_place_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="expected a base URL with a host"):
        read_address(f"m@{url}")
