"""All options of all commands, as their `--help` says it: one name has one meaning.

python -m benchmarks.options
python -m benchmarks.options --name tasks
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass
from io import StringIO
from os import environ
from pathlib import Path
from typing import NamedTuple
from unittest.mock import patch

from agents.console import console, plain_table
from reasonact_env.front.commands import MODULES
from tools.command import run
from tools.command_line import read_options

_OPTION = re.compile(r"^  (?:-h, )?(--[a-z][\w-]*)(?: (.*?))?(?:  +(\S.*))?$")
"""An option in help: its name, what stands for its value, and the text's first line."""
_ROOT = Path(__file__).parent


class Option(NamedTuple):
    """An option of a command."""

    command: str
    """The command's module."""
    name: str
    """With its hyphens."""
    value: str
    """What stands for its value; empty for a switch."""
    text: str
    """Its meaning, with its default."""

    @property
    def meaning(self) -> str:
        """Its meaning without its default."""
        return re.sub(r" \((default: .*|required)\)$", "", self.text)

    @property
    def bare(self) -> str:
        """Its meaning without a default in words either, as help of some commands shows it."""
        return re.sub(r"; [^;]* unless given\.$", ".", self.meaning)


def commands() -> list[str]:
    """The modules of all commands, those of the benchmarks behind the others."""
    own = [
        path.relative_to(_ROOT.parent).with_suffix("").as_posix().replace("/", ".")
        for path in sorted(_ROOT.rglob("*.py"))
        if re.search(r"^    run\(main", path.read_text("utf-8"), re.M)
    ]
    return [*MODULES.values(), *(name.removesuffix(".__main__") for name in own)]


def help_of(module: str, columns: int = 80) -> str:
    """What a command's `--help` prints on a terminal of so many columns."""
    loaded = importlib.import_module(module)
    if not hasattr(loaded, "main"):
        loaded = importlib.import_module(f"{module}.__main__")
    printed = StringIO()
    with patch.dict(environ, COLUMNS=str(columns)), redirect_stdout(printed):
        try:
            loaded.main(["--help"])
        except SystemExit as end:
            if end.code:
                raise ValueError(f"expected the help of {module}, got status {end.code}") from None
    return printed.getvalue()


def options_of(module: str) -> Iterator[Option]:
    """The options of a command, read out of its help."""
    found: list[list[str]] = []
    for line in help_of(module).splitlines():
        if option := _OPTION.match(line):
            found.append([option[1], option[2] or "", option[3] or ""])
        elif found and found[-1][0] and _unclosed(found[-1][1]):
            found[-1][1] += line.strip()
        elif found and re.match("   +[^ -]", line):
            found[-1][2] += f" {line.strip()}"
        else:
            found = [*found, ["", "", ""]] if found else found  # between two groups
    for name, value, text in found:
        if name and name not in ("--help", "--debug"):
            yield Option(module, name, value, text.strip())


def _unclosed(value: str) -> bool:
    """Whether a list of choices goes on in the next line."""
    return value.count("{") > value.count("}")


@dataclass(frozen=True, slots=True)
class Options:
    """What is listed."""

    name: str | None = None
    """Only options with this in their name; all unless given."""


def main(argv: Sequence[str] | None = None) -> list[Option]:
    """Prints the options, name by name, each meaning once, with the commands that have it."""
    args = read_options(Options, argv, prog="python -m benchmarks.options", about=__doc__)
    found = [one for module in commands() for one in options_of(module)]
    chosen = [one for one in found if (args.name or "") in one.name]
    meanings: dict[tuple[str, str, str], list[str]] = {}
    for one in chosen:
        meanings.setdefault((one.name, one.value, one.bare), []).append(one.command)
    rows = [
        (f"{name} {value}".strip(), text, ", ".join(where))
        for (name, value, text), where in sorted(meanings.items())
    ]
    title = f"{len({one.name for one in chosen})} options of {len(commands())} commands"
    console().print(plain_table(title, ("option", "meaning", "commands"), rows))
    return found


if __name__ == "__main__":
    run(main)
