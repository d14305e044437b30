"""Asking an endpoint through the SDK: limits, counting, and what is never told."""

from __future__ import annotations

import time

import pytest

pytest.importorskip("openai")

from benchmarks.stub_endpoint import Body, serving
from tools.chat_endpoint import MAX_TOKENS, Endpoint, EndpointError
from tools.usage import Usage, counted_in

HELLO = [{"role": "user", "content": "Hello"}]


def hi(body: Body) -> Body:
    return {"content": "Hi"}


def test_a_limit_is_always_sent_and_only_what_was_asked_for() -> None:
    with serving(hi) as stub:
        Endpoint(stub.url, "m").ask(HELLO)
        Endpoint(stub.url, "m", temperature=0.5, max_tokens=7).ask(HELLO, [{"type": "function"}])
    first, second = stub.asked
    assert first == {"model": "m", "messages": HELLO, "temperature": 0, "max_tokens": MAX_TOKENS}
    assert (second["temperature"], second["max_tokens"]) == (0.5, 7)
    assert second["tools"] == [{"type": "function"}]


def test_an_endpoint_that_calls_the_limit_otherwise_gets_it_so() -> None:
    def newer(body: Body) -> Body | tuple[int, bytes]:
        if "max_tokens" in body:
            return 400, b'{"error": {"message": "use max_completion_tokens instead"}}'
        return {"content": str(body["max_completion_tokens"])}

    with serving(newer) as stub:
        assert Endpoint(stub.url, "m", max_tokens=7).ask(HELLO).text == "7"


def test_nothing_and_a_call_are_answers_of_an_agent() -> None:
    with serving(lambda body: {"content": None, "finish_reason": "length"}) as stub:
        answer = Endpoint(stub.url, "m").ask(HELLO)
    assert (answer.text, answer.cut) == ("", True)


def test_a_request_that_the_endpoint_refuses_is_not_repeated() -> None:
    with serving(lambda body: (400, b"too long for hush")) as stub:
        with pytest.raises(EndpointError, match=r"status 400: .*too long for \[key\]") as caught:
            Endpoint(stub.url, "m", key="hush").ask(HELLO)
        assert len(stub.asked) == 1
    assert caught.value.status == 400
    assert stub.headers == ["Bearer hush"]


def test_a_key_that_comes_back_is_told_to_nobody() -> None:
    def echoing(body: Body) -> Body | tuple[int, bytes]:
        return (
            {"content": "hush"} if body["model"] == "m" else (200, b"Bearer " + 4 * b"hush" + b"{")
        )

    with serving(echoing) as stub:
        assert Endpoint(stub.url, "m", key="hush").ask(HELLO).text == "[key]"
        with pytest.raises(EndpointError, match="no chat completion") as caught:
            Endpoint(stub.url, "n", key="hush", retries=0).ask(HELLO)
    assert "hush" not in str(caught.value)


def test_an_answer_that_does_not_end_is_given_up() -> None:
    def dripping(body: Body) -> tuple[int, bytes]:
        time.sleep(0.5)
        return 200, b"{}"

    with serving(dripping) as stub:
        asking = Endpoint(stub.url, "m", timeout=0.1, retries=1, backoff=0.001)
        with pytest.raises(EndpointError, match="in 2 attempts"):
            asking.ask(HELLO)


def test_all_kinds_of_failures_pass_and_are_counted() -> None:
    usage = Usage()
    with serving(hi, fail=0.6) as stub, counted_in(usage):
        asking = Endpoint(stub.url, "m", retries=9, backoff=0.001)
        assert {asking.ask(HELLO).text for _ in range(8)} == {"Hi"}
    assert usage.requests == 8
    assert usage.failures == len(stub.asked) - 8 > 8
    assert usage.prompt_tokens > usage.completion_tokens > 0
    assert usage.untold == 0
    assert usage.cost((2.0, 0.0)) == pytest.approx(2e-6 * usage.prompt_tokens)


def test_answers_that_do_not_tell_their_tokens_are_counted_apart() -> None:
    usage = Usage()
    bare = b'{"choices": [{"message": {"content": "a"}}], "usage": null}'
    with serving(lambda body: (200, bare)) as stub, counted_in(usage):
        Endpoint(stub.url, "m").ask(HELLO)
    assert (usage.requests, usage.untold, usage.prompt_tokens) == (1, 1, 0)


def test_lone_halves_of_characters_are_sent_as_something() -> None:
    with serving(hi) as stub:
        assert Endpoint(stub.url, "m").ask([{"role": "user", "content": "\ud83d"}]).text == "Hi"


def test_where_nobody_has_ever_listened_is_told_at_once_and_given_up_soon(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with serving(hi) as stub:
        url = stub.url  # nobody listens there from now on
    asking = Endpoint(url, "m", retries=4, backoff=0.001)
    with pytest.raises(EndpointError, match="in 3 attempts; .* no connection"):
        asking.ask(HELLO)
    said = f"waiting for m at {url}, which refuses the connection: 2 of 3 tries\n"
    assert capsys.readouterr().err == said
    with pytest.raises(EndpointError, match="in 1 attempt; "):
        asking.ask(HELLO)
    assert capsys.readouterr().err == ""


def test_one_that_was_there_is_worth_all_attempts(capsys: pytest.CaptureFixture[str]) -> None:
    with serving(hi) as stub:
        asking = Endpoint(stub.url, "m", retries=4, backoff=0.001)
        asking.ask(HELLO)
    with pytest.raises(EndpointError, match="in 5 attempts; "):
        asking.ask(HELLO)
    assert capsys.readouterr().err == ""
