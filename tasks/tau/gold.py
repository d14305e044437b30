"""A task's gold actions as a dialogue.

The benchmarks have no dialogues, only gold actions. Played one after the other they show that a
task can be won. Nobody could learn from them: they come without a word of the user.
"""

from __future__ import annotations

import json

from tasks.tau.taskfiles import TauTask
from tasks.tau.user import OPENING
from tools.schema.toolbox import Toolbox
from tools.types import Json, ToolCall
from tools.worlds.database import Base
from tools.worlds.world import World


def gold_record(task: TauTask, world: World, base: Base, policy: str) -> dict[str, Json]:
    """The record: a greeting, the gold actions with the world's answers, and the outputs told."""
    said: list[Json] = [{"from": "human", "value": OPENING}]
    toolbox, executor = Toolbox.of(world.specs, world.effects), world.start(base)
    for call in task.actions:
        problem = toolbox.check(call)
        if problem is None:
            executor, result = executor.run(call)
        answer = result.content if problem is None else f"Error: {problem.text}"
        said.append({"from": "function_call", "value": _written(call)})
        said.append({"from": "observation", "value": answer})
    told = f": {'; '.join(task.outputs)}" if task.outputs else ""
    said.append({"from": "gpt", "value": f"This is settled{told}."})
    tools: list[Json] = [dict(spec.as_dict()) for spec in world.specs]
    return {"system": policy, "tools": json.dumps(tools), "conversations": said}


def _written(call: ToolCall) -> str:
    return json.dumps({"name": call.name, "arguments": dict(call.arguments)}, ensure_ascii=False)
