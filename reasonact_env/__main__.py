"""All commands by what one wants to do; `reasonact NAME …` runs one of them.

python -m reasonact_env                 # the list
python -m reasonact_env doctor          # what of the installation works
python -m reasonact_env evaluate --agent gold
reasonact evaluate --agent gold         # the same, where the console script is installed
"""

from __future__ import annotations

import runpy
import sys
from collections.abc import Sequence

from rich.console import Console, Group
from rich.table import Table
from rich.text import Text

from reasonact_env.front.commands import COMMANDS, MODULES, about
from reasonact_env.front.doctor import Finding, examine
from tools.command import command, run
from tools.nearest import did_you_mean

DOCTOR = "doctor"
"""The command that examines the installation."""
_CALL = "python -m reasonact_env"
"""How a command is begun everywhere."""
_PART, _WORKS = 16, 8
"""Columns of the longest name of a part, and of whether it works."""


def main(argv: Sequence[str] | None = None) -> int:
    """Lists the commands, or runs one; returns its exit status."""
    name, *rest = [*(sys.argv[1:] if argv is None else argv)] or [""]
    if name in ("", "-h", "--help"):
        Console(highlight=False, markup=False).print(listed())
        return 0
    if name == DOCTOR:
        return diagnose(rest)
    if name not in MODULES:
        near = did_you_mean(name, [*MODULES, DOCTOR]).removesuffix("?")
        raise ValueError(
            f"expected a command, got {name!r}{near}; without a name all of them are listed"
        )
    sys.argv = [name, *rest]
    runpy.run_module(MODULES[name], run_name="__main__", alter_sys=True)
    return 0


def listed() -> Group:
    """All commands with what they do."""
    begun = Text(f"{_CALL} NAME …  (or: reasonact NAME …, where it is installed)\n")
    table = Table.grid(padding=(0, 2))
    for wanted, commands in COMMANDS.items():
        table.add_row(Text(wanted, style="bold"))
        for name, module in commands.items():
            table.add_row(f"  {name}", about(module))
        table.add_row("")
    table.add_row(Text("Help", style="bold"))
    table.add_row(f"  {DOCTOR}", "What of the installation works")
    table.add_row("  play --help", "The options of a command, here of play, with their defaults")
    return Group(begun, table)


def diagnose(argv: Sequence[str] = ()) -> int:
    """Prints what works; 1 if nothing can work.

    Raises:
        ValueError: if there are arguments, which it does not take.
    """
    if asked := [word for word in argv if word not in ("-h", "--help")]:
        examine_it = command("agents.doctor", asked[0])
        raise ValueError(
            f"expected nothing behind {DOCTOR}, which looks at the installation, got {asked[0]!r}; "
            f"an agent is looked at by: {examine_it}"
        )
    if argv:
        print(f"usage: {_CALL} {DOCTOR}\n\nSays what of the installation works; takes no options.")
        return 0
    console, broken = Console(highlight=False, markup=False), False
    told = Console(stderr=True, highlight=False, markup=False)
    with told.status("Looking at each part; packages take a while to import …"):
        for found in examine():
            console.print(_row(found))
            broken = broken or (found.needed and not found.works)
    return int(broken)


def _row(found: Finding) -> Table:
    """A line of its own, printed as soon as it is known, with columns like all others."""
    row = Table.grid(padding=(0, 2))
    row.add_column(min_width=_PART)
    row.add_column(min_width=_WORKS)
    works = ("works", "green") if found.works else ("not here", "yellow")
    row.add_row(found.part, Text(*works), found.words)
    return row


def entry() -> None:
    """The console script."""
    run(main)


if __name__ == "__main__":
    entry()
