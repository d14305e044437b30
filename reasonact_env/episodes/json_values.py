"""Reading plain JSON values whose form is known; what else comes is said."""

from __future__ import annotations

from typing import TypeAlias

from tools.types import Json

JsonObject: TypeAlias = "dict[str, Json]"


def text_in(value: Json) -> str:
    """The value, if it is a text.

    Raises:
        TypeError: if it is not.
    """
    if not isinstance(value, str):
        raise TypeError(f"expected a text, got {type(value).__name__}")
    return value


def text_or_none_in(value: Json) -> str | None:
    """The value, if it is a text or null.

    Raises:
        TypeError: if it is neither.
    """
    return None if value is None else text_in(value)


def number_in(value: Json) -> float:
    """The value, if it is a number.

    Raises:
        TypeError: if it is not.
    """
    if not isinstance(value, int | float):
        raise TypeError(f"expected a number, got {type(value).__name__}")
    return value


def object_in(value: Json) -> JsonObject:
    """The value, if it is an object.

    Raises:
        TypeError: if it is not.
    """
    if not isinstance(value, dict):
        raise TypeError(f"expected an object, got {type(value).__name__}")
    return value


def objects_in(value: Json) -> list[JsonObject]:
    """The value, if it is a list of objects.

    Raises:
        TypeError: if it is not.
    """
    if not isinstance(value, list):
        raise TypeError(f"expected a list, got {type(value).__name__}")
    return [object_in(item) for item in value]
