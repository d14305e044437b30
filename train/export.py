"""A trained policy as a model of its own, with a card that says where it comes from.

    python -m train.export --policy runs/grpo --out runs/exported
    python -m train.export --policy runs/grpo --figures runs/grpo-eval --out runs/exported

Adapters are merged into the weights they belong to. Nothing leaves this machine unless
`--push-to-hub NAME` is given.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

from agents.console import console
from tools.command import run
from tools.command_line import read_options
from tools.files import write_text
from tools.option_types import FOLDER, shown_as
from train.models.policies import TrainedPolicy, load_policy
from train.models.precision import Use
from train.models.tokenizer import for_others
from train.runs.folders import CARD
from train.runs.run import METRICS, RUN

if TYPE_CHECKING:
    from transformers import PreTrainedModel

SUMMARY = "summary.json"
"""The file of figures in a folder of `train.evaluate`."""


def export(folder: Path, out: Path, figures: Sequence[Path] = ()) -> TrainedPolicy:
    """Merges a policy's adapters, if it has any, and writes it with its card.

    Args:
        folder: A policy of `train.sft`, `train.cold_start` or `train.grpo`.
        out: Where the model goes; `train.evaluate --policy` takes it too.
        figures: Folders of `train.evaluate`, for the card.

    Returns:
        The policy as it was written.

    Raises:
        FileExistsError: if the folder is that of the policy.
        FileNotFoundError: if there is no policy, or a folder of figures has none.
    """
    if out.resolve() == folder.resolve():
        raise FileExistsError(f"expected another folder than the policy's own, got {out}")
    if not _is_free(out, folder):
        raise FileExistsError(
            f"expected a new folder, or one of train.export to write again, got {out}, which holds "
            "other files; give another --out"
        )
    for one in figures:
        if not (one / SUMMARY).is_file():
            raise FileNotFoundError(
                f"expected --figures with a folder of train.evaluate, found no {SUMMARY} in {one}"
            )
    from peft import PeftModel  # below, so that a command without it can say so

    policy = load_policy(folder, Use.EXPORT)
    model = policy.model
    # Merged weights need no peft, and load wherever the base does.
    if isinstance(model, PeftModel):
        model = cast("PreTrainedModel", model.merge_and_unload())
    merged = replace(policy, model=model, base=None)
    if (folder / RUN).exists():
        out.mkdir(parents=True, exist_ok=True)
        write_text(out / RUN, (folder / RUN).read_text(encoding="utf-8"))
    merged.save(out, policy.words, figures)
    return merged


def _is_free(out: Path, folder: Path) -> bool:
    """Whether a folder holds nothing, or what an export of this policy has written or begun."""
    held = (
        {one.name for one in out.iterdir() if not one.name.startswith(".")} if out.is_dir() else ()
    )
    if not held:
        return True
    mine, theirs = folder / RUN, out / RUN
    trained = METRICS in held  # an export has no journal
    same = mine.exists() and theirs.exists() and mine.read_bytes() == theirs.read_bytes()
    return not trained and (same or (not mine.exists() and (out / CARD).is_file()))


@dataclass(frozen=True, slots=True)
class ExportOptions:
    """What is exported, and where to."""

    policy: Path
    """A folder with a policy."""
    out: Annotated[Path, FOLDER]
    """The model's folder."""
    figures: tuple[Path, ...] = ()
    """Folders of train.evaluate, for the card; none unless given."""
    push_to_hub: Annotated[str | None, shown_as("NAME")] = None
    """Upload under this name; nothing is uploaded unless given."""


def main(argv: Sequence[str] | None = None) -> Path:
    """Exports; returns the folder."""
    args = read_options(ExportOptions, argv, prog="python -m train.export", about=__doc__)
    merged = export(args.policy, args.out, args.figures)
    console().print(f"Model: {args.out}   card: {args.out / 'README.md'}")
    if args.push_to_hub:
        merged.model.push_to_hub(args.push_to_hub)
        for_others(merged.tokenizer, thinking=merged.thinking).push_to_hub(args.push_to_hub)
        console().print("Pushed the weights and the tokenizer; put the card there once it is read.")
    return args.out


if __name__ == "__main__":
    run(main)
