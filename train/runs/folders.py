"""The folders of runs: what they hold, and whether a run may begin there, go on, or has ended."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from functools import wraps
from inspect import signature
from pathlib import Path
from typing import ParamSpec, TypeVar

from agents.console import console
from tools.files import slug
from tools.places import CARD as CARD
from tools.places import RUN as RUN
from tools.places import require_place
from train.runs import processes

P = ParamSpec("P")
T = TypeVar("T")

SAMPLES = "samples.jsonl"
"""The file of a cold start's samples."""
PREPARED = (RUN, SAMPLES)
"""What a run writes before it does anything."""
RUNS = Path("runs")
"""Where runs go that name no folder."""
_LONGEST = 40
"""Characters of one name in such a folder's."""
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
    checkpoint = last_checkpoint(out) or last_checkpoint(out / "checkpoints")
    card = out / CARD if (out / CARD).is_file() else None
    if model := model_file(out) or card or (Path(checkpoint) if checkpoint else None):
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


def default_folder(stage: str, names: Iterable[str], told: Mapping[str, object]) -> Path:
    """Where a run goes that names no folder: each in one of its own, the same one in the next call.

    Args:
        stage: What is run.
        names: What a person tells it by: a policy or an agent, the data, the mode, ….
        told: Everything that tells the run from another one.

    >>> default_folder("eval", ["gold", "retail:500", "turn"], {}).as_posix()
    'runs/eval-gold-retail-500-turn-44136f'
    """
    text = json.dumps(told, sort_keys=True, default=str)
    return named_folder(stage, [*names, hashlib.sha256(text.encode()).hexdigest()[:6]])


def named_folder(stage: str, names: Iterable[str]) -> Path:
    """A folder among the runs; of names that are files or folders of runs, their own names count.

    >>> named_folder("pipeline", ["runs/sft", "desk:5:1"]).as_posix()
    'runs/pipeline-sft-desk-5-1'
    """
    own = (
        Path(name).resolve().name if Path(name).exists() else name.removeprefix("runs/")
        for name in names
    )
    return RUNS / "-".join([stage, *(slug(name)[-_LONGEST:].strip("-") for name in own)])


def undone_if_refused(stage: Callable[P, T]) -> Callable[P, T]:
    """A stage that leaves nothing behind where it ends before it has done anything.

    What is removed is `run.json`, the choice of samples, and folders without a file, if they were
    not there before. As soon as there is any other file, all stays, to be gone on with.

    Args:
        stage: A function one of whose arguments is called `out`, the run's folder.
    """
    shape = signature(stage)

    @wraps(stage)
    def run(*args: P.args, **kwargs: P.kwargs) -> T:
        out = Path(shape.bind(*args, **kwargs).arguments["out"])
        require_place(out / RUN, is_runs_own=True)
        before = {path for path in (out, *out.rglob("*")) if path.exists()}
        above = [one for one in out.absolute().parents if not one.exists()]
        try:
            return stage(*args, **kwargs)
        except BaseException:
            if processes.is_main():
                _undo(out, before, above)
            raise

    return run


def _undo(out: Path, before: set[Path], above: Sequence[Path]) -> None:
    new = sorted({*out.rglob("*")} - before, reverse=True)  # what is deeper comes first
    if any(path.is_file() and path.name not in PREPARED for path in new):
        return
    for file in filter(Path.is_file, new):
        file.unlink()
    folders = filter(Path.is_dir, new)
    for folder in (*folders, *(one for one in (out, *above) if one not in before)):
        with suppress(OSError):  # another run has begun in it, or it was never made
            folder.rmdir()


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
