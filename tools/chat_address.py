"""How a model behind an endpoint is named: `MODEL@URL[,NAME=VALUE…]`.

    smollm2@http://127.0.0.1:8000/v1
    gpt-x@https://api.example.com/v1,key=EXAMPLE_KEY,temperature=0.7,prices=0.15/0.60

The key stands in an environment variable, and only that variable's name is ever written down.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

from tools.jsontext import short
from tools.nearest import did_you_mean

FORM = "MODEL@URL[,key=VARIABLE][,NAME=VALUE…]"
AUTO, NATIVE, TEXT = "auto", "native", "text"
TOOL_FORMS = (AUTO, NATIVE, TEXT)
"""How a model is shown its tools: as the endpoint's `tools`, in the system message, or whichever
of these the endpoint turns out to support."""
LLM = "llm"
"""The user that is a model: `llm`, or `llm:` and the model's name."""
_PREFIX = f"{LLM}:"
_NO_HOST = (
    "expected a base URL with a host and perhaps a port, such as http://127.0.0.1:8000/v1, got one "
    "in which they cannot be read; it is not repeated, since a password may stand in it"
)
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def _within(low: float, high: float, words: str) -> Callable[[str], float]:
    def read(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = float("nan")
        if not low <= value <= high:
            raise ValueError(f"expected {words}, got {short(text)}")
        return value

    return read


def _whole(low: int, high: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        digits = text.isascii() and text.isdecimal() and len(text) < 10
        if not digits or not low <= int(text) <= high:
            raise ValueError(f"expected a whole number from {low} to {high:,}, got {short(text)}")
        return int(text)

    return read


def _prices(text: str) -> tuple[float, float]:
    """Two prices, of a million tokens that are read and of a million that are written."""
    read = _within(0, 1e6, "READ/WRITTEN, two prices of a million tokens")
    asked, slash, answered = text.partition("/")
    if not slash:
        raise ValueError(
            f"expected READ/WRITTEN, two prices of a million tokens, got {short(text)}"
        )
    return read(asked), read(answered)


def _tools(text: str) -> str:
    if text not in TOOL_FORMS:
        raise ValueError(f"expected one of {', '.join(TOOL_FORMS)}, got {short(text)}")
    return text


def _variable(text: str) -> str:
    """The name of a variable; what is none may be the key itself, so no error repeats it."""
    if not _VARIABLE.fullmatch(text):
        raise ValueError(
            "expected the name of the environment variable that holds the key, such as "
            "OPENAI_API_KEY, got a text that no variable is called; never write the key itself"
        )
    return text


SETTINGS: Mapping[str, Callable[[str], object]] = {
    "key": _variable,
    "temperature": _within(0, 2, "a temperature from 0 to 2"),
    "max_tokens": _whole(1, 1_000_000),
    "tools": _tools,
    "prices": _prices,
    "timeout": _within(0.1, 3600, "seconds from 0.1 to 3,600"),
    "retries": _whole(0, 100),
}
"""Name -> reader of what may follow an address."""
PATIENCE = ("prices", "timeout", "retries")
"""The settings that change no answer."""


def read_address(name: str) -> dict[str, object]:
    """A model's name, read: `model`, `base_url`, and the settings that are given.

    Raises:
        ValueError: for a name of another form.
    """
    address, *given = name.split(",")
    model, at, url = address.rpartition("@")
    if not at or not model:
        raise ValueError(f"expected a model as {FORM}, got {short(address)}")
    found: dict[str, object] = {"model": model, "base_url": checked_url(url)}
    for one in given:
        what, equals, value = one.partition("=")
        if not equals or what not in SETTINGS:
            hint = did_you_mean(what, SETTINGS)
            raise ValueError(
                f"expected settings out of {', '.join(SETTINGS)} after a model's address, each "
                f"as NAME=VALUE, got {short(what)}{hint}"
            )
        try:
            found[what] = SETTINGS[what](value)
        except ValueError as error:
            raise ValueError(f"{what}: {error}") from None
    return found


def checked_url(url: str) -> str:
    """An address without what may be a secret.

    Raises:
        ValueError: if it does not begin with http:// or https://, or holds more than a place; the
            error does not repeat what may be a password.
    """
    if not url.startswith(("http://", "https://")):
        raise ValueError(f"expected a base URL with http:// or https://, got {short(url)}")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:  # brackets that are not closed, a port that is none
        raise ValueError(_NO_HOST) from None
    if not parts.hostname or port == 0 or any(one.isspace() for one in url):
        raise ValueError(_NO_HOST)
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise ValueError(
            "expected a base URL without user, password, query and fragment, got one that has "
            "some of them; a key goes into an environment variable"
        )
    return url


def is_llm(user: object) -> bool:
    """Whether a user's name names a model.

    >>> [is_llm(name) for name in ("llm", "llm:m@http://localhost/v1", "llm:MyUser", "own")]
    [True, True, False, False]
    """
    return isinstance(user, str) and (user == LLM or (user.startswith(_PREFIX) and "@" in user))


def is_model(agent: str) -> bool:
    """Whether an agent's name is that of a model: `MODEL@URL`.

    >>> [is_model(name) for name in ("m@http://localhost/v1", "gold", "my_module:Agent")]
    [True, False, False]
    """
    return "@" in agent


def address_of(user: str) -> str | None:
    """The name of the model that plays a user; None for the one that the environment names."""
    return user.removeprefix(_PREFIX) if user.startswith(_PREFIX) else None


def known_as(name: str) -> str:
    """A model's name without the settings that change no answer.

    >>> known_as("m@http://localhost/v1,retries=9,temperature=1")
    'm@http://localhost/v1,temperature=1'
    """
    kept = [one for one in name.split(",") if one.partition("=")[0] not in PATIENCE]
    return ",".join(kept)
