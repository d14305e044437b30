"""What of the installation works, each checked by using it."""

from __future__ import annotations

import importlib
import importlib.metadata
import os
import time
from collections.abc import Callable, Iterator
from typing import NamedTuple

ENDPOINT = ("REASONACT_LLM_BASE_URL", "REASONACT_LLM_MODEL")
"""The variables that name a model behind an endpoint."""


class Finding(NamedTuple):
    """One part of the installation."""

    part: str
    """What it is for."""
    works: bool
    """Whether it can be used."""
    words: str
    """What was found, or what to do."""
    needed: bool = False
    """Whether nothing works without it."""


def examine() -> Iterator[Finding]:
    """Checks one part after the other; none needs a network."""
    yield _tried("environments", _episode, needed=True)
    yield _extra("training", "train", ("torch", "transformers", "trl", "peft", "datasets"))
    yield _tried("GPU", _gpu)
    yield _extra("pictures", "plots", ("matplotlib", "networkx"))
    yield _extra("costly patterns", "re2", ("re2",))
    yield _extra("raters", "rate", ("krippendorff",))
    yield _extra("GGUF files", "gguf", ("gguf",))
    yield _extra("models elsewhere", "llm", ("openai",))
    yield _extra("MCP", "mcp", ("mcp",))
    yield _extra("this site", "docs", ("mkdocs",))
    yield _endpoint()


def _endpoint() -> Finding:
    """Whether a model is named; nobody asks it."""
    missing = [name for name in ENDPOINT if not os.environ.get(name)]
    if missing:
        words = f"{', '.join(missing)} not set; only user='llm' needs a model"
        return Finding("endpoint", False, words)
    return Finding("endpoint", True, f"{os.environ[ENDPOINT[0]]}, named and not asked")


def _tried(part: str, use: Callable[[], str], *, needed: bool = False) -> Finding:
    try:
        return Finding(part, True, use(), needed)
    except Exception as error:  # whatever is broken is what is to be told
        words = " ".join(str(error).split()) or type(error).__name__
        return Finding(part, False, words, needed)


def _episode() -> str:
    """Plays the recorded agent's own messages once."""
    import gymnasium as gym

    started = time.perf_counter()
    env = gym.make("ReasonAct-APIGen-v0", data="desk:5", split="all")
    env.reset(seed=0)
    total = 0.0
    task = env.get_wrapper_attr("task")
    for turn in task.turns:
        total += float(env.step(task.messages[turn.index].content)[1])
    env.close()
    if abs(total - 1) > 1e-9:
        raise ValueError(f"expected the recorded agent to earn 1, got {total}")
    return f"an episode of the recorded agent, {time.perf_counter() - started:.2f} s, earns 1"


def _gpu() -> str:
    try:
        import torch
    except ImportError:
        raise ValueError("needs the training packages") from None

    if torch.cuda.is_available():
        return str(torch.cuda.get_device_name())
    if torch.backends.mps.is_available():
        return "Apple's"
    raise ValueError("none; CPUs train small models")


def _extra(part: str, extra: str, packages: tuple[str, ...]) -> Finding:
    """Imports the packages of an extra."""

    def use() -> str:
        for package in packages:
            try:
                importlib.import_module(package)
            except ImportError:
                raise ValueError(
                    f"{package} is missing: pip install -e '.[{extra}]' brings it"
                ) from None
        return ", ".join(f"{package} {_version(package)}" for package in packages)

    return _tried(part, use)


def _version(package: str) -> str:
    named = importlib.metadata.packages_distributions().get(package, [package])[0]
    return importlib.metadata.version(named)
