r"""verifiers: recorded decisions as a task set, each paid as in turn mode.

pip install verifiers            # in an environment of its own: it pins other versions than [doors]
PYTHONPATH=examples/doors:. vf-eval reasonact_taskset --env.taskset.data desk:60 \
    --env.agent.harness.id null --model MODEL --client.base-url http://localhost:8000/v1

Whole dialogues need no code: `python -m agents.serve --openenv`, and verifiers' own task set
`openenv` with `--env.taskset.base-url http://127.0.0.1:8765`.
"""

from collections.abc import Iterator

import verifiers.v1 as vf

from agents.single_turns import pay, single_turns
from tools.protocol import with_thought

__all__ = ["ReasonActTaskset"]


class TurnData(vf.TaskData):
    """A decision."""

    ground_truth: str
    """What its reward has to know."""


class TurnTask(vf.Task[TurnData]):
    """A decision, and what an answer to it is paid."""

    @vf.reward
    async def paid(self, trace: vf.Trace) -> float:
        """The reward of the answer."""
        last = trace.assistant_messages[-1]
        text = last.content or ""
        thought = last.reasoning_content
        return pay(self.data.ground_truth, with_thought(text, thought) if thought else text)


class ReasonActConfig(vf.TasksetConfig):
    """Which decisions."""

    env: str = "ReasonAct-APIGen-v0"
    data: str = "desk:60"
    split: str = "train"


class ReasonActTaskset(vf.Taskset[TurnTask, ReasonActConfig]):
    """All decisions of an environment's tasks."""

    def load(self) -> Iterator[TurnTask]:
        """A task for each."""
        config = self.config
        for one in single_turns(config.env, data=config.data, split=config.split):
            rules, *said = one.prompt
            prompt = [_AS[message["role"]](content=message["content"]) for message in said]
            data = TurnData(
                name=f"{one.task_id}#{one.decision}",
                prompt=prompt,
                system_prompt=rules["content"],
                ground_truth=one.ground_truth,
            )
            yield TurnTask(data, config.task)


_AS = {"user": vf.UserMessage, "assistant": vf.AssistantMessage}
