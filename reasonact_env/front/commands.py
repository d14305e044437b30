"""All commands, by what one wants to do.

A command's short name is what `reasonact NAME` runs; what it does stands in its own first line.
"""

from __future__ import annotations

import ast
import importlib.util
import re
from collections.abc import Mapping
from pathlib import Path

COMMANDS: Mapping[str, Mapping[str, str]] = {
    "Play and judge": {
        "play": "reasonact_env.play",
        "evaluate": "train.evaluate",
        "audit": "train.audit",
        "validate": "agents.validate",
        "examine": "agents.doctor",
        "serve": "agents.serve",
    },
    "See what happened": {
        "replay": "reasonact_env.replay",
        "failures": "reasonact_env.failures",
        "rate": "reasonact_env.rate",
        "flows": "reasonact_env.view.flows",
    },
    "Train": {
        "demo": "train.demo",
        "pipeline": "train.pipeline",
        "sft": "train.sft",
        "cold-start": "train.cold_start",
        "grpo": "train.grpo",
        "watch": "train.watch",
        "export": "train.export",
        "base": "train.base",
    },
    "Compare and trust": {
        "compare": "train.compare",
        "seeds": "train.seeds",
        "experiment": "train.experiment",
        "power": "train.power",
        "leakage": "train.leakage",
        "overlap": "tasks.overlap",
        "judge": "train.judge",
        "memory": "train.memory",
    },
    "Data": {
        "load": "tasks.load",
        "generate": "tasks.generate",
        "procedures": "tasks.procedures",
        "paraphrase": "tasks.procedures.paraphrase",
        "almita": "tasks.almita",
    },
}
"""What one wants to do -> short name -> module."""
_CALL = re.compile("^`[^`]+`: |: `[^`]+`[.]?$")
"""How a command is called, where its first line says so."""
MODULES = {name: module for group in COMMANDS.values() for name, module in group.items()}
"""Short name -> module."""


def about(module: str) -> str:
    """What a command does: the first sentence of its file, which is read and not imported."""
    found = importlib.util.find_spec(module)
    assert found is not None, module
    assert found.origin is not None, module
    words = ast.get_docstring(ast.parse(Path(found.origin).read_text("utf-8"))) or ""
    said = _CALL.sub("", words.partition("\n")[0]).removesuffix(".")
    return said[:1].upper() + said[1:]
