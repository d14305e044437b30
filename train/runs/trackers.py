"""Where numbers can go besides the journal: trackers that TRL's own reporting knows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.util import find_spec

TRACKERS: Mapping[str, tuple[str, ...]] = {
    "tensorboard": ("tensorboard", "tensorboardX"),
    "trackio": ("trackio",),
    "wandb": ("wandb",),
}
"""TRL's name -> the modules that serve it; one of them is enough."""


def require_trackers(wanted: Sequence[str]) -> None:
    """Refuses trackers that are not installed, before anything is trained.

    Raises:
        ModuleNotFoundError: if one of them is not installed.
    """
    for name in wanted:
        if not any(find_spec(module) for module in TRACKERS[name]):
            raise ModuleNotFoundError(
                f"expected the package {name!r} for --report-to {name}, found none; install it by "
                f"`pip install {name}`, or leave the option out: metrics.jsonl has all the numbers"
            )
