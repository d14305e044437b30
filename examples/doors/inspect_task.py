r"""inspect_ai: a sample is a task of ours, the solver plays it, and the score is its return.

pip install -e '.[doors]'
LOCAL_BASE_URL=http://localhost:8000/v1 LOCAL_API_KEY=none \
    inspect eval examples/doors/inspect_task.py --model openai-api/local/MODEL
"""

from typing import Any

import gymnasium as gym
from inspect_ai import Task, task
from inspect_ai.dataset import Sample
from inspect_ai.model import ChatMessageSystem, ChatMessageUser
from inspect_ai.scorer import Score, Scorer, mean, scorer
from inspect_ai.solver import Generate, Solver, TaskState, solver
from inspect_ai.tool import ToolDef, ToolParams

from reasonact_env import Conversation


@solver
def clerk(**made: Any) -> Solver:
    """Plays the sample's conversation to its end."""

    async def solve(state: TaskState, generate: Generate) -> TaskState:
        talk = Conversation(gym.make(**made), task_id=str(state.sample_id))
        state.messages = [ChatMessageSystem(content=talk.rules)]
        state.messages.append(ChatMessageUser(content=talk.latest))
        state.tools = [_tool(talk, **tool["function"]).as_tool() for tool in talk.tools]
        while not talk.done:
            state = await generate(state, tool_calls="loop")
            answer = talk.say(state.output.completion)
            state.messages.append(ChatMessageUser(content=answer or ""))
        state.metadata["total"] = talk.total
        return state

    return solve


def _tool(talk: Conversation, name: str, description: str, parameters: Any) -> ToolDef:
    async def called(**arguments: Any) -> str:
        return talk.call(name, **arguments)

    fields = {key: {"description": key} | one for key, one in parameters["properties"].items()}
    return ToolDef(called, name, description, ToolParams(**parameters | {"properties": fields}))


@scorer(metrics=[mean()])
def paid() -> Scorer:
    """The sum of the rewards."""

    async def score(state: TaskState, target: object) -> Score:
        return Score(value=state.metadata["total"])

    return score


@task
def reasonact(id: str = "ReasonAct-Retail-v0", samples: int = 10, **made: Any) -> Task:
    """The first tasks of an environment."""
    env: Any = gym.make(id, **made).unwrapped
    chosen = env.task_ids[:samples]
    dataset = [Sample(id=one, input=one) for one in chosen]
    return Task(dataset=dataset, solver=clerk(id=id, **made), scorer=paid())
