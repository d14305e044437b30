"""What to say when somebody's own agent raises an error in the middle of an evaluation."""

from __future__ import annotations

import traceback
from collections.abc import Mapping
from pathlib import Path

from reasonact_env.episodes.storage import EpisodeFile
from tools.command import TO_DEBUG, raised
from tools.counts import counted
from tools.types import Json
from train.runs.played import PARTS


class AgentError(RuntimeError):
    """An agent of the caller's own has raised an error: what, where, and what to do."""


def is_agents(error: BaseException) -> bool:
    """Whether an error comes out of an agent's `act`, and not out of what surrounds it."""
    return any(frame.name == "act" for frame in traceback.extract_tb(error.__traceback__))


def crash_words(
    error: BaseException,
    name: str,
    out: Path,
    code: Mapping[str, Json],
    *,
    is_named: bool,
    leaves_out: bool,
) -> str:
    """The line to say.

    Args:
        error: What the agent raised.
        name: The agent's, MODULE:NAME.
        out: The evaluation's folder.
        code: What tells the agent's code from another version, as `agent_outside` has it.
        is_named: Whether the caller has named the folder; else another version has another one.
        leaves_out: Whether episodes that fail are left out; then all have failed.
    """
    kept = sum(1 for file in (out / PARTS).glob("[0-9]*.jsonl") for _ in EpisodeFile(file))
    told = code.get("agent")
    if isinstance(told, dict) and "identity" in told:
        on = "mend it, and the same command goes on"
    elif is_named:
        on = "mend it, and the same command with --again plays all; unchanged, it goes on"
    else:
        on = "mend it, and the same command plays all in a new folder; unchanged, it goes on"
    others = "" if leaves_out else "--workers N leaves out what fails; "
    episodes = f"{counted(kept, 'episode is', 'episodes are')} kept in {out}; "
    return (
        f"expected a message from the agent {name}, got {raised(error)}; "
        f"{episodes if kept else ''}{on if kept else 'mend it'}; {others}{TO_DEBUG}"
    )
