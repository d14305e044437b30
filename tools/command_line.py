"""Options of a command, each declared once: a frozen dataclass with a docstring under each field.

`read_options` makes one from the command line. A field `max_tokens` is the option `--max-tokens`;
a `bool` is a switch; `tuple[int, ...]` takes one or more values, `tuple[int, ...] | None` may be
given empty; a dataclass as a field is a group of options, under the first sentence of the field's
docstring. Annotations of `tools.option_types` say the rest.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import fields, is_dataclass
from io import StringIO
from typing import Any, NoReturn, TypeVar, get_args, get_origin, get_type_hints

import tyro

from tools.command import complain
from tools.help_text import ABOUT, help_text, width
from tools.nearest import nearest
from tools.option_names import renamed
from tools.option_types import RULES, Headed, Positional, Repeated, Suppress

T = TypeVar("T")

_CONFIG = (tyro.conf.OmitArgPrefixes, tyro.conf.FlagCreatePairsOff)
_HELP = ("-h", "--help")
_NO_VALUE = ": expected a value, got none"
_FURTHER = "expected no further argument, got "
_NONE = ", got none"
_WORDS = (
    (r"^Error parsing \[?(-[^\s:]+|[A-Z]{2,}(?:\|[A-Z]+)*|\{[^}]*\})( …)?\]?: ", r"\1: "),
    (r"^Error parsing \S+: ", ""),  # the dataclass's own complaint, with no option to name
    (r"^Missing value for argument '(.*)'\..*", rf"\1{_NO_VALUE}"),
    (r"^Unrecognized options: (.*)", rf"{_FURTHER}\1; see --help"),
    (r"^Missing required argument group: • (.*)", rf"expected one of \1{_NONE}; see --help"),
    (r"^Arguments (\S+) and (\S+) are not allowed.*", r"expected \1 or \2, got both"),
)
"""Tyro's words -> ours; an error that it words in another way is passed on as it is."""


def read_options(
    kind: type[T],
    argv: Sequence[str] | None = None,
    *,
    prog: str,
    about: str | None,
    default: T | None = None,
) -> T:
    """Reads a command's options; ends the process for `--help` and for what it cannot read.

    Args:
        kind: A dataclass, as the module describes it.
        argv: The arguments; None for the process's.
        prog: How the command is called, for help and errors.
        about: What help says of the command; indented lines stay as they are.
        default: What options have that are not given; None for what the dataclass says.

    Returns:
        An instance of the dataclass.

    Raises:
        SystemExit: with 0 after help; with 2, and one line on standard error, for an option that
            does not exist, a value that is wrong, or one that is missing.
    """
    given = _joined(sys.argv[1:] if argv is None else argv, kind)
    asked = any(argument in _HELP for argument in given)
    if not asked and (strange := _unknown(given, kind)):
        _refuse(prog, strange)
    out, err = StringIO(), StringIO()
    start = tyro.MISSING_NONPROP if default is None else default
    try:
        with redirect_stdout(out), redirect_stderr(err), _columns(width() if asked else 100_000):
            return tyro.cli(
                kind,
                args=given,
                prog=prog,
                description=ABOUT,
                default=start,
                config=_CONFIG,
                registry=RULES,
            )
    except SystemExit as end:
        if end.code:
            said = _sentence(err.getvalue())
            example = _example(said.removesuffix(_NO_VALUE), kind)
            _refuse(prog, _with_loose(said, given) + example)
        print(help_text(out.getvalue(), about or "", _titles(kind)))
        raise


def read_known(kind: type[T], argv: Sequence[str] | None = None) -> T:
    """Reads these options and passes over all others: what the others' defaults depend on.

    It says nothing of what is wrong with them; `read_options` reads the same arguments next.

    Args:
        kind: A dataclass whose fields all have defaults.
        argv: The arguments; None for the process's.
    """
    given = _joined(sys.argv[1:] if argv is None else argv, kind)
    given = [one for one in given if one not in _HELP]
    try:
        with redirect_stdout(StringIO()), redirect_stderr(StringIO()):
            known, _ = tyro.cli(
                kind, args=given, return_unknown_args=True, config=_CONFIG, registry=RULES
            )
    except SystemExit:
        return kind()
    return known


@contextmanager
def _columns(number: int) -> Iterator[None]:
    """Tells tyro how wide the terminal is: endlessly for errors, so that it does not break them."""
    before = os.environ.get("COLUMNS")
    os.environ["COLUMNS"] = str(number)
    try:
        yield
    finally:
        del os.environ["COLUMNS"]
        if before is not None:
            os.environ["COLUMNS"] = before


