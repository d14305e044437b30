"""Files that hold no records, known by their first bytes, each with what to do."""

from __future__ import annotations

from pathlib import Path

_SEEN = 600
"""Bytes that are looked at; a tar archive tells its name at 257."""
_UNPACK = "unpack it, and name the file in it"
_GZIP = ((b"\x1f\x8b",), "text packed by gzip", "unpack it: gunzip FILE")
_WRAPPED = (
    ((b"(\xb5/\xfd",), "text packed by zstd", "unpack it: zstd -d FILE"),
    ((b"BZh",), "text packed by bzip2", "unpack it: bunzip2 FILE"),
    ((b"\xfd7zXZ",), "text packed by xz", "unpack it: unxz FILE"),
    ((b"7z\xbc\xaf",), "a 7z archive", _UNPACK),
    ((b"\xff\xfe\0\0", b"\0\0\xfe\xff"), "UTF-32 text", "save it as UTF-8"),
    ((b"\xff\xfe", b"\xfe\xff", b"{\0", b"\0{"), "UTF-16 text", "save it as UTF-8"),
)
"""What would be text, were it unpacked or saved in another way."""
_SIGNS = (
    (
        (b"PK\x03\x04",),
        "a zip archive, as .xlsx is one, too",
        f"{_UNPACK} (a sheet: save it as .csv)",
    ),
    *_WRAPPED,
    ((b"SQLite format 3",), "a SQLite database", "write its rows as JSON lines"),
    ((b"%PDF",), "a PDF", "name a file of records"),
    ((b"\x89HDF",), "an HDF5 file", "write its rows as JSON lines"),
    ((b"GGUF",), "a model", "name a file of records"),
    (
        (b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05"),
        "a pickle",
        "write its records as JSON lines: a pickle is a program",
    ),
    (
        (b"version https://git-lfs",),
        "the pointer to a file that Git LFS holds",
        "fetch the file itself: git lfs pull",
    ),
)
_EPISODES = b'{"format":"reasonact-episodes"'
_EXPORT = "export it: python -m reasonact_env.replay FILE --export sft --out FILE.sft.jsonl"
_PAGE = (b"<!doctype", b"<html", b"<?xml")


def refuse_strangers(data: bytes, path: Path) -> None:
    """Refuses what holds no records as JSON text.

    Args:
        data: The file's content, unpacked.
        path: Its path, for errors.

    Raises:
        ValueError: naming what it is, and what to do.
    """
    if (found := _stranger(data[:_SEEN])) is not None:
        what, todo = found
        todo = todo.replace("FILE", str(path))
        raise ValueError(f"expected UTF-8 text in {path.name}, got {what}; {todo}")


def wrapped(head: bytes, path: Path) -> str:
    """What a file is whose text is packed, or of another encoding, and what to do.

    Args:
        head: The file's first bytes.
        path: Its path.

    Returns:
        Half a sentence; empty for any other file.
    """
    zipped = ((b"PK\x03\x04",), "a zip archive", _UNPACK)
    found = (one for one in (_GZIP, zipped, *_WRAPPED) if head.startswith(one[0]))
    return next((f"{what}; {todo.replace('FILE', str(path))}" for _, what, todo in found), "")


def _stranger(head: bytes) -> tuple[str, str] | None:
    for signs, what, todo in _SIGNS:
        if head.startswith(signs):
            return what, todo
    if head.replace(b": ", b":", 1).startswith(_EPISODES):  # other writers of JSON leave a blank
        return "a file of episodes", _EXPORT
    if head[257:262] == b"ustar":
        return "a tar archive", _UNPACK
    if head.lstrip().lower().startswith(_PAGE):
        return "a web page", "download the file itself; data sets with terms ask for a login first"
    if b"\0" in head:
        return "binary data of an unknown kind", "write its records as JSON lines"
    return None
