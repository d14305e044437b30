"""Which form a record has, told by what it holds, and the record in APIGen-MT's."""

from __future__ import annotations

from tasks.apigen.rows import RowProblem
from tasks.foreign import chats, xlam
from tasks.foreign.converted import Converted
from tasks.foreign.unread import unread_form
from tools.types import Json


def in_our_form(record: Json) -> Converted:
    """A record in APIGen-MT's form, or as it came if it has that form, or none that is known.

    Raises:
        RowProblem: if it cannot be put into that form; of a kind of its own (`preferences`,
            `anthropic`, …) where the record has a form that is known and not read.
    """
    try:
        return _converted(record)
    except RecursionError:
        raise RowProblem("too_deep", "expected flat JSON, got one nested too deep") from None


def _converted(record: Json) -> Converted:
    if not isinstance(record, dict):
        return Converted(record)
    if (unread := unread_form(record)) is not None:
        raise RowProblem(unread.kind, unread.text)
    if xlam.is_one(record):
        return xlam.converted(record)
    form = chats.form_of(record)
    return Converted(record) if form is None else chats.converted(record, form)
