"""tau-bench v1's own environments out of a checkout, without its model for the user.

Tried with https://github.com/sierra-research/tau-bench, commit
59a200c6d575d595120f1cb70fea53cef0632f6b.
"""

from __future__ import annotations

import enum
import importlib
import sys
import types
from pathlib import Path
from typing import Any

from tools.types import ToolCall


class _SilentUser:
    """Stands in for the model that plays the user: it opens with the instruction, then leaves."""

    def reset(self, instruction: str | None = None) -> str:
        """The first words."""
        return instruction or ""

    def step(self, content: str) -> str:
        """The words after a reply: the sign that the conversation ends."""
        del content
        return "###STOP###"

    def get_total_cost(self) -> float:
        """What the model has cost."""
        return 0.0


class UserStrategy(enum.Enum):
    """The names that the environment imports; none of them is used."""

    LLM = "llm"


class TauEnv:
    """The environment, reset and stepped as tau-bench's runs do it."""

    def __init__(self, checkout: Path, domain: str) -> None:
        """Imports it; its own packages' `__init__` would import model clients.

        Args:
            checkout: The folder in which `tau_bench` lies.
            domain: One of retail and airline.
        """
        _package("tau_bench", checkout / "tau_bench")
        _package("tau_bench.envs", checkout / "tau_bench" / "envs")
        user = types.ModuleType("tau_bench.envs.user")
        vars(user).update(load_user=lambda **_: _SilentUser(), UserStrategy=UserStrategy)
        sys.modules["tau_bench.envs.user"] = user
        module: Any = importlib.import_module(f"tau_bench.envs.{domain}.env")
        self._env: Any = getattr(module, f"Mock{domain.title()}DomainEnv")(task_index=0)
        self._action: Any = importlib.import_module("tau_bench.types").Action

    def call(self, call: ToolCall) -> object:
        """A call as its environment takes it."""
        return self._action(name=call.name, kwargs=dict(call.arguments))

    def reply(self, text: str) -> object:
        """A reply as its environment takes it."""
        return self._action(name="respond", kwargs={"content": text})

    def reset(self, number: int) -> None:
        """Begins a task."""
        self._env.reset(task_index=number)

    def step(self, action: object) -> tuple[float, bool]:
        """Carries an action out; the reward, and whether that was the end."""
        response = self._env.step(action)
        return float(response.reward), bool(response.done)


def _package(name: str, folder: Path) -> None:
    """Makes a folder importable as a package whose `__init__` does not run."""
    if not folder.is_dir():
        raise FileNotFoundError(
            f"expected a checkout of tau-bench with {folder.name}/ in it, but {folder} is not "
            "there; pass the folder into which it was cloned"
        )
    package = types.ModuleType(name)
    package.__path__ = [str(folder)]
    sys.modules[name] = package
