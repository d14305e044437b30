"""APIs that sometimes fail, or are slow."""

from __future__ import annotations

import time
from typing import Any

from reasonact_env.episode import DOWN, Mode
from reasonact_env.wrappers.perturbation import Env, Perturbation
from tools.jsontext import canonical
from tools.protocol import change_calls
from tools.types import ToolCall

FAILURE = "Error: 503 service unavailable. The call was not carried out; make it again."
"""The answer to a failed call."""


class FailTools(Perturbation):
    """Lets a share of the calls fail the first time; a repeated call works.

    Which calls fail depends on seed, task and call alone. A failed call changes nothing. For the
    environment it is a call of a tool that is down, which costs the agent nothing. In turn mode
    nothing fails: there an agent cannot repeat a call.
    """

    def __init__(self, env: Env, share: float = 0.2, seed: int = 0) -> None:
        """Wraps an environment.

        Args:
            env: The environment.
            share: The share of calls that fail, from 0 to 1.
            seed: The seed of the choice.

        Raises:
            ValueError: for any other share.
        """
        if not 0 <= share <= 1:
            raise ValueError(f"expected a share of calls from 0 to 1, got {share}")
        super().__init__(env, share=share, seed=seed)
        self._share = share
        self._made: set[str] = set()
        self._making: set[str] = set()
        self._is_dialogue = True

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Any, dict[str, Any]]:
        """Begins an episode; no call has failed in it yet."""
        begun = super().reset(seed=seed, options=options)
        self._made = set()
        self._is_dialogue = self.get_wrapper_attr("episode").mode is Mode.DIALOGUE
        return begun

    def sent(self, action: str) -> str:
        """The message, with unknown tool names in the calls that fail."""
        self._making = set()
        return change_calls(action, self._perhaps_down) if self._is_dialogue else action

    def after_step(self, info: dict[str, Any]) -> dict[str, Any]:
        """Answers the calls that failed."""
        self._made |= self._making
        for number, result in enumerate(info["results"]):
            if str(result["tool"]).startswith(DOWN):
                self.say_instead(number, FAILURE)
        return info

    def _perhaps_down(self, call: ToolCall) -> ToolCall:
        key = canonical([call.name, dict(call.arguments)])
        if key in self._made or key in self._making:
            return call
        self._making.add(key)
        if self.rng("failure", self.task_id, key).random() >= self._share:
            return call
        return ToolCall(DOWN + call.name, call.arguments)


class Latency(Perturbation):
    """Reports in `info["latency"]` the seconds that each call of a message took.

    The seconds are sampled from an exponential distribution, by seed, task, message and call.
    Nothing waits unless `sleep` is set.
    """

    def __init__(self, env: Env, mean: float = 0.3, seed: int = 0, sleep: bool = False) -> None:
        """Wraps an environment.

        Args:
            env: The environment.
            mean: The mean seconds of a call.
            seed: The seed of the seconds.
            sleep: Whether `step` really waits.

        Raises:
            ValueError: if the mean is not above 0.
        """
        if mean <= 0:
            raise ValueError(f"expected mean seconds above 0, got {mean}")
        super().__init__(env, mean=mean, seed=seed, sleep=sleep)
        self._mean, self._sleep = mean, sleep
        self._steps = 0

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Any, dict[str, Any]]:
        """Begins an episode."""
        begun = super().reset(seed=seed, options=options)
        self._steps = 0
        return begun

    def after_step(self, info: dict[str, Any]) -> dict[str, Any]:
        """Adds the seconds."""
        self._steps += 1
        rng = self.rng("latency", self.task_id, self._steps)
        seconds = [round(rng.expovariate(1 / self._mean), 6) for _ in info["results"]]
        if self._sleep:
            time.sleep(sum(seconds))
        return {**info, "latency": seconds}
