"""What a command's options may be: annotations for fields, and how values are read and shown.

`Positional[str]` has no option in front of it; `Repeated[tuple[str, ...]]` is written
`--data A --data B`. Every reader says what it expected and what came.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, TypeAlias, TypeVar, Union, get_args, get_origin

import tyro
from tyro.conf import Positional, Suppress
from tyro.conf import UseAppendAction as Repeated
from tyro.constructors import (
    ConstructorRegistry,
    PrimitiveConstructorSpec,
    PrimitiveTypeInfo,
    UnsupportedTypeAnnotationError,
)

from tools.nearest import did_you_mean

__all__ = [
    "FOLDER",
    "RULES",
    "Headed",
    "MISSING",
    "UNSET",
    "called",
    "made_by",
    "Positional",
    "Repeated",
    "Suppress",
    "one_of",
    "only_one",
    "shown_as",
    "written_as",
]

T = TypeVar("T")
Spec: TypeAlias = PrimitiveConstructorSpec[Any]

MISSING: Any = tyro.MISSING
"""Stands in a default for what has to be given."""
UNSET = "unset"
"""How an option that has no default shows it."""
RULES = ConstructorRegistry()
"""The rules for the types of fields; tyro's own follow."""
_NUMBERS: dict[Any, tuple[str, str]] = {int: ("N", "a whole number"), float: ("X", "a number")}
"""Type -> how help shows a value, and what an error calls it."""


def written_as(
    read: Callable[[str], T], metavar: str, write: Callable[[T], str] = str
) -> PrimitiveConstructorSpec[T]:
    """An annotation for a value that is written in a way of its own.

    Args:
        read: Makes the value; raises ValueError with what was expected and what came.
        metavar: What help shows in the value's place.
        write: The way back, for defaults in help.
    """
    return PrimitiveConstructorSpec(
        nargs=1,
        metavar=metavar,
        instance_from_str=lambda given: read(given[0]),
        is_instance=lambda value: True,
        str_from_instance=lambda value: [UNSET if value is None else write(value) or UNSET],
    )


@dataclass(frozen=True, slots=True)
class Headed:
    """An annotation for the first of several options that have a title of their own in help."""

    title: str
    """What they are for."""


def one_of(names: Collection[str]) -> PrimitiveConstructorSpec[str]:
    """An annotation for a text that is one of these.

    >>> one_of(["train", "test"]).instance_from_str(["tests"])
    Traceback (most recent call last):
    ValueError: expected one of train, test, got 'tests'; did you mean 'test'?
    """
    return _choice({name: name for name in names})


def shown_as(metavar: str, name: str | None = None) -> object:
    """An annotation for what help shows in a value's place, or for another name than the field's.

    Args:
        metavar: In the value's place; a `Positional` value has no other name.
        name: The option's, with hyphens.
    """
    return tyro.conf.arg(metavar=metavar, name=name)


def called(name: str) -> object:
    """An annotation for an option that has another name than its field, without hyphens in front.

    One meaning has one name in all commands, while the names of fields stand in files of runs.
    """
    return tyro.conf.arg(name=name)


def made_by(function: Callable[..., object]) -> object:
    """An annotation for a value that a function makes of options of its own, with their docs."""
    return tyro.conf.arg(constructor=function)


def only_one(title: str, *, required: bool = False) -> object:
    """An annotation for options of which at most one may be given, or exactly one has to be.

    Args:
        title: Over these options in help, which shows them together.
        required: Whether one of them has to be given.
    """
    return tyro.conf.create_mutex_group(required=required, title=title)


def _choice(values: Mapping[str, T]) -> PrimitiveConstructorSpec[T]:
    def read(text: str) -> T:
        if text not in values:
            near = did_you_mean(text, values)
            raise ValueError(f"expected one of {', '.join(values)}, got {text!r}{near}")
        return values[text]

    return written_as(read, f"{{{','.join(values)}}}")


@RULES.primitive_rule
def _plain(info: PrimitiveTypeInfo) -> Spec | None:
    """Numbers, texts and paths."""
    kind: Any = info.type
    if kind in (str, Path):
        return written_as(str, "TEXT") if kind is str else written_as(_path, "PATH")
    if kind not in _NUMBERS:
        return None
    metavar, words = _NUMBERS[kind]

    def read(text: str) -> Any:
        try:
            return kind(text)
        except ValueError:
            raise ValueError(f"expected {words}, got {text!r}") from None

    return written_as(read, metavar, "{:g}".format if kind is float else str)


def _path(text: str) -> Path:
    if not text:  # of a variable that is not set; `Path` would take it for the present folder
        raise ValueError("expected a path, got an empty text; . is the present folder")
    return Path(text)


def _folder(text: str) -> Path:
    path = _path(text)
    found = next(one for one in (path, *path.absolute().parents) if one.exists())
    if not found.is_dir():
        above = "" if found == path else f" above {path}"
        raise ValueError(f"expected a folder{above}, got the file {found}; give another path")
    return path


FOLDER = written_as(_folder, "PATH")
"""An annotation for a folder to write to, which may have to be made."""


@RULES.primitive_rule
def _closed(info: PrimitiveTypeInfo) -> Spec | None:
    """`Literal` and enums, by their values."""
    if get_origin(info.type) is Literal:
        return _choice({str(value): value for value in get_args(info.type)})
    if isinstance(info.type, type) and issubclass(info.type, Enum):
        return _choice({str(member.value): member for member in info.type})
    return None


@RULES.primitive_rule
def _several(info: PrimitiveTypeInfo) -> Spec | UnsupportedTypeAnnotationError | None:
    """`tuple[X, ...]`: one or more values behind one option."""
    inner, *rest = get_args(info.type) or (None,)
    if get_origin(info.type) is not tuple or rest != [...] or Repeated in info.markers:
        return None
    spec = _of(inner, info)
    if isinstance(spec, UnsupportedTypeAnnotationError):
        return spec

    def read(given: list[str]) -> tuple[Any, ...]:
        if not given:
            raise ValueError("expected at least one value, got none")
        return tuple(spec.instance_from_str([one]) for one in given)

    return PrimitiveConstructorSpec(
        nargs="*",
        metavar=f"{spec.metavar} …",
        instance_from_str=read,
        is_instance=lambda value: isinstance(value, tuple),
        str_from_instance=lambda value: [spec.str_from_instance(one)[0] for one in value],
    )


@RULES.primitive_rule
def _optional(info: PrimitiveTypeInfo) -> Spec | UnsupportedTypeAnnotationError | None:
    """`X | None` is written like `X`: only an option that is left out is None."""
    inner = [part for part in get_args(info.type) if part is not NoneType]
    if get_origin(info.type) not in (Union, UnionType) or len(inner) != 1:
        return None
    spec = _of(inner[0], info)
    if isinstance(spec, UnsupportedTypeAnnotationError):
        return spec
    return PrimitiveConstructorSpec(
        nargs=spec.nargs,
        metavar=spec.metavar,
        instance_from_str=lambda given: spec.instance_from_str(given) if given else (),
        is_instance=lambda value: True,
        str_from_instance=lambda value: [UNSET] if value is None else spec.str_from_instance(value),
    )


def _of(kind: Any, info: PrimitiveTypeInfo) -> Spec | UnsupportedTypeAnnotationError:
    """How a part of a type is read."""
    return ConstructorRegistry.get_primitive_spec(PrimitiveTypeInfo.make(kind, info.markers))
