"""The folders of runs: what they hold, and whether a run may begin there, go on, or has ended."""

from __future__ import annotations

import json
import re
from pathlib import Path

from agents.console import console

RUN = "run.json"
"""The file's name in the folder of a run."""
CARD = "policy.json"
"""The file that tells which policy a folder holds; it is written last."""
MODEL_FILES = ("*.safetensors", "pytorch_model*.bin", "config.json", "adapter_config.json")
"""What folders with models have."""


def model_file(folder: Path) -> Path | None:
    """One of the files by which a folder tells that it holds a model; None without any."""
    return next((file for name in MODEL_FILES for file in folder.glob(name)), None)


def require_no_model(out: Path) -> None:
    """Refuses a folder with somebody's model, which a run would write over.

    Raises:
        FileExistsError: if it is one.
    """
    if model := model_file(out):
        raise FileExistsError(
            f"expected an empty folder or the same run to go on with, but {out} holds a model "
            f"({model.name}) and no {RUN}: its weights would be written over; give another --out"
        )


def already_done(out: Path, what: str = "trained") -> Path:
    """Says of a folder that it holds the whole run already, and returns it."""
    console().print(
        f"{out} holds the whole of this run: nothing is {what} again. To do it again, give another "
        "--out or delete the folder.",
        style="yellow",
    )
    return out


def require_begun(out: Path) -> None:
    """Refuses to go on with nothing.

    Raises:
        FileNotFoundError: if no run has begun there.
    """
    if not (out / RUN).exists():
        raise FileNotFoundError(
            f"expected a run of train.grpo in {out} to go on with by --resume, found none; name "
            "its folder by --out, or leave out --resume to begin one"
        )


def require_new(out: Path) -> None:
    """Refuses to write over a run.

    Raises:
        FileExistsError: if there is one.
    """
    if (out / CARD).exists() or last_checkpoint(out / "checkpoints"):
        raise FileExistsError(
            f"expected an empty folder, but {out} holds a run: go on with it by --resume, or give "
            "another --out"
        )


def last_checkpoint(folder: Path) -> str | None:
    """The newest whole checkpoint in a folder, or None.

    transformers writes a checkpoint's `trainer_state.json` last, so one without it, or with half of
    it, was cut short by a kill; the one before is whole.
    """
    found = [
        (int(name[1]), path)
        for path in (folder.iterdir() if folder.is_dir() else ())
        if (name := re.fullmatch(r"checkpoint-(\d+)", path.name)) and _is_whole(path)
    ]
    return str(max(found)[1]) if found else None


def _is_whole(checkpoint: Path) -> bool:
    try:
        json.loads((checkpoint / "trainer_state.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return True
