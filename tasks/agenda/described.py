"""An agenda in words, for a model that plays the customer."""

from __future__ import annotations

from collections.abc import Iterator

from tasks.agenda.agenda import Agenda, Fact, Request


def described(agenda: Agenda) -> str:
    """An agenda in words."""
    lines = ["Who you are:", *map(_fact, agenda.identity), "What you want, one after the other:"]
    for number, request in enumerate(agenda.requests, 1):
        lines += [f"{number}. {request.wish}", *_request(request)]
    return "\n".join(lines)


def _request(request: Request) -> Iterator[str]:
    yield from map(_fact, request.facts)
    for fact in request.change:
        yield f"- When the desk has read it back to you, change your mind: {_words(fact)}."
    if request.withdrawn:
        yield "- When you are asked to confirm it, call it off instead."
    if request.insists:
        yield f"- If it is refused, ask again, {request.insists} times in all."
    if request.otherwise is not None:
        yield f"- If it is refused for good: {request.otherwise.wish}"
        yield from _request(request.otherwise)


def _fact(fact: Fact) -> str:
    slip = f" (say {fact.slip} at first, by mistake; put it right later)" if fact.slip else ""
    return f"- {_words(fact)}{slip}"


def _words(fact: Fact) -> str:
    return f"{fact.slot.value.replace('_', ' ')}: {fact.says}"
