"""Names that an option has elsewhere, and here only by the way: help shows one name for one option.

A model behind an endpoint is often called the agent's or the user's LLM, and the length of its
messages `max_tokens`; commands take these names for `--agent`, `--user` and `--max-new-tokens`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from tools.chat_address import LLM

ELSEWHERE = {
    "--agent-llm": ("--agent", ""),
    "--user-llm": ("--user", f"{LLM}:"),
    "--max-tokens": ("--max-new-tokens", ""),
}
"""The other name -> the option, and what its value begins with."""


def renamed(argv: Sequence[str], known: Collection[str]) -> list[str]:
    """The arguments of a command by the names that it knows.

    >>> renamed(["--user-llm", "m@http://localhost/v1"], {"--user"})
    ['--user', 'llm:m@http://localhost/v1']
    >>> renamed(["--max-tokens=5", "--tasks", "3"], {"--max-new-tokens", "--tasks"})
    ['--max-new-tokens=5', '--tasks', '3']
    """
    return list(_renamed(argv, known))


def _renamed(argv: Sequence[str], known: Collection[str]) -> Iterator[str]:
    rest = iter(argv)
    for argument in rest:
        if argument == "--":
            yield argument
            break
        name, equals, value = argument.partition("=")
        other = name.replace("_", "-")
        option, start = ELSEWHERE.get(other, ("", ""))
        if option not in known or other in known:
            yield argument
        elif equals:
            yield f"{option}={start}{value}"
        else:
            yield option
            yield from (f"{start}{one}" for one in (next(rest, None),) if one is not None)
    yield from rest
