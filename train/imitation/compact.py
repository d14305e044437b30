"""TRL's head on a CPU: it scores the tokens that have a label, as on a GPU, and no others.

Except on a GPU, TRL scores every position, since some devices compile each new shape anew. A CPU
compiles nothing. An SFT row begins with rules and schemas: six of its seven tokens have no label.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from trl.trainer import utils

DECIDES = "_use_triton"
"""The function of TRL by which its head decides whether to leave out what has no label.

It is private to TRL, and another version may lack it: then all is scored, which is slower and gives
the same loss.
"""


@contextmanager
def labelled_tokens_alone() -> Iterator[None]:
    """While it lasts, CPUs score labelled tokens alone."""
    before = vars(utils).get(DECIDES)
    if before is None:
        yield
        return

    def decides(device: torch.device) -> bool:
        return device.type == "cpu" or bool(before(device))

    setattr(utils, DECIDES, decides)
    try:
        yield
    finally:
        setattr(utils, DECIDES, before)