def _refuse(prog: str, sentence: str) -> NoReturn:
    sys.exit(complain(prog, sentence))


def _joined(argv: Sequence[str], kind: type) -> list[str]:
    """The arguments with `--where -won` as `--where=-won`: else a minus would begin an option."""
    flags = _flags(kind)
    valued = {name for name, takes in flags.items() if takes}
    joined: list[str] = []
    rest = iter(renamed(argv, flags))
    for argument in rest:
        joined.append(argument)
        if argument == "--":
            return [*joined, *rest]
        before = joined[-2] if len(joined) > 1 else ""
        is_value = re.match("-[^-]", argument) and argument not in _HELP
        if is_value and before.replace("_", "-") in valued:
            joined[-2:] = [f"{before}={argument}"]
    return joined


def _unknown(argv: Sequence[str], kind: type) -> str:
    """What is wrong with the first option that the command does not have; empty if all exist."""
    known = sorted(_flags(kind))
    for argument in argv:
        name = argument.partition("=")[0].replace("_", "-")
        if argument == "--":
            break
        if re.match("--[a-zA-Z]", name) and name not in known:
            return f"there is no option {name}{_meant(name, known) or '; see --help'}"
    return ""


def _meant(name: str, known: Sequence[str]) -> str:
    """The options that end like the unknown one, as `--sft-lr` ends in lr, or else the nearest."""
    longer = [one for one in known if one.endswith(name[1:])]
    if longer:
        return f"; did you mean {' or '.join(longer)}?"
    near = nearest(name[2:], (one[2:] for one in known))  # hyphens, which all have, make none near
    return "" if near is None else f"; did you mean '--{near}'?"


def _declared(kind: type) -> Iterator[tuple[str, Any]]:
    """Each option of a dataclass and of those in its fields: its name and its type."""
    hints = get_type_hints(kind, include_extras=True)
    for field in fields(kind):
        hint = hints[field.name]
        if isinstance(hint, type) and is_dataclass(hint):
            yield from _declared(hint)
            continue
        marks = getattr(hint, "__metadata__", ())
        if Suppress in marks or Positional in marks:
            continue
        named = (getattr(one, "name", None) for one in marks)
        name = next(filter(None, named), field.name.replace("_", "-"))
        yield f"--{'no-' * (field.default is True)}{name}", hint


def _titles(kind: type) -> dict[str, str]:
    """The options that begin a part of help, each with the part's title."""
    return {
        name: mark.title
        for name, hint in _declared(kind)
        for mark in getattr(hint, "__metadata__", ())
        if isinstance(mark, Headed)
    }


def _flags(kind: type) -> dict[str, bool]:
    """The options of a command: whether each takes one value."""
    found: dict[str, bool] = {}
    for name, hint in _declared(kind):
        marks = getattr(hint, "__metadata__", ())
        plain = get_args(hint)[0] if marks else hint
        several = any(get_origin(one) is tuple for one in (plain, *get_args(plain)))
        found[name] = plain is not bool and (Repeated in marks or not several)
    return found


def _example(option: str, kind: type) -> str:
    """How an option without a value is written with one; empty if its type alone says that."""
    for name, hint in _declared(kind):
        for mark in getattr(hint, "__metadata__", ()) if name == option else ():
            if shown := getattr(mark, "metavar", None):
                return f"; write {option} {shown}"
    return ""


def _with_loose(said: str, given: Sequence[str]) -> str:
    """What is said of words that belong to no option: of which one each was meant to be a value."""
    first = given[0] if given and not given[0].startswith("-") else None
    if first is not None and _NONE in said:
        return said.replace(_NONE, f", got {first!r}, which has none of these names before it")
    if re.match(f"{_FURTHER}[^-]", said):
        return said.replace("; see", "; quotes hold a value with spaces together; see")
    return said


def _sentence(printed: str) -> str:
    """What tyro says in a box, as one line without the box's title and hints."""
    lines = [re.sub("[│╭╮╰╯]", " ", line).rstrip() for line in printed.splitlines()]
    rules = [i for i, line in enumerate(lines) if re.match(" *[-─]{5}| *─ ", line)]
    said = [line for line in lines[rules[0] + 1 : rules[1]] if line] if len(rules) > 1 else lines
    if said and "Missing from " in said[0]:
        indent = min(len(line) - len(line.lstrip()) for line in said[1:])
        names = [line.strip() for line in said[1:] if line[indent] != " "]
        return f"expected {', '.join(names)}; see --help"
    text = " ".join(line.strip() for line in said)
    for pattern, words in _WORDS:
        text = re.sub(pattern, words, text)
    return text
