"""Reads the declarative form of procedures: one TOML file per support area.

area = "billing"
company = "a phone company"

[slots]
account = { words = "account number", looks = "AC-#####" }

[apis.find_charge]
does = "Find the last charge of an account."
takes = ["account"]
gives.found = { charge = "CH-####", amount = [5, 90] }
gives.unknown = {}

[[procedure]]
name = "explain_charge"
title = "Explain a charge"
intents = ["I do not understand my last bill."]
steps = [
  { id = "account", ask = ["account"], say = "What is your account number?" },
  { id = "find", call = "find_charge", if = { found = "tell", unknown = "again" } },
  { id = "again", ask = ["account"], again = true, say = "Please check it.", go = "find" },
  { id = "tell", say = "Charge {charge} is {amount} dollars.", end = "resolved" },
]
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias, TypeVar

from tasks.procedures.types import Api, Pattern, Procedure, Slot, Step, StepKind
from tools.jsontext import short

T = TypeVar("T")
Table: TypeAlias = "Mapping[str, object]"

_STEP_KEYS = frozenset({"id", "ask", "say", "call", "if", "go", "end", "again"})


class FormError(ValueError):
    """A file that does not have the declarative form."""


def read_area(text: str, name: str = "the file") -> tuple[Procedure, ...]:
    """Reads an area's procedures; `lint` checks their references.

    Args:
        text: The TOML text.
        name: The file's name in errors.

    Raises:
        FormError: if it is not TOML, or a key is missing or has another type.
    """
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise FormError(f"expected TOML in {name}: {error}; see library/GUIDE.md") from None
    try:
        return _area(table)
    except FormError as error:
        raise FormError(f"{name}: {error}; see library/GUIDE.md") from None


def _area(table: Table) -> tuple[Procedure, ...]:
    area, company = _text(table, "area"), _text(table, "company")
    slots = {key: _slot(key, value) for key, value in _tables(table, "slots").items()}
    apis = {key: _api(key, value) for key, value in _tables(table, "apis").items()}
    return tuple(
        _procedure(_as_table(entry, "a [[procedure]]"), area, company, slots, apis)
        for entry in _list(table, "procedure")
    )


def _procedure(
    table: Table,
    area: str,
    company: str,
    slots: Mapping[str, Slot],
    apis: Mapping[str, Api],
) -> Procedure:
    name = _text(table, "name")
    rows = [_as_table(row, f"a step of {name}") for row in _list(table, "steps")]
    ids = [_text(row, "id") for row in rows]
    following = [*ids[1:], ""]
    answers = table.get("answers", {})
    return Procedure(
        area=area,
        company=company,
        name=name,
        title=_text(table, "title"),
        intents=_texts(table, "intents"),
        steps=tuple(_step(row, then) for row, then in zip(rows, following, strict=True)),
        slots=slots,
        apis=apis,
        answers={
            key: _texts(_as_table(answers, "answers"), key)
            for key in _as_table(answers, "`answers`")
        },
    )


def _step(row: Table, following: str) -> Step:
    name = _text(row, "id")
    if unknown := sorted(set(row) - _STEP_KEYS):
        expected = ", ".join(sorted(_STEP_KEYS))
        raise FormError(f"step {name}: expected the keys {expected}; got {unknown[0]!r} too")
    branches = {
        str(key): _text(_as_table(row["if"], f"`if` of step {name}"), key)
        for key in _as_table(row.get("if", {}), f"`if` of step {name}")
    }
    end = _text(row, "end", "")
    if not branches and not end:
        branches = {"": _text(row, "go", following)}
    return Step(
        id=name,
        kind=_kind(row, name),
        say=_text(row, "say", ""),
        asks=_texts(row, "ask") if "ask" in row else (),
        api=_text(row, "call", ""),
        branches=branches,
        end=end,
        again=bool(row.get("again", False)),
    )


def _kind(row: Table, name: str) -> StepKind:
    if ("call" in row) == ("say" in row):
        raise FormError(
            f"step {name}: expected either `say` or `call`, got {short(str(dict(row)))}"
        )
    if "call" in row:
        return StepKind.CALL
    if "ask" in row:
        return StepKind.ASK
    return StepKind.CHOICE if "if" in row else StepKind.TELL


def _slot(name: str, table: Table) -> Slot:
    one_of = _texts(table, "one_of") if "one_of" in table else ()
    looks, between = _text(table, "looks", ""), _between(table.get("between"), name)
    if sum(map(bool, (one_of, looks, between))) != 1:
        raise FormError(
            f"slot {name}: expected exactly one of `looks`, `one_of` and `between`, "
            f"got {short(dict(table))}"
        )
    return Slot(name, _text(table, "words"), looks, one_of, between)


def _api(name: str, table: Table) -> Api:
    gives = {
        outcome: {key: _pattern(value, f"{name}.{key}") for key, value in values.items()}
        for outcome, values in _tables(table, "gives").items()
    }
    takes = _texts(table, "takes") if "takes" in table else ()
    return Api(name, _text(table, "does"), takes, gives, bool(table.get("write", False)))


def _pattern(value: object, name: str) -> Pattern:
    if isinstance(value, str):
        return Pattern(looks=value)
    return Pattern(between=_between(value, name))


def _between(value: object, name: str) -> tuple[int, int] | None:
    match value:
        case None:
            return None
        case [int(low), int(high)] if low < high:
            return low, high
    raise FormError(f"{name}: expected [LEAST, GREATEST] or a text, got {short(str(value))}")


def _text(table: Table, key: str, default: str | None = None) -> str:
    value = table.get(key, default)
    if not isinstance(value, str):
        raise FormError(f"expected a text as `{key}`, got {short(str(value))}")
    return value


def _texts(table: Table, key: str) -> tuple[str, ...]:
    return tuple(_each(_list(table, key), key, _is_text))


def _each(values: Sequence[object], key: str, read: Callable[[object, str], T]) -> list[T]:
    return [read(value, key) for value in values]


def _is_text(value: object, key: str) -> str:
    if not isinstance(value, str):
        raise FormError(f"expected texts in `{key}`, got {short(str(value))}")
    return value


def _list(table: Table, key: str) -> Sequence[object]:
    value = table.get(key)
    if not isinstance(value, list):
        raise FormError(f"expected a list as `{key}`, got {short(str(value))}")
    return value


def _tables(table: Table, key: str) -> Mapping[str, Table]:
    entries = _as_table(table.get(key, {}), f"`{key}`")
    return {name: _as_table(value, f"`{key}.{name}`") for name, value in entries.items()}


def _as_table(value: object, what: str) -> Table:
    if not isinstance(value, dict):
        raise FormError(f"expected a table as {what}, got {short(str(value))}")
    return value
