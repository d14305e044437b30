"""The tools of a conversation as verl's tool agent loop takes them (read in verl 0.9.1)."""

from __future__ import annotations

import json
from typing import Any

from verl.tools.base_tool import BaseTool
from verl.tools.schemas import ToolResponse

from agents.verl_form import SAY
from reasonact_env.config import EnvConfig
from reasonact_env.conversation import Conversation
from reasonact_env.env import ReasonActEnv

_KEPT = "reasonact_conversation"
"""Where a trajectory keeps its conversation."""


class VerlTool(BaseTool):
    """One tool; all of a trajectory's tools play the same conversation."""

    async def create(
        self, instance_id: str | None = None, **kwargs: Any
    ) -> tuple[str, ToolResponse]:
        """Notes which task is played: verl makes a tool anew for each call."""
        begin = kwargs.get("create_kwargs", kwargs)
        return json.dumps([begin["env"], begin["task_id"]]), ToolResponse()

    async def execute(
        self, instance_id: str, parameters: dict[str, Any], **kwargs: Any
    ) -> tuple[ToolResponse, float, dict[str, Any]]:
        """Plays a call, or says something; returns the answer, and what it was paid."""
        trajectory = kwargs["agent_data"]
        talk = getattr(trajectory, _KEPT, None)
        if talk is None:
            config, task_id = json.loads(instance_id)
            env = ReasonActEnv.of(EnvConfig.from_json(json.loads(config)))
            talk = Conversation(env, task_id=task_id)
            setattr(trajectory, _KEPT, talk)
        before = len(talk.rewards)
        if self.name == SAY and isinstance(parameters.get("text"), str):
            answer = talk.say(parameters["text"])
            text = f"The conversation has ended ({talk.stop})." if answer is None else answer
        else:
            text = talk.call_text(self.name, json.dumps(parameters, ensure_ascii=False))
        return ToolResponse(text=text), sum(talk.rewards[before:]), {}
