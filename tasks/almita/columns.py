"""Finds the column of each field of a table; refuses if two columns are equally likely."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from tasks.almita.looks import SIGNS, Column, Field, describe


class ColumnsError(ValueError):
    """A table whose fields cannot be assigned to columns; the text says what to do."""


def find_columns(
    columns: Sequence[Column], given: Mapping[str, str | None] | None = None
) -> dict[Field, str]:
    """Finds the column of each field.

    Args:
        columns: All columns.
        given: Field -> column, for fields that the user has named; None for a field without a
            column. The others are found by names and looks.

    Returns:
        Field -> column. Without EXPECTED, a row is a whole conversation.

    Raises:
        ColumnsError: if a given column does not exist, or a field's column cannot be inferred.
    """
    chosen = _given(columns, given or {})
    absent = {Field(field) for field, name in (given or {}).items() if name is None}
    for field in (Field.TURNS, Field.TOOLS, Field.EXPECTED, Field.PROCEDURE, Field.ID):
        if field in chosen or field in absent:
            continue
        turns = next((c for c in columns if c.name == chosen.get(Field.TURNS)), None)
        if field is Field.EXPECTED and turns and turns.is_whole:
            continue
        left = [column for column in columns if column.name not in chosen.values()]
        found = _found(field, left)
        if found:
            chosen[field] = found.name
        elif _is_needed(field, turns):
            raise columns_error(columns, field, _instead(field, left))
    _check(columns, chosen, absent)
    return chosen


def _given(columns: Sequence[Column], given: Mapping[str, str | None]) -> dict[Field, str]:
    names = [column.name for column in columns]
    chosen = {}
    for key, name in given.items():
        if key not in tuple(Field):
            raise columns_error(columns, None, f"{key!r} in the map, which is not a field")
        if name is None and key == Field.TURNS:
            raise columns_error(
                columns, Field.TURNS, "None in the map: without turns nothing can be read"
            )
        if name is not None and name not in names:
            raise columns_error(columns, Field(key), f"a map to {name!r}, which is not a column")
        if name is not None:
            chosen[Field(key)] = name
    for column in columns:
        for field in (Field.TURNS, Field.TOOLS):
            if chosen.get(field) == column.name and column.look not in SIGNS[field].looks:
                came = f"{column.name!r} for it, which looks like {column.look}"
                raise columns_error(columns, field, came)
    return chosen


def _found(field: Field, left: Sequence[Column]) -> Column | None:
    """The only column that fits the field; None if there is no such column."""
    fitting = [column for column in left if column.look in SIGNS[field].looks]
    hinted = [column for column in fitting if column.hints_at(field)]
    match field:
        case Field.ID:
            return _only([c for c in hinted if c.repeated]) or _only(hinted)
        case Field.TURNS | Field.TOOLS:
            return _only(fitting) or _only(hinted)
        case Field.PROCEDURE if not hinted:
            return _only([column for column in fitting if column.numbered])
        case _:
            return _only(hinted)


def _instead(field: Field, left: Sequence[Column]) -> str:
    """A text, for the error, on the columns found in place of the field's one column."""
    fitting = [column for column in left if column.look in SIGNS[field].looks]
    names = [c.name for c in fitting if c.hints_at(field)] or [c.name for c in fitting]
    if len(names) > 1:
        return f"{' and '.join(map(repr, names))}, each of which may be it"
    looks = " or ".join(SIGNS[field].looks)
    return f"no column that is called like it and holds {looks}"


def _only(columns: Sequence[Column]) -> Column | None:
    return columns[0] if len(columns) == 1 else None


def _is_needed(field: Field, turns: Column | None) -> bool:
    """Whether the table cannot be read without the field, given the column of the turns."""
    return field is not Field.ID and not (field is Field.PROCEDURE and turns and turns.ruled)


def _check(
    columns: Sequence[Column], chosen: Mapping[Field, str], absent: Collection[Field]
) -> None:
    """Refuses columns whose contents do not fit their fields."""
    if len(set(chosen.values())) < len(chosen):
        raise columns_error(columns, None, "one column for two fields")
    turns = next(column for column in columns if column.name == chosen[Field.TURNS])
    named = [c for c in columns if c.hints_at(Field.EXPECTED) and c.name not in chosen.values()]
    wanted = Field.EXPECTED in chosen or (named and Field.EXPECTED not in absent)
    if wanted and turns.is_whole:
        raise columns_error(
            columns,
            Field.EXPECTED,
            f"conversations in {turns.name!r} that end with the agent's turn, so that it is not "
            "clear what comes after; map `expected` to None if a row is a whole conversation",
        )


def columns_error(columns: Sequence[Column], field: Field | None, came: str) -> ColumnsError:
    """The error for a field: it tells what came, what the columns look like, and what to do."""
    wanted = f"the column of the {field}" if field else "a map from fields to columns"
    example = ", ".join(f'"{name}": "…"' for name in Field)
    return ColumnsError(
        f"expected {wanted}, got {came}. The columns are\n{describe(columns)}.\n"
        f"Say which is which with columns={{{example}}}, or as FILE#turns=…&expected=…; None (or "
        "nothing behind the =) for a field that is not there. Without `expected`, a row is a whole "
        "conversation."
    )
