"""A table's path or URL, and its fields' columns, in one text: `PLACE[#FIELD=COLUMN&…]`."""

from __future__ import annotations

import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from urllib.parse import parse_qsl, urldefrag, urlencode, urlsplit

ENDINGS = (".csv", ".tsv")
"""The endings of tables' names."""
TIMEOUT = 30.0
"""Seconds to wait for the next bytes of a URL; chosen by hand."""


@dataclass(frozen=True, slots=True)
class Place:
    """A table's place."""

    where: str
    """A path, or a URL with http:// or https://."""
    columns: Mapping[str, str | None] = field(default_factory=dict)
    """Field -> column, for fields that the user has named; None for a field without a column."""

    @classmethod
    def of(cls, text: str) -> Place:
        """Reads the text form.

        >>> Place.of("data/ALMITA.csv#turns=history&tools=").columns
        {'turns': 'history', 'tools': None}

        Raises:
            ValueError: if the part after `#` is not a list of FIELD=COLUMN.
        """
        where, fragment = urldefrag(text)
        return cls(where, read_map(parts(fragment)))

    def naming(self, columns: Mapping[str, str | None]) -> Place:
        """The same table, with these columns named, too."""
        return replace(self, columns={**self.columns, **columns})

    def __str__(self) -> str:
        """The text form, which `of` reads.

        >>> str(Place("ALMITA.csv", {"turns": "the talk", "tools": None}))
        'ALMITA.csv#turns=the+talk&tools='
        """
        named = urlencode([(key, column or "") for key, column in self.columns.items()])
        return f"{self.where}#{named}" if named else self.where

    @property
    def is_url(self) -> bool:
        """Whether it is a URL."""
        return self.where.startswith(("http://", "https://"))

    @property
    def name(self) -> str:
        """The file's name."""
        return PurePosixPath(urlsplit(self.where).path).name if self.is_url else self.path.name

    @property
    def stem(self) -> str:
        """The file's name without its ending."""
        return Path(self.name).stem

    @property
    def path(self) -> Path:
        """The place as a path."""
        return Path(self.where)

    def text(self) -> str:
        """The table's text.

        Raises:
            OSError: if it cannot be read.
            ValueError: if it is not UTF-8.
        """
        data = _download(self.where) if self.is_url else self.path.read_bytes()
        try:
            return data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise ValueError(
                f"expected UTF-8 text in {self.name}: {error}; save it as that"
            ) from None


def is_table(data: str) -> bool:
    """Whether a data set's name is the path or URL of a table."""
    where, _ = urldefrag(data)
    return Place(where).name.lower().endswith(ENDINGS)


def read_map(pairs: Sequence[str]) -> dict[str, str | None]:
    """`FIELD=COLUMN` pairs as a map; an empty column means that the field has none.

    Raises:
        ValueError: if a pair has no "=".
    """
    if bad := [pair for pair in pairs if "=" not in pair]:
        raise ValueError(f"expected FIELD=COLUMN, got {bad[0]!r}, which has no '='")
    return {name: column or None for name, _, column in (pair.partition("=") for pair in pairs)}


def parts(fragment: str) -> list[str]:
    """The pairs of a URL's fragment, with `%20` and `+` read as blanks."""
    if fragment and "=" not in fragment:
        return [fragment]
    return [f"{name}={column}" for name, column in parse_qsl(fragment, keep_blank_values=True)]


def _download(url: str) -> bytes:
    try:
        with urllib.request.urlopen(url, timeout=TIMEOUT) as response:
            data: bytes = response.read()
            return data
    except OSError as error:
        raise OSError(
            f"expected a table at {url}, got {error}; download it by other means and give its path"
        ) from None
