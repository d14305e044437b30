"""What all perturbations share."""

from __future__ import annotations

import random
from copy import deepcopy
from typing import Any, Self, TypeAlias, cast

import gymnasium

from reasonact_env.agent import Observation
from tools.types import Json, Role

Env: TypeAlias = "gymnasium.Env[Observation, str]"
Tool: TypeAlias = "dict[str, Json]"


class Perturbation(
    gymnasium.Wrapper[Observation, str, Observation, str], gymnasium.utils.RecordConstructorArgs
):
    """Shows the agent a changed version of the environment's conversation.

    A subclass overrides what it changes: `perturb_tools`, `perturb_message`, `sent`, `after_step`.
    """

    def __init__(self, env: Env, **arguments: Json) -> None:
        """Wraps an environment.

        Args:
            env: The environment, perhaps already perturbed.
            **arguments: The subclass's arguments, so that `env.spec` can make it again; `seed`, if
            it
                is among them, is the seed of `rng`.
        """
        kwargs: dict[str, Any] = dict(arguments)  # includes Gymnasium's own option
        gymnasium.utils.RecordConstructorArgs.__init__(self, **kwargs)
        gymnasium.Wrapper.__init__(self, env)
        self._seed = cast("int", arguments.get("seed", 0))
        self.task_id = ""
        self._below: Observation = {"messages": [], "tools": []}
        self._tools: tuple[list[Tool], list[Tool]] = ([], [])
        self._instead: dict[int, str] = {}
        self._shown: dict[str, dict[str, str]] = {}

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Observation, dict[str, Any]]:
        """Begins an episode."""
        self._below, info = self.env.reset(seed=seed, options=options)
        self.task_id = str(info["task_id"])
        self._instead, self._shown = {}, {}
        self._tools = (self._below["tools"], self.perturb_tools(self._below["tools"]))
        return self._observation(), info

    def step(self, action: str) -> tuple[Observation, float, bool, bool, dict[str, Any]]:
        """Plays one message, written with the names that this wrapper shows."""
        sent = self.sent(action) if isinstance(action, str) else action
        spoken = len(self._below["messages"])
        self._below, reward, terminated, truncated, info = self.env.step(sent)
        self._remember(spoken, sent, action)
        info = self.after_step(info)
        return self._observation(), float(reward), terminated, truncated, info

    def __deepcopy__(self, memo: dict[int, object]) -> Self:
        """A wrapper that goes on alike; what was shown and never changes is shared."""
        same = object.__new__(type(self))
        memo[id(self)] = same
        for shared in (self._below, self._tools, *self._shown.values()):
            memo[id(shared)] = shared
        same.__dict__.update(deepcopy(self.__dict__, memo))
        return same

    def translate(self, action: str) -> str:
        """Rewrites a message of the unwrapped environment with the names that the wrappers show."""
        if self.env.has_wrapper_attr("translate"):
            action = self.env.get_wrapper_attr("translate")(action)
        return self.shown(action)

    def shown(self, action: str) -> str:
        """One wrapper's part of `translate`."""
        return action

    def sent(self, action: str) -> str:
        """The message for the wrapped environment; the inverse of `shown`."""
        return action

    def perturb_tools(self, tools: list[Tool]) -> list[Tool]:
        """The tools as shown; the given tools are shared, so do not change them."""
        return tools

    def perturb_message(self, role: str, content: str) -> str:
        """A message as shown; called once for each different message of an episode."""
        return content

    def after_step(self, info: dict[str, Any]) -> dict[str, Any]:
        """The info as shown; `say_instead` may be called from here."""
        return info

    def rng(self, *key: object) -> random.Random:
        """A random generator that is the same for the same seed and key, on any machine."""
        return random.Random(":".join(map(str, (self._seed, *key))))

    def say_instead(self, number: int, content: str) -> None:
        """Shows another text as the answer to the last message's call of that number.

        In turn mode the conversation never contains the agent's calls and their answers: then this
        does nothing.
        """
        if self._answers_begin is not None:
            self._instead[self._answers_begin + number] = content

    def _remember(self, spoken: int, sent: str, said: str) -> None:
        """Finds the agent's message in the conversation, to show it as the agent wrote it."""
        messages = self._below["messages"]
        own = spoken < len(messages) and messages[spoken] == {
            "role": Role.ASSISTANT.value,
            "content": sent,
        }
        self._answers_begin = spoken + 1 if own else None
        if own:
            self._instead[spoken] = said

    _answers_begin: int | None = None

    def _observation(self) -> Observation:
        below, tools = self._below["messages"], self._below["tools"]
        if tools is not self._tools[0]:
            self._tools = (tools, self.perturb_tools(tools))
        messages = [self._show(at, message) for at, message in enumerate(below)]
        return {"messages": messages, "tools": self._tools[1]}

    def _show(self, at: int, message: dict[str, str]) -> dict[str, str]:
        role, content = message["role"], message["content"]
        if at in self._instead:
            return {"role": role, "content": self._instead[at]}
        key = f"{role}:{content}"
        if key not in self._shown:
            self._shown[key] = {"role": role, "content": self.perturb_message(role, content)}
        return dict(self._shown[key])
