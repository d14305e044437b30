"""A model's files in parts that are small enough to travel, and back.

A folder of parts holds `0/`, `1/`, …, each with bytes of one or several files, and `manifest.json`
with the SHA-256 of every part and file, a copy of which lies in each of them.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tools.files import read_object, replacing, write_json

MANIFEST = "manifest.json"
MB = 1_000_000
LARGEST = 60
"""MB of a part at most: with the working tree it has to stay below 64 MiB."""
SMALL = ("config.json", "generation_config.json", "chat_template.jinja")
"""Files of a model's folder that travel as they are, beside those of its tokenizer."""
WEIGHTS = "model.safetensors"


def pack(model: Path, out: Path, largest: float) -> list[Path]:
    """Cuts a model into parts.

    Args:
        model: A folder with safetensors, whose weights become bfloat16, or one file (GGUF), which
            travels as it is.
        out: The folder of parts; it must not hold any.
        largest: MB of a part at most.

    Returns:
        The parts' folders.

    Raises:
        FileNotFoundError: if there is no such model.
        FileExistsError: if the folder holds parts already.
    """
    if list(out.glob(f"*/{MANIFEST}")):
        raise FileExistsError(
            f"expected a folder without parts, got {out}; delete it, or name another"
        )
    if model.is_file():
        return _cut([model], out, largest)
    weights = sorted(model.glob("*.safetensors"))
    if not weights:
        raise FileNotFoundError(
            f"expected a GGUF file or a folder with safetensors to pack, got {model}; give --model"
        )
    with TemporaryDirectory() as scratch:
        halved = _halved(weights, Path(scratch) / WEIGHTS)
        others = [model / name for name in SMALL] + sorted(model.glob("*token*"))
        others += [model / name for name in ("vocab.json", "merges.txt")]
        return _cut([*(one for one in others if one.is_file()), halved], out, largest)


def _halved(weights: list[Path], place: Path) -> Path:
    """All weights in one file, in bfloat16: half the bytes, and three digits of precision."""
    import torch
    from safetensors.torch import load_file, save_file

    tensors = {name: one for path in weights for name, one in load_file(path).items()}
    halved = {k: v.bfloat16() if v.dtype == torch.float32 else v for k, v in tensors.items()}
    save_file(halved, place, metadata={"format": "pt"})
    return place


def _cut(files: list[Path], out: Path, largest: float) -> list[Path]:
    """Writes the files' bytes one after the other, into parts that are full but for the last."""
    limit, room = int(largest * MB), 0
    parts: list[dict[str, Any]] = []
    folders: list[Path] = []
    for path in files:
        with path.open("rb") as file:
            while piece := file.read(room or limit):
                if not room:
                    folders.append(out / str(len(folders)))
                    room = limit
                name = f"{folders[-1].name}/{len(parts)}.bytes"
                with replacing(out / name) as written:
                    written.write(piece)
                digest = hashlib.sha256(piece).hexdigest()
                parts.append({"part": name, "file": path.name, "sha256": digest})
                room -= len(piece)
    whole = {one.name: {"bytes": one.stat().st_size, "sha256": _sha256(one)} for one in files}
    for folder in folders:
        write_json(folder / MANIFEST, {"files": whole, "parts": parts})
    return folders


def join(parts: Path, out: Path) -> Path:
    """Puts a model together again; what was joined before is left as it is.

    Returns:
        What `--model` takes: the folder, or the one file that was packed.

    Raises:
        FileNotFoundError: if parts are missing, with their names.
        ValueError: if bytes are not those that were packed.
    """
    manifest = _manifest(parts)
    missing = [one["part"] for one in manifest["parts"] if not (parts / one["part"]).is_file()]
    if missing:
        raise FileNotFoundError(
            f"expected all parts in {parts}, found none of {', '.join(missing)}; bring them too"
        )
    for name, known in manifest["files"].items():
        if not (out / name).is_file() or _sha256(out / name) != known["sha256"]:
            _join_file(name, known, manifest["parts"], parts, out)
    names = list(manifest["files"])
    return out / names[0] if len(names) == 1 else out


def _join_file(
    name: str, known: dict[str, Any], pieces: list[dict[str, Any]], parts: Path, out: Path
) -> None:
    whole = hashlib.sha256()
    with replacing(out / Path(name).name) as file:
        for one in pieces:
            if one["file"] != name:
                continue
            piece = (parts / one["part"]).read_bytes()
            if hashlib.sha256(piece).hexdigest() != one["sha256"]:
                raise ValueError(
                    f"expected the bytes that were packed in {parts / one['part']}, got others; "
                    "bring this part again"
                )
            whole.update(piece)
            file.write(piece)
        if whole.hexdigest() != known["sha256"]:
            raise ValueError(f"expected {name} with the SHA-256 of its manifest; pack it again")


def _manifest(parts: Path) -> dict[str, Any]:
    """The one that all parts have."""
    found = [read_object(one) for one in sorted(parts.glob(f"*/{MANIFEST}"))]
    if not found:
        raise FileNotFoundError(
            f"expected parts of --pack in {parts}, found none; bring them first"
        )
    if len({json.dumps(one, sort_keys=True) for one in found}) > 1:
        raise ValueError(f"expected parts of one model in {parts}, got several; pack them again")
    return found[0]


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
