"""Requests to a chat endpoint, put together again to the conversations that they belong to.

Each request of an agent tells the whole conversation so far, and the answer is what its model says
next. So a request goes on from the answer to the longest beginning of its messages that was
requested before, however the agent has written that answer down. A request that repeats another is
another try. One whose beginning nobody has seen, such as after the agent has summed up, begins a
conversation of its own.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tools.chat_messages import raw_message
from tools.jsontext import canonical
from tools.openai_form import calls_of, from_openai
from tools.protocol import parse
from tools.types import Message, Role, ToolSpec

_ROLES = {
    "system": Role.SYSTEM,
    "developer": Role.SYSTEM,
    "user": Role.USER,
    "assistant": Role.ASSISTANT,
    "tool": Role.TOOL,
    "function": Role.TOOL,
}


@dataclass(slots=True)
class Exchange:
    """A request and its answer."""

    told: tuple[Message, ...]
    """What the model was told since its last message, answers in the order of the calls; in a first
    request all that was said before."""
    raw: str
    """What the model said, as a message of ours."""
    calls: tuple[str | None, ...]
    """The ids of the calls in it, in order."""
    tools: tuple[ToolSpec, ...]
    """The tools on offer."""
    cut: bool
    """Whether the message ran into a limit of tokens."""
    parent: Exchange | None
    """The exchange before it."""
    children: list[Exchange] = field(default_factory=list)
    """Those that go on from it."""

    @property
    def path(self) -> list[Exchange]:
        """The conversation up to here."""
        found: list[Exchange] = [self]
        while (parent := found[-1].parent) is not None:
            found.append(parent)
        return found[::-1]


class Heard:
    """The conversations that go on at present."""

    def __init__(self, most: int) -> None:
        """Begins with none.

        Args:
            most: How many conversations are kept in mind; of more the oldest has ended.
        """
        self._most = most
        self._by_prefix: dict[bytes, list[Exchange]] = {}
        self._trees: dict[int, tuple[Exchange, list[bytes]]] = {}
        self._latest: dict[int, float] = {}

    def add(self, body: Mapping[str, Any], message: Mapping[str, Any], *, cut: bool) -> None:
        """Adds a request and its answer.

        Args:
            body: A request that `problem_of` finds nothing wrong with.
            message: The message that answers it, as it came.
            cut: Whether it ran into a limit of tokens.
        """
        said = list(body["messages"])
        digests = _digests(said)
        parent, begin = self._before(said, digests)
        told = _in_order(said[begin:], parent.calls if parent else ())
        exchange = Exchange(
            told=tuple(map(message_of, told)),
            raw=raw_message(message),
            calls=_call_ids(message),
            tools=tools_of(body),
            cut=cut,
            parent=parent,
        )
        root = exchange.path[0]
        if parent is None:
            self._trees[id(root)] = exchange, []
        else:
            parent.children.append(exchange)
        self._by_prefix.setdefault(digests[-1], []).append(exchange)
        self._trees[id(root)][1].append(digests[-1])
        self._latest[id(root)] = time.monotonic()

    def ended(self, idle_seconds: float = 0.0) -> Iterator[list[Exchange]]:
        """The conversations to which nothing was added for so long, which are then forgotten; and
        the oldest, where there are too many, which alone have ended after infinite seconds.
        """
        limit = time.monotonic() - idle_seconds
        order = sorted(self._latest, key=self._latest.__getitem__)
        over = len(order) - self._most
        for number, root in enumerate(order):
            if number < over or self._latest[root] <= limit:
                yield from self._forget(root)

    def _before(
        self, said: Sequence[Mapping[str, Any]], digests: Sequence[bytes]
    ) -> tuple[Exchange | None, int]:
        """The exchange that a request goes on from, and where in it what is new begins."""
        for place in range(len(said) - 1, 0, -1):
            if said[place]["role"] != "assistant":
                continue
            if known := self._by_prefix.get(digests[place - 1]):
                wanted = _key(said[place])
                same = [one for one in known if _key(_as_openai(one)) == wanted] or known
                # Rollouts of one prompt may say the same: each goes on from one of its own.
                free = [one for one in same if not one.children]
                return (free or same)[-1], place + 1
            return None, 0  # a message that no model behind us has said, or one that is forgotten
        return None, 0

    def _forget(self, root: int) -> Iterator[list[Exchange]]:
        """The conversations of a tree; tries that were not gone on from, where another one was, are
        none.
        """
        first, digests = self._trees.pop(root)
        del self._latest[root]
        for digest in digests:
            kept = [one for one in self._by_prefix.get(digest, ()) if one.path[0] is not first]
            if kept:
                self._by_prefix[digest] = kept
            else:
                self._by_prefix.pop(digest, None)
        waiting = [first]
        while waiting:
            one = waiting.pop()
            if not one.children:
                yield one.path
            gone_on = [child for child in one.children if child.children]
            waiting += gone_on or one.children[-1:]


def problem_of(body: object) -> str | None:
    """What is wrong with a request, in a line; None for nothing."""
    if not isinstance(body, Mapping):
        return f"expected a JSON object, got {type(body).__name__}"
    messages = body.get("messages")
    if not isinstance(messages, list) or not messages:
        return "expected messages, a list of at least one"
    for number, one in enumerate(messages, 1):
        if not isinstance(one, Mapping) or one.get("role") not in list(_ROLES):
            return f"expected a role out of {', '.join(_ROLES)} in message {number}"
        if one["role"] == "assistant":
            try:
                calls_of(one)
            except TypeError as error:
                return f"message {number}: {error}"
    tools = body.get("tools")
    if tools is not None and not isinstance(tools, list):
        return f"expected tools as a list, got {type(tools).__name__}"
    return None


def message_of(message: Mapping[str, Any]) -> Message:
    """A message of a request as one of ours; what is no text in it is named in brackets."""
    role = _ROLES[message["role"]]
    if role is Role.ASSISTANT:
        return Message(role, from_openai(message))
    content = message.get("content")
    if isinstance(content, list):
        content = "".join(map(_part, content))
    return Message(role, content if isinstance(content, str) else "")


def tools_of(body: Mapping[str, Any]) -> tuple[ToolSpec, ...]:
    """The tools of a request, as far as they can be read."""
    found: dict[str, ToolSpec] = {}
    for one in body.get("tools") or ():
        function = one.get("function") if isinstance(one, Mapping) else None
        if not isinstance(function, Mapping) or not isinstance(function.get("name"), str):
            continue
        about, parameters = function.get("description"), function.get("parameters")
        found[function["name"]] = ToolSpec(
            function["name"],
            about if isinstance(about, str) else "",
            parameters if isinstance(parameters, dict) else {},
        )
    return tuple(found.values())


def _part(part: object) -> str:
    if not isinstance(part, Mapping):
        return ""
    text = part.get("text")
    return text if isinstance(text, str) else f"[{part.get('type')}]"


def _in_order(
    told: Sequence[Mapping[str, Any]], calls: Sequence[str | None]
) -> list[Mapping[str, Any]]:
    """Answers in the order of the calls that they name, then all else."""
    places = {call: place for place, call in enumerate(calls) if call is not None}
    last = len(places)

    def place(message: Mapping[str, Any]) -> int:
        if _ROLES[message["role"]] is not Role.TOOL:
            return last + 1 if places else 0
        return places.get(_id(message.get("tool_call_id")) or "", last)

    return sorted(told, key=place)


def _id(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _call_ids(message: Mapping[str, Any]) -> tuple[str | None, ...]:
    calls = message.get("tool_calls")
    listed = [one for one in calls if isinstance(one, Mapping)] if isinstance(calls, list) else []
    return tuple(_id(one.get("id")) for one in listed)


def _as_openai(exchange: Exchange) -> Mapping[str, Any]:
    return {"role": "assistant", "content": exchange.raw}


def _key(message: Mapping[str, Any]) -> str:
    """What stays of a message however an agent's framework writes it down."""
    found = message_of(message)
    if found.role is not Role.ASSISTANT:
        return canonical([found.role.value, found.content])
    return canonical([found.role.value, _normal(found.content)])


def _normal(raw: str) -> Any:
    """A message of the assistant without what frameworks change: thoughts, and blanks in JSON."""
    read = parse(raw)
    if read.problems:
        return raw
    calls = [[call.name, json.dumps(call.arguments, sort_keys=True)] for call in read.calls]
    return [read.text.strip(), *calls]


def _digests(said: Sequence[Mapping[str, Any]]) -> list[bytes]:
    """For each message a digest of all up to it."""
    found: list[bytes] = []
    for one in said:
        before = found[-1] if found else b""
        key = _key(one).encode("utf-8", "surrogatepass")
        found.append(hashlib.sha256(before + key).digest())
    return found
