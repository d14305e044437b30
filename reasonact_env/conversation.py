"""A conversation for agents that own their loop: they call and say, and nobody asks them.

`agents.play` asks an agent for one message after the other. Most agents are built the other way
round: a framework's loop calls tools as functions, and ends with a text for the user.
"""

from __future__ import annotations

import json
from threading import RLock
from typing import Any, NamedTuple

import gymnasium

from reasonact_env.agent import Observation
from reasonact_env.env import ReasonActEnv
from reasonact_env.episode import Episode, Mode
from tools.openai_form import answers_of, calls_of, from_openai, to_openai
from tools.protocol import raw_call, render
from tools.types import Json, Role

ENDED = "The conversation has ended ({}): nothing that you do counts any more. Stop here."
"""What a tool answers after the end."""


class Heard(NamedTuple):
    """What followed a message."""

    tools: tuple[str, ...]
    """The answers of tools: one a call, or one that says why a message could not be read."""
    user: str | None
    """What the user said, or None."""


class Conversation:
    """An episode that an agent plays by calling tools and talking to the user.

        talk = Conversation(gym.make("ReasonAct-Retail-v0"), seed=7)
        print(talk.rules, talk.latest)
        order = talk.call("get_order_details", order_id="#W2378156")
        while (answer := talk.say("Your order is on its way. Anything else?")) is not None:
            ...
        print(talk.total, talk.info["outcome"])

    Each call and each saying is one message, and so one step; `answer` takes a message of several
    calls. The rewards are those of `step` with the same messages (`episode.steps`).

    Nothing that a model does raises an error. A bad call is answered by the environment's own words
    on how to mend it. After the end a call is answered by `ENDED`, `say` by None, and nothing
    changes.

    In turn mode the record goes on, whatever was called or said: the agent gets its own call's
    answer, but the next decision begins from `messages`, where the record's stands.

    Frameworks that call tools from several threads may: one message is played after the other.
    """

    def __init__(
        self,
        env: gymnasium.Env[Observation, str],
        *,
        task_id: str | None = None,
        seed: int | None = None,
        decision: int | None = None,
    ) -> None:
        """Begins an episode.

        Args:
            env: One of ReasonAct's environments, perhaps wrapped; one for each conversation that
                runs at the same time.
            task_id: The task; None for one drawn by the environment.
            seed: The seed of that choice.
            decision: In turn mode the single decision to play.

        Raises:
            TypeError: for another environment.
            ValueError: for a task or a decision that does not exist.
        """
        if not isinstance(env, gymnasium.Env) or not isinstance(env.unwrapped, ReasonActEnv):
            raise TypeError(
                f"expected one of ReasonAct's environments, got {env!r}; make one with "
                'gym.make("ReasonAct-APIGen-v0")'
            )
        wanted = {"task_id": task_id, "decision": decision}
        options = {name: value for name, value in wanted.items() if value is not None}
        self._env = env
        self._below = env.unwrapped
        self._lock = RLock()
        self._observation, self.info = env.reset(seed=seed, options=options or None)
        self._number = self._below.begun
        self._rewards: list[float] = []
        self._thought: str | None = None
        self.done = False
        """Whether the conversation has ended."""

    @property
    def messages(self) -> list[dict[str, str]]:
        """All that was said so far, in the Hugging Face chat form; the rules first."""
        return self._observation["messages"]

    @property
    def tools(self) -> list[dict[str, Json]]:
        """The tools, in OpenAI's function envelope."""
        return self._observation["tools"]

    @property
    def rules(self) -> str:
        """The rules of the business, which are the system message."""
        first = self.messages[0]
        return first["content"] if first["role"] == Role.SYSTEM else ""

    @property
    def latest(self) -> str:
        """The text of the last message: at the beginning, what the user wants."""
        return self.messages[-1]["content"]

    @property
    def rewards(self) -> tuple[float, ...]:
        """The reward of each message, in order."""
        return tuple(self._rewards)

    @property
    def total(self) -> float:
        """The sum of the rewards."""
        return sum(self._rewards)

    @property
    def stop(self) -> str | None:
        """Why the conversation ended (`StopReason`), or None while it goes on."""
        return self.info.get("stop")

    @property
    def episode(self) -> Episode:
        """What happened so far, as episode files keep it.

        Raises:
            RuntimeError: if another episode has begun on the environment.
        """
        self._require_own()
        return self._below.episode

    def call(self, name: str, /, *unnamed: Any, **arguments: Any) -> str:
        """Calls a tool.

        Args:
            name: The tool's name.
            *unnamed: Nothing: arguments have names.
            **arguments: Its arguments, as JSON values.

        Returns:
            The tool's answer, or the error that says how to mend the call.

        Raises:
            TypeError: if an argument is no JSON value, or has no name.
        """
        if unnamed:
            raise TypeError(
                f"expected arguments of {name} by name, as order_id='101', got {unnamed[0]!r} alone"
            )
        try:
            text = json.dumps(arguments, ensure_ascii=False)
        except (TypeError, ValueError, RecursionError) as error:
            raise TypeError(f"expected JSON values as arguments of {name}, got {error}") from None
        return self.call_text(name, text)

    def call_text(self, name: str, arguments: str) -> str:
        """Calls a tool with arguments as a model wrote them: a JSON object, or what it took for
        one.

        Returns:
            The same as `call`.

        Raises:
            TypeError: if one of them is no text.
        """
        _require_text("a tool's name", name)
        _require_text("arguments as the model wrote them", arguments)
        with self._lock:
            if self.done:
                return self._ended
            return "\n".join(self._play(raw_call(name, arguments or '""')).tools)

    def say(self, text: str) -> str | None:
        """Says something to the user.

        Args:
            text: What the user shall read.

        Returns:
            The user's answer; None if the conversation has ended, or if in turn mode the record
            goes on without one. If the text was empty or attempted a call, the user has read
            nothing, and the environment's answer comes instead.

        Raises:
            TypeError: if it is no text.
        """
        _require_text("what the user shall read", text)
        with self._lock:
            if self.done:
                return None
            heard = self._play(render(text=text))
            return heard.user if heard.user is not None else "\n".join(heard.tools) or None

    def think(self, thought: str) -> None:
        """Puts a thought before the next call or saying; it is no message of its own.

        Raises:
            TypeError: if it is no text.
        """
        _require_text("a thought", thought)
        self._thought = thought

    def answer(self, message: object) -> list[dict[str, Any]]:
        """Plays a model's message in OpenAI's form, all of its calls in one step.

        Args:
            message: A dict, or the SDK's `response.choices[0].message`.

        Returns:
            What follows it in that form: an answer for each call, or what the user said. A call
            without an id has an answer without one. In turn mode the record's conversation is what
            the next request is made of: see `to_openai`.

        Raises:
            TypeError: if it is no such message.
            ValueError: for somebody else's message.
        """
        given = [call.get("id") for call in calls_of(message)]
        ids = [id if isinstance(id, str) else None for id in given]
        raw = from_openai(message)
        with self._lock:
            if self.done:
                return answers_of([self._ended], ids) if ids else []
            heard = self._play(raw)
        user = [] if heard.user is None else [{"role": Role.USER.value, "content": heard.user}]
        return answers_of(heard.tools, ids) + user

    def play(self, raw: str) -> Heard:
        """Plays a raw message, as `step` takes it; after the end nothing happens.

        Raises:
            TypeError: if it is no text.
        """
        _require_text("the raw message", raw)
        with self._lock:
            return Heard((self._ended,), None) if self.done else self._play(raw)

    def to_openai(self) -> list[dict[str, Any]]:
        """All that was said so far, in OpenAI's form, as a request takes it."""
        return to_openai(self.messages)

    @property
    def _ended(self) -> str:
        return ENDED.format(self.stop or "a limit")

    def _play(self, raw: str) -> Heard:
        """One step."""
        self._require_own()
        if self._thought is not None:
            raw, self._thought = render(text=raw, thought=self._thought), None
        before = len(self.messages)
        step = self._env.step(raw)
        self._observation, reward, terminated, truncated, self.info = step
        self._rewards.append(float(reward))
        self.done = terminated or truncated
        new = self.messages[before:]
        user = new[-1]["content"] if new and new[-1]["role"] == Role.USER else None
        return Heard(self._told(new), user)

    def _require_own(self) -> None:
        if self._below.begun != self._number:
            raise RuntimeError(
                "expected the conversation that its environment plays, but another one has begun "
                "on it since; make an environment for each conversation"
            )

    def _told(self, new: list[dict[str, str]]) -> tuple[str, ...]:
        """The answers of tools; in turn mode the conversation has the record's instead."""
        if self._below.config.mode == Mode.TURN:
            return tuple(result["content"] for result in self.info["results"])
        return tuple(one["content"] for one in new if one["role"] == Role.TOOL)

    def __getstate__(self) -> dict[str, Any]:
        """All but the lock: copies go on alike, each for itself."""
        return {name: value for name, value in self.__dict__.items() if name != "_lock"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """A copy, with a lock of its own."""
        self.__dict__.update(state, _lock=RLock(), _below=state["_env"].unwrapped)


def _require_text(what: str, given: object) -> None:
    if not isinstance(given, str):
        raise TypeError(f"expected {what} as a str, got {type(given).__name__}")
